//! The words that rows, tokens, settings and the audit log hold. They are promised: a changed word makes
//! stored rows unreadable, and searches of the log find nothing. Words that are held beside
//! their rule (refusals, mismatches, passkeys) are not repeated here.

use std::fmt::Debug;

use crate::{
    Id, Language, Secret,
    app::{AccessRule, AppAuthentication, Pkce, SecretMethod, SigningAlgorithm},
    audit::Actor,
    authorization::ResponseMode,
    domain_claim::{ClaimState, Proof},
    grant::Invalid,
    guest::GuestStatus,
    invitation::{InvitationState, Standing},
    inviter::Inviters,
    key_rotation::KeyState,
    method::Method,
    passkey::PasskeyKind,
    session::Acr,
    upstream::{Linked, Oauth2Connection, Oauth2Kind, TestVerdict, UpstreamKind},
};

/// Each value has its word, and where rows are read the word has its value.
fn hold<T: Copy + Debug + PartialEq>(
    name: fn(T) -> &'static str,
    parse: Option<fn(&str) -> Option<T>>,
    words: &[(T, &str)],
) {
    for (value, word) in words {
        assert_eq!(name(*value), *word);
        if let Some(parse) = parse {
            assert_eq!(parse(word), Some(*value), "{word}");
        }
    }
    if let Some(parse) = parse {
        assert_eq!(parse("another"), None);
        assert_eq!(parse(""), None);
    }
}

#[test]
fn what_guests_and_invitations_are() {
    let words = [
        (GuestStatus::Invited, "invited"),
        (GuestStatus::Active, "active"),
        (GuestStatus::Blocked, "blocked"),
        (GuestStatus::Converted, "converted"),
        (GuestStatus::Removed, "removed"),
    ];
    hold(GuestStatus::name, Some(GuestStatus::parse), &words);
    let words = [
        (InvitationState::Pending, "pending"),
        (InvitationState::Redeemed, "redeemed"),
        (InvitationState::Revoked, "revoked"),
        (InvitationState::Declined, "declined"),
    ];
    hold(InvitationState::name, Some(InvitationState::parse), &words);
    let words = [
        (Standing::Pending, "pending"),
        (Standing::Redeemed, "redeemed"),
        (Standing::Revoked, "revoked"),
        (Standing::Declined, "declined"),
        (Standing::Expired, "expired"),
    ];
    hold(Standing::name, Some(Standing::parse), &words);
}

#[test]
fn what_apps_are_set_to() {
    let words = [(Pkce::Required, "required"), (Pkce::Optional, "optional")];
    hold(Pkce::name, Some(Pkce::parse), &words);
    let words = [
        (Inviters::Operators, "operators"),
        (Inviters::Owner, "owner"),
        (Inviters::Sponsors, "sponsors"),
    ];
    hold(Inviters::name, Some(Inviters::parse), &words);
    let words = [
        (SigningAlgorithm::Rs256, "RS256"),
        (SigningAlgorithm::Ps256, "PS256"),
        (SigningAlgorithm::Es256, "ES256"),
        (SigningAlgorithm::EdDsa, "EdDSA"),
    ];
    hold(SigningAlgorithm::name, Some(SigningAlgorithm::parse), &words);
    let words = [
        (ResponseMode::Query, "query"),
        (ResponseMode::FormPost, "form_post"),
    ];
    hold(ResponseMode::name, Some(ResponseMode::parse), &words);
    for (rule, word) in [
        (AccessRule::Invited, "invited"),
        (AccessRule::Domain(vec![]), "domain"),
        (AccessRule::AnyGuest, "any-guest"),
        (AccessRule::InDirectory, "in-directory"),
    ] {
        assert_eq!(rule.name(), word);
    }
    for (authentication, word) in [
        (AppAuthentication::Secret(SecretMethod::Any), "client_secret"),
        (
            AppAuthentication::Secret(SecretMethod::Basic),
            "client_secret_basic",
        ),
        (
            AppAuthentication::Secret(SecretMethod::Post),
            "client_secret_post",
        ),
        (AppAuthentication::None, "none"),
    ] {
        assert_eq!(authentication.name(), word);
        assert_eq!(AppAuthentication::of(word, None, false), Some(authentication));
    }
    let keys = AppAuthentication::of("private_key_jwt", Some("{}".into()), true);
    assert_eq!(
        keys.as_ref().map(AppAuthentication::name),
        Some("private_key_jwt")
    );
    assert_eq!(AppAuthentication::of("private_key_jwt", None, true), None);
}

