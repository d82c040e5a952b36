//! What switching a method off would mean for one person.

use domain::method::Method;

use crate::{Decision, Facts, resolve};

/// Whether the person has a way in now, and would have none with this method switched off or removed. A way that was
/// shut before is not lost by it.
pub fn loses(facts: &Facts, off: Method) -> bool {
    has_way(facts) && !has_way(&without(facts, off))
}

fn has_way(facts: &Facts) -> bool {
    !matches!(resolve(facts).decision, Decision::Refuse(_))
}

/// The same facts, once the method is switched off.
fn without(facts: &Facts, off: Method) -> Facts {
    let mut after = facts.clone();
    match off {
        Method::Federation(id) => after.tenant = after.tenant.filter(|partner| partner.tenant != id),
        Method::PersonalAccount(id) => {
            after.personal = after.personal.filter(|personal| personal.provider != id);
        }
        Method::Passcode => after.policy.codes = false,
    }
    if let Some(person) = &mut after.person {
        person.unavailable.push(off);
    }
    after
}
