//! Where the addresses of many guests lead, for previews that ask about all of them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id,
    guest::Guest,
    method::Method,
    upstream::{Upstream, UpstreamKind},
};
use method_resolution::{Leads, Policies, Why};
use sea_orm::Value;
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError,
    columns::FromRow,
    method_facts::{LeadRow, put_together, upstream_columns},
    row::Sql,
    value, webfinger,
};

/// For how many guests one statement asks.
pub(crate) const BATCH: usize = 500;

/// Where domains and addresses lead: five hundred of each.
pub(crate) static BY_NAME: Sql = Sql::new(|| {
    let (domains, addresses) = (places(1), places(BATCH + 1));
    found(
        "lead.whose, lead.why, lead.claim",
        &format!(
            "(SELECT domain AS whose, tenant AS upstream, 'domain' AS why, state AS claim FROM domain_claims \
             WHERE domain IN ({domains}) AND state IN ('pending', 'suspended') \
             UNION ALL SELECT domain, upstream, 'domain', NULL FROM upstream_domains WHERE domain IN ({domains}) \
             UNION ALL SELECT email_key, upstream, 'address', NULL FROM upstream_addresses WHERE email_key IN ({addresses}) \
             ) AS lead JOIN upstreams ON upstreams.id = lead.upstream"
        ),
        "",
    )
});
/// What the hosts of five hundred mailboxes said.
pub(crate) static BY_MAILBOX: Sql = Sql::new(|| {
    found(
        "webfinger.mailbox AS whose, 'webfinger' AS why, CAST(NULL AS text) AS claim",
        "webfinger JOIN upstreams ON upstreams.id = webfinger.provider",
        &format!(
            " WHERE webfinger.mailbox IN ({}) AND webfinger.expires_at > ${}",
            places(1),
            BATCH + 1
        ),
    )
});
/// Five hundred upstreams that guests are held to, and those that people may choose.
static BY_ID: Sql = Sql::new(|| {
    found(
        "'held_to' AS why, CAST(NULL AS text) AS claim",
        "upstreams",
        &format!(
            " WHERE upstreams.id IN ({}) OR (upstreams.kind = 'provider' AND upstreams.enabled)",
            places(1)
        ),
    )
});

fn found(lead: &str, from: &str, only: &str) -> String {
    let upstream = upstream_columns!();
    format!(
        "SELECT {lead}, {upstream} FROM {from} \
         LEFT JOIN upstream_health ON upstream_health.upstream = upstreams.id{only}"
    )
}

fn places(from: usize) -> String {
    let numbers: Vec<String> = (from..from + BATCH).map(|number| format!("${number}")).collect();
    numbers.join(", ")
}

/// As many values as a statement asks for, so that there is one statement and not one for each number of guests.
fn filled<T: Into<Value>>(values: impl Iterator<Item = T>, with: impl Into<Value>) -> Vec<Value> {
    let mut values: Vec<Value> = values.map(Into::into).collect();
    values.resize(BATCH, with.into());
    values
}

impl<C: Reads> Db<C> {
    /// What [`Db::leads`] says of each of these guests, in their order; a few statements for five hundred of them.
    pub async fn leads_of(
        &self,
        guests: Vec<Guest>,
        policies: &Policies,
        now: DateTime<Utc>,
    ) -> Result<Vec<Leads>, StoreError> {
        let mut leads = Vec::with_capacity(guests.len());
        for batch in guests.chunks(BATCH) {
            let known = Known::load(self, batch, now).await?;
            for guest in batch {
                leads.push(known.leads(guest, policies, now)?);
            }
        }
        Ok(leads)
    }
}

/// What is known of the addresses of a batch.
struct Known {
    /// Where domains and addresses lead.
    named: HashMap<String, Vec<LeadRow>>,
    /// What hosts said of mailboxes.
    asked: HashMap<Vec<u8>, Vec<LeadRow>>,
    /// Those that guests are held to, and those to choose from.
    upstreams: HashMap<Uuid, LeadRow>,
}

impl Known {
    async fn load<C: Reads>(db: &Db<C>, batch: &[Guest], now: DateTime<Utc>) -> Result<Self, StoreError> {
        let emails = || batch.iter().map(|guest| &guest.email);
        let mut names = filled(emails().map(EmailAddress::domain), "");
        names.extend(filled(emails().map(EmailAddress::key), ""));
        let named = db
            .rows(&BY_NAME, names, |row| {
                Ok((row.get("", "whose")?, LeadRow::from_row(row, "")?))
            })
            .await?;
        let mut mailboxes = filled(
            emails().map(|email| value::hash(&webfinger::mailbox(email))),
            Vec::<u8>::new(),
        );
        mailboxes.push(value::at(now));
        let asked = db
            .rows(&BY_MAILBOX, mailboxes, |row| {
                Ok((row.get("", "whose")?, LeadRow::from_row(row, "")?))
            })
            .await?;
        let mut ids: Vec<Uuid> = batch.iter().flat_map(held_to).map(Id::uuid).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut upstreams = HashMap::new();
        // Those to choose from are found even where nobody is held to any.
        for ids in ids.chunks(BATCH).chain(ids.is_empty().then_some(&[][..])) {
            let ids = filled(ids.iter().copied(), Uuid::nil());
            let rows = db.all::<LeadRow>(&BY_ID, ids).await?;
            upstreams.extend(rows.into_iter().map(|row| (row.id, row)));
        }
        Ok(Self {
            named: grouped(named),
            asked: grouped(asked),
            upstreams,
        })
    }

    fn leads(&self, guest: &Guest, policies: &Policies, now: DateTime<Utc>) -> Result<Leads, StoreError> {
        let email = &guest.email;
        let policy = policies.of(email);
        let mailbox = webfinger::mailbox(email).0.to_vec();
        let named = [email.domain(), &email.key()].map(|name| self.named.get(name));
        let said = named.into_iter().chain([self.asked.get(&mailbox)]).flatten();
        let mut rows: Vec<LeadRow> = said.flatten().cloned().collect();
        let mut held = held_to(guest);
        held.dedup();
        rows.extend(
            held.iter()
                .filter_map(|id| self.upstreams.get(&id.uuid()).cloned()),
        );
        if policy.offers_any_provider() {
            let to_choose = self.upstreams.values().filter(|row| row.may_be_chosen());
            rows.extend(to_choose.map(|row| LeadRow {
                why: Why::Choice.name().to_owned(),
                ..row.clone()
            }));
        }
        put_together(email, Some(guest.clone()), policy, rows, now)
    }
}

fn held_to(guest: &Guest) -> Vec<Id<Upstream>> {
    let methods = [guest.pinned_method, guest.method];
    methods
        .into_iter()
        .flatten()
        .filter_map(Method::upstream)
        .collect()
}

fn grouped<K: std::hash::Hash + Eq>(rows: Vec<(K, LeadRow)>) -> HashMap<K, Vec<LeadRow>> {
    let mut groups: HashMap<K, Vec<LeadRow>> = HashMap::new();
    for (whose, row) in rows {
        groups.entry(whose).or_default().push(row);
    }
    groups
}

impl LeadRow {
    /// Whether people may choose it: an enabled provider.
    fn may_be_chosen(&self) -> bool {
        self.enabled && UpstreamKind::parse(&self.kind) == Some(UpstreamKind::Provider)
    }
}
