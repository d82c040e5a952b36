//! Round trips that operators try out.

use domain::{EmailAddress, Id, SecretHash, time::from_millis, upstream::TestSignIn};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    row::{Sql, select},
    value::{self, Place},
};

row! {
    struct TestSignInRow {
        id: Uuid,
        upstream: Uuid,
        email: String,
        made_by: String,
        expires_at: i64,
    }
}

static BY_ID: Sql = Sql::new(|| select(TestSignInRow::COLUMNS, "test_sign_ins WHERE id = $1"));
static BY_TOKEN: Sql = Sql::new(|| select(TestSignInRow::COLUMNS, "test_sign_ins WHERE token_hash = $1"));

impl<C: Reads> Db<C> {
    /// The try of that row. Whether it may go on is the caller's question.
    pub async fn test_sign_in(&self, id: Id<TestSignIn>) -> Result<Option<TestSignIn>, StoreError> {
        let row = self.one::<TestSignInRow>(&BY_ID, [value::id(id)]).await?;
        row.map(to_domain).transpose()
    }

    /// The try whose link holds that token.
    pub async fn test_sign_in_by_token(&self, hash: &SecretHash) -> Result<Option<TestSignIn>, StoreError> {
        let row = self.one::<TestSignInRow>(&BY_TOKEN, [value::hash(hash)]).await?;
        row.map(to_domain).transpose()
    }
}

impl Tx {
    /// Adds a try, whose link holds the token of that hash.
    pub async fn insert_test_sign_in(&self, test: &TestSignIn, token: &SecretHash) -> Result<(), StoreError> {
        self.insert(
            "test_sign_ins",
            [
                ("id", value::id(test.id)),
                ("token_hash", value::hash(token)),
                ("upstream", value::id(test.upstream)),
                ("email", test.email.as_str().into()),
                ("made_by", test.by.as_str().into()),
                ("expires_at", value::at(test.expires_at)),
            ],
        )
        .await
    }
}

fn to_domain(row: TestSignInRow) -> Result<TestSignIn, StoreError> {
    let place = Place::new("test_sign_ins", row.id);
    Ok(TestSignIn {
        id: Id::from_uuid(row.id),
        upstream: Id::from_uuid(row.upstream),
        email: place.require("email", EmailAddress::stored(&row.email).ok())?,
        by: row.made_by,
        expires_at: from_millis(row.expires_at),
    })
}
