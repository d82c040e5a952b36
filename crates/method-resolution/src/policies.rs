//! What the organisation set, for everybody and for single domains.

use std::collections::BTreeMap;

use domain::EmailAddress;

use crate::Policy;

/// The policies of one provider. Which one is in force follows from the address alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policies {
    /// The one for everybody for whom nothing else is set.
    pub usual: Policy,
    /// Those of single domains: lower-case A-labels, exact, never by suffix.
    pub domains: BTreeMap<String, Policy>,
}

impl Policies {
    /// The one that is in force for an address.
    pub fn of(&self, email: &EmailAddress) -> &Policy {
        self.domains.get(email.domain()).unwrap_or(&self.usual)
    }

    /// Whether addresses in this domain are refused.
    pub fn refuses(&self, email: &EmailAddress) -> bool {
        self.of(email).refuses(email)
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Policy> {
        std::iter::once(&self.usual).chain(self.domains.values())
    }
}

impl From<Policy> for Policies {
    fn from(usual: Policy) -> Self {
        let domains = BTreeMap::new();
        Self { usual, domains }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_has_its_own_policy_exactly() {
        let strict = Policy {
            codes: false,
            ..Policy::default()
        };
        let policies = Policies {
            domains: BTreeMap::from([("contoso.example".to_owned(), strict)]),
            ..Policies::default()
        };
        for (address, codes) in [
            ("anna@contoso.example", false),
            ("anna@CONTOSO.example", false),
            ("anna@mail.contoso.example", true),
            ("anna@notcontoso.example", true),
            ("contoso.example@fabrikam.example", true),
        ] {
            let Ok(email) = EmailAddress::parse(address) else {
                panic!("{address} is an address");
            };
            assert_eq!(policies.of(&email).codes, codes, "{address}");
        }
        assert_eq!(policies.all().count(), 2);
    }

    #[test]
    fn who_is_refused_by_two_lists() {
        let list = |domains: &[&str]| domains.iter().map(|domain| (*domain).to_owned()).collect();
        for (refused, allowed, address, refuses) in [
            (&[][..], &[][..], "anna@contoso.test", false),
            (&["contoso.test"][..], &[][..], "anna@contoso.test", true),
            (&["contoso.test"][..], &[][..], "anna@sub.contoso.test", false),
            (&[][..], &["contoso.test"][..], "anna@contoso.test", false),
            (&[][..], &["contoso.test"][..], "anna@sub.contoso.test", true),
            (&[][..], &["contoso.test"][..], "bob@fabrikam.test", true),
            (
                &["contoso.test"][..],
                &["contoso.test"][..],
                "anna@contoso.test",
                true,
            ),
        ] {
            let policy = Policy {
                refused_domains: list(refused),
                allowed_domains: list(allowed),
                ..Policy::default()
            };
            let email = EmailAddress::parse(address).unwrap();
            assert_eq!(
                policy.refuses(&email),
                refuses,
                "{refused:?} {allowed:?} {address}"
            );
            assert_eq!(policy.refuses_any(), !refused.is_empty() || !allowed.is_empty());
        }
    }

    #[test]
    fn each_domain_refuses_for_itself() {
        let refusing = Policy {
            refused_domains: vec!["contoso.test".into()],
            ..Policy::default()
        };
        let policies = Policies {
            usual: Policy::default(),
            domains: BTreeMap::from([("contoso.test".into(), refusing)]),
        };
        let refuses = |text| policies.refuses(&EmailAddress::parse(text).unwrap());
        assert_eq!(
            [refuses("anna@contoso.test"), refuses("bob@fabrikam.test")],
            [true, false]
        );
    }
}
