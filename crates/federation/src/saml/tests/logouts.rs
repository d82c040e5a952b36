//! Somebody signed out there (S09, S10).

use chrono::TimeDelta;
use data_encoding::BASE64;
use test_support::saml::{LogoutRequest, PERSISTENT, Pair, Signing, signed_query};
use url::Url;

use super::{
    super::{
        assertion::session_name,
        logout::{self, Brought, ExpectedLogout, SignedOut},
        metadata::IdentityProvider,
        signature::Unsigned,
    },
    connection,
    corpus::{ANNA, IDP, SP, now},
    metadata, service_key,
};
use crate::UpstreamError;

const SLO: &str = "https://id.acme.test/federation/contoso/slo";

fn request() -> LogoutRequest {
    LogoutRequest {
        id: "_logout".into(),
        issuer: IDP.into(),
        destination: SLO.into(),
        issued_at: now(),
        not_on_or_after: Some(TimeDelta::minutes(5)),
        name_id: ANNA.into(),
        name_id_attributes: format!(" Format=\"{PERSISTENT}\""),
        sessions: vec!["7".into()],
    }
}

fn read_as(subject: Option<&str>, brought: Brought<'_>) -> Result<SignedOut, UpstreamError> {
    let connection = domain::upstream::SamlConnection {
        subject: subject.map(str::to_owned),
        ..connection()
    };
    let from = IdentityProvider::read(&metadata::published(&[Pair::first()]), IDP, now())?;
    let slo: Url = SLO.parse().unwrap();
    let expected = ExpectedLogout {
        connection: &connection,
        keys: &from.keys,
        slo: &slo,
        entity_id: SP,
        now: now(),
    };
    logout::read(brought, &expected).map_err(|error| match error {
        Unsigned::Invalid(error) => error,
        Unsigned::UnknownKey => UpstreamError::Invalid("unknown key".into()),
    })
}

fn by_form(message: &str) -> Result<SignedOut, UpstreamError> {
    read_as(None, form(&BASE64.encode(message.as_bytes())))
}

fn form(message: &str) -> Brought<'_> {
    Brought::Form {
        message,
        relay_state: None,
    }
}

fn by_query(query: &str) -> Result<SignedOut, UpstreamError> {
    read_as(None, Brought::Query(query))
}

fn signed(request: &LogoutRequest) -> String {
    Signing::default().sign(&request.xml(), &request.id)
}

#[test]
fn both_bindings_say_the_same() {
    let form = by_form(&signed(&request())).unwrap();
    for relay_state in [None, Some("state"), Some("a b&c=d")] {
        let query = signed_query(Pair::first(), &request().xml(), relay_state);
        let relay_state = relay_state.map(str::to_owned);
        let expected = SignedOut {
            relay_state,
            ..form.clone()
        };
        assert_eq!(by_query(&query).unwrap(), expected);
    }
    assert_eq!(form.request, "_logout");
    assert_eq!(form.ended.len(), 1);
    assert_eq!(form.ended[0].session, Some(session_name(ANNA, "7")));
    assert_eq!(
        form.ended[0].account, None,
        "a session that is named is meant alone"
    );
}

/// What no signature covers never stands in our signed answer.
#[test]
fn only_the_relay_state_that_is_signed_goes_back() {
    let bare = signed_query(Pair::first(), &request().xml(), None);
    for added in [
        "Relay%53tate=evil",
        "RelayState%20=evil",
        "RelayState=a&RelayState=evil",
        "relaystate=evil",
    ] {
        let read = by_query(&format!("{bare}&{added}")).unwrap();
        assert_eq!(read.relay_state, None, "{added}");
    }
    assert!(by_query(&format!("{bare}&RelayState=evil")).is_err());
    let good = signed_query(Pair::first(), &request().xml(), Some("state"));
    let read = by_query(&format!("{good}&Relay%53tate=evil")).unwrap();
    assert_eq!(read.relay_state.as_deref(), Some("state"));
    let by_form = read_as(
        None,
        Brought::Form {
            message: &BASE64.encode(signed(&request()).as_bytes()),
            relay_state: Some("state"),
        },
    );
    assert_eq!(by_form.unwrap().relay_state.as_deref(), Some("state"));
}

