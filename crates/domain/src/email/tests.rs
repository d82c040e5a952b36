use proptest::prelude::*;

use super::*;

#[test]
fn what_an_address_becomes() {
    for (input, text) in [
        ("anna@contoso.test", "anna@contoso.test"),
        ("  Anna.Smith@CONTOSO.test \n", "Anna.Smith@contoso.test"),
        ("anna＠contoso.test", "anna@contoso.test"),
        ("ａnna@contoso.test", "anna@contoso.test"),
        ("anna@bücher.example", "anna@xn--bcher-kva.example"),
        ("anna@BÜCHER.example", "anna@xn--bcher-kva.example"),
        ("anna@faß.example", "anna@xn--fa-hia.example"),
        ("anna+notes@contoso.test", "anna+notes@contoso.test"),
        (
            "o'neil_!#$%&*/=^`{|}~-?@contoso.test",
            "o'neil_!#$%&*/=^`{|}~-?@contoso.test",
        ),
        ("anna@contoso。test", "anna@contoso.test"),
    ] {
        assert_eq!(
            EmailAddress::parse(input).map(|e| e.as_str().to_owned()),
            Ok(text.to_owned()),
            "{input:?}"
        );
    }
}

#[test]
fn what_is_refused_and_why() {
    use EmailError::*;
    let long_local = format!("{}@contoso.test", "a".repeat(65));
    let long = format!("anna@{}.test", vec!["a".repeat(60); 5].join("."));
    for (input, error) in [
        ("", Empty),
        ("   ", Empty),
        ("anna", At),
        ("anna@contoso@evil.test", At),
        ("@contoso.test", LocalPart),
        ("anna@", Domain),
        ("anna@contoso", Domain),
        ("anna@contoso..test", Domain),
        ("anna@.contoso.test", Domain),
        ("anna@contoso.test.", Domain),
        ("anna@-contoso.test", Domain),
        ("anna@[127.0.0.1]", Domain),
        ("anna@127.0.0.1", Domain),
        ("anna@exa_mple.test", Domain),
        ("anna smith@contoso.test", Invisible),
        ("anna\r\nBcc: x@evil.test", Invisible),
        ("anna\0@contoso.test", Invisible),
        ("anna\u{200b}@contoso.test", Invisible),
        ("anna@contoso\u{202e}.test", Invisible),
        ("anna\u{ad}@contoso.test", Invisible),
        ("\"anna\"@contoso.test", LocalPart),
        ("\"a@b\"@contoso.test", At),
        ("anna(comment)@contoso.test", LocalPart),
        ("=?utf-8?q?anna?=@contoso.test", LocalPart),
        ("Anna<anna@contoso.test>", LocalPart),
        (".anna@contoso.test", Dots),
        ("an..na@contoso.test", Dots),
        ("änna@contoso.test", LocalPart),
        ("a;b@contoso.test", LocalPart),
        ("a,b@contoso.test", LocalPart),
        ("a:b@contoso.test", LocalPart),
        ("anna@сontoso.test", MixedScript),        // a Cyrillic с
        ("anna@xn--ontoso-lvf.test", MixedScript), // the same, as a browser sends it
        (long_local.as_str(), LongLocalPart),
    ] {
        assert_eq!(EmailAddress::parse(input), Err(error), "{input:?}");
    }
    assert!(EmailAddress::parse(&long).is_err());
}

#[test]
fn how_long_an_address_may_be() {
    let with = |local: usize, domain: &str| format!("{}@{domain}", "a".repeat(local));
    // A domain of so many characters, in labels of at most 63 (RFC 1035 §2.3.4).
    let domain = |length: usize| {
        let labels = [63, 63, 63].map(|size| "b".repeat(size)).join(".");
        format!("{}.{labels}", "c".repeat(length - labels.len() - 1))
    };
    for (address, refused) in [
        (with(64, "contoso.test"), None),
        (with(65, "contoso.test"), Some(EmailError::LongLocalPart)),
        (with(20, &domain(233)), None),
        (with(21, &domain(233)), Some(EmailError::TooLong)),
        (format!("anna@contoso.test{}", " ".repeat(1100)), None),
        ("a".repeat(1024), Some(EmailError::At)),
        ("a".repeat(1025), Some(EmailError::TooLong)),
        (String::from("anna@bob@contoso.test"), Some(EmailError::At)),
        (String::from("=?x@contoso.test"), Some(EmailError::LocalPart)),
        (String::from("x?=@contoso.test"), Some(EmailError::LocalPart)),
        (String::from("@contoso.test"), Some(EmailError::LocalPart)),
    ] {
        assert_eq!(
            EmailAddress::parse(&address).err(),
            refused,
            "{} {address}",
            address.len()
        );
    }
}

/// A row from before a rule stays readable; and Japanese names with Latin letters in them are no look-alikes.
#[test]
fn what_was_stored_is_read_whatever_it_looks_like() {
    let lookalike = "anna@xn--ontoso-lvf.test";
    assert_eq!(EmailAddress::stored(lookalike).unwrap().as_str(), lookalike);
    assert!(EmailAddress::stored("anna").is_err());
    for address in ["anna@日本語abc.test", "anna@abcテスト.test", "anna@한국abc.test"] {
        let typed = EmailAddress::parse(address).unwrap();
        assert_eq!(
            EmailAddress::parse(typed.as_str()).as_ref(),
            Ok(&typed),
            "{address}"
        );
    }
}

