//! Guests: the directory.

use domain::{
    EmailAddress, Id,
    guest::{Guest, GuestStatus, Subject},
    method::Method,
    time::from_millis,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{ExprTrait, LikeExpr},
};
use uuid::Uuid;

use crate::{
    Db, StoreError, Tx,
    entity::guest::{ActiveModel, Column, Entity, Model},
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

impl<C: ConnectionTrait> Db<C> {
    /// The guest of that row.
    pub async fn guest(&self, id: Id<Guest>) -> Result<Option<Guest>, StoreError> {
        let row = self.one::<Model>(BY_ID, [value::id(id)]).await?;
        row.map(to_domain).transpose()
    }

    /// The guest whose mailbox this is, in whatever case it is written.
    pub async fn guest_by_email(&self, email: &EmailAddress) -> Result<Option<Guest>, StoreError> {
        let row = self.one::<Model>(BY_EMAIL, [email.key().into()]).await?;
        row.map(to_domain).transpose()
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
        let mut query = Entity::find().order_by_asc(Column::EmailKey).limit(limit);
        if let Some(status) = filter.status {
            query = query.filter(Column::Status.eq(status.name()));
        }
        if let Some(search) = &filter.search {
            let pattern = like_pattern(&search.to_lowercase());
            query = query.filter(
                Condition::any()
                    .add(Column::EmailKey.like(pattern.clone()))
                    .add(sea_orm::sea_query::Func::lower(Column::Name.into_expr()).like(pattern)),
            );
        }
        if let Some(domain) = &filter.domain {
            query = query.filter(Column::EmailKey.like(in_domain(domain)));
        }
        if let Some(kind) = filter.method.or(filter.exactly.map(Method::kind)) {
            query = query.filter(Column::Method.eq(kind));
        }
        if let Some(id) = filter.exactly.and_then(Method::upstream) {
            query = query.filter(Column::MethodUpstream.eq(id.uuid()));
        }
        if let Some(method) = filter.held_to {
            let (kind, upstream) = method_to_row(Some(method));
            let is = |word: Column, row: Column| {
                let same = Condition::all().add(word.eq(kind.clone()));
                match upstream {
                    Some(upstream) => same.add(row.eq(upstream)),
                    None => same,
                }
            };
            query = query.filter(
                Condition::any()
                    .add(is(Column::Method, Column::MethodUpstream))
                    .add(is(Column::PinnedMethod, Column::PinnedUpstream)),
            );
        }
        if let Some(after) = &filter.after {
            query = query.filter(Column::EmailKey.gt(after.key()));
        }
        if filter.redeemed {
            query = query.filter(Column::Method.is_not_null());
        }
        let rows = query.all(&self.connection).await?;
        rows.into_iter().map(to_domain).collect()
    }
}

impl Tx {
    /// Enters a guest into the directory. An address that is in it is a conflict.
    pub async fn insert_guest(&self, guest: &Guest) -> Result<(), StoreError> {
        Entity::insert(to_row(guest))
            .exec_without_returning(&self.connection)
            .await?;
        Ok(())
    }

    /// Keeps the guest as it is now.
    pub async fn save_guest(&self, guest: &Guest) -> Result<(), StoreError> {
        Entity::update(to_row(guest).reset_all())
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// The guest, and nobody else changes the row until this transaction ends.
    pub async fn lock_guest(&self, id: Id<Guest>) -> Result<Option<Guest>, StoreError> {
        let lock = self.for_update();
        let row = self
            .one::<Model>(&format!("{BY_ID}{lock}"), [value::id(id)])
            .await?;
        row.map(to_domain).transpose()
    }
}

macro_rules! columns {
    () => {
        "id, subject, email, email_key, name, language, status, valid_until, pinned_method, pinned_upstream, method, \
         method_upstream, redeemed_at, last_sign_in_at, email_proven_at, created_at, updated_at"
    };
}

macro_rules! select {
    ($tail:literal) => {
        concat!("SELECT ", columns!(), " FROM guests WHERE ", $tail)
    };
}

/// The columns of a guest, for joins.
pub(crate) const COLUMNS: &str = columns!();

pub(crate) const BY_ID: &str = select!("id = $1");
pub(crate) const BY_EMAIL: &str = select!("email_key = $1");

/// `%text%`, with the text's own wildcards taken literally.
fn like_pattern(text: &str) -> LikeExpr {
    LikeExpr::new(format!("%{}%", literal(text))).escape('\\')
}

/// `%@domain`: exactly this domain, not one below it.
fn in_domain(domain: &str) -> LikeExpr {
    LikeExpr::new(format!("%@{}", literal(domain))).escape('\\')
}

fn literal(text: &str) -> String {
    text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
}

fn to_row(guest: &Guest) -> ActiveModel {
    let (pinned_method, pinned_upstream) = method_to_row(guest.pinned_method);
    let (method, method_upstream) = method_to_row(guest.method);
    Model {
        id: guest.id.uuid(),
        subject: guest.subject.as_str().to_owned(),
        email: guest.email.as_str().to_owned(),
        email_key: guest.email.key(),
        name: guest.name.clone(),
        language: guest.language.clone(),
        status: guest.status.name().to_owned(),
        valid_until: value::opt_millis(guest.valid_until),
        pinned_method,
        pinned_upstream,
        method,
        method_upstream,
        redeemed_at: value::opt_millis(guest.redeemed_at),
        last_sign_in_at: value::opt_millis(guest.last_sign_in_at),
        email_proven_at: value::opt_millis(guest.email_proven_at),
        created_at: value::millis(guest.created_at),
        updated_at: value::millis(guest.updated_at),
    }
    .into_active_model()
}

/// The guest of a row, also of one that was joined to another.
pub(crate) fn to_domain(row: Model) -> Result<Guest, StoreError> {
    let place = Place::new("guests", row.id);
    Ok(Guest {
        id: Id::from_uuid(row.id),
        subject: Subject::stored(row.subject),
        email: place.require("email", EmailAddress::stored(&row.email).ok())?,
        name: row.name,
        language: row.language,
        status: place.require("status", GuestStatus::parse(&row.status))?,
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
