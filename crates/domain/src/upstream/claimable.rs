//! Which domains a tenant may have at all (threat R02).

use super::consumer;

/// Mail domains at which anybody gets an address, beside those of [`consumer::CONSUMERS`].
const FREE_MAIL: [&str; 37] = [
    "126.com",
    "163.com",
    "aol.com",
    "fastmail.com",
    "freenet.de",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "hey.com",
    "laposte.net",
    "libero.it",
    "mail.com",
    "mail.ru",
    "mailbox.org",
    "naver.com",
    "orange.fr",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "seznam.cz",
    "t-online.de",
    "tuta.com",
    "tutanota.com",
    "web.de",
    "wp.pl",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.de",
    "yahoo.fr",
    "yandex.com",
    "yandex.ru",
    "zoho.com",
];

/// The domains at which many people have mailboxes of their own.
pub(crate) fn mailbox_domains() -> impl Iterator<Item = &'static str> {
    let of_consumers = consumer::CONSUMERS.iter().flat_map(|consumer| consumer.domains);
    of_consumers.chain(&FREE_MAIL).copied()
}

/// The domain that somebody registered and in which a host lies; `None` where it is a public suffix, or no domain name.
pub fn registrable(host: &str) -> Option<&str> {
    psl::domain_str(host)
}

/// Why a domain cannot be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotClaimable {
    /// Anybody registers names under it (publicsuffix.org).
    #[error("is a public suffix, under which anybody registers names")]
    PublicSuffix,
    /// Its addresses are people's own.
    #[error("is where people have mailboxes of their own, at {0}")]
    Consumer(&'static str),
    /// The same, at a provider that has no sign-in we know.
    #[error("is where people have mailboxes of their own")]
    FreeMail,
}

/// Whether a domain can be one tenant's own. Lower-case A-labels.
pub fn claimable(domain: &str) -> Result<(), NotClaimable> {
    if let Some(consumer) = consumer::of_domain(domain) {
        return Err(NotClaimable::Consumer(consumer.display_name));
    }
    if FREE_MAIL.contains(&domain) {
        return Err(NotClaimable::FreeMail);
    }
    match psl::suffix(domain.as_bytes()) {
        // What the list does not know (`test`, a private network's name) is a suffix by its default rule only.
        Some(suffix) if suffix.is_known() && suffix == domain => Err(NotClaimable::PublicSuffix),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_whose_domain_a_host_lies() {
        for (host, domain) in [
            ("login.acme.example", Some("acme.example")),
            ("login.guests.acme.example", Some("acme.example")),
            ("acme.co.uk", Some("acme.co.uk")),
            ("acme.github.io", Some("acme.github.io")),
            ("co.uk", None),
            ("localhost", None),
        ] {
            assert_eq!(registrable(host), domain, "{host}");
        }
    }

    #[test]
    fn whose_a_domain_can_be() {
        for (domain, expected) in [
            ("contoso.com", Ok(())),
            ("contoso.co.uk", Ok(())),
            ("mail.contoso.com", Ok(())),
            ("contoso.test", Ok(())),
            ("contoso.example", Ok(())),
            ("corp.internal", Ok(())),
            ("co.uk", Err(NotClaimable::PublicSuffix)),
            ("github.io", Err(NotClaimable::PublicSuffix)),
            ("com.br", Err(NotClaimable::PublicSuffix)),
            ("outlook.com", Err(NotClaimable::Consumer("Microsoft"))),
            ("gmail.com", Err(NotClaimable::Consumer("Google"))),
            ("proton.me", Err(NotClaimable::FreeMail)),
            ("mail.proton.me", Ok(())),
        ] {
            assert_eq!(claimable(domain), expected, "{domain}");
        }
        assert!(FREE_MAIL.is_sorted());
    }

    #[test]
    fn where_many_people_have_mailboxes() {
        let all: Vec<&str> = mailbox_domains().collect();
        for domain in ["gmail.com", "outlook.com", "yahoo.de", "zoho.com"] {
            assert!(all.contains(&domain), "{domain}");
        }
        assert!(all.iter().all(|domain| domain.contains('.')));
    }
}
