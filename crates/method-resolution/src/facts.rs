//! Everything that the decision may depend on.

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id,
    domain_claim::ClaimState,
    guest::GuestStatus,
    method::Method,
    upstream::{Upstream, UpstreamKind},
};

/// The facts about one address, gathered before [`crate::resolve`] is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The address.
    pub email: EmailAddress,
    /// Now.
    pub now: DateTime<Utc>,
    /// What the organisation set, with what it set for this address's domain already applied.
    pub policy: Policy,
    /// What the directory knows of the person; `None` for a stranger.
    pub person: Option<Person>,
    /// The federated tenant that proved the address's domain.
    pub tenant: Option<Partner>,
    /// Where the claim of an enabled tenant stands that says the domain is its own, when none has proven it.
    pub unproven: Option<ClaimState>,
    /// The personal-account provider that the address belongs to.
    pub personal: Option<PersonalMatch>,
    /// The providers that are switched on and connected, where the policy lets people choose one in place of a code.
    pub open_providers: Vec<OpenProvider>,
    /// The guest's own choice on the page where several methods fit.
    pub chosen: Option<Method>,
}

/// A provider that may be chosen in place of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenProvider {
    /// The provider's id.
    pub provider: Id<Upstream>,
    /// Whether it cannot be reached at the moment: then it is not offered, and stays chosen by whoever chose it.
    pub down: bool,
}

/// What the organisation set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, called as the configuration calls it"
)]
pub struct Policy {
    /// The kinds of upstream that are tried before codes, in this order. One that is missing is switched off.
    pub order: Vec<UpstreamKind>,
    /// Whether sign-in codes are on: the fallback.
    pub codes: bool,
    /// Domains that are refused, lower-case A-labels, exact.
    pub refused_domains: Vec<String>,
    /// The only domains that are not refused, written likewise; none: all others are welcome.
    pub allowed_domains: Vec<String>,
    /// Whether codes stand in while a tenant is down.
    pub codes_when_federation_fails: CodesWhenFederationFails,
    /// Whether a person with a personal account may choose a code instead.
    pub codes_beside_personal_accounts: bool,
    /// Whether a person who would get a code may choose any provider of personal accounts instead. A code confirms the address
    /// once; from then on the account lets them in, also when the mailbox is no longer theirs.
    pub personal_accounts_beside_codes: bool,
    /// What happens to a guest for whom a better method exists than the one that sticks.
    pub moving: Moving,
    /// Whether the host of an address's domain is asked where its people sign in (RFC 7033).
    pub webfinger: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            order: vec![UpstreamKind::Tenant, UpstreamKind::Provider],
            codes: true,
            refused_domains: Vec::new(),
            allowed_domains: Vec::new(),
            codes_when_federation_fails: CodesWhenFederationFails::Never,
            codes_beside_personal_accounts: false,
            personal_accounts_beside_codes: false,
            moving: Moving::Offer,
            webfinger: false,
        }
    }
}

impl Policy {
    /// Whether addresses in this domain are refused: they are on the one list, or there is another one and they are not on it.
    pub fn refuses(&self, email: &EmailAddress) -> bool {
        let on = |list: &[String]| list.iter().any(|domain| domain == email.domain());
        on(&self.refused_domains) || !self.allowed_domains.is_empty() && !on(&self.allowed_domains)
    }

    /// Whether any domain is refused.
    pub fn refuses_any(&self) -> bool {
        !self.refused_domains.is_empty() || !self.allowed_domains.is_empty()
    }

    /// Whether any provider may be chosen in place of a code.
    pub fn offers_any_provider(&self) -> bool {
        self.codes && self.personal_accounts_beside_codes && self.order.contains(&UpstreamKind::Provider)
    }

    /// Whether a move to a better method is required by now.
    pub fn requires_moves(&self, now: DateTime<Utc>) -> bool {
        matches!(self.moving, Moving::RequireFrom(date) if date <= now)
    }
}

/// Whether codes stand in while a tenant is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodesWhenFederationFails {
    /// Fail closed.
    Never,
    /// Allowed, and each use is audited.
    WhileDown,
}

/// What happens to a guest for whom a better method exists than the one that sticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moving {
    /// They stay with their method, and are not asked.
    Keep,
    /// They are offered the move after signing in.
    Offer,
    /// They are offered the move, and from this moment on it is required.
    RequireFrom(DateTime<Utc>),
}

/// What the directory knows of the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Where they are in a guest's life.
    pub status: GuestStatus,
    /// Whether their access has ended by date.
    pub expired: bool,
    /// The method that an operator pinned.
    pub pinned: Option<Method>,
    /// The method of the redemption; `None` before it and after a reset.
    pub sticky: Option<Method>,
    /// Methods among `pinned` and `sticky` that are switched off or removed.
    pub unavailable: Vec<Method>,
}

/// A federated tenant whose proven domain is the address's, exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partner {
    /// The tenant's id.
    pub tenant: Id<Upstream>,
    /// Whether it cannot be reached at the moment.
    pub down: bool,
    /// Whether there is a connection to it: a guest is not offered an upstream that cannot be reached.
    pub connected: bool,
}

/// Which personal-account provider an address belongs to, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonalMatch {
    /// The provider's id.
    pub provider: Id<Upstream>,
    /// Why.
    pub by: MatchedBy,
    /// Whether it cannot be reached at the moment.
    pub down: bool,
    /// Whether there is a connection to it: a guest is not offered an upstream that cannot be reached.
    pub connected: bool,
}

/// Why an address belongs to a personal-account provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchedBy {
    /// The domain is the provider's own.
    Domain,
    /// A rule names this very address.
    Address,
    /// The domain's host says so (OpenID Connect Discovery §2): the provider owns nothing by that.
    WebFinger,
}
