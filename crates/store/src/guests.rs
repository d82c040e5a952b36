//! Guests: the directory.

use domain::{
    EmailAddress, Id,
    guest::{Guest, GuestStatus, Subject},
    method::Method,
    time::from_millis,
};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    row::{Cell, Sql, select},
    search::{Search, literal},
    value::{self, Place},
};

/// Which guests to list.
#[derive(Clone, Debug, Default)]
pub struct GuestFilter {
    /// Part of the address or of the name, in any case.
    pub search: Option<String>,
    /// Where they are in a guest's life.
    pub status: Option<GuestStatus>,
    /// Whose address is in exactly this domain.
    pub domain: Option<String>,
    /// Whose method sticks and is of this kind, by [`Method::kind`].
    pub method: Option<&'static str>,
    /// Whose method sticks and is this very one.
    pub exactly: Option<Method>,
    /// Who is held to this very method: it sticks, or an operator pinned it.
    pub held_to: Option<Method>,
    /// Whose method sticks, whichever it is.
    pub redeemed: bool,
    /// Those behind this address in the order of the list; for the next page.
    pub after: Option<EmailAddress>,
    /// At most so many; 0 means 100.
    pub limit: u64,
}

row! {
    pub(crate) struct GuestRow {
        id: Uuid,
        subject: String,
        email: String,
        name: Option<String>,
        language: Option<String>,
        status: String,
        status_since: i64,
        former_status: Option<String>,
        valid_until: Option<i64>,
        pinned_method: Option<String>,
        pinned_upstream: Option<Uuid>,
        method: Option<String>,
        method_upstream: Option<Uuid>,
        redeemed_at: Option<i64>,
        last_sign_in_at: Option<i64>,
        email_proven_at: Option<i64>,
        created_at: i64,
        updated_at: i64,
    }
}

pub(crate) static BY_ID: Sql = Sql::new(|| select(GuestRow::COLUMNS, "guests WHERE id = $1"));
pub(crate) static BY_EMAIL: Sql = Sql::new(|| select(GuestRow::COLUMNS, "guests WHERE email_key = $1"));

/// In the order in which they lie: no look elsewhere for each.
pub(crate) static BEHIND: Sql =
    Sql::new(|| select(GuestRow::COLUMNS, "guests WHERE id > $1 ORDER BY id LIMIT $2"));

impl<C: Reads> Db<C> {
    /// The guest of that row.
    pub async fn guest(&self, id: Id<Guest>) -> Result<Option<Guest>, StoreError> {
        let row = self.one::<GuestRow>(&BY_ID, [value::id(id)]).await?;
        row.map(to_domain).transpose()
    }

    /// The guest whose mailbox this is, in whatever case it is written.
    pub async fn guest_by_email(&self, email: &EmailAddress) -> Result<Option<Guest>, StoreError> {
        let row = self.one::<GuestRow>(&BY_EMAIL, [email.key().into()]).await?;
        row.map(to_domain).transpose()
    }

    /// The next of all guests, in the order of their ids: for what has to look at each of them.
    pub async fn guests_behind(
        &self,
        after: Option<Id<Guest>>,
        limit: u64,
    ) -> Result<Vec<Guest>, StoreError> {
        let after = after.map_or(Uuid::nil(), Id::uuid);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self
            .all::<GuestRow>(&BEHIND, [after.into(), limit.into()])
            .await?;
        rows.into_iter().map(to_domain).collect()
    }

    /// Guests, by address.
    pub async fn guests(&self, filter: &GuestFilter) -> Result<Vec<Guest>, StoreError> {
        if filter
            .search
            .as_deref()
            .is_some_and(|search| !value::is_text(search))
        {
            return Ok(Vec::new());
        }
        let limit = if filter.limit == 0 { 100 } else { filter.limit };
        let mut search = Search::of(GuestRow::COLUMNS, "guests");
        if let Some(status) = filter.status {
            search.is("status", status.name());
        }
        if let Some(text) = &filter.search {
            let pattern = format!("%{}%", literal(&text.to_lowercase()));
            let both = [pattern.as_str().into(), pattern.as_str().into()];
            search.only(
                r"email_key LIKE ? ESCAPE '\' OR lower(name) LIKE ? ESCAPE '\'",
                both,
            );
        }
        if let Some(domain) = &filter.domain {
            // Exactly this domain, not one below it.
            let pattern = format!("%@{}", literal(domain));
            search.only(r"email_key LIKE ? ESCAPE '\'", [pattern.into()]);
        }
        if let Some(kind) = filter.method.or(filter.exactly.map(Method::kind)) {
            search.is("method", kind);
        }
        if let Some(id) = filter.exactly.and_then(Method::upstream) {
            search.is("method_upstream", id.uuid());
        }
        match filter.held_to {
            Some(Method::Passcode) => {
                let code = || Method::Passcode.kind().into();
                search.only("method = ? OR pinned_method = ?", [code(), code()]);
            }
            Some(Method::Upstream(_, id)) => {
                search.only(
                    "method_upstream = ? OR pinned_upstream = ?",
                    [value::id(id), value::id(id)],
                );
            }
            None => {}
        }
        if let Some(after) = &filter.after {
            search.only("email_key > ?", [after.key().into()]);
        }
        if filter.redeemed {
            search.only("method IS NOT NULL", []);
        }
        let rows = self.find::<GuestRow>(search.ordered("email_key", limit)).await?;
        rows.into_iter().map(to_domain).collect()
    }
}