#[test]
fn several_sessions_and_all_of_them() {
    let two = LogoutRequest {
        sessions: vec!["7".into(), "8".into()],
        ..request()
    };
    let ended = by_form(&signed(&two)).unwrap().ended;
    assert_ne!(ended[0].session, ended[1].session);
    assert_ne!(ended[0].token, ended[1].token, "each counts once");
    let all = LogoutRequest {
        sessions: Vec::new(),
        ..request()
    };
    let ended = by_form(&signed(&all)).unwrap().ended;
    let account = ended[0].account.clone().unwrap();
    assert_eq!(account.subject, [IDP, SP, ANNA].join("\n"));
    // Where an attribute is the key, it is unknown whose name this is.
    let packed = BASE64.encode(signed(&all).as_bytes());
    assert_eq!(read_as(Some("number"), form(&packed)).unwrap().ended, []);
    // Another person's session of the same number is another one (Core §2.7.2).
    let other = LogoutRequest {
        name_id: "bob-1".into(),
        ..request()
    };
    assert_ne!(
        by_form(&signed(&other)).unwrap().ended[0].session,
        Some(session_name(ANNA, "7"))
    );
}

#[test]
fn s09_what_is_not_signed_is_nothing() {
    let good = signed_query(Pair::first(), &request().xml(), Some("state"));
    let (unsigned, _) = good.split_once("&Signature=").unwrap();
    let other = signed_query(Pair::second(), &request().xml(), None);
    let twice = format!("{good}&SAMLRequest=AAAA");
    for (query, why) in [
        ("", "is missing"),
        (unsigned, "not signed"),
        (&*other, "unknown key"),
        (
            &good.replace("RelayState=state", "RelayState=other"),
            "unknown key",
        ),
        (&good.replace("rsa-sha256", "rsa-sha1"), "not believed"),
        (&twice, "there twice"),
    ] {
        let error = by_query(query).unwrap_err().to_string();
        assert!(error.contains(why), "{why}: {error}");
    }
    for (message, why) in [
        (request().xml(), "not signed"),
        (signed(&request()).replace(ANNA, "boss-1"), "not what was signed"),
        (
            Signing::by(Pair::second()).sign(&request().xml(), "_logout"),
            "unknown key",
        ),
        ("no XML".into(), "no XML"),
    ] {
        let error = by_form(&message).unwrap_err().to_string();
        assert!(error.contains(why), "{why}: {error}");
    }
}

type Change = fn(&mut LogoutRequest);

#[test]
fn what_must_hold_of_a_request() {
    let table: [(Change, &str); 6] = [
        (|it| it.destination = String::new(), "Destination is missing"),
        (|it| it.destination.push('/'), "(Destination)"),
        (|it| it.issuer = "https://other".into(), "(Issuer)"),
        (|it| it.issued_at -= TimeDelta::minutes(7), "too old"),
        (|it| it.issued_at += TimeDelta::minutes(2), "yet to come"),
        (|it| it.not_on_or_after = Some(TimeDelta::minutes(-2)), "too old"),
    ];
    for (change, why) in table {
        let mut changed = request();
        change(&mut changed);
        let error = by_form(&signed(&changed)).unwrap_err().to_string();
        assert!(error.contains(why), "{why}: {error}");
    }
    let unnamed = LogoutRequest {
        name_id_attributes: String::new(),
        sessions: Vec::new(),
        ..request()
    };
    assert!(by_form(&signed(&unnamed)).is_err());
}

#[test]
fn s10_a_small_message_that_unpacks_to_a_large_one() {
    let bomb = format!("<a>{}</a>", " ".repeat(64 * 1024 * 1024));
    let query = signed_query(Pair::first(), &bomb, None);
    assert!(query.len() < 256 * 1024);
    let error = by_query(&query).unwrap_err().to_string();
    assert!(error.contains("too long"), "{error}");
}

#[test]
fn our_answer_goes_where_they_want_it() {
    let mut from = IdentityProvider::read(&metadata::published(&[Pair::first()]), IDP, now()).unwrap();
    let to = SignedOut {
        request: "_logout".into(),
        relay_state: Some("state".into()),
        ended: Vec::new(),
    };
    let answer =
        |from: &IdentityProvider| logout::answer(from, SP, &to, service_key(), ("id", now())).unwrap();
    let url = answer(&from).unwrap();
    assert!(
        url.as_str()
            .starts_with("https://idp.contoso.test/slo-done?SAMLResponse="),
        "{url}"
    );
    assert!(url.as_str().contains("&RelayState=state&SigAlg="), "{url}");
    from.signed_out = None;
    assert_eq!(answer(&from), None);
}
