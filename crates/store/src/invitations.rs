//! Invitations, and the token of their links.

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id, Secret, SecretHash,
    app::App,
    guest::Guest,
    invitation::{Invitation, InvitationState, InvitationTerms, Standing},
    master_key::MasterKeys,
    time::from_millis,
};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    link::MailedLink,
    row::{Sql, select},
    search::Search,
    value::{self, Place},
};

/// Which invitations to list.
#[derive(Clone, Debug)]
pub struct InvitationFilter {
    /// Those of this guest.
    pub guest: Option<Id<Guest>>,
    /// Those to this app.
    pub app: Option<Id<App>>,
    /// Those that this person answers for: [`InvitationTerms::sponsor`].
    pub sponsor: Option<EmailAddress>,
    /// Those that stand so at that moment.
    pub standing: Option<(Standing, DateTime<Utc>)>,
    /// Those that are behind the one that was made then and has this id, in the order of the list.
    pub after: Option<(DateTime<Utc>, Id<Invitation>)>,
    /// At most so many.
    pub limit: u64,
}

const LINK: MailedLink = MailedLink {
    purpose: "invitation link",
    label: "invitation",
};

/// The token of an invitation's link.
pub fn invitation_token(keys: &MasterKeys, invitation: Id<Invitation>) -> Secret {
    LINK.token(keys, invitation.uuid())
}

row! {
    pub(crate) struct InvitationRow {
        id: Uuid,
        guest: Uuid,
        app: Uuid,
        token_hash: Vec<u8>,
        invited_by: String,
        reply_to: Option<String>,
        about: Option<String>,
        message: Option<String>,
        language: Option<String>,
        access_until: Option<i64>,
        state: String,
        created_at: i64,
        expires_at: i64,
        opened_at: Option<i64>,
    }
}

static BY_ID: Sql = Sql::new(|| select(InvitationRow::COLUMNS, "invitations WHERE id = $1"));
pub(crate) static BY_TOKEN: Sql =
    Sql::new(|| select(InvitationRow::COLUMNS, "invitations WHERE token_hash = $1"));
pub(crate) static NEWEST: Sql = Sql::new(|| {
    let newest = "invitations WHERE guest = $1 AND app = $2 ORDER BY created_at DESC, id DESC LIMIT 1";
    select(InvitationRow::COLUMNS, newest)
});

pub(crate) const OPEN: &str =
    "UPDATE invitations SET opened_at = $2 WHERE id = $1 AND opened_at IS NULL RETURNING guest";

/// The single use itself: of any number of racers one gets a row.
static REDEEM: Sql = Sql::new(|| {
    let columns = InvitationRow::COLUMNS.join(", ");
    format!(
        "UPDATE invitations SET state = 'redeemed', state_since = $2 \
         WHERE id = $1 AND state = 'pending' AND expires_at > $2 RETURNING {columns}"
    )
});

impl<C: Reads> Db<C> {
    /// The invitation of that row.
    pub async fn invitation(&self, id: Id<Invitation>) -> Result<Option<Invitation>, StoreError> {
        let row = self.one::<InvitationRow>(&BY_ID, [value::id(id)]).await?;
        row.map(to_domain).transpose()
    }

    /// The token of an invitation's link, made under whichever master key was in use then; `None` when that one is
    /// no longer known.
    pub async fn token_of_invitation(&self, id: Id<Invitation>) -> Result<Option<Secret>, StoreError> {
        let row = self.one::<InvitationRow>(&BY_ID, [value::id(id)]).await?;
        Ok(row.and_then(|row| LINK.token_of_hash(self.master_keys(), id.uuid(), &row.token_hash)))
    }

    /// The invitation whose link this is.
    pub async fn invitation_by_token(&self, token: &SecretHash) -> Result<Option<Invitation>, StoreError> {
        let row = self.one::<InvitationRow>(&BY_TOKEN, [value::hash(token)]).await?;
        row.map(to_domain).transpose()
    }

