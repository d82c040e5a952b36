//! «Did you mean anna@gmail.com?» for domains that are one slip away from a large mail provider's.

use domain::EmailAddress;

/// Where most people have their mail.
const LARGE: &[&str] = &[
    "aol.com",
    "btinternet.com",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.fr",
    "icloud.com",
    "live.com",
    "mail.ru",
    "msn.com",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "t-online.de",
    "web.de",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.de",
    "yahoo.fr",
    "yandex.ru",
];

/// Real mail domains that look like slips.
const REAL: &[&str] = &[
    "email.com",
    "fmail.com",
    "gmx.com",
    "gmx.eu",
    "gmx.fr",
    "gmx.us",
    "hotmail.be",
    "hotmail.ch",
    "hotmail.es",
    "hotmail.it",
    "hotmail.nl",
    "hotmail.se",
    "live.de",
    "live.fr",
    "live.it",
    "live.nl",
    "mail.com",
    "mail.de",
    "me.com",
    "outlook.at",
    "outlook.be",
    "outlook.es",
    "outlook.fr",
    "outlook.ie",
    "outlook.it",
    "protonmail.ch",
    "yahoo.ca",
    "yahoo.es",
    "yahoo.ie",
    "yahoo.in",
    "yahoo.it",
    "ymail.com",
];

/// Below this length one slip makes a different, likely real domain.
const SHORTEST: usize = 7;

/// The address that was probably meant: one letter changed, added, left out or swapped with its neighbour.
pub(super) fn suggestion(email: &EmailAddress) -> Option<EmailAddress> {
    let domain = email.domain();
    if LARGE.contains(&domain) || REAL.contains(&domain) {
        return None;
    }
    let meant = LARGE
        .iter()
        .find(|large| large.len() >= SHORTEST && strsim::osa_distance(domain, large) == 1)?;
    EmailAddress::parse(&format!("{}@{meant}", email.local_part())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_and_what_is_none() {
        for (domain, meant) in [
            ("gmial.com", Some("gmail.com")),
            ("gamil.com", Some("gmail.com")),
            ("gmail.con", Some("gmail.com")),
            ("gmail.co", Some("gmail.com")),
            ("gmai.com", Some("gmail.com")),
            ("hotmial.com", Some("hotmail.com")),
            ("outlok.com", Some("outlook.com")),
            ("t-onlin.de", Some("t-online.de")),
            ("yahooo.com", Some("yahoo.com")),
            ("gmail.com", None),
            ("GMAIL.com", None),
            ("mail.com", None),
            ("ymail.com", None),
            ("gmx.com", None),
            ("contoso.test", None),
            ("ab.de", None),
        ] {
            let email = EmailAddress::parse(&format!("Anna.B@{domain}")).unwrap();
            let found = suggestion(&email);
            assert_eq!(
                found.as_ref().map(EmailAddress::as_str),
                meant.map(|meant| format!("Anna.B@{meant}")).as_deref(),
                "{domain}"
            );
        }
    }

    #[test]
    fn no_large_or_real_domain_is_called_a_slip() {
        for domain in LARGE.iter().chain(REAL) {
            let email = EmailAddress::parse(&format!("a@{domain}")).unwrap();
            assert!(suggestion(&email).is_none(), "{domain}");
        }
    }
}
