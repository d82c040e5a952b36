//! Accounts that wait for a code to confirm the address of their sign-in.

use domain::{
    EmailAddress, Id,
    sign_in::SignIn,
    time::from_millis,
    upstream::{Account, Unconfirmed},
};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    row::{Sql, select},
    value::{self, Place},
};

row! {
    struct UnconfirmedRow {
        sign_in: Uuid,
        upstream: Uuid,
        issuer: String,
        subject: String,
        email: Option<String>,
        name: Option<String>,
        locale: Option<String>,
        session: Option<String>,
        ends_at: i64,
    }
}

static OF_SIGN_IN: Sql =
    Sql::new(|| select(UnconfirmedRow::COLUMNS, "unconfirmed_accounts WHERE sign_in = $1"));
static TAKE: Sql = Sql::new(|| {
    let columns = UnconfirmedRow::COLUMNS.join(", ");
    format!("DELETE FROM unconfirmed_accounts WHERE sign_in = $1 RETURNING {columns}")
});

impl<C: Reads> Db<C> {
    /// The account that waits in a sign-in. Whether it still may is the caller's question.
    pub async fn unconfirmed_account(&self, sign_in: Id<SignIn>) -> Result<Option<Unconfirmed>, StoreError> {
        let row = self
            .one::<UnconfirmedRow>(&OF_SIGN_IN, [value::id(sign_in)])
            .await?;
        row.map(to_domain).transpose()
    }
}

impl Tx {
    /// Keeps an account with its sign-in, in place of one that waited there.
    pub async fn keep_unconfirmed(
        &self,
        sign_in: Id<SignIn>,
        waiting: &Unconfirmed,
    ) -> Result<(), StoreError> {
        self.run(
            "DELETE FROM unconfirmed_accounts WHERE sign_in = $1",
            [value::id(sign_in)],
        )
        .await?;
        self.insert(
            "unconfirmed_accounts",
            [
                ("sign_in", value::id(sign_in)),
                ("upstream", value::id(waiting.upstream)),
                ("issuer", waiting.account.issuer.as_str().into()),
                ("subject", waiting.account.subject.as_str().into()),
                (
                    "email",
                    waiting
                        .email
                        .as_ref()
                        .map(|email| email.as_str().to_owned())
                        .into(),
                ),
                ("name", waiting.name.clone().into()),
                ("locale", waiting.locale.clone().into()),
                ("session", waiting.session.clone().into()),
                ("ends_at", value::at(waiting.until)),
            ],
        )
        .await
    }

    /// Takes the account that waits in a sign-in: the first who does has it.
    pub async fn take_unconfirmed(&self, sign_in: Id<SignIn>) -> Result<Option<Unconfirmed>, StoreError> {
        let row = self.one::<UnconfirmedRow>(&TAKE, [value::id(sign_in)]).await?;
        row.map(to_domain).transpose()
    }
}

fn to_domain(row: UnconfirmedRow) -> Result<Unconfirmed, StoreError> {
    let place = Place::new("unconfirmed_accounts", row.sign_in);
    let email = row.email.map(|text| EmailAddress::stored(&text)).transpose();
    Ok(Unconfirmed {
        upstream: Id::from_uuid(row.upstream),
        account: Account {
            issuer: row.issuer,
            subject: row.subject,
        },
        email: place.require("email", email.ok())?,
        name: row.name,
        locale: row.locale,
        session: row.session,
        until: from_millis(row.ends_at),
    })
}
