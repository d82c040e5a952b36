//! From what the store knows, or would know after a change, to the facts that decide.

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id,
    domain_claim::ClaimState,
    guest::{Guest, GuestStatus},
    method::Method,
    upstream::{Upstream, UpstreamHealth, UpstreamKind},
};

use crate::{
    CodesWhenFederationFails, Facts, MatchedBy, OpenProvider, Partner, Person, PersonalMatch, Policy,
};

/// An upstream that the decision about an address may depend on, and why. One that matters for several reasons is
/// there as often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// Why the decision may depend on it.
    pub why: Why,
    /// Its kind.
    pub kind: UpstreamKind,
    /// Its row.
    pub id: Id<Upstream>,
    /// Whether guests are sent there.
    pub enabled: bool,
    /// Whether there is a connection to it.
    pub connected: bool,
    /// How it stands, if it failed lately.
    pub health: Option<UpstreamHealth>,
}

/// Why an upstream matters to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The address's domain is its own, and proven where it must be.
    Domain,
    /// A rule names this very address.
    Address,
    /// The host of the address's domain named it.
    WebFinger,
    /// The guest signs in by it, or was pinned to it.
    HeldTo,
    /// It is a provider: the policy may let people choose any.
    Choice,
}

impl Why {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Domain,
        Self::Address,
        Self::WebFinger,
        Self::HeldTo,
        Self::Choice,
    ];

    /// The word that a query gives beside the upstream.
    pub fn name(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Address => "address",
            Self::WebFinger => "webfinger",
            Self::HeldTo => "held_to",
            Self::Choice => "choice",
        }
    }

    /// The reason of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.name() == word)
    }
}

/// What the facts depend on of a guest, besides where their address leads. Of guests of one domain who are alike, and whose
/// addresses nothing names, one decision is that of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Likeness {
    status: GuestStatus,
    expired: bool,
    held_to: [Option<Method>; 2],
}

impl Likeness {
    /// That of a guest now.
    pub fn of(guest: &Guest, now: DateTime<Utc>) -> Self {
        Self {
            status: guest.status,
            expired: guest.is_expired(now),
            held_to: held_to(guest),
        }
    }
}

/// What is known of one address before its facts are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leads {
    /// The address.
    pub email: EmailAddress,
    /// Now.
    pub now: DateTime<Utc>,
    /// The policy of its domain.
    pub policy: Policy,
    /// Whom the directory knows under it.
    pub guest: Option<Guest>,
    /// The upstreams that may matter, by name.
    pub upstreams: Vec<Lead>,
    /// Where the claim of an enabled tenant stands that says the domain is its own and has not proven it.
    pub unproven: Option<ClaimState>,
}

impl Leads {
    /// The facts. This is the only way to them, so that the sign-in and every "what if" see the same.
    pub fn facts(&self) -> Facts {
        let tenant = self.tenant();
        Facts {
            email: self.email.clone(),
            now: self.now,
            policy: self.policy.clone(),
            person: self.guest.as_ref().map(|guest| self.person(guest)),
            unproven: self.unproven.filter(|_| tenant.is_none()),
            tenant,
            personal: self.personal(),
            open_providers: self.open_providers(),
            chosen: None,
        }
    }

    /// Whether the domain leads to a tenant to which people are sent. Where it does, no claim of another one is told of.
    pub fn has_tenant(&self) -> bool {
        self.tenant().is_some()
    }

    /// The same address, were these all the upstreams that there are. Whether one is down, what a host named, and
    /// what the trace says of a claim that is not proven stay.
    #[must_use]
    pub fn were_these_all(&self, upstreams: &[Upstream]) -> Self {
        let key = self.email.key();
        let held_to = self.guest.as_ref().map_or([None; 2], held_to);
        let mut all: Vec<&Upstream> = upstreams.iter().collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        let leads = all.into_iter().flat_map(|upstream| {
            let mut now = self.upstreams.iter().filter(|lead| lead.id == upstream.id);
            let health = now.clone().find_map(|lead| lead.health);
            let named = now.any(|lead| lead.why == Why::WebFinger);
            let matters = |why: &Why| match why {
                Why::Domain => upstream.speaks_for(self.email.domain()),
                Why::Address => upstream.addresses.iter().any(|its| its.key() == key),
                Why::WebFinger => named,
                Why::HeldTo => held_to.contains(&Some(upstream.method())),
                Why::Choice => upstream.kind == UpstreamKind::Provider,
            };
            Why::ALL
                .into_iter()
                .filter(matters)
                .map(|why| Lead {
                    why,
                    kind: upstream.kind,
                    id: upstream.id,
                    enabled: upstream.enabled,
                    connected: upstream.connection.is_some(),
                    health,
                })
                .collect::<Vec<_>>()
        });
        Self {
            upstreams: leads.collect(),
            ..self.clone()
        }
    }

    fn enabled(&self, kind: UpstreamKind, why: Why) -> impl Iterator<Item = &Lead> {
        let fits = move |lead: &&Lead| lead.enabled && lead.kind == kind && lead.why == why;
        self.upstreams.iter().filter(fits)
    }

    fn tenant(&self) -> Option<Partner> {
        let lead = self.enabled(UpstreamKind::Tenant, Why::Domain).next()?;
        Some(Partner {
            tenant: lead.id,
            down: lead
                .health
                .is_some_and(|health| match self.policy.codes_when_federation_fails {
                    CodesWhenFederationFails::Never => health.is_down(self.now),
                    CodesWhenFederationFails::WhileDown => health.is_out(self.now),
                }),
            connected: lead.connected,
        })
    }

    /// A rule for the address comes before the domain, and both before what a host says.
    fn personal(&self) -> Option<PersonalMatch> {
        let ways = [
            (Why::Address, MatchedBy::Address),
            (Why::Domain, MatchedBy::Domain),
            (Why::WebFinger, MatchedBy::WebFinger),
        ];
        let asked = |(why, _): &(Why, MatchedBy)| *why != Why::WebFinger || self.policy.webfinger;
        ways.into_iter().filter(asked).find_map(|(why, by)| {
            let lead = self.enabled(UpstreamKind::Provider, why).next()?;
            Some(PersonalMatch {
                provider: lead.id,
                by,
                down: self.is_down(lead),
                connected: lead.connected,
            })
        })
    }

    fn open_providers(&self) -> Vec<OpenProvider> {
        if !self.policy.offers_any_provider() {
            return Vec::new();
        }
        let open = self.enabled(UpstreamKind::Provider, Why::Choice);
        open.filter(|lead| lead.connected)
            .map(|lead| OpenProvider {
                provider: lead.id,
                down: self.is_down(lead),
            })
            .collect()
    }

    fn person(&self, guest: &Guest) -> Person {
        let is_open = |id| {
            let mut held_to = self.upstreams.iter().filter(|lead| lead.why == Why::HeldTo);
            held_to.any(|lead| lead.id == id && lead.enabled)
        };
        let mut unavailable = Vec::new();
        for method in held_to(guest).into_iter().flatten() {
            let is_shut = method.upstream().is_some_and(|id| !is_open(id));
            if is_shut && !unavailable.contains(&method) {
                unavailable.push(method);
            }
        }
        Person {
            status: guest.status,
            expired: guest.is_expired(self.now),
            pinned: guest.pinned_method,
            sticky: guest.method,
            unavailable,
        }
    }

    fn is_down(&self, lead: &Lead) -> bool {
        lead.health.is_some_and(|health| health.is_down(self.now))
    }
}

/// The methods that a guest is held to.
fn held_to(guest: &Guest) -> [Option<Method>; 2] {
    [guest.pinned_method, guest.method]
}
