//! What identity providers publish.

use chrono::{DateTime, TimeDelta, Utc};
use test_support::saml::Pair;

use super::{
    super::{
        entity_ids,
        keys::Key,
        metadata::{IdentityProvider, SignInPlace},
        service_metadata, utf8,
        xml::{METADATA, SAMLP, Tree},
    },
    corpus::{ACS, IDP, SP, now},
    service_key,
};
use crate::UpstreamError;

/// Where people sign in there.
pub(super) const SIGN_IN: &str = "https://idp.contoso.test/sso?realm=contoso";

/// Metadata as it should be, with these keys.
pub(super) fn published(keys: &[&Pair]) -> String {
    let key = |pair: &&Pair| {
        format!(
            "<KeyDescriptor use=\"signing\"><KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data>\
             <X509Certificate>\n{}\n</X509Certificate></X509Data></KeyInfo></KeyDescriptor>",
            pair.base64()
        )
    };
    let keys = keys.iter().map(key).collect::<Vec<_>>().concat();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- handed over by a partner -->\n\
         <EntityDescriptor xmlns=\"{METADATA}\" entityID=\"{IDP}\">\n\
         <IDPSSODescriptor protocolSupportEnumeration=\"{SAMLP}\">{keys}\
         <SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
         Location=\"https://idp.contoso.test/slo\" ResponseLocation=\"https://idp.contoso.test/slo-done\"/>\
         <SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"https://no\"/>\
         <SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"{SIGN_IN}\"/>\
         </IDPSSODescriptor></EntityDescriptor>"
    )
}

fn read(text: &str) -> Result<IdentityProvider, UpstreamError> {
    IdentityProvider::read(text, IDP, now())
}

#[test]
fn what_an_identity_provider_publishes() {
    let text = published(&[Pair::first(), Pair::second()]);
    let found = read(&text).unwrap();
    assert_eq!(found.sign_in, SignInPlace::Redirect(SIGN_IN.parse().unwrap()));
    assert_eq!(found.keys.len(), 2, "both, so that one can follow the other");
    assert!(found.remarks(now()).is_empty());
    let (start, end) = (text.find("<EntityDescriptor").unwrap(), text.len());
    let among_others = format!(
        "<EntitiesDescriptor xmlns=\"{METADATA}\"><EntitiesDescriptor><EntityDescriptor entityID=\"urn:other\"/>{}\
         </EntitiesDescriptor></EntitiesDescriptor>",
        &text[start..end]
    );
    assert_eq!(read(&among_others).unwrap().sign_in, found.sign_in);
    let by_post = text.replace("HTTP-Redirect", "SOAP");
    assert_eq!(
        read(&by_post).unwrap().sign_in,
        SignInPlace::Post("https://no".parse().unwrap())
    );
}

/// What people paste into a certificate's element.
#[test]
fn certificates_with_their_armour_and_beside_broken_ones() {
    let good = published(&[Pair::first()]);
    let bare = Pair::first().base64();
    let armoured = format!("-----BEGIN CERTIFICATE-----\n{bare}\n-----END CERTIFICATE-----");
    let found = read(&good.replace(&bare, &armoured)).unwrap();
    assert_eq!(found.keys.len(), 1);
    assert!(found.remarks(now()).is_empty());
    let two = format!(
        "{armoured}\n-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        Pair::second().base64()
    );
    assert_eq!(read(&good.replace(&bare, &two)).unwrap().keys.len(), 2);

    let both = published(&[Pair::first(), Pair::second()]);
    for broken in ["no base64!", "", "AAAA", "-----BEGIN CERTIFICATE-----"] {
        let found = read(&both.replace(&Pair::second().base64(), broken)).unwrap();
        assert_eq!(found.keys.len(), 1, "{broken:?}");
        let remarks = found.remarks(now());
        if broken != "-----BEGIN CERTIFICATE-----" {
            assert!(
                remarks[0].contains("a certificate in its metadata"),
                "{remarks:?}"
            );
        }
        let error = read(&good.replace(&bare, broken)).unwrap_err();
        assert!(
            error.to_string().contains("the certificate that it signs with"),
            "{error}"
        );
    }
}

#[test]
fn the_entities_to_choose_from() {
    let text = published(&[Pair::first()]);
    assert_eq!(entity_ids(&text).unwrap(), [IDP]);
    assert_eq!(entity_ids(&format!("\u{feff}{text}")).unwrap(), [IDP]);
    assert!(entity_ids("<a/>").unwrap().is_empty());
    assert!(entity_ids("no XML").is_err());
}

