//! What switching methods off would mean for one person.

use domain::{
    Id,
    method::Method,
    upstream::{Provider, Tenant},
};

use crate::{Decision, Facts, MatchedBy, OpenProvider, Partner, PersonalMatch, Refusal, resolve};

/// Whether the person has a way in now, and would have none with this method switched off or removed. A way that was
/// shut before is not lost by it.
pub fn loses(facts: &Facts, off: Method) -> bool {
    has_way(facts) && !has_way(&without(facts, off))
}

/// Whether the person has a way in now, and would have none if their domain led to this tenant no more. Whose account
/// is there goes on.
pub fn loses_domain(facts: &Facts, tenant: Id<Tenant>) -> bool {
    let mut after = facts.clone();
    after.tenant = after.tenant.filter(|partner| partner.tenant != tenant);
    has_way(facts) && !has_way(&after)
}

/// Whether the person has no way in, though nothing speaks against them themselves.
pub fn is_shut_out(facts: &Facts) -> bool {
    match resolve(facts).decision {
        Decision::Use(_) | Decision::Ask(_) | Decision::Refuse(Refusal::Blocked | Refusal::Expired) => false,
        Decision::Refuse(Refusal::DomainRefused | Refusal::MethodUnavailable | Refusal::NoMethod) => true,
    }
}

impl Facts {
    /// The same person, were these all the tenants and providers that there are.
    pub fn upstreams_are(&mut self, tenants: &[Tenant], providers: &[Provider]) {
        let domain = self.email.domain();
        self.tenant = tenants
            .iter()
            .find(|tenant| tenant.enabled && tenant.speaks_for(domain))
            .map(|tenant| Partner {
                tenant: tenant.id,
                down: self.tenant.is_some_and(|now| now.tenant == tenant.id && now.down),
                connected: tenant.connection.is_some(),
            });
        let key = self.email.key();
        let by_address = |provider: &&Provider| provider.addresses.iter().any(|its| its.key() == key);
        let by_domain = |provider: &&Provider| provider.domains.iter().any(|its| its == domain);
        let enabled = providers.iter().filter(|provider| provider.enabled);
        let named = self.personal.filter(|now| now.by == MatchedBy::WebFinger);
        let by_webfinger = |provider: &&Provider| named.is_some_and(|now| now.provider == provider.id);
        let first = |fits: &dyn Fn(&&Provider) -> bool, by| {
            let found = enabled.clone().find(fits);
            found.map(|provider| (provider, by))
        };
        let found = first(&by_address, MatchedBy::Address)
            .or_else(|| first(&by_domain, MatchedBy::Domain))
            .or_else(|| first(&by_webfinger, MatchedBy::WebFinger));
        self.personal = found.map(|(provider, by)| PersonalMatch {
            provider: provider.id,
            by,
            down: self
                .personal
                .is_some_and(|now| now.provider == provider.id && now.down),
            connected: provider.connection.is_some(),
        });
        let open = |open: &OpenProvider| {
            let its = providers.iter().find(|provider| provider.id == open.provider);
            its.is_some_and(|provider| provider.enabled && provider.connection.is_some())
        };
        self.open_providers.retain(open);
        if let Some(person) = &mut self.person {
            let held_to = [person.pinned, person.sticky];
            person.unavailable = held_to
                .into_iter()
                .flatten()
                .filter(|method| match method {
                    Method::Passcode => false,
                    Method::Federation(id) => !tenants.iter().any(|its| its.id == *id && its.enabled),
                    Method::PersonalAccount(id) => !providers.iter().any(|its| its.id == *id && its.enabled),
                })
                .collect();
        }
    }
}

fn has_way(facts: &Facts) -> bool {
    !matches!(resolve(facts).decision, Decision::Refuse(_))
}

/// The same facts, once the method is switched off.
pub(crate) fn without(facts: &Facts, off: Method) -> Facts {
    let mut after = facts.clone();
    match off {
        Method::Federation(id) => after.tenant = after.tenant.filter(|partner| partner.tenant != id),
        Method::PersonalAccount(id) => {
            after.personal = after.personal.filter(|personal| personal.provider != id);
            after.open_providers.retain(|open| open.provider != id);
        }
        Method::Passcode => after.policy.codes = false,
    }
    if let Some(person) = &mut after.person {
        person.unavailable.push(off);
    }
    after
}