#[test]
fn what_an_upstream_asserts_counts_as_it_was_signed() {
    use EmailError::*;
    for (text, expected) in [
        ("Anna@Contoso.test", Ok("Anna@contoso.test")),
        ("anna@b\u{fc}cher.example", Ok("anna@xn--bcher-kva.example")),
        (" anna@contoso.test", Err(Invisible)),
        ("anna@contoso.test\n", Err(Invisible)),
        ("\u{a0}anna@contoso.test", Err(Invisible)),
        ("\u{3000}anna@contoso.test", Err(Invisible)),
        // Full-width letters: typed, they are taken for plain ones.
        ("\u{ff41}nna@contoso.test", Err(LocalPart)),
    ] {
        let read = EmailAddress::parse_asserted(text);
        assert_eq!(
            read.as_ref().map(EmailAddress::as_str).map_err(|e| *e),
            expected,
            "{text:?}"
        );
    }
}

/// What people paste.
#[test]
fn what_a_person_gives_is_understood() {
    use EmailError::*;
    for (input, text) in [
        ("Anna Berg <anna@contoso.test>", "anna@contoso.test"),
        ("\"Berg, Anna\" <anna@contoso.test>,", "anna@contoso.test"),
        ("<anna@contoso.test>", "anna@contoso.test"),
        ("mailto:anna@contoso.test", "anna@contoso.test"),
        (
            "MAILTO:anna@contoso.test?subject=Hello%20you",
            "anna@contoso.test",
        ),
        ("anna@contoso.test.", "anna@contoso.test"),
        (" anna@contoso.test, ", "anna@contoso.test"),
        ("anna@contoso.test;", "anna@contoso.test"),
        ("(anna@contoso.test)", "anna@contoso.test"),
        ("„anna@contoso.test“", "anna@contoso.test"),
        ("anna\u{200b}@contoso.test\u{feff}", "anna@contoso.test"),
        ("anna%2Bnotes@contoso.test", "anna+notes@contoso.test"),
        ("anna%2bnotes%40contoso.test", "anna+notes@contoso.test"),
        ("anna+notes%40contoso.test", "anna+notes@contoso.test"),
        ("o'neil@contoso.test", "o'neil@contoso.test"),
        ("100%@contoso.test", "100%@contoso.test"),
    ] {
        let read = EmailAddress::parse_typed(input).map(|email| email.as_str().to_owned());
        assert_eq!(read, Ok(text.to_owned()), "{input:?}");
    }
    for (input, error) in [
        ("", Empty),
        ("anna smith@contoso.test", Invisible),
        ("anna@contoso.test, bob@contoso.test", At),
        (
            "Anna <anna@contoso.test> <bob@contoso.test>, carol@contoso.test",
            At,
        ),
        ("anna\r\nBcc: x@evil.test", Invisible),
        ("anna%0d%0a%40evil.test", Invisible),
        ("<script>alert(1)</script>@contoso.test", LocalPart),
    ] {
        assert_eq!(EmailAddress::parse_typed(input), Err(error), "{input:?}");
    }
}

#[test]
fn an_address_of_another_script_is_shown_in_it() {
    for (address, text) in [
        ("anna@contoso.test", "anna@contoso.test"),
        ("anna@xn--mller-kva.test", "anna@müller.test (xn--mller-kva.test)"),
        ("xn--@contoso.test", "xn--@contoso.test"),
        ("no address", "no address"),
    ] {
        assert_eq!(shown(address), text);
    }
}

#[test]
fn keys_ignore_case_and_counters_ignore_tags() {
    let email = EmailAddress::parse("Anna+Notes@Contoso.test").unwrap();
    assert_eq!(email.key(), "anna+notes@contoso.test");
    assert_eq!(email.counting_key(), "anna@contoso.test");
    assert_eq!(
        EmailAddress::parse("+x@contoso.test").unwrap().counting_key(),
        "+x@contoso.test"
    );
}

#[test]
fn a_text_names_a_mailbox_and_a_person() {
    let kim = EmailAddress::parse("kim@acme.test").unwrap();
    for (text, named, same_person) in [
        ("kim@acme.test", true, true),
        ("Kim@ACME.test", true, true),
        ("kim+notes@acme.test", false, true),
        ("lee@acme.test", false, false),
        ("kim@acme.example", false, false),
        ("Kim", false, false),
        ("", false, false),
    ] {
        assert_eq!(kim.is_named_by(text), named, "{text}");
        assert_eq!(kim.is_same_person(text), same_person, "{text}");
    }
}

#[test]
fn debug_shows_the_domain_only() {
    let email = EmailAddress::parse("anna@bücher.example").unwrap();
    assert_eq!(format!("{email:?}"), "…@xn--bcher-kva.example");
    assert_eq!(email.masked(), "a•••@b•••.example");
}

proptest! {
    #[test]
    fn parsing_never_panics_and_is_stable(input in "\\PC{0,80}|[a-zA-Z0-9@.+ -]{0,40}") {
        let _ = EmailAddress::parse_typed(&input);
        if let Ok(email) = EmailAddress::parse(&input) {
            prop_assert!(email.as_str().is_ascii());
            prop_assert_eq!(email.as_str().matches('@').count(), 1);
            prop_assert_eq!(EmailAddress::parse(email.as_str()), Ok(email));
        }
    }
}

#[test]
fn a_pasted_text_may_be_as_long_as_a_sentence() {
    let padded = |length: usize| {
        format!(
            "{}anna@contoso.test",
            " ".repeat(length - "anna@contoso.test".len())
        )
    };
    let read = |text: String| EmailAddress::parse_typed(&text);
    let longest = super::typed::LONGEST;
    assert!(read(padded(longest)).is_ok());
    assert_eq!(read(padded(longest + 1)), Err(EmailError::TooLong));
}
