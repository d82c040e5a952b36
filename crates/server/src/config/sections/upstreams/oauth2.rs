//! `[provider.oauth2]`: Vestibule as the client of a provider that speaks OAuth 2.0 and no OpenID Connect.

use domain::{
    Secret,
    upstream::{Oauth2Connection, Oauth2Endpoints, Oauth2Kind, check_issuer},
};

use crate::config::{Purpose, reader::Section};

pub(super) fn read(section: &mut Section<'_>, purpose: Purpose, name: &str) -> Option<Oauth2Connection> {
    let kind = match Oauth2Kind::called(name) {
        Some(kind) => Some(section.word("kind", &Oauth2Kind::ALL, kind.name())),
        None => kind(section),
    };
    // The other settings are read all the same, so that one fault is one problem.
    let usual = kind.unwrap_or(Oauth2Kind::GitHub).endpoints();
    let endpoints = Oauth2Endpoints {
        authorization: address(section, "authorization_endpoint", usual.authorization, purpose),
        token: address(section, "token_endpoint", usual.token, purpose),
        api: address(section, "api", usual.api, purpose)
            .trim_end_matches('/')
            .to_owned(),
    };
    let client_id: Option<String> = section.required("client_id", "write what Vestibule is called there");
    let given = section.is_set("client_secret");
    let secret = section.secret("client_secret");
    if given {
        section.show("client_secret", Some("(secret)".to_owned()));
    } else {
        section.refuse(
            "client_secret",
            "is missing",
            "write it, as in client_secret = \"env:GITHUB_SECRET\"",
        );
    }
    Some(Oauth2Connection {
        kind: kind?,
        endpoints,
        client_id: client_id?,
        client_secret: Secret::presented(secret?.expose()),
    })
}

/// Whose API it is, where the provider's name does not say so.
fn kind(section: &mut Section<'_>) -> Option<Oauth2Kind> {
    let word: String = section.required("kind", "write \"github\" or \"facebook\"")?;
    let kind = Oauth2Kind::called(&word);
    if kind.is_none() {
        section.refuse(
            "kind",
            format!("is \"{word}\""),
            "write \"github\" or \"facebook\"",
        );
    }
    kind
}

fn address(section: &mut Section<'_>, key: &'static str, usual: String, purpose: Purpose) -> String {
    let written = section.get(key, usual);
    if let Err(why) = check_issuer(&written, purpose != Purpose::Serve) {
        section.refuse(key, why.to_string(), "write an https address");
    }
    written
}
