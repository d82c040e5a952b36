//! Two guests who become one.

mod kept_gift;

use chrono::{DateTime, Utc};
use domain::{
    Id,
    app::App,
    group::Group,
    guest::Guest,
    merge::{Gift, Merge, MergeState},
    time::from_millis,
};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    row::{Cell, Sql, select},
    search::Search,
    value::{self, Place},
};

row! {
    struct MergeRow {
        id: Uuid,
        kept: Uuid,
        other: Uuid,
        state: String,
        state_since: i64,
        asked_at: i64,
        expires_at: i64,
        kept_agreed_at: Option<i64>,
        other_agreed_at: Option<i64>,
    }
}

row! {
    struct GiftRow {
        gift: Option<String>,
    }
}

static BY_ID: Sql = Sql::new(|| select(MergeRow::COLUMNS, "merges WHERE id = $1"));
/// Of either guest, the newest: whatever comes later leaves what was before behind.
pub(crate) static NEWEST: Sql = Sql::new(|| {
    let of = |column| {
        let newest =
            format!("SELECT id FROM merges WHERE {column} = $1 ORDER BY asked_at DESC, id DESC LIMIT 1");
        format!("id = ({newest})")
    };
    let either = format!("merges WHERE {} OR {}", of("kept"), of("other"));
    select(MergeRow::COLUMNS, &either)
});

/// Which merges to list.
#[derive(Clone, Debug, Default)]
pub struct MergeFilter {
    /// Those of this guest, whichever of the two they are.
    pub guest: Option<Id<Guest>>,
    /// Those in this state; `Asked`: that can still be agreed to at that moment.
    pub state: Option<(MergeState, DateTime<Utc>)>,
    /// Those behind the one that was asked for then and has this id, in the order of the list.
    pub after: Option<(DateTime<Utc>, Id<Merge>)>,
    /// At most so many.
    pub limit: u64,
}

impl<C: Reads> Db<C> {
    /// The merge of that row.
    pub async fn merge(&self, id: Id<Merge>) -> Result<Option<Merge>, StoreError> {
        let row = self.one::<MergeRow>(&BY_ID, [value::id(id)]).await?;
        row.as_ref().map(to_domain).transpose()
    }

    /// The newest merge of a guest, whichever of the two they are.
    pub async fn newest_merge(&self, guest: Id<Guest>) -> Result<Option<Merge>, StoreError> {
        let rows = self.all::<MergeRow>(&NEWEST, [value::id(guest)]).await?;
        let newest = rows.iter().max_by_key(|row| (row.asked_at, row.id));
        newest.map(to_domain).transpose()
    }

    /// Merges, newest first.
    pub async fn merges(&self, filter: &MergeFilter) -> Result<Vec<Merge>, StoreError> {
        let mut search = Search::of(MergeRow::COLUMNS, "merges");
        if let Some(guest) = filter.guest {
            search.only("kept = ? OR other = ?", [value::id(guest), value::id(guest)]);
        }
        if let Some((state, at)) = filter.state {
            search.is("state", state.name());
            if state == MergeState::Asked {
                search.only("expires_at > ?", [value::at(at)]);
            }
        }
        if let Some((asked, id)) = filter.after {
            search.only("(asked_at, id) < (?, ?)", [value::at(asked), value::id(id)]);
        }
        let newest_first = search.ordered("asked_at DESC, id DESC", filter.limit);
        let rows = self.find::<MergeRow>(newest_first).await?;
        rows.iter().map(to_domain).collect()
    }

    /// What the guest who stays was given; `None` while nothing was.
    pub async fn gift_of_merge(&self, merge: &Merge) -> Result<Option<Gift>, StoreError> {
        let sql = "SELECT gift FROM merges WHERE id = $1";
        let row = self.one::<GiftRow>(sql, [value::id(merge.id)]).await?;
        let Some(json) = row.and_then(|row| row.gift) else {
            return Ok(None);
        };
        let place = Place::new("merges", merge.id.uuid());
        place
            .require("gift", kept_gift::read(&json, merge.kept))
            .map(Some)
    }
}

impl Tx {
    /// The merge, locked until this transaction ends.
    pub async fn lock_merge(&self, id: Id<Merge>) -> Result<Option<Merge>, StoreError> {
        let sql = format!("{}{}", *BY_ID, self.for_update());
        let row = self.one::<MergeRow>(&sql, [value::id(id)]).await?;
        row.as_ref().map(to_domain).transpose()
    }

    /// Keeps a new merge.
    pub async fn insert_merge(&self, merge: &Merge) -> Result<(), StoreError> {
        self.insert("merges", cells(merge)).await
    }

    /// Keeps the merge as it is now.
    pub async fn save_merge(&self, merge: &Merge) -> Result<(), StoreError> {
        self.update("merges", cells(merge)).await
    }

    /// Takes back what is asked of a guest, whichever of the two they are; says how often.
    pub(crate) async fn withdraw_merges_of(
        &self,
        guest: Id<Guest>,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let sql = "UPDATE merges SET state = 'withdrawn', state_since = $2 \
                   WHERE (kept = $1 OR other = $1) AND state = 'asked'";
        self.run(sql, [value::id(guest), value::at(now)]).await
    }

    /// Notes what the guest who stays was given.
    pub async fn save_gift(&self, merge: Id<Merge>, gift: &Gift) -> Result<(), StoreError> {
        let cells = [("id", value::id(merge)), ("gift", kept_gift::json(gift)?.into())];
        self.update("merges", cells).await
    }

    /// Takes a guest's own assignment to an app away, as if they had never had one.
    pub async fn take_assignment_away(&self, guest: Id<Guest>, app: Id<App>) -> Result<(), StoreError> {
        let sql = "DELETE FROM assignments WHERE guest = $1 AND app = $2";
        self.run(sql, [value::id(guest), value::id(app)]).await?;
        Ok(())
    }

    /// The same of an assignment to a group.
    pub async fn take_group_away(&self, guest: Id<Guest>, group: Id<Group>) -> Result<(), StoreError> {
        let sql = "DELETE FROM group_assignments WHERE guest = $1 AND group_id = $2";
        self.run(sql, [value::id(guest), value::id(group)]).await?;
        Ok(())
    }
}

fn cells(merge: &Merge) -> [Cell; 9] {
    [
        ("id", value::id(merge.id)),
        ("kept", value::id(merge.kept)),
        ("other", value::id(merge.other)),
        ("state", merge.state.name().into()),
        ("state_since", value::at(merge.state_since)),
        ("asked_at", value::at(merge.asked_at)),
        ("expires_at", value::at(merge.expires_at)),
        ("kept_agreed_at", value::opt_millis(merge.kept_agreed_at).into()),
        ("other_agreed_at", value::opt_millis(merge.other_agreed_at).into()),
    ]
}

fn to_domain(row: &MergeRow) -> Result<Merge, StoreError> {
    let place = Place::new("merges", row.id);
    Ok(Merge {
        id: Id::from_uuid(row.id),
        kept: Id::from_uuid(row.kept),
        other: Id::from_uuid(row.other),
        state: place.require("state", MergeState::parse(&row.state))?,
        state_since: from_millis(row.state_since),
        asked_at: from_millis(row.asked_at),
        expires_at: from_millis(row.expires_at),
        kept_agreed_at: value::opt_from_millis(row.kept_agreed_at),
        other_agreed_at: value::opt_from_millis(row.other_agreed_at),
    })
}