    /// The guest's newest invitation to the app, open or not.
    pub async fn newest_invitation(
        &self,
        guest: Id<Guest>,
        app: Id<App>,
    ) -> Result<Option<Invitation>, StoreError> {
        let row = self
            .one::<InvitationRow>(&NEWEST, [value::id(guest), value::id(app)])
            .await?;
        row.map(to_domain).transpose()
    }

    /// Invitations, newest first.
    pub async fn invitations(&self, filter: &InvitationFilter) -> Result<Vec<Invitation>, StoreError> {
        let mut search = Search::of(InvitationRow::COLUMNS, "invitations");
        if let Some(guest) = filter.guest {
            search.is("guest", guest.uuid());
        }
        if let Some(app) = filter.app {
            search.is("app", app.uuid());
        }
        if let Some(sponsor) = &filter.sponsor {
            search.is("lower(COALESCE(reply_to, invited_by))", sponsor.key());
        }
        if let Some((standing, at)) = filter.standing {
            let state = match standing {
                Standing::Pending | Standing::Expired => InvitationState::Pending,
                Standing::Redeemed => InvitationState::Redeemed,
                Standing::Revoked => InvitationState::Revoked,
                Standing::Declined => InvitationState::Declined,
            };
            search.is("state", state.name());
            match standing {
                Standing::Pending => search.only("expires_at > ?", [value::at(at)]),
                Standing::Expired => search.only("expires_at <= ?", [value::at(at)]),
                Standing::Redeemed | Standing::Revoked | Standing::Declined => {}
            }
        }
        if let Some((made, id)) = filter.after {
            search.only("(created_at, id) < (?, ?)", [value::at(made), value::id(id)]);
        }
        let newest_first = search.ordered("created_at DESC, id DESC", filter.limit);
        let rows = self.find::<InvitationRow>(newest_first).await?;
        rows.into_iter().map(to_domain).collect()
    }
}

impl Tx {
    /// Keeps a new invitation, whose link carries the token of this hash.
    pub async fn insert_invitation(
        &self,
        invitation: &Invitation,
        token: &SecretHash,
    ) -> Result<(), StoreError> {
        let terms = &invitation.terms;
        self.insert(
            "invitations",
            [
                ("id", value::id(invitation.id)),
                ("guest", value::id(invitation.guest)),
                ("app", value::id(invitation.app)),
                ("token_hash", value::hash(token)),
                ("invited_by", terms.invited_by.as_str().into()),
                ("reply_to", terms.reply_to.clone().into()),
                ("about", terms.about.clone().into()),
                ("message", terms.message.clone().into()),
                ("language", terms.language.clone().into()),
                ("access_until", value::opt_millis(terms.access_until).into()),
                ("state", invitation.state.name().into()),
                ("state_since", value::at(invitation.created_at)),
                ("created_at", value::at(invitation.created_at)),
                ("expires_at", value::at(invitation.expires_at)),
                ("opened_at", value::opt_millis(invitation.opened_at).into()),
            ],
        )
        .await
    }

    /// Redeems an invitation that is pending and has not lapsed, and returns it; `None` where it was not to be redeemed.
    pub async fn redeem_invitation(
        &self,
        id: Id<Invitation>,
        now: DateTime<Utc>,
    ) -> Result<Option<Invitation>, StoreError> {
        let row = self
            .one::<InvitationRow>(&REDEEM, [value::id(id), value::at(now)])
            .await?;
        row.map(to_domain).transpose()
    }

    /// Notes that somebody begins to sign in by an invitation's link; says whose it is, the first time.
    pub async fn open_invitation(
        &self,
        id: Id<Invitation>,
        now: DateTime<Utc>,
    ) -> Result<Option<Id<Guest>>, StoreError> {
        row! {
            struct OpenedRow {
                guest: Uuid,
            }
        }
        let row = self
            .one::<OpenedRow>(OPEN, [value::id(id), value::at(now)])
            .await?;
        Ok(row.map(|row| Id::from_uuid(row.guest)))
    }

