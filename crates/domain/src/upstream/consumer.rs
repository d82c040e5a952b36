//! The providers of personal accounts that are widely used, and the mail domains that are theirs. No operator
//! proves such a domain as their own, so no tenant may have one.

/// A provider that needs no more than its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consumer {
    /// Its short name.
    pub name: &'static str,
    /// What pages call it.
    pub display_name: &'static str,
    /// Its issuer (OpenID Connect Discovery §3).
    pub issuer: &'static str,
    /// What is asked for there.
    pub scopes: &'static [&'static str],
    /// The mail domains whose addresses are accounts there.
    pub domains: &'static [&'static str],
}

/// All of them.
pub const CONSUMERS: [Consumer; 3] = [
    Consumer {
        name: "microsoft",
        display_name: "Microsoft",
        // The tenant of all consumer accounts: none of an organisation gets in by it.
        issuer: "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        scopes: &["openid", "email", "profile"],
        domains: &[
            "hotmail.be",
            "hotmail.ca",
            "hotmail.ch",
            "hotmail.co.jp",
            "hotmail.co.uk",
            "hotmail.com",
            "hotmail.com.br",
            "hotmail.de",
            "hotmail.dk",
            "hotmail.es",
            "hotmail.fi",
            "hotmail.fr",
            "hotmail.gr",
            "hotmail.it",
            "hotmail.nl",
            "hotmail.no",
            "hotmail.se",
            "live.at",
            "live.be",
            "live.ca",
            "live.cl",
            "live.cn",
            "live.co.uk",
            "live.com",
            "live.com.au",
            "live.com.mx",
            "live.com.pt",
            "live.de",
            "live.dk",
            "live.fi",
            "live.fr",
            "live.ie",
            "live.in",
            "live.it",
            "live.jp",
            "live.nl",
            "live.no",
            "live.ru",
            "live.se",
            "msn.com",
            "outlook.at",
            "outlook.be",
            "outlook.cl",
            "outlook.co.id",
            "outlook.co.il",
            "outlook.co.th",
            "outlook.com",
            "outlook.com.ar",
            "outlook.com.au",
            "outlook.com.br",
            "outlook.com.gr",
            "outlook.com.tr",
            "outlook.com.vn",
            "outlook.cz",
            "outlook.de",
            "outlook.dk",
            "outlook.es",
            "outlook.fr",
            "outlook.hu",
            "outlook.ie",
            "outlook.in",
            "outlook.it",
            "outlook.jp",
            "outlook.kr",
            "outlook.lv",
            "outlook.my",
            "outlook.ph",
            "outlook.pt",
            "outlook.sa",
            "outlook.sg",
            "outlook.sk",
            "passport.com",
            "windowslive.com",
        ],
    },
    Consumer {
        name: "google",
        display_name: "Google",
        issuer: "https://accounts.google.com",
        scopes: &["openid", "email", "profile"],
        domains: &["gmail.com", "googlemail.com"],
    },
    Consumer {
        name: "apple",
        display_name: "Apple",
        issuer: "https://appleid.apple.com",
        // Asked for more, Apple answers by a form from its own site, which brings no cookie of ours along.
        scopes: &["openid"],
        domains: &["icloud.com", "mac.com", "me.com", "privaterelay.appleid.com"],
    },
];

/// The provider of that name.
pub fn called(name: &str) -> Option<&'static Consumer> {
    CONSUMERS.iter().find(|consumer| consumer.name == name)
}

/// The provider whose mail domain this is, exactly.
pub fn of_domain(domain: &str) -> Option<&'static Consumer> {
    CONSUMERS
        .iter()
        .find(|consumer| consumer.domains.contains(&domain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{email::canonical_domain, upstream::is_name};

    #[test]
    fn the_table_is_sorted_canonical_and_free_of_repetition() {
        let mut seen = std::collections::BTreeSet::new();
        for consumer in &CONSUMERS {
            assert!(is_name(consumer.name));
            assert!(consumer.domains.is_sorted(), "{}", consumer.name);
            for domain in consumer.domains {
                assert_eq!(canonical_domain(domain).as_deref(), Ok(*domain));
                assert!(seen.insert(domain), "{domain} is there twice");
            }
        }
    }

    #[test]
    fn a_domain_belongs_by_all_of_its_name() {
        for (domain, name) in [
            ("outlook.com", Some("microsoft")),
            ("hotmail.com", Some("microsoft")),
            ("live.com", Some("microsoft")),
            ("gmail.com", Some("google")),
            ("me.com", Some("apple")),
            ("mail.outlook.com", None),
            ("notgmail.com", None),
            ("contoso.test", None),
        ] {
            assert_eq!(of_domain(domain).map(|found| found.name), name, "{domain}");
        }
        assert_eq!(called("google").map(|found| found.display_name), Some("Google"));
        assert_eq!(called("Google"), None);
    }
}
