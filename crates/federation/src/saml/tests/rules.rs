//! What must hold of an assertion: a table for each row.

use chrono::TimeDelta;
use domain::upstream::SamlConnection;
use test_support::saml::{Assertion, PERSISTENT, Response, Signing};

use super::{
    connection,
    corpus::{IDP, SP, assertion, now, response, signed},
    departure, read, *,
};

/// The message around an assertion, both signed.
fn whole(response: &Response, assertion: &Assertion) -> String {
    Signing::default().sign(&response.xml(&signed(assertion)), &response.id)
}

fn says(response: &Response, assertion: &Assertion) -> String {
    match read(&connection(), &whole(response, assertion)) {
        Ok(_) => "fine".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// A value that differs by white space only is another one.
#[test]
fn s12_attributes_are_compared_as_they_were_signed() {
    let by_attribute = SamlConnection {
        subject: Some("uid".into()),
        ..connection()
    };
    let with = |uid: &str, mail: &str| Assertion {
        attributes: vec![("uid".into(), uid.into()), ("mail".into(), mail.into())],
        ..assertion()
    };
    let arrival = read(
        &by_attribute,
        &whole(&response(), &with("anna", "anna@contoso.test")),
    )
    .unwrap();
    assert_eq!(arrival.email.unwrap().as_str(), "anna@contoso.test");
    for space in [" ", "\n", "\u{a0}", "\u{3000}"] {
        let uid = read(
            &by_attribute,
            &whole(&response(), &with(&format!("{space}anna"), "a@contoso.test")),
        );
        assert!(uid.is_err(), "{space:?}: {uid:?}");
        let mail = with("anna", &format!("{space}anna@contoso.test"));
        let arrival = read(&by_attribute, &whole(&response(), &mail)).unwrap();
        assert_eq!(arrival.email, None, "{space:?}");
    }
}

type Change<T> = fn(&mut T);

#[test]
fn s07_for_whom_where_when_and_to_which_question() {
    let table: [(Change<Assertion>, &str); 16] = [
        (|_| (), "fine"),
        (|it| it.audience = None, "whom it is for (Audience)"),
        (|it| it.audience = Some("https://other".into()), SP),
        (|it| it.recipient = String::new(), "Recipient is missing"),
        (|it| it.recipient.push('/'), "another address (Recipient)"),
        (|it| it.in_response_to = None, "InResponseTo is missing"),
        (
            |it| it.in_response_to = Some("_other".into()),
            "another question (InResponseTo)",
        ),
        (|it| it.bearer_until = None, "NotOnOrAfter is missing"),
        (|it| it.bearer_until = Some(TimeDelta::minutes(-1)), "too late"),
        // Their clock may be off by a minute.
        (|it| it.bearer_until = Some(TimeDelta::seconds(-59)), "fine"),
        (|it| it.not_before = Some(TimeDelta::minutes(2)), "not count yet"),
        (
            |it| it.not_on_or_after = Some(TimeDelta::minutes(-1)),
            "no longer counts",
        ),
        (|it| (it.not_before, it.not_on_or_after) = (None, None), "fine"),
        (
            |it| (it.issued_at, it.not_before) = (now() + TimeDelta::minutes(2), None),
            "yet to come",
        ),
        (
            |it| it.method = it.method.replace("bearer", "sender-vouches"),
            "its bearer may be believed",
        ),
        (|it| it.issuer = "https://other".into(), "another one's (Issuer)"),
    ];
    for (change, expected) in table {
        let mut changed = assertion();
        change(&mut changed);
        let said = says(&response(), &changed);
        assert!(said.contains(expected), "{expected}: {said}");
    }
}

#[test]
fn s07_the_message_around_it() {
    let table: [(Change<Response>, &str); 5] = [
        (|it| it.destination = String::new(), "Destination is missing"),
        (
            |it| it.destination = "https://other".into(),
            "another address (Destination)",
        ),
        (|it| it.in_response_to = None, "InResponseTo is missing"),
        (
            |it| it.in_response_to = Some("_other".into()),
            "another question (InResponseTo)",
        ),
        (|it| it.issuer = "https://other".into(), "another one's (Issuer)"),
    ];
    for (change, expected) in table {
        let mut changed = response();
        change(&mut changed);
        let said = says(&changed, &assertion());
        assert!(said.contains(expected), "{expected}: {said}");
    }
}

/// Bindings §3.5.5.2 demands a Destination of signed messages; else the signed Recipient decides.
#[test]
fn s07_a_message_that_is_not_signed_needs_no_destination() {
    for (place, good) in [("", true), ("https://other", false)] {
        let mut message = response();
        message.destination = place.into();
        let xml = message.xml(&signed(&assertion()));
        let xml = if place.is_empty() {
            xml.replace(" Destination=\"\"", "")
        } else {
            xml
        };
        assert_eq!(read(&connection(), &xml).is_ok(), good, "{place}: {xml}");
    }
    let mut elsewhere = assertion();
    elsewhere.recipient = "https://other".into();
    let mut message = response();
    message.destination = String::new();
    assert!(read(&connection(), &message.xml(&signed(&elsewhere))).is_err());
}

/// Every value is looked at, under every usual name, and the expected one goes first.
#[test]
fn addresses_are_found_where_partners_write_them() {
    let expected = |attributes: &[(&str, &str)]| {
        let attributes = attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let said = Assertion {
            attributes,
            ..assertion()
        };
        read(&connection(), &whole(&response(), &said)).unwrap()
    };
    for name in ["Email", "emailAddress", "User.email", "upn", "mail"] {
        let arrival = expected(&[(name, "anna@contoso.test")]);
        assert_eq!(arrival.email.unwrap().as_str(), "anna@contoso.test", "{name}");
        assert_eq!(arrival.said, [name]);
    }
    let several = expected(&[
        ("mail", "no address"),
        ("mail", "a.berg@contoso.test"),
        ("mail", "b@contoso.test"),
    ]);
    assert_eq!(several.email.unwrap().as_str(), "a.berg@contoso.test");
    assert_eq!(
        expected(&[("upn", "CONTOSO\\anna")]).email,
        None,
        "a name is no address"
    );
    // A principal name that looks like somebody's address is none where there is one.
    let both = expected(&[("upn", "anna@contoso.test"), ("mail", "a.berg@contoso.test")]);
    assert_eq!(both.email.unwrap().as_str(), "a.berg@contoso.test");
    let said = ["a.berg@contoso.test".to_owned(), "ANNA@contoso.test".to_owned()];
    for (hint, found) in [
        (Some("anna@contoso.test"), "ANNA@contoso.test"),
        (Some("bob@contoso.test"), "a.berg@contoso.test"),
        (None, "a.berg@contoso.test"),
    ] {
        let email = super::super::assertion::the_address(&said, hint);
        assert_eq!(email.unwrap().as_str(), found, "{hint:?}");
    }
}

#[test]
fn s07_an_answer_to_another_browsers_question() {
    let other = Assertion {
        in_response_to: Some("_other".into()),
        ..assertion()
    };
    let message = Response {
        in_response_to: Some("_other".into()),
        ..response()
    };
    assert!(says(&message, &other).contains("another question"));
}

#[test]
fn s12_what_names_an_account() {
    let read_as = |connection: &SamlConnection, assertion: &Assertion| {
        read(connection, &whole(&response(), assertion)).map(|arrival| arrival.account.subject)
    };
    let named = |attributes: &str| Assertion {
        name_id_attributes: attributes.into(),
        ..assertion()
    };
    let email = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
    for format in [
        "",
        " Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:transient\"",
        &format!(" Format=\"{email}\""),
    ] {
        let error = read_as(&connection(), &named(format)).unwrap_err();
        assert!(error.to_string().contains("not persistent"), "{error}");
    }
    let qualified = |issuer: &str, service: &str| {
        named(&format!(
            " Format=\"{PERSISTENT}\" NameQualifier=\"{issuer}\" SPNameQualifier=\"{service}\""
        ))
    };
    let plain = read_as(&connection(), &assertion()).unwrap();
    assert_eq!(
        read_as(&connection(), &qualified(IDP, SP)).unwrap(),
        plain,
        "what is left out is this"
    );
    for (issuer, service) in [("https://other", SP), (IDP, "https://other")] {
        assert_ne!(
            read_as(&connection(), &qualified(issuer, service)).unwrap(),
            plain
        );
    }
    for space in [
        " ", "\t", "\n", "\u{a0}", "\u{2003}", "\u{2028}", "\u{1680}", "\u{3000}",
    ] {
        for name_id in [format!("{space}anna-1"), format!("anna-1{space}")] {
            let other = Assertion {
                name_id,
                ..assertion()
            };
            let error = read_as(&connection(), &other).unwrap_err().to_string();
            assert!(error.contains("white space"), "{space:?}: {error}");
        }
    }
    let by_attribute = SamlConnection {
        subject: Some("number".into()),
        ..connection()
    };
    let numbered = |values: &[&str]| Assertion {
        name_id_attributes: String::new(),
        attributes: values
            .iter()
            .map(|value| ("number".to_owned(), (*value).to_owned()))
            .collect(),
        ..assertion()
    };
    assert_eq!(read_as(&by_attribute, &numbered(&["7"])).unwrap(), "number\n7");
    for (values, why) in [
        (&[][..], "is missing"),
        (&["7", "8"], "no single account"),
        (&[""], "no single account"),
    ] {
        let error = read_as(&by_attribute, &numbered(values)).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    let empty = Assertion {
        name_id: String::new(),
        ..assertion()
    };
    assert!(read_as(&connection(), &empty).is_err());
}

#[test]
fn addresses_and_names_where_the_tenant_keeps_them() {
    let with = |attributes: &[(&str, &str)]| Assertion {
        attributes: attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..assertion()
    };
    let said = |connection: &SamlConnection, assertion: &Assertion| {
        let arrival = read(connection, &whole(&response(), assertion)).unwrap();
        (arrival.email.map(|email| email.as_str().to_owned()), arrival.name)
    };
    let some = |text: &str| Some(text.to_owned());
    let usual = with(&[
        (
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
            "anna@contoso.test",
        ),
        ("displayName", "Anna &amp; Co"),
    ]);
    assert_eq!(
        said(&connection(), &usual),
        (some("anna@contoso.test"), some("Anna & Co"))
    );
    let chosen = SamlConnection {
        email: some("kontakt"),
        name: some("wer"),
        ..connection()
    };
    let own = with(&[
        ("kontakt", "a@contoso.test"),
        ("mail", "b@contoso.test"),
        ("wer", "A"),
    ]);
    assert_eq!(said(&chosen, &own), (some("a@contoso.test"), some("A")));
    assert_eq!(
        said(&chosen, &usual),
        (None, None),
        "what was chosen, and no other"
    );
    for broken in ["", "no address", "a@b@c"] {
        assert_eq!(
            said(&connection(), &with(&[("mail", broken)])).0,
            None,
            "{broken}"
        );
    }
    let by_name = SamlConnection {
        subject: some("number"),
        ..connection()
    };
    let format = " Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\"";
    let addressed = Assertion {
        name_id: "c@contoso.test".into(),
        name_id_attributes: format.into(),
        ..with(&[("number", "7")])
    };
    assert_eq!(
        said(&by_name, &addressed).0,
        some("c@contoso.test"),
        "a name may be an address, and no key"
    );
}

/// Keycloak and Shibboleth declare the schema's namespaces at every value.
#[test]
fn many_values_each_with_its_namespaces() {
    let typed = |n: usize| {
        format!(
            "<x:v xmlns:x=\"urn:x\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"x:s\">g{n}</x:v>"
        )
    };
    let groups = (0..200).map(|n| ("groups".to_owned(), typed(n)));
    let many = Assertion {
        attributes: assertion().attributes.into_iter().chain(groups).collect(),
        ..assertion()
    };
    assert_eq!(says(&response(), &many), "fine");
}

#[test]
fn a_second_factor_by_its_class() {
    for (class, amr) in [
        (
            "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
            vec![],
        ),
        ("https://refeds.org/profile/mfa", vec!["mfa".to_owned()]),
        (
            "http://schemas.microsoft.com/claims/multipleauthn",
            vec!["mfa".to_owned()],
        ),
    ] {
        let assertion = Assertion {
            context: class.into(),
            ..assertion()
        };
        assert_eq!(
            read(&connection(), &whole(&response(), &assertion)).unwrap().amr,
            amr
        );
    }
}

#[test]
fn a_tenant_has_contexts_of_its_own_for_a_second_factor() {
    let own = SamlConnection {
        mfa_contexts: vec!["urn:contoso:token".into()],
        ..connection()
    };
    for (class, amr) in [
        ("urn:contoso:token", vec!["mfa".to_owned()]),
        ("https://refeds.org/profile/mfa", vec![]),
    ] {
        let assertion = Assertion {
            context: class.into(),
            ..assertion()
        };
        assert_eq!(read(&own, &whole(&response(), &assertion)).unwrap().amr, amr);
    }
}

#[test]
fn what_an_identity_provider_says_instead() {
    let status = |code: &str, below: Option<&str>| {
        let name = |code: &str| format!("urn:oasis:names:tc:SAML:2.0:status:{code}");
        let response = Response {
            status: (name(code), below.map(name)),
            ..response()
        };
        // Many do not sign what says no.
        read(&connection(), &response.xml("")).unwrap_err()
    };
    let refused = |text: &str| UpstreamError::Refused(text.into());
    assert_eq!(status("Responder", Some("AuthnFailed")), refused("AuthnFailed"));
    assert_eq!(status("Responder", None), UpstreamError::Busy("Responder".into()));
    assert!(matches!(
        status("Requester", Some("InvalidNameIDPolicy")),
        UpstreamError::Misconfigured(_)
    ));
}

#[test]
fn a_proof_that_is_too_old() {
    let received = |proven_at: i64| -> Received {
        let proven_at = (now() + TimeDelta::seconds(proven_at)).timestamp_millis();
        serde_json::from_value(serde_json::json!({
            "assertion": "_a", "request": "_request", "subject": "s", "second_factor": false, "proven_at": proven_at,
        }))
        .unwrap()
    };
    let arrive = |departure: &Departure, proven_at| {
        let answer = UpstreamAnswer::Saml(Ok(received(proven_at)));
        upstreams()
            .arrive_by_saml(&connection(), departure, answer)
            .is_ok()
    };
    let fresh = Departure {
        prompt_login: true,
        ..departure()
    };
    assert!(arrive(&fresh, -10) && !arrive(&fresh, -90));
    let aged = Departure {
        max_age: Some(600),
        ..departure()
    };
    assert!(arrive(&aged, -600) && !arrive(&aged, -700));
    assert!(arrive(&departure(), -36_000), "nobody asked");
}
