//! Trying an upstream out.

use domain::{
    EmailAddress, Id, Secret,
    audit::Actor,
    upstream::{TEST_FOR, TestSignIn, Upstream},
};
use sign_in::Core;

use super::ActionError;

/// Prepares a round trip to an upstream as somebody; says the token of its link, which works for [`TEST_FOR`].
pub async fn begin_test(
    core: &Core,
    by: &Actor,
    upstream: &Upstream,
    email: &EmailAddress,
) -> Result<Secret, ActionError> {
    let token = Secret::generate(&*core.entropy);
    let test = TestSignIn {
        id: Id::new(core.now(), &*core.entropy),
        upstream: upstream.id,
        email: email.clone(),
        by: by.name().unwrap_or_default(),
        expires_at: core.now() + TEST_FOR,
    };
    let tx = core.store.begin().await?;
    tx.insert_test_sign_in(&test, &token.hash()).await?;
    tx.commit().await?;
    Ok(token)
}
