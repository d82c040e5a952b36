//! Gathers what method resolution may depend on: one loader for the sign-in page and for every explanation.

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id,
    domain_claim::ClaimState,
    guest::Guest,
    method::Method,
    time::from_millis,
    upstream::{UpstreamHealth, UpstreamKind},
};
use method_resolution::{Decision, Facts, Lead, Leads, Policies, Policy, Why};
use sea_orm::Value;
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError,
    columns::row,
    value::{self, Place},
    webfinger,
};

impl<C: Reads> Db<C> {
    /// The facts about an address; `guest` is what the directory knows under it. The policy is that of its domain.
    pub async fn method_facts(
        &self,
        email: &EmailAddress,
        guest: Option<&Guest>,
        policies: &Policies,
        now: DateTime<Utc>,
    ) -> Result<Facts, StoreError> {
        Ok(self.leads(email, guest, policies, now).await?.facts())
    }

    /// What the facts are made of.
    pub async fn leads(
        &self,
        email: &EmailAddress,
        guest: Option<&Guest>,
        policies: &Policies,
        now: DateTime<Utc>,
    ) -> Result<Leads, StoreError> {
        let policy = policies.of(email);
        let held_to = |method: fn(&Guest) -> Option<Method>| -> Value {
            let upstream = guest.and_then(method).and_then(Method::upstream);
            upstream.map(Id::uuid).into()
        };
        let values = [
            email.domain().into(),
            email.key().into(),
            value::hash(&webfinger::mailbox(email)),
            value::at(now),
            held_to(|guest| guest.pinned_method),
            held_to(|guest| guest.method),
        ];
        let sql = if policy.offers_any_provider() {
            LEADS_AND_CHOICES
        } else {
            LEADS
        };
        let rows = self.all::<LeadRow>(sql, values).await?;
        put_together(email, guest.cloned(), policy, rows, now)
    }

    /// What the upstreams of a decision are called on pages; none for a code.
    pub async fn upstream_names(&self, decision: &Decision) -> Result<Vec<String>, StoreError> {
        let methods = match decision {
            Decision::Use(method) => std::slice::from_ref(method),
            Decision::Ask(methods) => methods.as_slice(),
            Decision::Refuse(_) => &[],
        };
        let mut names = Vec::with_capacity(methods.len());
        for method in methods {
            let upstream = self.upstream_of(*method).await?;
            names.extend(upstream.map(|upstream| upstream.display_name));
        }
        Ok(names)
    }
}

row! {
    #[derive(Clone)]
    pub(crate) struct LeadRow {
        why: String,
        id: Uuid,
        name: String,
        kind: String,
        enabled: bool,
        connected: bool,
        claim: Option<String>,
        failures: Option<i64>,
        failed_at: Option<i64>,
        down_until: Option<i64>,
    }
}

/// What the rows of an address say.
pub(crate) fn put_together(
    email: &EmailAddress,
    guest: Option<Guest>,
    policy: &Policy,
    rows: Vec<LeadRow>,
    now: DateTime<Utc>,
) -> Result<Leads, StoreError> {
    let (claims, mut rows): (Vec<LeadRow>, Vec<LeadRow>) =
        rows.into_iter().partition(|row| row.claim.is_some());
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    let upstreams: Vec<Lead> = rows.into_iter().map(LeadRow::lead).collect::<Result<_, _>>()?;
    let mut leads = Leads {
        email: email.clone(),
        now,
        policy: policy.clone(),
        guest,
        upstreams,
        unproven: None,
    };
    if !leads.has_tenant() {
        leads.unproven = unproven(&claims);
    }
    Ok(leads)
}

/// Where the claim of an enabled tenant stands that leads nowhere: of several, one that has lapsed.
fn unproven(claims: &[LeadRow]) -> Option<ClaimState> {
    let states = claims.iter().filter(|row| row.enabled).filter_map(|row| {
        let claim = row.claim.as_deref()?;
        ClaimState::parse(claim)
    });
    states.max_by_key(|state| *state == ClaimState::Suspended)
}

impl LeadRow {
    fn lead(self) -> Result<Lead, StoreError> {
        let place = Place::new("upstreams", self.id);
        let health = match (self.failures, self.failed_at) {
            (Some(failures), Some(failed_at)) => Some(UpstreamHealth {
                failures: place.count("failures", failures)?,
                failed_at: from_millis(failed_at),
                down_until: value::opt_from_millis(self.down_until),
            }),
            _ => None,
        };
        Ok(Lead {
            why: place.require("why", Why::parse(&self.why))?,
            kind: place.require("kind", UpstreamKind::parse(&self.kind))?,
            id: Id::from_uuid(self.id),
            enabled: self.enabled,
            connected: self.connected,
            health,
        })
    }
}

/// What is read of an upstream that something leads to.
macro_rules! upstream_columns {
    () => {
        "upstreams.id, upstreams.name, upstreams.kind, upstreams.enabled, upstreams.connection IS NOT NULL AS connected, \
         upstream_health.failures, upstream_health.failed_at, upstream_health.down_until"
    };
}

pub(crate) use upstream_columns;

macro_rules! leads {
    ($choices:literal) => {
        concat!(
            "SELECT lead.why, lead.claim, ",
            upstream_columns!(),
            " FROM (SELECT tenant AS upstream, 'domain' AS why, state AS claim FROM domain_claims WHERE domain = $1 AND state IN ('pending', 'suspended') \
             UNION ALL SELECT upstream, 'domain', NULL FROM upstream_domains WHERE domain = $1 \
             UNION ALL SELECT upstream, 'address', NULL FROM upstream_addresses WHERE email_key = $2 \
             UNION ALL SELECT provider, 'webfinger', NULL FROM webfinger WHERE mailbox = $3 AND expires_at > $4 \
             UNION ALL SELECT id, 'held_to', NULL FROM upstreams WHERE id IN ($5, $6)",
            $choices,
            ") AS lead JOIN upstreams ON upstreams.id = lead.upstream \
             LEFT JOIN upstream_health ON upstream_health.upstream = upstreams.id"
        )
    };
}

/// Where an address leads, in one statement: domain, key, mailbox at WebFinger, now, and what the guest is held to.
pub(crate) const LEADS: &str = leads!("");

/// The same, with every provider that people may choose.
const LEADS_AND_CHOICES: &str =
    leads!(" UNION ALL SELECT id, 'choice', NULL FROM upstreams WHERE kind = 'provider' AND enabled");
