//! Adding and changing a tenant or a provider by the API.

use actions::{
    ActionError, Fault, NoEntity, SamlWish, UpstreamWish, add_upstream, change_upstream, impact_of_change,
    is_upstream_as_seen, look_up_entity, new_declaration, reset_method,
};
use axum::{
    Extension, Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
};
use domain::{
    EmailAddress, Secret,
    domain_claim::Proof,
    email::canonical_domain,
    upstream::{Declaration, Upstream, UpstreamKind},
};
use federation::{UpstreamError, Upstreams};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use sign_in::Core;
use utoipa::{IntoParams, ToSchema};

use super::{
    ImpactBody, UpstreamPath, entry::UpstreamEntry, may_reset, of, shown, test_sign_in::does_not_answer,
};
use crate::{
    api::etag::{Changer, IfMatch},
    guard::Operator,
    problem::{ApiError, Problem},
};

/// What is said of a tenant or a provider: what is not given stays, lists are replaced. Secrets are taken and never shown.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct UpstreamBody {
    /// What pages call it.
    display_name: Option<String>,
    /// Whose addresses lead there.
    #[schema(example = json!(["contoso.example"]))]
    domains: Option<Vec<String>>,
    /// How a tenant's domains are proven: `dns` or `operator`.
    domain_proof: Option<String>,
    /// Single addresses that lead to a provider.
    addresses: Option<Vec<String>>,
    /// The issuer, exactly as in its discovery document.
    #[schema(example = "https://login.contoso.example")]
    issuer: Option<String>,
    /// What Vestibule is called there.
    client_id: Option<String>,
    /// The secret by which Vestibule proves itself.
    #[schema(write_only)]
    client_secret: Option<String>,
    /// A private key in its place, PKCS#8 PEM.
    #[schema(write_only)]
    client_key: Option<String>,
    /// What that key is called there.
    client_key_id: Option<String>,
    /// The team of an Apple developer account.
    team_id: Option<String>,
    /// How the secret is sent: `client_secret_basic` or `client_secret_post`.
    client_auth: Option<String>,
    /// What is asked for.
    scopes: Option<Vec<String>>,
    /// Which claims name an account.
    subject_claims: Option<Vec<String>>,
    /// The claim with the address.
    email_claim: Option<String>,
    /// The claim with the person's name.
    name_claim: Option<String>,
    /// Whether an address counts without `email_verified`.
    trust_email: Option<bool>,
    /// Whether its word about a second factor counts.
    trust_mfa: Option<bool>,
    /// Which contexts stand for a second factor.
    mfa_contexts: Option<Vec<String>>,
    /// Further audiences of its ID tokens.
    trusted_audiences: Option<Vec<String>>,
    /// Whether `email_verified` may be a text.
    email_verified_as_text: Option<bool>,
    /// The one algorithm of its ID tokens; `any` for all that it publishes.
    id_token_alg: Option<String>,
    /// Where a tenant speaks SAML.
    saml: Option<SamlBody>,
}

/// What is said of a tenant that speaks SAML.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct SamlBody {
    /// What the partner is called; needed if its metadata lists several.
    entity_id: Option<String>,
    /// Where the partner's metadata is.
    metadata_url: Option<String>,
    /// The partner's metadata itself.
    metadata: Option<String>,
    /// The attribute that names an account, in place of a persistent `NameID`.
    subject_attribute: Option<String>,
    /// The attribute with the address.
    email_attribute: Option<String>,
    /// The attribute with the person's name.
    name_attribute: Option<String>,
    /// Whether our metadata has a key for encryption.
    encryption: Option<bool>,
}

/// A field with the text that each of a list is read from.
fn each<T, E: ToString>(
    field: &'static str,
    texts: Option<Vec<String>>,
    read: impl Fn(&str) -> Result<T, E>,
    faults: &mut Vec<Fault>,
) -> Option<Vec<T>> {
    let texts = texts?;
    let mut all = Vec::new();
    for text in &texts {
        match read(text) {
            Ok(value) => all.push(value),
            Err(error) => faults.push(Fault {
                field,
                message: format!("holds \"{text}\", which {}", error.to_string()),
            }),
        }
    }
    Some(all)
}