#[test]
fn what_domains_and_keys_are() {
    let words = [(Proof::Dns, "dns"), (Proof::Operator, "operator")];
    hold(Proof::name, Some(Proof::parse), &words);
    let words = [
        (ClaimState::Pending, "pending"),
        (ClaimState::Proven, "proven"),
        (ClaimState::Failing, "failing"),
        (ClaimState::Suspended, "suspended"),
        (ClaimState::Withdrawn, "withdrawn"),
    ];
    hold(ClaimState::name, Some(ClaimState::parse), &words);
    let words = [
        (KeyState::Pending, "pending"),
        (KeyState::Active, "active"),
        (KeyState::Retiring, "retiring"),
        (KeyState::Retired, "retired"),
    ];
    hold(KeyState::name, Some(KeyState::parse), &words);
}

#[test]
fn how_somebody_signed_in() {
    let id = Id::from_uuid(uuid::Uuid::nil());
    let words = [
        (UpstreamKind::Tenant, "tenant"),
        (UpstreamKind::Provider, "provider"),
    ];
    hold(UpstreamKind::name, Some(UpstreamKind::parse), &words);
    for (method, word, upstream) in [
        (Method::Passcode, "passcode", None),
        (Method::Upstream(UpstreamKind::Tenant, id), "federation", Some(id)),
        (
            Method::Upstream(UpstreamKind::Provider, id),
            "personal_account",
            Some(id),
        ),
    ] {
        assert_eq!((method.kind(), method.upstream()), (word, upstream));
        assert_eq!(Method::parse(word, upstream), Some(method));
        let other = if upstream.is_none() { Some(id) } else { None };
        assert_eq!(Method::parse(word, other), None, "{word}");
    }
    let words = [(PasskeyKind::Bound, "bound"), (PasskeyKind::Synced, "synced")];
    hold(PasskeyKind::name, Some(PasskeyKind::parse), &words);
    let words = [
        (Acr::Mailbox, "urn:vestibule:acr:mailbox"),
        (Acr::Passkey, "urn:vestibule:acr:passkey"),
        (Acr::Upstream, "urn:vestibule:acr:upstream"),
        (Acr::UpstreamMfa, "urn:vestibule:acr:upstream:mfa"),
    ];
    hold(Acr::name, None, &words);
    for (language, tag, name) in [(Language::En, "en", "English"), (Language::De, "de", "Deutsch")] {
        assert_eq!(
            (language.tag(), language.name(), language.direction()),
            (tag, name, "ltr")
        );
    }
}

#[test]
fn which_providers_need_no_openid_connect() {
    for (kind, name, shown, issuer) in [
        (Oauth2Kind::GitHub, "github", "GitHub", "https://api.github.com"),
        (
            Oauth2Kind::Facebook,
            "facebook",
            "Facebook",
            "https://graph.facebook.com",
        ),
    ] {
        assert_eq!((kind.name(), kind.display_name()), (name, shown));
        assert_eq!(Oauth2Kind::called(name), Some(kind));
        let connection = Oauth2Connection {
            kind,
            endpoints: kind.endpoints(),
            client_id: String::new(),
            client_secret: Secret::presented(""),
        };
        assert_eq!(connection.issuer(), issuer, "whatever the version of its API");
    }
    assert_eq!(Oauth2Kind::called("gitlab"), None);
    for (verdict, word) in [
        (TestVerdict::Enters(Linked::Known), "known"),
        (TestVerdict::Enters(Linked::New), "new"),
        (TestVerdict::Enters(Linked::Unconfirmed), "a_code_confirms"),
    ] {
        assert_eq!(verdict.name(), word);
    }
}

#[test]
fn why_an_app_got_no_token() {
    let words = [
        (Invalid::Unknown, "unknown"),
        (Invalid::Reused, "reused"),
        (Invalid::Expired, "expired"),
        (Invalid::WrongApp, "wrong_app"),
        (Invalid::WrongRedirectUri, "wrong_redirect_uri"),
        (Invalid::WrongVerifier, "wrong_verifier"),
        (Invalid::Revoked, "revoked"),
        (Invalid::AccessLost, "access_lost"),
    ];
    hold(Invalid::name, None, &words);
}

#[test]
fn who_did_it() {
    let id = uuid::Uuid::from_u128(7);
    for (actor, kind, name) in [
        (Actor::Visitor, "visitor", None),
        (Actor::System, "system", None),
        (Actor::Guest(Id::from_uuid(id)), "guest", Some(id.to_string())),
        (Actor::App(Id::from_uuid(id)), "app", Some(id.to_string())),
        (Actor::Operator("root".into()), "operator", Some("root".into())),
    ] {
        assert_eq!((actor.kind(), actor.name()), (kind, name));
    }
}
