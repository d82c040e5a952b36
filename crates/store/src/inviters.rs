//! Who invites without an operator account: the links that are mailed to them, and the apps whose guests they answer for.

use chrono::{DateTime, Utc};
use domain::{EmailAddress, Id, Secret, SecretHash, app::App, inviter::InviterLink, time::from_millis};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    link::MailedLink,
    row::{Sql, select},
    value::{self, Place},
};

const LINK: MailedLink = MailedLink {
    purpose: "inviter link",
    label: "inviter",
};

row! {
    struct InviterLinkRow {
        id: Uuid,
        token_hash: Vec<u8>,
        inviter: String,
        created_at: i64,
        expires_at: i64,
    }
}

row! {
    struct SponsoredRow {
        app: Uuid,
    }
}

static BY_ID: Sql = Sql::new(|| select(InviterLinkRow::COLUMNS, "inviter_links WHERE id = $1"));
static BY_TOKEN: Sql = Sql::new(|| select(InviterLinkRow::COLUMNS, "inviter_links WHERE token_hash = $1"));

const REMOVE: &str = "DELETE FROM inviter_links WHERE lower(inviter) = $1";
/// The apps of those guests for whom somebody answers; hot, for anybody may ask about any address.
pub(crate) const SPONSORED: &str = "SELECT app FROM assignments \
     WHERE lower(sponsor) = $1 AND (ends_at IS NULL OR ends_at > $2) \
     UNION ALL SELECT p.app FROM group_assignments m JOIN group_apps p ON p.group_id = m.group_id \
     WHERE lower(m.sponsor) = $1 AND (m.ends_at IS NULL OR m.ends_at > $2)";

impl<C: Reads> Db<C> {
    /// The link of that row.
    pub async fn inviter_link(&self, id: Id<InviterLink>) -> Result<Option<InviterLink>, StoreError> {
        let row = self.one::<InviterLinkRow>(&BY_ID, [value::id(id)]).await?;
        row.as_ref().map(to_domain).transpose()
    }

    /// The link whose token this is.
    pub async fn inviter_link_by_token(&self, token: &SecretHash) -> Result<Option<InviterLink>, StoreError> {
        let row = self
            .one::<InviterLinkRow>(&BY_TOKEN, [value::hash(token)])
            .await?;
        row.as_ref().map(to_domain).transpose()
    }

    /// The token of a link; `None` when the master key that it was made under is no longer known.
    pub async fn token_of_inviter_link(&self, id: Id<InviterLink>) -> Result<Option<Secret>, StoreError> {
        let row = self.one::<InviterLinkRow>(&BY_ID, [value::id(id)]).await?;
        Ok(row.and_then(|row| LINK.token_of_hash(self.master_keys(), id.uuid(), &row.token_hash)))
    }

    /// The apps to which somebody's access has not ended that this person answers for; one may be there several times.
    pub async fn sponsored_apps(
        &self,
        sponsor: &EmailAddress,
        now: DateTime<Utc>,
    ) -> Result<Vec<Id<App>>, StoreError> {
        let values = [sponsor.key().into(), value::at(now)];
        let rows = self.all::<SponsoredRow>(SPONSORED, values).await?;
        Ok(rows.into_iter().map(|row| Id::from_uuid(row.app)).collect())
    }
}

impl Tx {
    /// Removes every link of somebody who invites; says how many.
    pub async fn remove_inviter_links(&self, inviter: &EmailAddress) -> Result<u64, StoreError> {
        self.run(REMOVE, [inviter.key().into()]).await
    }

    /// Keeps a link that is about to be mailed.
    pub async fn insert_inviter_link(&self, link: &InviterLink) -> Result<(), StoreError> {
        let token = LINK.token(self.master_keys(), link.id.uuid());
        let cells = [
            ("id", value::id(link.id)),
            ("token_hash", value::hash(&token.hash())),
            ("inviter", link.inviter.as_str().into()),
            ("created_at", value::at(link.created_at)),
            ("expires_at", value::at(link.expires_at)),
        ];
        self.insert("inviter_links", cells).await
    }
}

fn to_domain(row: &InviterLinkRow) -> Result<InviterLink, StoreError> {
    let place = Place::new("inviter_links", row.id);
    Ok(InviterLink {
        id: Id::from_uuid(row.id),
        inviter: place.require("inviter", EmailAddress::stored(&row.inviter).ok())?,
        created_at: from_millis(row.created_at),
        expires_at: from_millis(row.expires_at),
    })
}
