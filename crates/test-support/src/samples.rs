//! One plausible value of everything. Each call gives new ids; what matters to a test, the test sets.

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    EmailAddress, Id, Secret,
    app::{AccessRule, App, AppAuthentication, RedirectUri, SecretMethod, SigningAlgorithm},
    assignment::Assignment,
    authorization::{AuthorizationRequest, CodeChallenge, Prompts, ResponseMode, Scopes},
    domain_claim::Proof,
    entropy::random,
    grant::{AuthorizationCode, Grant},
    guest::{Guest, GuestStatus},
    invitation::{Invitation, InvitationState, InvitationTerms},
    master_key::{MasterKey, MasterKeys},
    method::Method,
    passcode::{Alphabet, ChallengeState, PasscodeChallenge, Send},
    passkey::{Passkey, PasskeyKind},
    session::{Authentication, Means, Session},
    sign_in::SignIn,
    time::from_millis,
    upstream::{
        ClientAuthentication, Connection, OidcConnection, SamlConnection, SamlMetadata, Upstream,
        UpstreamKind,
    },
};
use url::Url;

use crate::SeededEntropy;

/// Where the sample app receives answers.
pub const REDIRECT_URI: &str = "https://notes.example/callback";

/// The verifier of RFC 7636, appendix B; its challenge is in [`request`].
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// The entropy behind the samples: every value is new, and the same in every run of a single test.
pub fn entropy() -> SeededEntropy {
    static SAMPLES: LazyLock<SeededEntropy> = LazyLock::new(|| SeededEntropy::new(0x5a17));
    SAMPLES.clone()
}

/// The moment at which samples happen: 2027-03-01T09:00:00Z, a Monday.
pub fn now() -> DateTime<Utc> {
    from_millis(1_803_891_600_000)
}

/// A new id.
pub fn id<T>() -> Id<T> {
    Id::new(now(), &entropy())
}

/// A new bearer value.
pub fn secret() -> Secret {
    Secret::generate(&entropy())
}

/// One master key.
pub fn master_keys() -> MasterKeys {
    MasterKeys::new(MasterKey::new([7; 32]), vec![])
}

/// An address.
///
/// # Panics
///
/// When it is not one.
pub fn email(text: &str) -> EmailAddress {
    match EmailAddress::parse(text) {
        Ok(email) => email,
        Err(error) => panic!("{text} {error}"),
    }
}

/// The app `notes`, for invited guests, with a secret.
pub fn app() -> App {
    App {
        id: id(),
        client_id: "notes".to_owned(),
        name: "Acme Notes".to_owned(),
        authentication: AppAuthentication::Secret(SecretMethod::Any),
        redirect_uris: vec![REDIRECT_URI.to_owned()],
        post_logout_redirect_uris: vec!["https://notes.example/".to_owned()],
        home: Some(url("https://notes.example/")),
        owner: None,
        contact: None,
        logo: None,
        access: AccessRule::Invited,
        asks_consent: false,
        offline_access: true,
        signing_algorithm: SigningAlgorithm::Rs256,
        inviters: domain::inviter::Inviters::Operators,
        pkce: domain::app::Pkce::Required,
        id_token_claims: false,
        dev: false,
        disabled_at: None,
        created_at: now(),
    }
}

/// A guest who was invited and has never signed in.
pub fn guest(address: &str) -> Guest {
    Guest::invited(email(address), Some("Anna Berg".to_owned()), now(), &entropy())
}

/// A guest who signed in by a code.
pub fn active_guest(address: &str) -> Guest {
    Guest {
        status: GuestStatus::Active,
        method: Some(Method::Passcode),
        redeemed_at: Some(now()),
        last_sign_in_at: Some(now()),
        email_proven_at: Some(now()),
        ..guest(address)
    }
}

/// A pending invitation of `guest` to `app`.
pub fn invitation(guest: &Guest, app: &App) -> Invitation {
    Invitation {
        id: id(),
        guest: guest.id,
        app: app.id,
        state: InvitationState::Pending,
        created_at: now(),
        expires_at: now() + TimeDelta::days(30),
        opened_at: None,
        terms: InvitationTerms {
            invited_by: "Lee".to_owned(),
            reply_to: Some("lee@acme.test".to_owned()),
            about: Some("Q3 kickoff notes".to_owned()),
            message: Some("Here are yesterday's notes.".to_owned()),
            language: Some("en".to_owned()),
            access_until: None,
        },
    }
}

/// An assignment of `guest` to `app`, from now on.
pub fn assignment(guest: &Guest, app: &App) -> Assignment {
    Assignment {
        guest: guest.id,
        app: app.id,
        starts_at: now(),
        ends_at: None,
        reason: Some("kickoff".to_owned()),
        sponsor: Some("Lee".to_owned()),
        stands_alone: false,
        group: None,
    }
}

/// A federated tenant with proven domains.
pub fn tenant(name: &str, domains: &[&str]) -> Upstream {
    upstream(UpstreamKind::Tenant, name, domains)
}

/// A personal-account provider with its consumer domains.
pub fn provider(name: &str, domains: &[&str]) -> Upstream {
    upstream(UpstreamKind::Provider, name, domains)
}

