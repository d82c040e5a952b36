//! Passkeys, and the challenges that wait for an answer.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    guest::Guest,
    method::Method,
    passkey::{Ceremony, CeremonyPurpose, Passkey, PasskeyKind},
    session::Means,
    sign_in::SignIn,
    time::from_millis,
};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    row::{Sql, select},
    value::{self, Place},
};

row! {
    struct CredentialRow {
        id: Uuid,
        guest: Uuid,
        credential_id: Vec<u8>,
        credential: String,
        kind: String,
        created_at: i64,
        used_at: Option<i64>,
    }
}

row! {
    struct CeremonyRow {
        options: String,
        state: String,
        ends_at: i64,
    }
}

static OF_GUEST: Sql = Sql::new(|| {
    select(
        CredentialRow::COLUMNS,
        "passkeys WHERE guest = $1 ORDER BY created_at, id",
    )
});
static BY_CREDENTIAL_ID: Sql =
    Sql::new(|| select(CredentialRow::COLUMNS, "passkeys WHERE credential_id = $1"));
static CEREMONY: Sql = Sql::new(|| {
    select(
        CeremonyRow::COLUMNS,
        "passkey_ceremonies WHERE sign_in = $1 AND purpose = $2",
    )
});
static TAKE: Sql = Sql::new(|| {
    let columns = CeremonyRow::COLUMNS.join(", ");
    format!("DELETE FROM passkey_ceremonies WHERE sign_in = $1 AND purpose = $2 RETURNING {columns}")
});

impl CeremonyRow {
    fn into_domain(self, purpose: CeremonyPurpose) -> Ceremony {
        Ceremony {
            purpose,
            options: self.options,
            state: self.state,
            ends_at: from_millis(self.ends_at),
        }
    }
}

/// What a session's or a grant's row says of how something was proved; a passkey goes with no upstream, and a second factor with nothing else.
pub(crate) fn means(
    place: &Place,
    method: Option<Method>,
    mfa: bool,
    passkey: Option<String>,
) -> Result<Means, StoreError> {
    let method = place.require("method", method)?;
    if mfa && method == Method::Passcode {
        return Err(place.corrupt("mfa"));
    }
    match passkey {
        None => Ok(Means::of(method, mfa)),
        Some(word) => {
            let kind = PasskeyKind::parse(&word).filter(|_| method == Method::Passcode);
            place.require("passkey", kind.map(Means::Passkey))
        }
    }
}

fn to_domain(row: CredentialRow) -> Result<Passkey, StoreError> {
    let place = Place::new("passkeys", row.id);
    Ok(Passkey {
        id: Id::from_uuid(row.id),
        guest: Id::from_uuid(row.guest),
        kind: place.require("kind", PasskeyKind::parse(&row.kind))?,
        credential_id: row.credential_id,
        credential: row.credential,
        created_at: from_millis(row.created_at),
        used_at: value::opt_from_millis(row.used_at),
    })
}

impl<C: Reads> Db<C> {
    /// A guest's passkeys, oldest first.
    pub async fn passkeys_of(&self, guest: Id<Guest>) -> Result<Vec<Passkey>, StoreError> {
        let rows = self.all::<CredentialRow>(&OF_GUEST, [value::id(guest)]).await?;
        rows.into_iter().map(to_domain).collect()
    }

    /// The passkey that its authenticator calls so.
    pub async fn passkey(&self, credential_id: &[u8]) -> Result<Option<Passkey>, StoreError> {
        let row = self
            .one::<CredentialRow>(&BY_CREDENTIAL_ID, [credential_id.to_vec().into()])
            .await?;
        row.map(to_domain).transpose()
    }

    /// The challenge that waits in a sign-in. Whether it still does is the caller's question.
    pub async fn ceremony(
        &self,
        sign_in: Id<SignIn>,
        purpose: CeremonyPurpose,
    ) -> Result<Option<Ceremony>, StoreError> {
        self.ceremony_by(&CEREMONY, sign_in, purpose).await
    }

    async fn ceremony_by(
        &self,
        sql: &str,
        sign_in: Id<SignIn>,
        purpose: CeremonyPurpose,
    ) -> Result<Option<Ceremony>, StoreError> {
        let values = [value::id(sign_in), purpose.name().into()];
        let row = self.one::<CeremonyRow>(sql, values).await?;
        Ok(row.map(|row| row.into_domain(purpose)))
    }
}

impl Tx {
    /// Keeps a new passkey. One that is registered already is a conflict.
    pub async fn insert_passkey(&self, passkey: &Passkey) -> Result<(), StoreError> {
        self.insert(
            "passkeys",
            [
                ("id", value::id(passkey.id)),
                ("guest", value::id(passkey.guest)),
                ("credential_id", passkey.credential_id.clone().into()),
                ("credential", passkey.credential.as_str().into()),
                ("kind", passkey.kind.name().into()),
                ("created_at", value::at(passkey.created_at)),
                ("used_at", value::opt_millis(passkey.used_at).into()),
            ],
        )
        .await
    }

    /// A passkey has signed its guest in; `credential` holds its counter from now on. Lock the guest first.
    pub async fn passkey_used(
        &self,
        id: Id<Passkey>,
        credential: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.run(
            "UPDATE passkeys SET credential = $2, used_at = $3 WHERE id = $1",
            [value::id(id), credential.into(), value::at(now)],
        )
        .await?;
        Ok(())
    }

    /// Removes a guest's passkey; says whether it was there.
    pub async fn remove_passkey(&self, guest: Id<Guest>, id: Id<Passkey>) -> Result<bool, StoreError> {
        let removed = self
            .run(
                "DELETE FROM passkeys WHERE guest = $1 AND id = $2",
                [value::id(guest), value::id(id)],
            )
            .await?;
        Ok(removed == 1)
    }

    /// Removes all of a guest's passkeys; says how many.
    pub async fn remove_passkeys_of(&self, guest: Id<Guest>) -> Result<u64, StoreError> {
        self.run("DELETE FROM passkeys WHERE guest = $1", [value::id(guest)])
            .await
    }

    /// Keeps a challenge with its sign-in, in place of one for the same purpose. Lock the sign-in first.
    pub async fn keep_ceremony(&self, sign_in: Id<SignIn>, ceremony: &Ceremony) -> Result<(), StoreError> {
        self.take_ceremony(sign_in, ceremony.purpose).await?;
        self.insert(
            "passkey_ceremonies",
            [
                ("sign_in", value::id(sign_in)),
                ("purpose", ceremony.purpose.name().into()),
                ("options", ceremony.options.as_str().into()),
                ("state", ceremony.state.as_str().into()),
                ("ends_at", value::at(ceremony.ends_at)),
            ],
        )
        .await
    }

    /// Takes the challenge that waits in a sign-in: the first who does has it.
    pub async fn take_ceremony(
        &self,
        sign_in: Id<SignIn>,
        purpose: CeremonyPurpose,
    ) -> Result<Option<Ceremony>, StoreError> {
        self.ceremony_by(&TAKE, sign_in, purpose).await
    }
}
