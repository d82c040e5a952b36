//! What switching methods off would mean for one person.

use domain::{
    Id,
    method::Method,
    upstream::{Upstream, UpstreamKind},
};

use crate::{Decision, Facts, resolve};

/// Whether the person has a way in now, and would have none with this method switched off or removed. A way that was
/// shut before is not lost by it.
pub fn loses(facts: &Facts, off: Method) -> bool {
    has_way(facts) && !has_way(&without(facts, off))
}

/// Whether the person has a way in now, and would have none if their domain no longer led to this tenant. Whose account
/// is there goes on.
pub fn loses_domain(facts: &Facts, tenant: Id<Upstream>) -> bool {
    let mut after = facts.clone();
    after.tenant = after.tenant.filter(|partner| partner.tenant != tenant);
    has_way(facts) && !has_way(&after)
}

/// Whether the person has no way in, though nothing speaks against them themselves.
pub fn is_shut_out(facts: &Facts) -> bool {
    match resolve(facts).decision {
        Decision::Use(_) | Decision::Ask(_) => false,
        Decision::Refuse(refusal) => !refusal.is_of_the_guest(),
    }
}

fn has_way(facts: &Facts) -> bool {
    !matches!(resolve(facts).decision, Decision::Refuse(_))
}

/// The same facts, once the method is switched off.
pub(crate) fn without(facts: &Facts, off: Method) -> Facts {
    let mut after = facts.clone();
    match off {
        Method::Upstream(UpstreamKind::Tenant, id) => {
            after.tenant = after.tenant.filter(|partner| partner.tenant != id);
        }
        Method::Upstream(UpstreamKind::Provider, id) => {
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
