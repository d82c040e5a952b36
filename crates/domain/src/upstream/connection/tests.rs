use super::*;
use crate::upstream::{Oauth2Kind, SamlMetadata};

fn usual(client_auth: ClientAuthentication) -> OidcConnection {
    OidcConnection::usual("https://login.contoso.test", "acme", client_auth)
}

fn of_kind(kind: Oauth2Kind) -> Oauth2Connection {
    Oauth2Connection {
        kind,
        endpoints: Oauth2Kind::GitHub.endpoints(),
        client_id: "acme".into(),
        client_secret: secret(),
    }
}

fn saml() -> SamlConnection {
    SamlConnection {
        entity_id: "https://login.contoso.test".into(),
        metadata: SamlMetadata::Url("https://login.contoso.test/metadata".into()),
        subject: None,
        email: None,
        name: None,
        trusts_mfa: false,
        mfa_contexts: Vec::new(),
        encryption: true,
    }
}

fn secret() -> Secret {
    Secret::presented("hunter2")
}

fn key() -> ClientKey {
    ClientKey {
        pem: Secret::presented("a private key"),
        key_id: None,
        certificate_sha256: None,
        audience: AssertionAudience::Issuer,
    }
}

/// Where an operator has not decided, a SAML partner's addresses count, as it names its own people; its second factors do not.
#[test]
fn who_is_believed_about_what() {
    let oidc = |trusts_email, trusts_mfa| {
        Connection::Oidc(OidcConnection {
            trusts_email,
            trusts_mfa,
            ..usual(ClientAuthentication::None)
        })
    };
    let oauth2 = Connection::Oauth2(of_kind(Oauth2Kind::GitHub));
    let saml = |trusts_mfa| Connection::Saml(SamlConnection { trusts_mfa, ..saml() });
    for (connection, email, mfa) in [
        (oidc(false, false), false, false),
        (oidc(true, false), true, false),
        (oidc(false, true), false, true),
        (oauth2, false, false),
        (saml(false), true, false),
        (saml(true), true, true),
    ] {
        let trusted = (connection.trusts_email(), connection.trusts_mfa());
        assert_eq!(trusted, (email, mfa), "{connection:?}");
    }
}

/// What is called so by its setting, and what of it is kept sealed.
#[test]
fn how_we_prove_ourselves_there() {
    use ClientAuthentication::{AppleSecret, None as Nothing, PrivateKeyJwt, SecretBasic, SecretPost};
    let apple = AppleSecret {
        key: key(),
        team: "TEAM".into(),
    };
    for (proof, name, sealed) in [
        (SecretBasic(secret()), "client_secret_basic", Some(secret())),
        (SecretPost(secret()), "client_secret_post", Some(secret())),
        (PrivateKeyJwt(key()), "private_key_jwt", Some(key().pem)),
        (apple, "apple", Some(key().pem)),
        (Nothing, "none", None),
    ] {
        assert_eq!((proof.name(), proof.secret()), (name, sealed.as_ref()));
        let connection = Connection::Oidc(usual(proof));
        assert_eq!(
            (connection.client_auth(), connection.secret()),
            (Some(name), sealed.as_ref())
        );
        assert_eq!(connection.client_id(), Some("acme"));
    }
    for (name, given, found) in [
        ("client_secret_basic", Some(secret()), Some(SecretBasic(secret()))),
        ("client_secret_post", Some(secret()), Some(SecretPost(secret()))),
        ("none", None, Some(Nothing)),
        ("none", Some(secret()), None),
        ("client_secret_basic", None, None),
        ("private_key_jwt", Some(secret()), None),
    ] {
        assert_eq!(ClientAuthentication::of(name, given), found, "{name}");
    }
    for (name, audience) in [
        ("issuer", AssertionAudience::Issuer),
        ("token-endpoint", AssertionAudience::TokenEndpoint),
    ] {
        assert_eq!(audience.name(), name);
        assert_eq!(AssertionAudience::called(name), Some(audience));
    }
    assert_eq!(AssertionAudience::called("nobody"), None);
    let oauth2 = Connection::Oauth2(of_kind(Oauth2Kind::GitHub));
    assert_eq!(
        (oauth2.client_id(), oauth2.client_auth()),
        (Some("acme"), Some("client_secret_post"))
    );
    assert_eq!(oauth2.secret(), Some(&secret()));
    let saml = Connection::Saml(saml());
    assert_eq!(
        (saml.client_id(), saml.client_auth(), saml.secret()),
        (None, None, None)
    );
}

/// Where another connection names people otherwise, whoever has an account there is somebody else from then on.
#[test]
fn which_connections_name_the_same_accounts() {
    let oidc = |issuer: &str, subject: &[&str]| {
        let mut connection = usual(ClientAuthentication::None);
        connection.issuer = issuer.into();
        connection.claims.subject = subject.iter().map(|&claim| claim.into()).collect();
        Connection::Oidc(connection)
    };
    let saml = |entity_id: &str, subject: Option<&str>| {
        Connection::Saml(SamlConnection {
            entity_id: entity_id.into(),
            subject: subject.map(str::to_owned),
            ..saml()
        })
    };
    let github = || Connection::Oauth2(of_kind(Oauth2Kind::GitHub));
    let facebook = || Connection::Oauth2(of_kind(Oauth2Kind::Facebook));
    let here = "https://login.contoso.test";
    assert_eq!(github().issuer(), facebook().issuer(), "told apart by their kind");
    for (one, other, same) in [
        (oidc(here, &["sub"]), oidc(here, &["sub"]), true),
        (oidc(here, &["sub"]), oidc(here, &["tid", "oid"]), false),
        (oidc(here, &["sub"]), oidc("https://other.test", &["sub"]), false),
        (saml(here, None), saml(here, None), true),
        (saml(here, None), saml(here, Some("employeeNumber")), false),
        (saml(here, None), saml("https://other.test", None), false),
        (saml(here, None), oidc(here, &["sub"]), false),
        (github(), github(), true),
        (github(), facebook(), false),
    ] {
        assert_eq!(one.names_accounts_as(&other), same, "{one:?} {other:?}");
        assert_eq!(other.names_accounts_as(&one), same, "{other:?} {one:?}");
    }
    assert_eq!(
        (oidc(here, &["sub"]).issuer(), saml(here, None).issuer()),
        (here, here)
    );
}

#[test]
fn what_stands_for_a_second_factor_where_nobody_says() {
    assert_eq!(
        usual_mfa_contexts(),
        [
            "https://refeds.org/profile/mfa",
            "http://schemas.microsoft.com/claims/multipleauthn",
            "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract",
        ]
    );
}
