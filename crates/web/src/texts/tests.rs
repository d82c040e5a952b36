//! What holds for every language: nothing is empty, and each text has the placeholders of the English one.

use std::collections::BTreeSet;

use super::*;

/// Every text of the guest pages, by section and name.
fn entries(texts: &Texts) -> Vec<(String, &'static str)> {
    let sections = [
        ("common", texts.common.entries()),
        ("identify", texts.identify.entries()),
        ("passcode", texts.passcode.entries()),
        ("digits", texts.digits.entries()),
        ("letters", texts.letters.entries()),
        ("federation", texts.federation.entries()),
        ("personal", texts.personal.entries()),
        ("test_sign_in", texts.test_sign_in.entries()),
        ("passkey", texts.passkey.entries()),
        ("go_on", texts.go_on.entries()),
        ("consent", texts.consent.entries()),
        ("home", texts.home.entries()),
        ("refused", texts.refused.entries()),
        ("signed_out", texts.signed_out.entries()),
        ("invitation", texts.invitation.entries()),
        ("access_request", texts.access_request.entries()),
        ("inviter", texts.inviter.entries()),
        ("merge", texts.merge.entries()),
        ("my_access", texts.my_access.entries()),
        ("error", texts.error.entries()),
    ];
    sections
        .into_iter()
        .flat_map(|(section, texts)| {
            texts
                .into_iter()
                .map(move |(name, text)| (format!("{section}.{name}"), text))
        })
        .collect()
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{')
        .skip(1)
        .filter_map(|after| Some(after.split_once('}')?.0))
        .collect()
}

#[test]
fn every_language_has_the_placeholders_of_english() {
    for language in Language::ALL {
        for ((name, english), (other, text)) in entries(Texts::of(Language::En))
            .into_iter()
            .zip(entries(Texts::of(language)))
        {
            assert_eq!(name, other);
            assert_eq!(
                placeholders(text),
                placeholders(english),
                "{name} in {}",
                language.tag()
            );
        }
    }
}

#[test]
fn nothing_is_empty_or_half_a_placeholder() {
    for language in Language::ALL {
        for (name, text) in entries(Texts::of(language)) {
            let place = format!("{name} in {}", language.tag());
            assert!(!text.trim().is_empty() && text.trim() == text, "{place}");
            assert!(
                !text.contains("  "),
                "{place} has two spaces in a row: a broken line"
            );
            assert_eq!(text.matches('{').count(), text.matches('}').count(), "{place}");
        }
    }
}

#[test]
fn no_guest_reads_our_own_jargon() {
    // One word for one thing: «sign-in code».
    for language in Language::ALL {
        for (name, text) in entries(Texts::of(language)) {
            for word in ["OTP", "passcode", "2FA", "token", "Passcode", "Token", "client"] {
                assert!(!text.contains(word), "{name} in {} says {word}", language.tag());
            }
        }
    }
}
