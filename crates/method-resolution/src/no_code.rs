//! Why a guest whom we know gets no code: what their mailbox is told.

use crate::{Decision, Facts, Refusal, resolve};

/// The reason, as far as the guest can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoCode {
    /// Their domain is refused.
    DomainRefused,
    /// The method that they are held to is switched off.
    MethodOff,
}

/// The reason that holds now; none where a code, or another way in, is open again. A refused domain comes first: a guest
/// who is blocked learns no more than everyone of that domain.
pub fn why_no_code(facts: &Facts) -> Option<NoCode> {
    if facts.policy.refuses(&facts.email) {
        return Some(NoCode::DomainRefused);
    }
    (resolve(facts).decision == Decision::Refuse(Refusal::MethodUnavailable)).then_some(NoCode::MethodOff)
}
