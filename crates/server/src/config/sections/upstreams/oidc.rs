//! `[tenant.oidc]` and `[provider.oidc]`: Vestibule as the relying party of another OpenID Connect provider.

use domain::upstream::{
    ClaimNames, NotAnIssuer, OidcConnection, check_issuer, consumer::Consumer, usual_mfa_contexts,
};

use super::client_auth;
use crate::config::{Purpose, reader::Section};

pub(super) fn read(
    section: &mut Section<'_>,
    purpose: Purpose,
    known: Option<&Consumer>,
) -> Option<OidcConnection> {
    let issuer = issuer(section, purpose, known);
    let client_id: Option<String> = section.required("client_id", "write what Vestibule is called there");
    let client_auth = client_auth::read(section);
    let usual = ClaimNames::default();
    let scopes = known.map_or(&OidcConnection::USUAL_SCOPES[..], |known| known.scopes);
    let scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
    let scopes = section.get("scopes", scopes);
    let claims = ClaimNames {
        subject: section.get("subject_claims", usual.subject),
        email: section.get("email_claim", usual.email),
        name: section.get("name_claim", usual.name),
    };
    if claims.subject.is_empty() {
        section.refuse(
            "subject_claims",
            "is empty: nothing would name an account",
            "write [\"sub\"], or [\"tid\", \"oid\"] for Microsoft Entra ID",
        );
    }
    let trusts_email = section.get("trust_email", false);
    if trusts_email {
        section.note(
            "trust_email",
            "is true: an address counts without `email_verified`, unless that is false",
            "keep it only where nobody but the tenant's administrators can set an address",
        );
    }
    if claims.email != "email" && !trusts_email {
        section.warn(
            "email_claim",
            format!(
                "is \"{}\", of which `email_verified` says nothing: no address would count",
                claims.email
            ),
            "set trust_email = true if nobody but the tenant's administrators can set that claim",
        );
    }
    let id_token_alg: Option<String> = section.maybe("id_token_alg");
    if let Some(name) = id_token_alg
        .as_deref()
        .filter(|name| !federation::is_signing_algorithm(name))
    {
        section.refuse(
            "id_token_alg",
            format!("is \"{name}\", which is no algorithm that is believed"),
            "write the name that the upstream signs ID tokens by, as in id_token_alg = \"RS256\"",
        );
    }
    Some(OidcConnection {
        issuer: issuer?,
        client_id: client_id?,
        client_auth: client_auth?,
        scopes,
        claims,
        trusts_email,
        trusts_mfa: section.get("trust_mfa", false),
        mfa_contexts: section.get("mfa_contexts", usual_mfa_contexts()),
        trusted_audiences: section.get("trusted_audiences", Vec::new()),
        email_verified_as_text: section.get("email_verified_as_text", false),
        id_token_alg,
    })
}

/// Kept as it is written: issuers are compared letter by letter (OpenID Connect Discovery §4.3).
fn issuer(section: &mut Section<'_>, purpose: Purpose, known: Option<&Consumer>) -> Option<String> {
    let help =
        "write it as the tenant's discovery document does, as in issuer = \"https://login.contoso.example\"";
    let written: String = match known {
        Some(known) => section.get("issuer", known.issuer.to_owned()),
        None => section.required("issuer", help)?,
    };
    match check_issuer(&written, purpose != Purpose::Serve) {
        Ok(()) => return Some(written),
        Err(NotAnIssuer::NotAnAddress) => section.refuse("issuer", format!("is \"{written}\""), help),
        Err(why) => section.refuse("issuer", why.to_string(), help),
    }
    None
}
