//! What an app is to be, as a request says it.

use actions::{AppChange, NewAuthentication};
use domain::{
    app::{AccessRule, AppAuthentication, Pkce, SigningAlgorithm},
    inviter::Inviters,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// What an app is to be. What is left out stays as it is, or is as usual for a new one.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct AppWish {
    /// New apps only; made from the name when it is left out.
    pub(super) client_id: Option<String>,
    name: Option<String>,
    redirect_uris: Option<Vec<String>>,
    post_logout_redirect_uris: Option<Vec<String>>,
    home: Option<String>,
    /// An address; empty takes it away.
    owner: Option<String>,
    /// An address; empty takes it away.
    contact: Option<String>,
    /// `invited`, `domain` or `any-guest`.
    access: Option<String>,
    access_domains: Option<Vec<String>>,
    /// `operators`, `owner` or `sponsors`.
    inviters: Option<String>,
    /// `client_secret` (either way of sending it), `client_secret_basic`, `client_secret_post`, `private_key_jwt` or `none`.
    authentication: Option<String>,
    /// With `private_key_jwt`: the JWK Set.
    jwks: Option<serde_json::Value>,
    /// `RS256`, `ES256`, `EdDSA` or `PS256`.
    signing_algorithm: Option<String>,
    /// `required` or `optional`.
    pkce: Option<String>,
    id_token_claims: Option<bool>,
    /// With `private_key_jwt`: `aud` must be the issuer as a string, and an assertion lives for 60 seconds at most.
    strict_assertions: Option<bool>,
    offline_access: Option<bool>,
    asks_consent: Option<bool>,
    dev: Option<bool>,
    /// Existing apps only: whether it is switched on.
    pub(super) enabled: Option<bool>,
}

impl AppWish {
    /// As the actions take it.
    pub(super) fn change(self) -> Result<AppChange, Problem> {
        let access = match (self.access.as_deref(), self.access_domains) {
            (Some("domain"), domains) => Some(AccessRule::Domain(domains.unwrap_or_default())),
            (_, Some(_)) => {
                return Err(Problem::field(
                    "access_domains",
                    "goes with \"access\": \"domain\"",
                ));
            }
            (Some("invited"), None) => Some(AccessRule::Invited),
            (Some("any-guest"), None) => Some(AccessRule::AnyGuest),
            (Some(_), None) => return Err(Problem::field("access", "is none of invited, domain, any-guest")),
            (None, None) => None,
        };
        let jwks = self.jwks.map(|jwks| jwks.to_string());
        let authentication = match (self.authentication.as_deref(), jwks) {
            (Some("private_key_jwt"), jwks) => {
                Some(NewAuthentication::PrivateKeyJwt(jwks.unwrap_or_default()))
            }
            (_, Some(_)) => {
                return Err(Problem::field(
                    "jwks",
                    "goes with \"authentication\": \"private_key_jwt\"",
                ));
            }
            (Some(name), None) => Some(match AppAuthentication::of(name, None, false) {
                Some(AppAuthentication::Secret(method)) => NewAuthentication::Secret(method),
                Some(AppAuthentication::None) => NewAuthentication::None,
                Some(AppAuthentication::PrivateKeyJwt { .. }) | None => {
                    let known = AppAuthentication::METHODS.join(", ");
                    return Err(Problem::field(
                        "authentication",
                        format!("is none of client_secret, {known}"),
                    ));
                }
            }),
            (None, None) => None,
        };
        let algorithm = |name: String| {
            SigningAlgorithm::parse(&name).ok_or_else(|| {
                let known = SigningAlgorithm::ALL.map(SigningAlgorithm::name).join(", ");
                Problem::field("signing_algorithm", format!("is none of {known}"))
            })
        };
        let pkce = |name: String| {
            Pkce::parse(&name).ok_or_else(|| Problem::field("pkce", "is neither required nor optional"))
        };
        let inviters = |name: String| {
            Inviters::parse(&name).ok_or_else(|| {
                let known = Inviters::ALL.map(Inviters::name).join(", ");
                Problem::field("inviters", format!("is none of {known}"))
            })
        };
        Ok(AppChange {
            name: self.name,
            redirect_uris: self.redirect_uris,
            post_logout_redirect_uris: self.post_logout_redirect_uris,
            home: self.home,
            owner: self.owner,
            contact: self.contact,
            access,
            inviters: self.inviters.map(inviters).transpose()?,
            authentication,
            signing_algorithm: self.signing_algorithm.map(algorithm).transpose()?,
            pkce: self.pkce.map(pkce).transpose()?,
            id_token_claims: self.id_token_claims,
            strict_assertions: self.strict_assertions,
            offline_access: self.offline_access,
            asks_consent: self.asks_consent,
            dev: self.dev,
        })
    }
}
