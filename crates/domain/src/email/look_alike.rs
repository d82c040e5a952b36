//! Domains that look like another one although every letter is of one alphabet (UTS 39 §4, whole-script confusables).

use unicode_security::{confusable_detection::skeleton, mixed_script::AugmentedScriptSet};

use super::EmailAddress;
use crate::upstream::mailbox_domains;

impl EmailAddress {
    /// The domain for which a person would take this address's: one of `known`, a large mail provider's, or what Latin letters would
    /// spell. `None` where it is itself a known one, or lies within one.
    pub fn looks_like<'a>(&self, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
        let seen = SeenLetters::of(self.domain());
        let mut found = None;
        let large = mailbox_domains().map(|domain| -> &'a str { domain });
        for other in known.into_iter().chain(large) {
            if within(self.domain(), other) {
                return None;
            }
            if found.is_none() && within(&seen.skeleton, &SeenLetters::of(other).skeleton) {
                found = Some(other.to_owned());
            }
        }
        found.or(seen.latin)
    }
}

/// A domain, as eyes take it.
struct SeenLetters {
    /// What all domains have in common that look like it.
    skeleton: String,
    /// What it spells in Latin letters, where it has none or not all of them.
    latin: Option<String>,
}

impl SeenLetters {
    fn of(domain: &str) -> Self {
        let (unicode, _) = idna::domain_to_unicode(domain);
        let labels: Vec<&str> = unicode.split('.').collect();
        let skeletons: Vec<String> = labels.iter().copied().map(skeleton_of).collect();
        // Latin letters beyond ASCII, as in lægehuset.dk, are no disguise: they spell what they are.
        let is_disguised =
            |label: &str, skeleton: &str| !has_latin(label) && !label.is_ascii() && skeleton.is_ascii();
        let latin = |(label, skeleton)| {
            if is_disguised(label, skeleton) {
                skeleton
            } else {
                label
            }
        };
        let pairs = || labels.iter().copied().zip(skeletons.iter().map(String::as_str));
        let any_disguised = pairs().any(|(label, skeleton)| is_disguised(label, skeleton));
        // Below a top-level domain of another alphabet, names of that alphabet are what a reader expects.
        let top_is_latin = labels.last().is_some_and(|top| top.is_ascii());
        let latin = (top_is_latin && any_disguised).then(|| pairs().map(latin).collect::<Vec<_>>().join("."));
        let skeleton = skeletons.join(".");
        Self { skeleton, latin }
    }
}

/// Whether its letters are Latin ones; digits and hyphens are of every alphabet.
fn has_latin(label: &str) -> bool {
    let mut scripts = AugmentedScriptSet::for_str(label);
    scripts.intersect_with(AugmentedScriptSet::for_char('a'));
    !scripts.is_empty()
}

/// Names are compared in small letters, and the skeleton of a digit may be a capital one.
fn skeleton_of(label: &str) -> String {
    skeleton(label).collect::<String>().to_lowercase()
}

/// Whether `domain` is `other` or one of its subdomains.
fn within(domain: &str, other: &str) -> bool {
    domain
        .strip_suffix(other)
        .is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_domain_is_taken_for() {
        let known = ["contoso.example", "microsoft.example", "fabrikam.test", "0n.test"];
        for (domain, taken_for) in [
            ("contoso.example", None),
            ("mail.contoso.example", None),
            ("contoso.test", None),
            ("c0ntoso.example", Some("contoso.example")),
            ("mail.c0ntoso.example", Some("contoso.example")),
            ("rnicrosoft.example", Some("microsoft.example")),
            ("mlcrosoft.example", None),
            ("0n.test", None),
            ("on.test", Some("0n.test")),
            ("bücher.example", None),
            ("für.example", None),
            ("lægehuset.example", None),
            ("kılıç.example", None),
            ("þing.example", None),
            ("cøntoso.example", None),
            // Cyrillic letters throughout, as they come typed and as Chromium posts them.
            ("аррӏе.example", Some("apple.example")),
            ("xn--80ak6aa92e.example", Some("apple.example")),
            ("сор.рф", None),
            ("почта.example", None),
            ("例え.example", None),
            ("sub.аррӏе.example", Some("sub.apple.example")),
        ] {
            let address = EmailAddress::parse(&format!("anna@{domain}")).unwrap();
            let found = address.looks_like(known);
            assert_eq!(found.as_deref(), taken_for, "{domain}");
        }
    }

    #[test]
    fn a_known_domain_is_taken_for_nothing_else() {
        let both = ["m0.test", "mo.test", "rno.test"];
        for domain in both {
            let address = EmailAddress::parse(&format!("anna@{domain}")).unwrap();
            assert_eq!(address.looks_like(both), None, "{domain}");
        }
    }
}
