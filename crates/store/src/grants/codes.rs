//! Authorization codes: redeemed once.

use chrono::{DateTime, Utc};
use domain::{
    Id, SecretHash,
    app::App,
    authorization::CodeChallenge,
    grant::{AuthorizationCode, Grant},
    sign_in::SignIn,
    time::from_millis,
};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    grants::{GrantFamily, family_columns_from},
    row::Sql,
    value::{self, Place},
};

/// What became of a code that an app presented.
#[derive(Debug)]
pub enum Redeemed {
    /// It is used up now, and this is what it stood for.
    Fresh(Box<(AuthorizationCode, GrantFamily)>),
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

/// A code that waits for its app, and what it stands for.
#[derive(Clone, Debug)]
pub struct IssuedCode {
    /// Its hash.
    pub hash: SecretHash,
    /// The first moment at which it is good for nothing.
    pub expires_at: DateTime<Utc>,
    /// What it stands for.
    pub family: GrantFamily,
}

row! {
    struct CodeRow {
        id: Uuid,
        code_hash: Vec<u8>,
        redirect_uri: String,
        challenge: String,
        code_expires_at: i64,
    }
}

pub(crate) const OF_SIGN_IN: &str = "SELECT redeemed_at FROM grants WHERE sign_in = $1 \
     AND (revoked_at IS NULL OR redeemed_at IS NOT NULL)";
/// Hot: asked wherever a proof was the last step.
pub(crate) static ISSUED: Sql = Sql::new(|| {
    format!(
        "SELECT g.code_hash, g.code_expires_at, {} WHERE g.sign_in = $1 AND g.revoked_at IS NULL \
         AND g.redeemed_at IS NULL ORDER BY g.id DESC LIMIT 1",
        family_columns_from()
    )
});
pub(crate) const REVOKE_UNREDEEMED: &str = "UPDATE grants SET revoked_at = $2 WHERE sign_in = $1 \
     AND revoked_at IS NULL AND redeemed_at IS NULL";
/// Hot, and the single use itself: of any number of racers one gets a row.
pub(crate) static REDEEM: Sql = Sql::new(|| {
    let columns = CodeRow::COLUMNS.join(", ");
    format!(
        "UPDATE grants SET redeemed_at = $2 WHERE code_hash = $1 AND redeemed_at IS NULL AND app = $3 \
         RETURNING {columns}"
    )
});
pub(crate) const USED: &str = "SELECT id, app FROM grants WHERE code_hash = $1";

fn to_domain(row: CodeRow) -> Result<AuthorizationCode, StoreError> {
    let place = Place::new("grants", row.id);
    Ok(AuthorizationCode {
        hash: place.hash("code_hash", row.code_hash)?,
        redirect_uri: row.redirect_uri,
        challenge: match row.challenge.as_str() {
            "" => None,
            text => Some(place.require("challenge", CodeChallenge::parse(text))?),
        },
        expires_at: from_millis(row.code_expires_at),
    })
}

impl<C: Reads> Db<C> {
    /// The code that the sign-in has been answered with, and its app has not redeemed.
    pub async fn issued_code(&self, sign_in: Id<SignIn>) -> Result<Option<IssuedCode>, StoreError> {
        self.row(&ISSUED, [value::id(sign_in)], |row| {
            let family = GrantFamily::read(row)?;
            let place = Place::new("grants", family.grant.id);
            Ok(IssuedCode {
                hash: place.hash("code_hash", row.get("", "code_hash")?)?,
                expires_at: from_millis(row.get("", "code_expires_at")?),
                family,
            })
        })
        .await
    }

    /// Whether the sign-in has been answered with a code.
    pub async fn code_state_of_sign_in(&self, sign_in: Id<SignIn>) -> Result<CodeState, StoreError> {
        row! {
            struct CodeStateRow {
                redeemed_at: Option<i64>,
            }
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
        row! {
            struct Used {
                id: Uuid,
                app: Uuid,
            }
        }
        let row = self
            .one::<CodeRow>(&REDEEM, [value::hash(hash), value::at(now), value::id(app)])
            .await?;
        if let Some(row) = row {
            let grant = row.id;
            let code = to_domain(row)?;
            return Ok(match self.family(grant).await? {
                Some(family) => Redeemed::Fresh(Box::new((code, family))),
                None => Redeemed::Unknown,
            });
        }
        let used = self.one::<Used>(USED, [value::hash(hash)]).await?;
        Ok(match used {
            None => Redeemed::Unknown,
            Some(used) if used.app != app.uuid() => Redeemed::WrongApp,
            Some(used) => Redeemed::Reused(Id::from_uuid(used.id)),
        })
    }
}
