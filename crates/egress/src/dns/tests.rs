use test_support::{DnsFault, NameServer};

use super::*;

const NAME: &str = "_vestibule-challenge.contoso.example";

async fn asking() -> (NameServer, Dns) {
    let server = NameServer::start().await;
    let dns = Dns::new(&[server.address()]).unwrap();
    (server, dns)
}

#[tokio::test]
async fn texts_come_as_they_stand_in_the_zone() {
    let (server, dns) = asking().await;
    assert_eq!(dns.texts(NAME).await, Ok(vec![]), "no such name");
    server.texts("contoso.example", &["v=spf1 -all"]);
    server.texts(NAME, &["vestibule-domain=1", "another"]);
    assert_eq!(dns.texts(NAME).await.unwrap(), ["vestibule-domain=1", "another"]);
    // Strings of one record belong together, and octets may be anything.
    server.strings(NAME, &[b"vestibule-", b"domain=2", b"", &[0xff, 0]]);
    assert_eq!(dns.texts(NAME).await.unwrap(), ["vestibule-domain=2\u{fffd}\0"]);
    server.strings(NAME, &[b""]);
    assert_eq!(dns.texts(NAME).await.unwrap(), [""]);
    server.texts(NAME, &[]);
    assert_eq!(dns.texts(NAME).await, Ok(vec![]), "nothing is kept from before");
    for no_name in ["", "..", &"a".repeat(64), &["a"; 200].join(".")] {
        assert_eq!(dns.texts(no_name).await, Ok(vec![]), "{no_name}");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_asked_for_again_by_tcp() {
    let (server, dns) = asking().await;
    let long = "x".repeat(250);
    let many: Vec<&str> = std::iter::repeat_n(long.as_str(), 40).collect();
    server.texts(NAME, &many);
    assert_eq!(dns.texts(NAME).await.unwrap().len(), 40);
}

#[tokio::test]
async fn an_alias_is_not_followed_and_is_told() {
    let (server, dns) = asking().await;
    server.texts("sites.hoster.example", &["vestibule-domain=1"]);
    assert_eq!(dns.is_alias(NAME).await, Ok(false));
    for target in ["sites.hoster.example", "nowhere.hoster.example", NAME] {
        server.alias(NAME, target);
        assert!(
            !matches!(dns.texts(NAME).await, Ok(texts) if !texts.is_empty()),
            "{target}"
        );
        assert_eq!(dns.is_alias(NAME).await, Ok(true), "{target}");
    }
}

#[tokio::test]
async fn who_answers_for_the_zone() {
    let (server, dns) = asking().await;
    assert_eq!(dns.authority("contoso.example").await, Ok(None));
    server.authority(
        "contoso.example",
        &["ns2.dns.example", "NS1.dns.example"],
        "ns1.dns.example",
    );
    let expected = "ns1.dns.example ns2.dns.example; primary ns1.dns.example";
    for domain in ["contoso.example", "mail.contoso.example"] {
        assert_eq!(
            dns.authority(domain).await.unwrap().as_deref(),
            Some(expected),
            "{domain}"
        );
    }
}

#[tokio::test]
async fn servers_that_fail_are_told_apart() {
    let (server, dns) = asking().await;
    server.texts(NAME, &["vestibule-domain=1"]);
    for (fault, why) in [
        (DnsFault::Code(2), NoDnsAnswer::ServerFailure),
        (DnsFault::Code(5), NoDnsAnswer::Refused),
        (DnsFault::Silence, NoDnsAnswer::Timeout),
    ] {
        server.fail(Some(fault));
        assert_eq!(dns.texts(NAME).await, Err(why), "{fault:?}");
    }
    server.fail(Some(DnsFault::Garbage));
    assert!(dns.texts(NAME).await.is_err());
    server.fail(None);
    assert!(dns.texts(NAME).await.is_ok());
    let nobody = Dns::new(&["127.0.0.1:1".parse().unwrap()]).unwrap();
    let said = nobody.texts(NAME).await;
    // Whether a closed port is told from a silent one is the system's affair.
    assert!(
        matches!(said, Err(NoDnsAnswer::Unreachable | NoDnsAnswer::Timeout)),
        "{said:?}"
    );
}
