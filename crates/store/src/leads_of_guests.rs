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

/// Where all the domains and addresses lead that operators have named.
static NAMED: Sql = Sql::new(|| {
    found(
        "lead.whose, lead.why, lead.claim",
        "(SELECT domain AS whose, tenant AS upstream, 'domain' AS why, state AS claim FROM domain_claims \
         WHERE state IN ('pending', 'suspended') \
         UNION ALL SELECT domain, upstream, 'domain', NULL FROM upstream_domains \
         UNION ALL SELECT email_key, upstream, 'address', NULL FROM upstream_addresses \
         ) AS lead JOIN upstreams ON upstreams.id = lead.upstream",
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
/// Whether any host named a provider.
const IS_ASKED: &str = "SELECT COUNT(*) AS asked FROM \
     (SELECT 1 FROM webfinger WHERE provider IS NOT NULL AND expires_at > $1 LIMIT 1) AS named";
static UPSTREAMS: Sql = Sql::new(|| found("'held_to' AS why, CAST(NULL AS text) AS claim", "upstreams", ""));

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

/// What operators have said of domains, addresses and upstreams: read once, and asked for many guests.
pub struct KnownLeads {
    /// Where domains and addresses lead.
    named: HashMap<String, Vec<LeadRow>>,
    /// All upstreams: those that guests are held to, and those to choose from.
    upstreams: HashMap<Uuid, LeadRow>,
    /// Whether hosts have named a provider for a mailbox.
    is_asked: bool,
    now: DateTime<Utc>,
}

/// What hosts said of mailboxes.
type SaidByHosts = HashMap<Vec<u8>, Vec<LeadRow>>;

impl<C: Reads> Db<C> {
    /// What [`Self::leads_of`] asks for.
    pub async fn known_leads(&self, now: DateTime<Utc>) -> Result<KnownLeads, StoreError> {
        let named = self
            .rows(&NAMED, [], |row| {
                Ok((row.get("", "whose")?, LeadRow::from_row(row, "")?))
            })
            .await?;
        let upstreams = self.all::<LeadRow>(&UPSTREAMS, []).await?;
        let asked: Option<i64> = self
            .row(IS_ASKED, [value::at(now)], |row| row.get("", "asked"))
            .await?;
        Ok(KnownLeads {
            named: grouped(named),
            upstreams: upstreams.into_iter().map(|row| (row.id, row)).collect(),
            is_asked: asked.is_some_and(|asked| asked > 0),
            now,
        })
    }

    /// What [`Db::leads`] says of each of these guests, in their order; at most a statement for five hundred of them.
    pub async fn leads_of(
        &self,
        guests: Vec<Guest>,
        known: &KnownLeads,
        policies: &Policies,
    ) -> Result<Vec<Leads>, StoreError> {
        let mut leads = Vec::with_capacity(guests.len());
        for batch in guests.chunks(BATCH) {
            let asked = if known.is_asked {
                self.asked(batch, known.now).await?
            } else {
                SaidByHosts::new()
            };
            for guest in batch {
                leads.push(known.leads(guest, &asked, policies)?);
            }
        }
        Ok(leads)
    }

    async fn asked(&self, batch: &[Guest], now: DateTime<Utc>) -> Result<SaidByHosts, StoreError> {
        let mailboxes = batch.iter().map(|guest| webfinger::mailbox(&guest.email));
        let mut values = filled(mailboxes.map(|mailbox| value::hash(&mailbox)), Vec::<u8>::new());
        values.push(value::at(now));
        let asked = self
            .rows(&BY_MAILBOX, values, |row| {
                Ok((row.get("", "whose")?, LeadRow::from_row(row, "")?))
            })
            .await?;
        Ok(grouped(asked))
    }
}

impl KnownLeads {
    /// Whether more is known of the address than of its domain.
    pub fn names(&self, email: &EmailAddress) -> bool {
        // What hosts said is not looked up for one address.
        self.is_asked || self.named.contains_key(&email.key())
    }

    /// The moment at which it was read.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    fn leads(&self, guest: &Guest, asked: &SaidByHosts, policies: &Policies) -> Result<Leads, StoreError> {
        let email = &guest.email;
        let policy = policies.of(email);
        let named = [email.domain(), &email.key()].map(|name| self.named.get(name));
        let of_mailbox = if asked.is_empty() {
            None
        } else {
            asked.get(&webfinger::mailbox(email).0[..])
        };
        let said = named.into_iter().chain([of_mailbox]).flatten();
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
        put_together(email, Some(guest.clone()), policy, rows, self.now)
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
