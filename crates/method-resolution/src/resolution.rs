//! The answer, and the reasons for it.

use std::fmt;

use domain::{method::Method, sign_in::Offer};

/// What was decided, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The decision.
    pub decision: Decision,
    /// The rule that made it.
    pub because: Reason,
    /// A better method, which the guest is offered after signing in; with [`Reason::MoveRequired`] they cannot decline.
    pub offer: Option<Method>,
    /// Every rule that was asked, in order, with what it said.
    pub trace: Vec<Trace>,
}

impl Resolution {
    /// The better method, and whether the guest may decline it.
    pub fn to_move(&self) -> Option<(Method, Offer)> {
        let offer = if self.because == Reason::MoveRequired {
            Offer::Must
        } else {
            Offer::May
        };
        self.offer.map(|method| (method, offer))
    }
}

impl Resolution {
    /// Whether a first sign-in by `proven` fixes it as the guest's method. A code that only stands in for an upstream fixes none:
    /// the guest goes there from the next time on.
    pub fn fixes(&self, proven: Method) -> bool {
        match (proven, &self.decision) {
            (Method::Upstream(..), _) => true,
            (Method::Passcode, Decision::Use(Method::Passcode)) => self.because != Reason::FederationDown,
            (Method::Passcode, Decision::Ask(methods)) => methods.contains(&Method::Passcode),
            (Method::Passcode, Decision::Use(_) | Decision::Refuse(_)) => false,
        }
    }
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// This method.
    Use(Method),
    /// The guest chooses among these, once.
    Ask(Vec<Method>),
    /// None. The guest learns of it only after proving the mailbox.
    Refuse(Refusal),
}

/// Why no method is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The guest was blocked by an operator.
    Blocked,
    /// The guest works for the organisation by now.
    Converted,
    /// The guest was taken out of the directory.
    Removed,
    /// The guest's access ended by date.
    Expired,
    /// This domain is refused.
    DomainRefused,
    /// The method that this guest is held to is switched off.
    MethodUnavailable,
    /// Nothing matches, and codes are off.
    NoMethod,
}

/// The rules, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The person or the domain is refused.
    Refused,
    /// An operator pinned the method.
    Pinned,
    /// The method of the redemption sticks.
    Sticky,
    /// The method of the redemption sticks, and the date by which the move is required has passed.
    MoveRequired,
    /// The domain belongs to a federated tenant.
    FederatedDomain,
    /// The tenant is down, and codes stand in for it.
    FederationDown,
    /// The address belongs to a personal-account provider.
    PersonalAccount,
    /// Two methods fit.
    TwoFit,
    /// The guest chose.
    Chosen,
    /// Nothing else matched.
    Fallback,
}

impl Reason {
    /// The word that the audit log and the API use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Pinned => "pinned",
            Self::Sticky => "sticky",
            Self::MoveRequired => "move_required",
            Self::FederatedDomain => "federated_domain",
            Self::FederationDown => "federation_down",
            Self::PersonalAccount => "personal_account",
            Self::TwoFit => "two_fit",
            Self::Chosen => "chosen",
            Self::Fallback => "fallback",
        }
    }
}

impl Refusal {
    /// Whether it speaks against the guest themselves, who may learn of it once they have proven who they are.
    pub fn is_of_the_guest(self) -> bool {
        match self {
            Self::Blocked | Self::Converted | Self::Removed | Self::Expired => true,
            Self::DomainRefused | Self::MethodUnavailable | Self::NoMethod => false,
        }
    }

    /// The word that the audit log and the API use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Converted => "converted",
            Self::Removed => "removed",
            Self::Expired => "expired",
            Self::DomainRefused => "domain_refused",
            Self::MethodUnavailable => "method_unavailable",
            Self::NoMethod => "no_method",
        }
    }
}

/// One rule, and what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The rule.
    pub rule: Reason,
    /// Whether it decided.
    pub decided: bool,
    /// In words, without the address.
    pub said: &'static str,
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}: {}",
            if self.decided { "→" } else { "·" },
            self.rule.name(),
            self.said
        )
    }
}
