//! Tokens for automation: the bearer is an operator of that name.

use domain::{
    Id, Secret,
    api_scope::ApiScope,
    audit::{Action, Actor, AuditEvent},
};
use sign_in::Core;
use store::ApiToken;

use super::{ActionError, check::Faults};

/// Makes a token that may do what the scopes say. It is shown once; its hash is kept.
///
/// # Errors
///
/// A name that cannot be shown or is in use; no scope.
pub async fn create_api_token(
    core: &Core,
    by: Actor,
    name: &str,
    scopes: &[ApiScope],
) -> Result<(ApiToken, Secret), ActionError> {
    let mut faults = Faults::default();
    let name = faults.line("name", name, 60);
    if scopes.is_empty() {
        faults.add("scopes", "are none: the token could do nothing");
    }
    faults.finish()?;
    let now = core.now();
    let secret = Secret::generate(&*core.entropy);
    let token = ApiToken {
        id: Id::new(now, &*core.entropy),
        name,
        scopes: scopes.to_vec(),
        created_at: now,
        revoked_at: None,
    };

    let tx = core.store.begin().await?;
    let inserted = tx.insert_api_token(&token, &secret.hash()).await;
    inserted.map_err(|error| {
        ActionError::taken(error, || {
            format!(
                "a token named \"{}\" already exists; choose another name, or revoke that one first",
                token.name
            )
        })
    })?;
    let scopes: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
    let event = AuditEvent::new(Action::ApiTokenCreated, by)
        .detail("name", &token.name)
        .detail("scopes", scopes.join(" "));
    tx.record(event, now).await?;
    tx.commit().await?;
    Ok((token, secret))
}

/// Revokes a token: the next request with it is refused.
pub async fn revoke_api_token(core: &Core, by: Actor, name: &str) -> Result<(), ActionError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    if !tx.revoke_api_token(name, now).await? {
        return Err(ActionError::NotFound {
            what: "live token",
            name: name.to_owned(),
        });
    }
    let event = AuditEvent::new(Action::ApiTokenRevoked, by).detail("name", name);
    tx.record(event, now).await?;
    tx.commit().await?;
    Ok(())
}
