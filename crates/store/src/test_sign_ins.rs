//! Round trips that operators try out.

use domain::{EmailAddress, Id, SecretHash, time::from_millis, upstream::TestSignIn};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use crate::{
    Db, StoreError, Tx,
    value::{self, Place},
};

#[derive(FromQueryResult)]
struct TestSignInRow {
    id: Uuid,
    upstream: Uuid,
    email: String,
    made_by: String,
    expires_at: i64,
}

impl<C: ConnectionTrait> Db<C> {
    /// The try of that row. Whether it may go on is the caller's question.
    pub async fn test_sign_in(&self, id: Id<TestSignIn>) -> Result<Option<TestSignIn>, StoreError> {
        self.test_where("id", value::id(id)).await
    }

    /// The try whose link holds that token.
    pub async fn test_sign_in_by_token(&self, hash: &SecretHash) -> Result<Option<TestSignIn>, StoreError> {
        self.test_where("token_hash", value::hash(hash)).await
    }

    async fn test_where(&self, column: &str, is: Value) -> Result<Option<TestSignIn>, StoreError> {
        let sql =
            format!("SELECT id, upstream, email, made_by, expires_at FROM test_sign_ins WHERE {column} = $1");
        self.one::<TestSignInRow>(&sql, [is])
            .await?
            .map(to_domain)
            .transpose()
    }
}

impl Tx {
    /// Adds a try, whose link holds the token of that hash.
    pub async fn insert_test_sign_in(&self, test: &TestSignIn, token: &SecretHash) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO test_sign_ins (id, token_hash, upstream, email, made_by, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            [
                value::id(test.id),
                value::hash(token),
                value::id(test.upstream),
                test.email.as_str().into(),
                test.by.as_str().into(),
                value::at(test.expires_at),
            ],
        )
        .await?;
        Ok(())
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