impl Tx {
    /// Enters a guest into the directory. An address that is in it is a conflict.
    pub async fn insert_guest(&self, guest: &Guest) -> Result<(), StoreError> {
        self.insert("guests", cells(guest)).await
    }

    /// Keeps the guest as it is now.
    pub async fn save_guest(&self, guest: &Guest) -> Result<(), StoreError> {
        self.update("guests", cells(guest)).await
    }

    /// The guest whose mailbox this is, the row locked until this transaction ends.
    pub async fn lock_guest_by_email(&self, email: &EmailAddress) -> Result<Option<Guest>, StoreError> {
        let lock = self.for_update();
        let row = self
            .one::<GuestRow>(&format!("{}{lock}", *BY_EMAIL), [email.key().into()])
            .await?;
        row.map(to_domain).transpose()
    }

    /// The guest, the row locked until this transaction ends.
    pub async fn lock_guest(&self, id: Id<Guest>) -> Result<Option<Guest>, StoreError> {
        let lock = self.for_update();
        let row = self
            .one::<GuestRow>(&format!("{}{lock}", *BY_ID), [value::id(id)])
            .await?;
        row.map(to_domain).transpose()
    }
}

fn cells(guest: &Guest) -> [Cell; 19] {
    let (pinned_method, pinned_upstream) = method_to_row(guest.pinned_method);
    let (method, method_upstream) = method_to_row(guest.method);
    [
        ("id", value::id(guest.id)),
        ("subject", guest.subject.as_str().into()),
        ("email", guest.email.as_str().into()),
        ("email_key", guest.email.key().into()),
        ("name", guest.name.clone().into()),
        ("language", guest.language.clone().into()),
        ("status", guest.status.name().into()),
        ("status_since", value::at(guest.status_since)),
        ("former_status", guest.former_status.map(GuestStatus::name).into()),
        ("valid_until", value::opt_millis(guest.valid_until).into()),
        ("pinned_method", pinned_method.into()),
        ("pinned_upstream", pinned_upstream.into()),
        ("method", method.into()),
        ("method_upstream", method_upstream.into()),
        ("redeemed_at", value::opt_millis(guest.redeemed_at).into()),
        ("last_sign_in_at", value::opt_millis(guest.last_sign_in_at).into()),
        ("email_proven_at", value::opt_millis(guest.email_proven_at).into()),
        ("created_at", value::at(guest.created_at)),
        ("updated_at", value::at(guest.updated_at)),
    ]
}

/// The guest of a row, also of one that was joined to another.
pub(crate) fn to_domain(row: GuestRow) -> Result<Guest, StoreError> {
    let place = Place::new("guests", row.id);
    Ok(Guest {
        id: Id::from_uuid(row.id),
        subject: Subject::stored(row.subject),
        email: place.require("email", EmailAddress::stored(&row.email).ok())?,
        name: row.name,
        language: row.language,
        status: place.require("status", GuestStatus::parse(&row.status))?,
        status_since: from_millis(row.status_since),
        former_status: match row.former_status {
            Some(word) => Some(place.require("former_status", GuestStatus::parse(&word))?),
            None => None,
        },
        valid_until: value::opt_from_millis(row.valid_until),
        pinned_method: method_to_domain(&place, "pinned_method", row.pinned_method, row.pinned_upstream)?,
        method: method_to_domain(&place, "method", row.method, row.method_upstream)?,
        redeemed_at: value::opt_from_millis(row.redeemed_at),
        last_sign_in_at: value::opt_from_millis(row.last_sign_in_at),
        email_proven_at: value::opt_from_millis(row.email_proven_at),
        created_at: from_millis(row.created_at),
        updated_at: from_millis(row.updated_at),
    })
}

/// A method as two columns: its word, and its upstream's id.
pub(crate) fn method_to_row(method: Option<Method>) -> (Option<String>, Option<Uuid>) {
    let upstream = method.and_then(Method::upstream).map(Id::uuid);
    (method.map(|method| method.kind().to_owned()), upstream)
}

/// The method that two columns spell.
pub(crate) fn method_to_domain(
    place: &Place,
    column: &'static str,
    kind: Option<String>,
    upstream: Option<Uuid>,
) -> Result<Option<Method>, StoreError> {
    let Some(kind) = kind else {
        return if upstream.is_none() {
            Ok(None)
        } else {
            Err(place.corrupt(column))
        };
    };
    let method = Method::parse(&kind, upstream.map(Id::from_uuid));
    place.require(column, method).map(Some)
}
