//! What tokens and UserInfo say of a guest (OpenID Connect Core §2, §5.1).

use domain::{
    authorization::{Scope, Scopes},
    grant::Grant,
    guest::Guest,
};
use serde_json::{Map, Value, json};
use sign_in::Issuer;

/// Every claim that an ID token or UserInfo may have. A test holds it against the fullest of both.
pub(crate) const SUPPORTED: [&str; 17] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "sid",
    "at_hash",
    "email",
    "email_verified",
    "name",
    "preferred_username",
    "locale",
    "updated_at",
];

/// The claims that scopes stand for (Core §5.4), absent ones left out (§5.3.2), and `sub`.
pub(crate) fn userinfo(guest: &Guest, scopes: &Scopes) -> Map<String, Value> {
    let mut claims = of_scopes(guest, scopes);
    claims.insert("sub".into(), json!(guest.subject.as_str()));
    claims
}

fn of_scopes(guest: &Guest, scopes: &Scopes) -> Map<String, Value> {
    let mut claims = Map::new();
    let email = scopes.contains(Scope::Email);
    if email {
        claims.insert("email".into(), json!(guest.email.as_str()));
        // True only after a proof of our own (Core §5.7).
        claims.insert("email_verified".into(), json!(guest.email_proven_at.is_some()));
    }
    if scopes.contains(Scope::Profile) {
        // Many apps refuse a user without a name. Without the scope `email` the domain stays unsaid.
        let short = guest.email.local_part();
        let name = guest.name.as_deref().unwrap_or(short);
        claims.insert("name".into(), json!(name));
        let username = if email { guest.email.as_str() } else { short };
        claims.insert("preferred_username".into(), json!(username));
        if let Some(language) = &guest.language {
            claims.insert("locale".into(), json!(language));
        }
        claims.insert("updated_at".into(), json!(guest.updated_at.timestamp()));
    }
    claims
}

/// What an ID token is about.
pub(crate) struct IdToken<'a> {
    pub(crate) issuer: &'a Issuer,
    pub(crate) client_id: &'a str,
    pub(crate) grant: &'a Grant,
    pub(crate) guest: &'a Guest,
    /// The scopes whose claims stand in the token, for an app that never asks UserInfo.
    pub(crate) claims_of: Option<&'a Scopes>,
    /// Seconds since the epoch.
    pub(crate) issued_at: i64,
    /// Seconds since the epoch.
    pub(crate) expires_at: i64,
    pub(crate) at_hash: String,
}

impl IdToken<'_> {
    /// The claims (Core §2). Those of scopes come from UserInfo (Core §5.4), unless the app is set otherwise.
    pub(crate) fn claims(&self) -> Value {
        let authentication = &self.grant.authentication;
        let mut claims = json!({
            "iss": self.issuer.as_str(),
            "sub": self.guest.subject.as_str(),
            "aud": self.client_id,
            "exp": self.expires_at,
            "iat": self.issued_at,
            "auth_time": authentication.at.timestamp(),
            "acr": authentication.acr().name(),
            "amr": authentication.amr(),
            "sid": self.grant.session.to_string(),
            "at_hash": self.at_hash,
        });
        if let Some(nonce) = &self.grant.nonce {
            claims["nonce"] = json!(nonce);
        }
        for (name, value) in self
            .claims_of
            .map(|scopes| of_scopes(self.guest, scopes))
            .unwrap_or_default()
        {
            claims[name] = value;
        }
        claims
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::guest::Guest;
    use sign_in::Issuer;
    use test_support::samples;

    use super::*;

    #[test]
    fn what_is_supported_is_what_the_fullest_answers_have() {
        let guest = Guest {
            language: Some("de".into()),
            ..samples::guest("anna@contoso.test")
        };
        let grant = Grant {
            nonce: Some("n".into()),
            ..samples::grant(&samples::app(), &samples::session(&guest))
        };
        let issuer = Issuer::new(&"https://id.acme.test".parse().unwrap()).unwrap();
        let every = Scope::ALL.map(Scope::name).join(" ");
        let scopes = Scopes::parse(&every);
        let token = IdToken {
            issuer: &issuer,
            client_id: "notes",
            grant: &grant,
            guest: &guest,
            claims_of: None,
            issued_at: 0,
            expires_at: 1,
            at_hash: String::new(),
        };
        let token = token.claims();
        let asked = userinfo(&guest, &scopes);
        let there = token.as_object().into_iter().flatten().chain(&asked);
        let there: BTreeSet<&str> = there.map(|(name, _)| name.as_str()).collect();
        assert_eq!(there, BTreeSet::from(SUPPORTED));
    }
}