    /// The invitation, locked until this transaction ends.
    pub async fn lock_invitation(&self, id: Id<Invitation>) -> Result<Option<Invitation>, StoreError> {
        if self.is_postgres() {
            self.run(
                "SELECT id FROM invitations WHERE id = $1 FOR UPDATE",
                [value::id(id)],
            )
            .await?;
        }
        self.invitation(id).await
    }

    /// Gives an invitation that was not redeemed time until `expires_at`, also one whose time was over; says whether it was
    /// still waiting. Its mail, where that waits, has as long.
    pub async fn extend_invitation(
        &self,
        id: Id<Invitation>,
        expires_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let changed = self
            .run(
                "UPDATE invitations SET expires_at = $2 WHERE id = $1 AND state = 'pending'",
                [value::id(id), value::at(expires_at)],
            )
            .await?;
        self.run(
            "UPDATE outbox SET deadline = $2 WHERE kind = 'invitation' AND subject = $1 AND state = 'pending'",
            [value::id(id), value::at(expires_at)],
        )
        .await?;
        Ok(changed == 1)
    }

    /// Turns down an invitation that is pending and has not lapsed; says whether it was.
    pub async fn decline_invitation(
        &self,
        id: Id<Invitation>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let changed = self
            .run(
                "UPDATE invitations SET state = 'declined', state_since = $2 \
                 WHERE id = $1 AND state = 'pending' AND expires_at > $2",
                [value::id(id), value::at(now)],
            )
            .await?;
        Ok(changed == 1)
    }

    /// Takes a pending invitation back; says whether it was pending.
    pub async fn revoke_invitation(
        &self,
        id: Id<Invitation>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let changed = self
            .run(
                "UPDATE invitations SET state = 'revoked', state_since = $2 WHERE id = $1 AND state = 'pending'",
                [value::id(id), value::at(now)],
            )
            .await?;
        Ok(changed == 1)
    }

    /// Takes back what waits for a guest to come to an app; says which.
    pub(crate) async fn revoke_invitations_to(
        &self,
        guest: Id<Guest>,
        app: Id<App>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Id<Invitation>>, StoreError> {
        let sql = "UPDATE invitations SET state = 'revoked', state_since = $3 \
                   WHERE guest = $1 AND app = $2 AND state = 'pending' RETURNING id";
        self.taken_back(sql, vec![value::id(guest), value::id(app), value::at(now)])
            .await
    }

    /// Takes back what waits for a guest; says which.
    pub(crate) async fn revoke_invitations_of(
        &self,
        guest: Id<Guest>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Id<Invitation>>, StoreError> {
        let sql = "UPDATE invitations SET state = 'revoked', state_since = $2 \
                   WHERE guest = $1 AND state = 'pending' RETURNING id";
        self.taken_back(sql, vec![value::id(guest), value::at(now)]).await
    }

    async fn taken_back(
        &self,
        sql: &str,
        values: Vec<sea_orm::Value>,
    ) -> Result<Vec<Id<Invitation>>, StoreError> {
        row! {
            struct TakenBack {
                id: Uuid,
            }
        }
        let rows = self.all::<TakenBack>(sql, values).await?;
        Ok(rows.into_iter().map(|row| Id::from_uuid(row.id)).collect())
    }
}

pub(crate) fn to_domain(row: InvitationRow) -> Result<Invitation, StoreError> {
    let place = Place::new("invitations", row.id);
    Ok(Invitation {
        id: Id::from_uuid(row.id),
        guest: Id::from_uuid(row.guest),
        app: Id::from_uuid(row.app),
        state: place.require("state", InvitationState::parse(&row.state))?,
        created_at: from_millis(row.created_at),
        expires_at: from_millis(row.expires_at),
        opened_at: value::opt_from_millis(row.opened_at),
        terms: InvitationTerms {
            invited_by: row.invited_by,
            reply_to: row.reply_to,
            about: row.about,
            message: row.message,
            language: row.language,
            access_until: value::opt_from_millis(row.access_until),
        },
    })
}
