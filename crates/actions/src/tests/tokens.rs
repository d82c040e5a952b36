use domain::api_scope::ApiScope;

use super::*;

#[tokio::test]
async fn a_token_is_made_found_and_revoked() {
    for world in World::each().await {
        let core = &world.core;
        let (token, secret) = create_api_token(core, lee(), " backend ", &[ApiScope::GuestsRead])
            .await
            .unwrap();
        assert_eq!(token.name, "backend");
        let found = core.store.reader().api_token(&secret.hash()).await.unwrap();
        assert_eq!(
            found.map(|token| token.name).as_deref(),
            Some("backend"),
            "{}",
            world.name
        );

        let again = create_api_token(core, lee(), "backend", &[ApiScope::GuestsRead]).await;
        assert!(matches!(again, Err(ActionError::Conflict(_))), "{}", world.name);

        revoke_api_token(core, lee(), "backend").await.unwrap();
        let found = core.store.reader().api_token(&secret.hash()).await.unwrap();
        assert!(
            found.is_none_or(|token| token.revoked_at.is_some()),
            "{}",
            world.name
        );
        let gone = revoke_api_token(core, lee(), "backend").await;
        assert!(
            matches!(gone, Err(ActionError::NotFound { .. })),
            "{}",
            world.name
        );
        assert_eq!(world.actions().await, ["api_token.created", "api_token.revoked"]);
        assert!(!format!("{:?}", world.audit().await).contains(secret.expose()));
    }
}

#[tokio::test]
async fn a_name_is_needed() {
    let world = World::sqlite().await;
    assert_eq!(
        fields(create_api_token(&world.core, lee(), " ", &[ApiScope::GuestsRead]).await),
        ["name"]
    );
    assert_eq!(
        fields(create_api_token(&world.core, lee(), "a\nb", &[ApiScope::GuestsRead]).await),
        ["name"]
    );
}
