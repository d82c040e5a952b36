//! After a restore from a backup: what was spent or ended since is there again, and must not count (threat P04).

use chrono::{DateTime, Utc};
use domain::{Secret, time::from_millis};
use uuid::Uuid;

use crate::{Store, StoreError, Tx, columns::row, value};

/// How much of each kind was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedByRestore {
    /// How many sessions were ended.
    pub sessions: u64,
    /// Grants, with their authorization codes, access tokens and refresh tokens.
    pub grants: u64,
    /// Sign-ins under way, with their codes and round trips.
    pub sign_ins: u64,
    /// API tokens: one that was revoked since would work again, and it is unknown which.
    pub api_tokens: u64,
    /// Links of invitations. The invitations themselves stay open: a guest comes in by the app.
    pub invitation_links: u64,
}

impl Store {
    /// The latest time that any process has recorded: the Unix epoch where none has yet; `None` in a database that
    /// has not been used.
    pub async fn last_seen(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        row! {
            struct RestoredRow {
                last_seen: i64,
            }
        }
        let sql = "SELECT last_seen FROM instance WHERE id = 1 \
                   AND (last_seen > 0 OR EXISTS (SELECT 1 FROM guests))";
        let row = self.reader().one::<RestoredRow>(sql, []).await?;
        Ok(row.map(|row| from_millis(row.last_seen)))
    }
}

impl Tx {
    /// Ends everything that a person or an app holds and that was made before `now`.
    pub async fn end_everything(&self, now: DateTime<Utc>) -> Result<EndedByRestore, StoreError> {
        let at = || [value::at(now)];
        let sessions = "UPDATE sessions SET ended_at = $1 WHERE ended_at IS NULL";
        let grants = "UPDATE grants SET revoked_at = $1 WHERE revoked_at IS NULL";
        let challenges =
            "UPDATE passcode_challenges SET state = 'dead', state_since = $1 WHERE state = 'open'";
        let sign_ins = "UPDATE sign_ins SET expires_at = $1 WHERE expires_at > $1";
        let api_tokens = "UPDATE api_tokens SET revoked_at = $1 WHERE revoked_at IS NULL";
        let ended = EndedByRestore {
            sessions: self.run(sessions, at()).await?,
            grants: self.run(grants, at()).await?,
            sign_ins: self.run(sign_ins, at()).await?,
            api_tokens: self.run(api_tokens, at()).await?,
            invitation_links: self.end_invitation_links().await?,
        };
        self.run(challenges, at()).await?;
        // Whoever invites gets a new one in a minute.
        self.run("DELETE FROM inviter_links", []).await?;
        // Who has answered since must not be able to answer again; what is still open is asked anew.
        self.run("DELETE FROM access_requests WHERE state = 'pending'", [])
            .await?;
        self.run("DELETE FROM merges WHERE state = 'asked'", []).await?;
        self.run("DELETE FROM saml_answers", []).await?;
        self.run("DELETE FROM passkey_ceremonies", []).await?;
        self.run("DELETE FROM test_sign_ins", []).await?;
        Ok(ended)
    }

    /// Gives every open invitation a hash that no link has.
    async fn end_invitation_links(&self) -> Result<u64, StoreError> {
        row! {
            struct RestoredRow {
                id: Uuid,
            }
        }
        let open = "SELECT id FROM invitations WHERE state = 'pending'";
        let mut ended = 0;
        for row in self.all::<RestoredRow>(open, []).await? {
            let unknown = Secret::generate(&*self.shared.entropy).hash();
            let sql = "UPDATE invitations SET token_hash = $2 WHERE id = $1";
            ended += self.run(sql, [row.id.into(), value::hash(&unknown)]).await?;
        }
        Ok(ended)
    }
}