#[test]
fn metadata_that_is_not_utf8_is_named() {
    let error = utf8(b"\xff\xfe<\0a\0").unwrap_err().to_string();
    assert!(
        error.contains("UTF-16") && error.contains("save it as UTF-8"),
        "{error}"
    );
    assert!(
        utf8(b"<a>\xe4</a>")
            .unwrap_err()
            .to_string()
            .contains("not UTF-8")
    );
    assert_eq!(utf8(b"<a/>").unwrap(), "<a/>");
}

#[test]
fn metadata_that_does_not_do() {
    let good = published(&[Pair::first()]);
    let twice = {
        let entity = &good[good.find("<EntityDescriptor").unwrap()..];
        format!("<EntitiesDescriptor xmlns=\"{METADATA}\">{entity}{entity}</EntitiesDescriptor>")
    };
    for (text, why) in [
        ("no XML".to_owned(), "no XML"),
        ("<a/>".to_owned(), "no SAML 2.0 metadata"),
        (format!("<!DOCTYPE a>{good}"), "no XML"),
        (
            good.replace(IDP, "https://somebody.else"),
            "is that the entity ID?",
        ),
        (twice, "twice"),
        (
            good.replace(SAMLP, "urn:oasis:names:tc:SAML:1.1:protocol"),
            "no SAML 2.0 identity provider",
        ),
        (
            good.replace("HTTP-Redirect", "SOAP").replace("HTTP-POST", "SOAP"),
            "no sign-in by HTTP-Redirect or HTTP-POST",
        ),
        (good.replace(SIGN_IN, "somewhere"), "no address"),
        (published(&[]), "is missing"),
        (
            good.replace("use=\"signing\"", "use=\"encryption\""),
            "is missing",
        ),
        (published(&[&Pair::rsa(1024)]), "less than 2048 bits"),
        (
            good.replacen("entityID", "validUntil=\"2020-01-01T00:00:00Z\" entityID", 1),
            "validUntil",
        ),
    ] {
        let error = read(&text).unwrap_err();
        assert!(matches!(error, UpstreamError::Misconfigured(_)), "{error:?}");
        assert!(error.to_string().contains(why), "{why}: {error}");
    }
}

#[test]
fn an_operator_hears_of_the_end_before_it_comes() {
    let ends_at: DateTime<Utc> = Key::of_certificate(&Pair::first().certificate.to_der().unwrap())
        .unwrap()
        .ends_at
        .unwrap();
    let found = read(&published(&[Pair::first()])).unwrap();
    let remarks = |at| found.remarks(at).join("\n");
    assert_eq!(remarks(ends_at - TimeDelta::days(31)), "");
    assert!(remarks(ends_at - TimeDelta::days(29)).contains("no successor is published"));
    assert!(remarks(ends_at).contains("ended on"));
    let weak = Pair::rsa(1024);
    let found = read(&published(&[Pair::first(), &weak])).unwrap();
    assert_eq!(found.keys.len(), 1);
    assert!(found.remarks(now())[0].contains("less than 2048 bits"));
    let until = (now() + TimeDelta::days(3)).to_rfc3339();
    let text =
        published(&[Pair::first()]).replacen("entityID", &format!("validUntil=\"{until}\" entityID"), 1);
    assert!(read(&text).unwrap().remarks(now())[0].contains("ends on"));
}

#[test]
fn what_we_publish() {
    let text = service_metadata(&ACS.parse().unwrap(), service_key(), Some("urn:format"), true).unwrap();
    let tree = Tree::read(&text).unwrap();
    let root = tree.root().unwrap();
    assert_eq!(root.attribute("entityID"), Some(SP));
    let role = root.the(METADATA, "SPSSODescriptor").unwrap();
    for said in ["AuthnRequestsSigned", "WantAssertionsSigned"] {
        assert_eq!(role.attribute(said), Some("true"));
    }
    assert_eq!(role.all(METADATA, "KeyDescriptor").count(), 2);
    for logout in role.all(METADATA, "SingleLogoutService") {
        assert_eq!(
            logout.attribute("Location"),
            Some("https://id.acme.test/federation/contoso/slo")
        );
    }
    assert_eq!(role.all(METADATA, "SingleLogoutService").count(), 2);
    assert_eq!(
        role.the(METADATA, "NameIDFormat").unwrap().text().unwrap(),
        "urn:format"
    );
    let acs = role.the(METADATA, "AssertionConsumerService").unwrap();
    assert_eq!(acs.attribute("Location"), Some(ACS));
    assert!(!text.contains("cbc"), "nothing that is refused is asked for");
    // Who finds a key to encrypt for encrypts.
    let text = service_metadata(&ACS.parse().unwrap(), service_key(), None, false).unwrap();
    assert!(
        !text.contains("encryption") && text.contains("use=\"signing\""),
        "{text}"
    );
}
