//! Authorization codes: redeemed once.

use chrono::{DateTime, Utc};
use domain::{
    Id, SecretHash,
    app::App,
    authorization::CodeChallenge,
    grant::{AuthorizationCode, Grant},
    guest::Guest,
    session::Session,
    sign_in::SignIn,
    time::from_millis,
};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::{
    Db, StoreError, Tx,
    row::{Sql, row},
    value::{self, Place},
};

/// What became of a code that an app presented.
#[derive(Debug)]
pub enum Redeemed {
    /// It is used up now, and this is what it stood for.
    Fresh(Box<(AuthorizationCode, Grant, Session, Guest)>),
    /// It was used before: the grant must end.
    Reused(Id<Grant>),
    /// It was issued to another app, and stays as it was.
    WrongApp,
    /// It is unknown.
    Unknown,
}

/// Whether a sign-in has been answered with a code, and what became of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeState {
    /// No code was issued, or all are revoked.
    None,
    /// The app has not redeemed it.
    Unredeemed,
    /// The app has redeemed it.
    Redeemed,
}

row! {
    struct CodeRow {
        hash: Vec<u8>,
        grant_id: Uuid,
        redirect_uri: String,
        challenge: String,
        expires_at: i64,
    }
}

pub(crate) const OF_SIGN_IN: &str = "SELECT c.redeemed_at FROM grants g JOIN authorization_codes c \
     ON c.grant_id = g.id WHERE g.sign_in = $1 AND (g.revoked_at IS NULL OR c.redeemed_at IS NOT NULL)";
pub(crate) const REVOKE_UNREDEEMED: &str = "UPDATE grants SET revoked_at = $2 WHERE sign_in = $1 \
     AND revoked_at IS NULL AND NOT EXISTS (SELECT 1 FROM authorization_codes c WHERE c.grant_id = grants.id \
     AND c.redeemed_at IS NOT NULL)";
/// Hot, and the single use itself: of any number of racers one gets a row.
pub(crate) static REDEEM: Sql = Sql::new(|| {
    let columns = CodeRow::COLUMNS.join(", ");
    format!(
        "UPDATE authorization_codes SET redeemed_at = $2 WHERE hash = $1 AND redeemed_at IS NULL \
         AND (SELECT g.app FROM grants g WHERE g.id = grant_id) = $3 RETURNING {columns}"
    )
});
pub(crate) const USED: &str = "SELECT c.grant_id, g.app FROM authorization_codes c JOIN grants g ON g.id = c.grant_id \
     WHERE c.hash = $1";

fn to_domain(row: CodeRow) -> Result<AuthorizationCode, StoreError> {
    let place = Place::new("authorization_codes", row.grant_id);
    Ok(AuthorizationCode {
        hash: place.hash("hash", row.hash)?,
        grant: Id::from_uuid(row.grant_id),
        redirect_uri: row.redirect_uri,
        challenge: match row.challenge.as_str() {
            "" => None,
            text => Some(place.require("challenge", CodeChallenge::parse(text))?),
        },
        expires_at: from_millis(row.expires_at),
    })
}

impl<C: ConnectionTrait> Db<C> {
    /// Whether the sign-in has been answered with a code.
    pub async fn code_state_of_sign_in(&self, sign_in: Id<SignIn>) -> Result<CodeState, StoreError> {
        #[derive(FromQueryResult)]
        struct CodeStateRow {
            redeemed_at: Option<i64>,
        }
        let states = self.all::<CodeStateRow>(OF_SIGN_IN, [value::id(sign_in)]).await?;
        Ok(if states.iter().any(|state| state.redeemed_at.is_some()) {
            CodeState::Redeemed
        } else if states.is_empty() {
            CodeState::None
        } else {
            CodeState::Unredeemed
        })
    }
}

impl Tx {
    /// Keeps a new code.
    pub async fn insert_code(&self, code: &AuthorizationCode) -> Result<(), StoreError> {
        let challenge = code.challenge.as_ref().map(CodeChallenge::to_text);
        self.insert(
            "authorization_codes",
            [
                ("hash", value::hash(&code.hash)),
                ("grant_id", value::id(code.grant)),
                ("redirect_uri", code.redirect_uri.as_str().into()),
                ("challenge", challenge.unwrap_or_default().into()),
                ("expires_at", value::at(code.expires_at)),
            ],
        )
        .await
    }

    /// Revokes the codes of a sign-in that were not redeemed, with their grants: the answer that carried them was lost.
    pub async fn revoke_unredeemed_codes(
        &self,
        sign_in: Id<SignIn>,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        self.run(REVOKE_UNREDEEMED, [value::id(sign_in), value::at(now)])
            .await
    }

    /// Uses a code up, in one conditional write: of any number of racers one gets `Fresh`. Another app's code is left
    /// alone. Time, redirect URI and PKCE are the caller's to check (`domain::grant::redeem`); a code that fails them
    /// is used up all the same.
    pub async fn redeem_code(
        &self,
        hash: &SecretHash,
        app: Id<App>,
        now: DateTime<Utc>,
    ) -> Result<Redeemed, StoreError> {
        #[derive(FromQueryResult)]
        struct Used {
            grant_id: Uuid,
            app: Uuid,
        }
        let row = self
            .one::<CodeRow>(&REDEEM, [value::hash(hash), value::at(now), value::id(app)])
            .await?;
        if let Some(row) = row {
            let code = to_domain(row)?;
            return Ok(match self.family(code.grant.uuid()).await? {
                Some((grant, session, guest)) => Redeemed::Fresh(Box::new((code, grant, session, guest))),
                None => Redeemed::Unknown,
            });
        }
        let used = self.one::<Used>(USED, [value::hash(hash)]).await?;
        Ok(match used {
            None => Redeemed::Unknown,
            Some(used) if used.app != app.uuid() => Redeemed::WrongApp,
            Some(used) => Redeemed::Reused(Id::from_uuid(used.grant_id)),
        })
    }
}
