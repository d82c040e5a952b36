//! The ways of signing in.

use crate::{
    Id,
    upstream::{Upstream, UpstreamKind},
};

/// How an address proves itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// At an upstream of this kind: federation, or a personal account.
    Upstream(UpstreamKind, Id<Upstream>),
    /// By a sign-in code that is emailed.
    Passcode,
}

impl Method {
    /// Its upstream; a code has none.
    pub fn upstream(self) -> Option<Id<Upstream>> {
        match self {
            Self::Upstream(_, id) => Some(id),
            Self::Passcode => None,
        }
    }

    /// The word that rows, the command line and the audit log use.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Upstream(UpstreamKind::Tenant, _) => "federation",
            Self::Upstream(UpstreamKind::Provider, _) => "personal_account",
            Self::Passcode => "passcode",
        }
    }

    /// The method of a word, and of the upstream that a row keeps beside it; `None` where they do not go together.
    pub fn parse(kind: &str, upstream: Option<Id<Upstream>>) -> Option<Self> {
        let has_kind = |method: &Self| method.kind() == kind;
        match upstream {
            None => Some(Self::Passcode).filter(has_kind),
            Some(id) => UpstreamKind::ALL
                .map(|of| Self::Upstream(of, id))
                .into_iter()
                .find(has_kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_keeps_a_word_and_an_upstream() {
        let id = Id::from_uuid(uuid::Uuid::from_u128(1));
        for (kind, upstream, expected) in [
            ("passcode", None, Some(Method::Passcode)),
            (
                "federation",
                Some(id),
                Some(Method::Upstream(UpstreamKind::Tenant, id)),
            ),
            (
                "personal_account",
                Some(id),
                Some(Method::Upstream(UpstreamKind::Provider, id)),
            ),
            ("passcode", Some(id), None),
            ("federation", None, None),
            ("personal_account", None, None),
            ("tenant", Some(id), None),
        ] {
            let method = Method::parse(kind, upstream);
            assert_eq!(method, expected, "{kind}");
            assert!(method.is_none_or(|method| (method.kind(), method.upstream()) == (kind, upstream)));
        }
    }
}
