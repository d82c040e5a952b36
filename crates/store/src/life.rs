//! What a guest's life means for the rows: what an act cuts off, and erasing.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    guest::{Guest, Subject},
    invitation::Invitation,
    life::CutOff,
    time::from_millis,
};
use uuid::Uuid;

use crate::{Db, Reads, StoreError, Tx, columns::row, value};

/// What went when a guest was cut off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WentWithGuest {
    /// How many sessions ended.
    pub sessions: usize,
    /// How many grants were revoked, with their codes and tokens.
    pub grants: usize,
    /// The invitations that were revoked.
    pub invitations: Vec<Id<Invitation>>,
    /// How many accounts at upstreams were forgotten.
    pub accounts: u64,
    /// How many passkeys were removed.
    pub passkeys: u64,
    /// How many questions were taken back whether another guest is the same person.
    pub merges: u64,
}

impl WentWithGuest {
    /// Whether there was nothing to end.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// What is left of a guest who was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// The guest's `sub`, which is nobody's any more.
    pub subject: Subject,
    /// When they were erased.
    pub erased_at: DateTime<Utc>,
}

row! {
    struct DueRow {
        id: Uuid,
    }
}

row! {
    struct TombstoneRow {
        subject: String,
        erased_at: i64,
    }
}

pub(crate) const REMOVED_BEFORE: &str =
    "SELECT id FROM guests WHERE status = 'removed' AND status_since <= $1 ORDER BY status_since LIMIT $2";

/// What is about a guest, each statement by the guest's id; what others refer to goes last. Events stay, without the hash of their
/// mailbox.
const ERASE: [&str; 14] = [
    "DELETE FROM outbox WHERE subject = $1 OR subject IN (SELECT id FROM invitations WHERE guest = $1) \
     OR subject IN (SELECT id FROM access_requests WHERE guest = $1) \
     OR subject IN (SELECT id FROM merges WHERE kept = $1 OR other = $1)",
    "DELETE FROM merges WHERE kept = $1 OR other = $1",
    "DELETE FROM access_requests WHERE guest = $1",
    "DELETE FROM grants WHERE session IN (SELECT id FROM sessions WHERE guest = $1)",
    "DELETE FROM sessions WHERE guest = $1",
    "DELETE FROM invitations WHERE guest = $1",
    "DELETE FROM assignments WHERE guest = $1",
    "DELETE FROM group_assignments WHERE guest = $1",
    "DELETE FROM consents WHERE guest = $1",
    "DELETE FROM accounts WHERE guest = $1",
    "DELETE FROM guest_notices WHERE guest = $1",
    "DELETE FROM invitation_blocks WHERE guest = $1",
    // Passkeys go with it.
    "DELETE FROM guests WHERE id = $1",
    "UPDATE audit SET mailbox = NULL WHERE guest = $1",
];

impl<C: Reads> Db<C> {
    /// What is left of the guest of that row, where they were erased.
    pub async fn tombstone(&self, guest: Id<Guest>) -> Result<Option<Tombstone>, StoreError> {
        let sql = "SELECT subject, erased_at FROM erased_guests WHERE id = $1";
        let row = self.one::<TombstoneRow>(sql, [value::id(guest)]).await?;
        Ok(row.map(|row| Tombstone {
            subject: Subject::stored(row.subject),
            erased_at: from_millis(row.erased_at),
        }))
    }

    /// Guests who were removed at that moment or before, the longest ago first.
    pub async fn removed_before(
        &self,
        moment: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<Id<Guest>>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = [value::at(moment), limit.into()];
        let rows = self.all::<DueRow>(REMOVED_BEFORE, values).await?;
        Ok(rows.into_iter().map(|row| Id::from_uuid(row.id)).collect())
    }
}

impl Tx {
    /// Ends what an act cuts off. The caller has locked the guest: else what is made at the same moment would be missed.
    pub async fn cut_off(
        &self,
        guest: Id<Guest>,
        what: CutOff,
        now: DateTime<Utc>,
    ) -> Result<WentWithGuest, StoreError> {
        let mut went = WentWithGuest::default();
        if what.holdings {
            went.sessions = self.end_sessions_of(guest, now).await?.len();
            went.grants = self.revoke_grants_of_guest(guest, now).await?.len();
        }
        if what.invitations {
            went.invitations = self.revoke_invitations_of(guest, now).await?;
            self.close_access_requests(guest, None, now).await?;
        }
        if what.merges() {
            went.merges = self.withdraw_merges_of(guest, now).await?;
        }
        if what.proofs {
            went.accounts = self.remove_accounts_of(guest).await?;
            went.passkeys = self.remove_passkeys_of(guest).await?;
        }
        Ok(went)
    }

    /// Removes the guest and everything about them for ever, and keeps their `sub`, so that it is known to be nobody's. The guest is
    /// locked.
    pub async fn erase_guest(&self, guest: &Guest, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.insert(
            "erased_guests",
            [
                ("id", value::id(guest.id)),
                ("subject", guest.subject.as_str().into()),
                ("erased_at", value::at(now)),
            ],
        )
        .await?;
        for sql in ERASE {
            self.run(sql, [value::id(guest.id)]).await?;
        }
        self.forget_mailbox(&guest.email).await?;
        self.forget_webfinger(&guest.email).await
    }
}
