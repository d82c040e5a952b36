use std::sync::Arc;

use chrono::TimeDelta;
use domain::{
    Id,
    grant::Grant,
    guest::Guest,
    passkey::PasskeyKind,
    session::{Means, Session},
    upstream::{Connection, Upstream},
};
use method_resolution::{Policies, Policy};
use sign_in::Settings;
use test_support::samples;

use super::*;

/// A session, and what an app holds of it.
type Held = (Session, Id<Grant>);

/// Who is signed in, each in a way of their own.
struct SignedIn {
    code: Held,
    passkey: Held,
    saml: Held,
    oidc: Held,
}

async fn signed_in(world: &World) -> SignedIn {
    let saml = Upstream {
        connection: Some(Connection::Saml(samples::saml_connection(
            "https://idp.fabrikam.test",
        ))),
        ..samples::tenant("fabrikam", &["fabrikam.test"])
    };
    let oidc = samples::tenant("contoso", &["contoso.test"]);
    let tx = world.core.store.begin().await.unwrap();
    let app = tx.app_by_client_id("notes").await.unwrap().unwrap();
    tx.insert_upstream(&saml).await.unwrap();
    tx.insert_upstream(&oidc).await.unwrap();
    let enter = async |address: &str, means: Means| {
        let guest: Guest = samples::guest(address);
        tx.insert_guest(&guest).await.unwrap();
        let mut session = samples::session(&guest);
        session.authentication.means = means;
        session.expires_at = world.core.now() + TimeDelta::hours(24);
        tx.insert_session(&session, &samples::secret().hash(), &store::SeenAs::default())
            .await
            .unwrap();
        let grant = samples::grant(&app, &session);
        let until = world.core.now() + TimeDelta::days(30);
        tx.insert_grant(&grant, &samples::authorization_code(), None, until)
            .await
            .unwrap();
        (session, grant.id)
    };
    let signed_in = SignedIn {
        code: enter("anna@partner.test", Means::Code).await,
        passkey: enter("ben@partner.test", Means::Passkey(PasskeyKind::Bound)).await,
        saml: enter("cleo@fabrikam.test", Means::of(saml.method(), false)).await,
        oidc: enter("dora@contoso.test", Means::of(oidc.method(), false)).await,
    };
    tx.commit().await.unwrap();
    signed_in
}

/// The core of a process that starts with other settings.
fn restarted(world: &World, change: impl FnOnce(&mut Settings)) -> Core {
    let mut settings = (*world.core.settings).clone();
    change(&mut settings);
    Core {
        settings: Arc::new(settings),
        ..world.core.clone()
    }
}

#[tokio::test]
async fn what_the_configuration_switches_off_ends_what_came_of_it_and_nothing_else() {
    type Change = fn(&mut Settings);
    let refused: Change = |settings| {
        settings.resolution = Policies::from(Policy {
            refused_domains: vec!["contoso.test".into()],
            ..Policy::default()
        });
    };
    let codes: Change = |settings| {
        settings.resolution = Policies::from(Policy {
            codes: false,
            ..Policy::default()
        });
    };
    // In order: by code, by passkey, by SAML, by OpenID Connect. Whether each goes on.
    let rows: [(&str, Change, [bool; 4]); 6] = [
        ("nothing", |_| (), [true; 4]),
        ("codes_off", codes, [false, false, true, true]),
        ("passkeys_off", |s| s.passkeys = false, [true, false, true, true]),
        ("saml_off", |s| s.saml = false, [true, true, false, true]),
        ("domain_refused", refused, [true, true, true, false]),
        (
            "one domain's codes",
            |settings| {
                let strict = Policy {
                    codes: false,
                    ..Policy::default()
                };
                settings.resolution.domains.insert("other.test".into(), strict);
            },
            [true; 4],
        ),
    ];
    for (off, change, goes_on) in rows {
        for world in World::each_with_app().await {
            let name = world.name;
            let signed_in = signed_in(&world).await;
            let core = restarted(&world, change);
            let ended = end_what_is_off(&core).await.unwrap();
            let gone = goes_on.iter().filter(|goes_on| !**goes_on).count();
            assert_eq!((ended.sessions, ended.grants), (gone, gone), "{name}: {off}");
            let SignedIn {
                code,
                passkey,
                saml,
                oidc,
            } = signed_in;
            let reader = core.store.reader();
            for (place, (session, grant)) in [code, passkey, saml, oidc].iter().enumerate() {
                let session = reader.session(session.id).await.unwrap().unwrap();
                let case = format!("{name}: {off}, {place}");
                assert_eq!(session.is_live(core.now()), goes_on[place], "{case}");
                let grant = reader.grant(*grant).await.unwrap().unwrap();
                assert_eq!(grant.revoked_at.is_none(), goes_on[place], "{case}");
            }
            let records = world.audit().await;
            let said: Vec<_> = records
                .iter()
                .filter(|record| record.action == "session.ended")
                .map(|record| record.reason.as_deref().unwrap_or_default())
                .collect();
            assert!(said.iter().all(|reason| *reason == off), "{name}: {said:?}");
            let revoked = records.iter().filter(|record| record.action == "grant.revoked");
            assert_eq!(revoked.count(), gone, "{name}: {off}");
            assert_eq!(said.len(), gone, "{name}: {off}");
            let again = end_what_is_off(&core).await.unwrap();
            assert_eq!(again, EndedWhatIsOff::default(), "{name}: {off}, again");
        }
    }
}

/// A refresh token outlives its session, and must not outlive what it came of.
#[tokio::test]
async fn what_apps_hold_of_a_session_that_is_over_ends_as_well() {
    for world in World::each_with_app().await {
        let signed_in = signed_in(&world).await;
        world.clock.advance(TimeDelta::days(2));
        let core = restarted(&world, |settings| settings.passkeys = false);
        let ended = end_what_is_off(&core).await.unwrap();
        assert_eq!((ended.sessions, ended.grants), (0, 1), "{}", world.name);
        let grant = core.store.reader().grant(signed_in.passkey.1).await.unwrap();
        assert!(grant.unwrap().revoked_at.is_some(), "{}", world.name);
    }
}

/// What an app holds goes on with the session that takes the place of the one it came of, and is judged by its own proof.
#[tokio::test]
async fn what_an_app_holds_is_judged_by_what_it_came_of() {
    for world in World::each_with_app().await {
        let name = world.name;
        let SignedIn { code, passkey, .. } = signed_in(&world).await;
        let tx = world.core.store.begin().await.unwrap();
        tx.move_grants(passkey.0.id, code.0.id).await.unwrap();
        tx.commit().await.unwrap();
        let core = restarted(&world, |settings| settings.passkeys = false);
        let ended = end_what_is_off(&core).await.unwrap();
        assert_eq!((ended.sessions, ended.grants), (1, 1), "{name}");
        let reader = core.store.reader();
        let session = reader.session(code.0.id).await.unwrap().unwrap();
        assert!(
            session.is_live(core.now()),
            "{name}: the session that began by a code"
        );
        for (grant, goes_on) in [(code.1, true), (passkey.1, false)] {
            let grant = reader.grant(grant).await.unwrap().unwrap();
            assert_eq!(grant.revoked_at.is_none(), goes_on, "{name}");
        }
    }
}