fn upstream(kind: UpstreamKind, name: &str, domains: &[&str]) -> Upstream {
    Upstream {
        id: id(),
        kind,
        name: name.to_owned(),
        display_name: name.to_uppercase(),
        enabled: true,
        declared: false,
        domains: domains.iter().map(|&domain| domain.to_owned()).collect(),
        domain_proof: Proof::Operator,
        unproven: Vec::new(),
        addresses: Vec::new(),
        connection: None,
        created_at: now(),
    }
}

/// A connection by OpenID Connect, with the secret `hunter2`.
pub fn connection(issuer: &str) -> Connection {
    Connection::Oidc(oidc_connection(issuer))
}

/// The same, to be changed.
pub fn oidc_connection(issuer: &str) -> OidcConnection {
    let secret = ClientAuthentication::SecretBasic(Secret::presented("hunter2"));
    OidcConnection::usual(issuer, "acme", secret)
}

/// A connection by SAML.
pub fn saml_connection(entity_id: &str) -> SamlConnection {
    SamlConnection {
        entity_id: entity_id.to_owned(),
        metadata: SamlMetadata::Url(format!("{entity_id}/metadata")),
        subject: None,
        email: None,
        name: None,
        trusts_mfa: false,
        mfa_contexts: Vec::new(),
        encryption: true,
    }
}

/// What the sample app asks for; [`VERIFIER`] answers its challenge.
pub fn request() -> AuthorizationRequest {
    AuthorizationRequest {
        redirect_uri: redirect_uri(),
        response_mode: ResponseMode::Query,
        scopes: Scopes::parse("openid email profile"),
        state: Some("af0ifjsldkj".to_owned()),
        nonce: Some("n-0S6_WzA2Mj".to_owned()),
        challenge: challenge_of_verifier(),
        prompt: Prompts::default(),
        max_age: None,
        login_hint: None,
        domain_hint: None,
        idp_hint: None,
        hinted_subject: None,
        ui_locales: vec!["de".to_owned(), "en".to_owned()],
    }
}

/// A sign-in that has just begun, in a browser of its own.
pub fn sign_in(app: &App) -> SignIn {
    SignIn::begin(app.id, request(), secret().hash(), now(), &entropy())
}

/// A challenge of the sign-in with one send.
pub fn challenge(sign_in: &SignIn, address: &str) -> PasscodeChallenge {
    PasscodeChallenge {
        id: id(),
        sign_in: sign_in.id,
        email: email(address),
        salt: random(&entropy()),
        key_id: master_keys().current().id().to_owned(),
        lifetime: TimeDelta::minutes(30),
        suppressed: false,
        sends: vec![Send {
            number: 1,
            issued_at: now(),
            alphabet: Alphabet::Digits,
        }],
        state: ChallengeState::Open,
    }
}

/// A passkey of a guest, used never; its credential is none that could be verified.
pub fn passkey(guest: &Guest) -> Passkey {
    let id = id::<Passkey>();
    Passkey {
        id,
        guest: guest.id,
        credential_id: id.uuid().as_bytes().to_vec(),
        credential: "{}".into(),
        kind: PasskeyKind::Synced,
        created_at: now(),
        used_at: None,
    }
}

/// A session of the guest, by a code, for 24 hours.
pub fn session(guest: &Guest) -> Session {
    Session {
        id: id(),
        guest: guest.id,
        authentication: Authentication {
            means: Means::Code,
            at: now(),
        },
        expires_at: now() + TimeDelta::hours(24),
        ends_with_browser: false,
        ended_at: None,
    }
}

fn url(text: &str) -> Url {
    match Url::parse(text) {
        Ok(url) => url,
        Err(error) => panic!("{text}: {error}"),
    }
}

fn redirect_uri() -> RedirectUri {
    RedirectUri::stored(REDIRECT_URI).unwrap_or_else(|| unreachable!("the constant is a URL"))
}

fn challenge_of_verifier() -> Option<CodeChallenge> {
    CodeChallenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
}

/// A new authorization code for the sample request.
pub fn authorization_code() -> AuthorizationCode {
    AuthorizationCode {
        hash: secret().hash(),
        redirect_uri: "https://notes.example/callback".into(),
        challenge: request().challenge,
        expires_at: now() + TimeDelta::seconds(60),
    }
}

/// What an app holds of a session.
pub fn grant(app: &App, session: &Session) -> Grant {
    Grant {
        id: id(),
        guest: session.guest,
        app: app.id,
        session: session.id,
        scopes: Scopes::parse("openid email"),
        authentication: session.authentication.clone(),
        nonce: Some("n".into()),
        created_at: now(),
        revoked_at: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_fits_the_app_and_the_verifier() {
        assert!(app().redirect_uri(request().redirect_uri.as_str()).is_some());
        assert!(request().challenge.unwrap().is_answered_by(VERIFIER));
        assert_eq!(now().to_rfc3339(), "2027-03-01T09:00:00+00:00");
    }

    #[test]
    fn every_call_is_another_one() {
        assert_ne!(app().id, app().id);
        assert_ne!(guest("a@b.test").subject, guest("a@b.test").subject);
    }
}