impl UpstreamBody {
    fn read(self) -> Result<UpstreamWish, ActionError> {
        let mut faults = Vec::new();
        let domains = each("domains", self.domains, canonical_domain, &mut faults);
        let addresses = each("addresses", self.addresses, EmailAddress::parse, &mut faults);
        let domain_proof = self.domain_proof.as_deref().map(Proof::parse);
        if domain_proof == Some(None) {
            faults.push(Fault {
                field: "domain_proof",
                message: "must be dns or operator".into(),
            });
        }
        if !faults.is_empty() {
            return Err(ActionError::Invalid(faults));
        }
        let saml = self.saml.unwrap_or_default();
        Ok(UpstreamWish {
            display_name: self.display_name,
            domains,
            domain_proof: domain_proof.flatten(),
            addresses,
            issuer: self.issuer,
            client_id: self.client_id,
            client_secret: self.client_secret.map(Secret::presented),
            client_key: self.client_key.map(Secret::presented),
            client_key_id: self.client_key_id,
            team_id: self.team_id,
            client_auth: self.client_auth,
            scopes: self.scopes,
            subject_claims: self.subject_claims,
            email_claim: self.email_claim,
            name_claim: self.name_claim,
            trust_email: self.trust_email,
            trust_mfa: self.trust_mfa,
            mfa_contexts: self.mfa_contexts,
            trusted_audiences: self.trusted_audiences,
            email_verified_as_text: self.email_verified_as_text,
            id_token_alg: self.id_token_alg,
            saml: SamlWish {
                entity_id: saml.entity_id,
                metadata_url: saml.metadata_url,
                metadata: saml.metadata,
                subject_attribute: saml.subject_attribute,
                email_attribute: saml.email_attribute,
                name_attribute: saml.name_attribute,
                encryption: saml.encryption,
            },
        })
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct AddQuery {
    /// Whether guests are sent there at once, before anybody has tried a sign-in.
    #[serde(default)]
    enabled: bool,
    /// Whether it is stored without asking whether the connection fits.
    #[serde(default)]
    untested: bool,
}

/// Adds a tenant or a provider once its connection has answered. Guests are sent there after `enable`.
#[utoipa::path(
    post,
    path = "/api/v1/upstreams/{kind}/{name}",
    operation_id = "addUpstream",
    params(
        UpstreamPath,
        AddQuery,
    ),
    request_body = UpstreamBody,
    responses(
        (status = 201, body = UpstreamEntry),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 502, description = "It does not answer, or not as it should.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::api) async fn add(
    operator: Operator,
    State(core): State<Core>,
    Extension(upstreams): Extension<Upstreams>,
    Path(at): Path<UpstreamPath>,
    query: Result<Query<AddQuery>, QueryRejection>,
    body: Result<Json<UpstreamBody>, JsonRejection>,
) -> Result<(StatusCode, Json<UpstreamEntry>), ApiError> {
    let Query(query) = query.map_err(|error| Problem::invalid(error.body_text()))?;
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let kind = at.kind(&core)?;
    let mut declaration = new_declaration(kind, &at.name);
    declaration.enabled = query.enabled;
    wished(&core, &upstreams, &mut declaration, (kind, body, query.untested)).await?;
    let added = add_upstream(&core, operator.actor(), kind, &declaration).await;
    let added = added.map_err(|error| ApiError::of(error, core.now()))?;
    Ok((StatusCode::CREATED, shown(&core, added).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct ChangeQuery {
    /// Whether nothing is changed, and the answer says who could no longer sign in.
    #[serde(default)]
    dry_run: bool,
    /// Whether guests who can no longer sign in are reset: their address decides anew, and they are told by mail. Needs `guests:write`.
    #[serde(default)]
    reset: bool,
    /// Whether it is stored without asking whether the connection fits.
    #[serde(default)]
    untested: bool,
}

/// A tenant or a provider, and who loses their way in by its change.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ChangedBody {
    /// As it is now.
    upstream: UpstreamEntry,
    /// Who can no longer sign in; in a dry run, who could not.
    impact: ImpactBody,
    /// How many of them were reset.
    reset: usize,
}

/// Changes a tenant or a provider once its connection has answered: what is not given stays, lists are replaced.
#[utoipa::path(
    patch,
    path = "/api/v1/upstreams/{kind}/{name}",
    operation_id = "changeUpstream",
    params(
        UpstreamPath,
        IfMatch,
        ChangeQuery,
    ),
    request_body = UpstreamBody,
    responses(
        (status = 200, body = ChangedBody),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 502, description = "It does not answer, or not as it should.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::api) async fn change(
    operator: Changer,
    State(core): State<Core>,
    Extension(upstreams): Extension<Upstreams>,
    Path(at): Path<UpstreamPath>,
    query: Result<Query<ChangeQuery>, QueryRejection>,
    body: Result<Json<UpstreamBody>, JsonRejection>,
) -> Result<Json<ChangedBody>, ApiError> {
    let Query(query) = query.map_err(|error| Problem::invalid(error.body_text()))?;
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let problem = |error| ApiError::of(error, core.now());
    may_reset(&operator, query.reset)?;
    let before = of(&core, &at).await?;
    // Asked again of the row that is changed; here for a dry run, and before the partner is asked anything.
    is_upstream_as_seen(&core.store.reader(), &operator.by(), &before)
        .await
        .map_err(problem)?;
    let mut after = before.declaration();
    wished(&core, &upstreams, &mut after, (before.kind, body, query.untested)).await?;
    let impact = impact_of_change(&core, &before, &after, &|_| ())
        .await
        .map_err(problem)?;
    let mut reset = 0;
    if !query.dry_run {
        become_that(&core, &operator, &before, after)
            .await
            .map_err(problem)?;
        for guest in impact.guests.iter().filter(|_| query.reset) {
            let done = reset_method(&core, operator.actor(), guest.id).await;
            reset += usize::from(done.map_err(problem)?);
        }
    }
    let Json(upstream) = shown(&core, of(&core, &at).await?).await?;
    Ok(Json(ChangedBody {
        upstream,
        impact: ImpactBody::of(&impact, &operator),
        reset,
    }))
}

/// What is wished for, and whether what is there answers.
async fn wished(
    core: &Core,
    upstreams: &Upstreams,
    declaration: &mut Declaration,
    (kind, body, untested): (UpstreamKind, UpstreamBody, bool),
) -> Result<(), ApiError> {
    let before = declaration.connection.clone();
    let proves_itself = body.client_secret.is_some() || body.client_key.is_some();
    let wish = body.read().and_then(|wish| wish.apply(declaration, kind));
    wish.map_err(|error| ApiError::of(error, core.now()))?;
    // Whoever may change an issuer must not learn by it the secret that another one was given.
    if let (Some(before), Some(after), false) = (&before, &declaration.connection, proves_itself)
        && before.issuer() != after.issuer()
        && before.client_auth().is_some_and(|method| method != "none")
    {
        let what = "is needed with another issuer: what proves Vestibule to one is sent to no other";
        return Err(Problem::field("client_secret", what).into());
    }
    let found = look_up_entity(&mut declaration.connection, upstreams).await;
    found.map_err(|error| match error {
        NoEntity::Said(error) => ApiError::of(error, core.now()),
        NoEntity::Found(error) => does_not_answer(&error).into(),
    })?;
    if let Some(connection) = declaration.connection.as_ref().filter(|_| !untested) {
        let tested = upstreams.test(connection, core.now()).await;
        tested.map_err(|error: UpstreamError| ApiError::from(does_not_answer(&error)))?;
    }
    Ok(())
}

/// Makes it what was foreseen, unless somebody else has changed it since.
async fn become_that(
    core: &Core,
    operator: &Changer,
    before: &Upstream,
    after: Declaration,
) -> Result<(), ActionError> {
    let seen = before.declaration();
    let change = |there: &mut Declaration| {
        if !there.differences(&seen).is_empty() {
            let text = format!(
                "\"{}\" was changed by somebody else just now: look, and try again",
                before.name
            );
            return Err(ActionError::Conflict(text));
        }
        *there = after;
        Ok(())
    };
    change_upstream(core, operator.by(), (before.kind, &before.name), change).await?;
    Ok(())
}
