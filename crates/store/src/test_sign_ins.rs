//! Round trips that operators try out.

use domain::{EmailAddress, Id, SecretHash, time::from_millis, upstream::TestSignIn};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use crate::{
    Db, StoreError, Tx,
    guests::{method_to_domain, method_to_row},
    value::{self, Place},
};

#[derive(FromQueryResult)]
struct TestSignInRow {
    id: Uuid,
    method: String,
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
        let sql = format!(
            "SELECT id, method, upstream, email, made_by, expires_at FROM test_sign_ins WHERE {column} = $1"
        );
        self.one::<TestSignInRow>(&sql, [is])
            .await?
            .map(to_domain)
            .transpose()
    }
}

impl Tx {
    /// Adds a try, whose link holds the token of that hash.
    pub async fn insert_test_sign_in(&self, test: &TestSignIn, token: &SecretHash) -> Result<(), StoreError> {
        let (method, upstream) = method_to_row(Some(test.upstream));
        self.run(
            "INSERT INTO test_sign_ins (id, token_hash, method, upstream, email, made_by, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            [
                value::id(test.id),
                value::hash(token),
                method.into(),
                upstream.into(),
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
    let method = method_to_domain(&place, "method", Some(row.method), Some(row.upstream))?;
    Ok(TestSignIn {
        id: Id::from_uuid(row.id),
        upstream: place.require("method", method)?,
        email: place.require("email", EmailAddress::stored(&row.email).ok())?,
        by: row.made_by,
        expires_at: from_millis(row.expires_at),
    })
}
