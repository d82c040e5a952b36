//! What is switched off reaches everything that came of it, at once: one row for each thing that can be switched off.

use std::sync::Arc;

use actions::{
    GroupChange, NewAssignment, NewGroupAssignment, add_group, assign, assign_to_group, block_guest,
    change_group, change_upstream, convert_guest, disable_app, end_what_is_off, remove_group, remove_guest,
    set_expiry, switch_off, unassign, unassign_from_group,
};
use chrono::{DateTime, TimeDelta, Utc};
use dev::browser::TextBrowser;
use domain::{
    Id,
    app::App,
    upstream::{Declaration, UpstreamKind},
};
use method_resolution::{Policies, Policy};

use crate::{
    federation::{federate, provide, through},
    rp::{Rp, answered_at, param, until_app},
    world::{World, browser, operator, worlds},
};

const ANNA: &str = "anna@contoso.test";

#[derive(Clone, Copy, Debug)]
enum Off {
    TenantDisabled,
    TenantChangedToDisabled,
    TenantRemoved,
    ProviderDisabled,
    ProviderRemoved,
    /// By the configuration of a process that starts: the others go on with what they read.
    Codes,
    Domain,
    /// Not on the list of those that are allowed.
    OtherDomains,
    GuestBlocked,
    GuestRemoved,
    GuestConverted,
    /// By a date that has come.
    GuestExpired,
    AppDisabled,
    AssignmentEnded,
    /// By the time that was set for it.
    AssignmentOver,
    /// The guest may enter through a group alone, and is taken out of it.
    GroupAssignmentEnded,
    GroupAssignmentOver,
    AppOutOfGroup,
    GroupRemoved,
}

impl Off {
    /// How the guest came.
    fn method(self) -> &'static str {
        match self {
            Self::Codes | Self::AssignmentEnded | Self::AssignmentOver => "passcode",
            group if group.is_of_group() => "passcode",
            Self::ProviderDisabled | Self::ProviderRemoved => "personal_account",
            _ => "federation",
        }
    }

    fn is_of_group(self) -> bool {
        matches!(
            self,
            Self::GroupAssignmentEnded | Self::GroupAssignmentOver | Self::AppOutOfGroup | Self::GroupRemoved
        )
    }
}

async fn switch(world: &World, off: Off) {
    let core = &world.core;
    match off {
        Off::TenantDisabled | Off::TenantRemoved => {
            let remove = matches!(off, Off::TenantRemoved);
            switch_off(core, operator(), (UpstreamKind::Tenant, "contoso"), remove)
                .await
                .unwrap();
        }
        Off::TenantChangedToDisabled => {
            let disable = |tenant: &mut Declaration| {
                tenant.enabled = false;
                Ok(())
            };
            change_upstream(core, operator(), (UpstreamKind::Tenant, "contoso"), disable)
                .await
                .unwrap();
        }
        Off::ProviderDisabled | Off::ProviderRemoved => {
            let remove = matches!(off, Off::ProviderRemoved);
            switch_off(core, operator(), (UpstreamKind::Provider, "contoso"), remove)
                .await
                .unwrap();
        }
        Off::Codes => {
            let strict = Policy {
                codes: false,
                ..Policy::default()
            };
            start_with(world, strict).await;
        }
        Off::Domain => {
            let strict = Policy {
                refused_domains: vec!["contoso.test".into()],
                ..Policy::default()
            };
            start_with(world, strict).await;
        }
        Off::OtherDomains => {
            let strict = Policy {
                allowed_domains: vec!["fabrikam.test".into()],
                ..Policy::default()
            };
            start_with(world, strict).await;
        }
        Off::GuestBlocked => {
            let guest = world.guest(ANNA).await.id;
            block_guest(core, operator(), guest, None).await.unwrap();
        }
        Off::GuestRemoved => {
            let guest = world.guest(ANNA).await.id;
            remove_guest(core, operator(), guest, None).await.unwrap();
        }
        Off::GuestConverted => {
            let guest = world.guest(ANNA).await.id;
            convert_guest(core, operator(), guest, None).await.unwrap();
        }
        Off::GuestExpired => {
            let (guest, soon) = (world.guest(ANNA).await.id, core.now() + TimeDelta::seconds(1));
            set_expiry(core, operator(), guest, Some(soon)).await.unwrap();
            world.clock.advance(TimeDelta::seconds(1));
        }
        Off::AppDisabled => {
            disable_app(core, operator(), "notes").await.unwrap();
        }
        Off::AssignmentEnded => {
            let (guest, app) = (world.guest(ANNA).await.id, notes(world).await);
            assert!(unassign(core, operator(), guest, app, None).await.unwrap());
        }
        Off::AssignmentOver => {
            let new = NewAssignment {
                guest: world.guest(ANNA).await.id,
                app: notes(world).await,
                starts_at: None,
                ends_at: Some(core.now() + TimeDelta::seconds(1)),
                reason: None,
                sponsor: None,
            };
            assign(core, operator(), new).await.unwrap();
            world.clock.advance(TimeDelta::seconds(1));
        }
        Off::GroupAssignmentEnded => {
            let guest = world.guest(ANNA).await.id;
            let ended = unassign_from_group(core, operator(), guest, "auditors", None).await;
            assert!(ended.unwrap());
        }
        Off::GroupAssignmentOver => {
            group_anna(world, Some(core.now() + TimeDelta::seconds(1))).await;
            world.clock.advance(TimeDelta::seconds(1));
        }
        Off::AppOutOfGroup => {
            let change = GroupChange {
                remove_apps: vec!["notes".into()],
                ..GroupChange::default()
            };
            change_group(core, operator(), "auditors", change).await.unwrap();
        }
        Off::GroupRemoved => remove_group(core, operator(), "auditors").await.unwrap(),
    }
}

/// Assigns the guest to the group through which they may enter.
async fn group_anna(world: &World, ends_at: Option<DateTime<Utc>>) {
    let new = NewGroupAssignment {
        guest: world.guest(ANNA).await.id,
        group: "auditors".into(),
        ends_at,
        reason: None,
        sponsor: None,
    };
    assign_to_group(&world.core, operator(), new).await.unwrap();
}

async fn notes(world: &World) -> Id<App> {
    let app = world.core.store.reader().app_by_client_id("notes").await;
    app.unwrap().unwrap().id
}

/// What a process does on this database before it serves.
async fn start_with(world: &World, policy: Policy) {
    let mut core = world.core.clone();
    let mut settings = (*core.settings).clone();
    settings.resolution = Policies::from(policy);
    core.settings = Arc::new(settings);
    end_what_is_off(&core).await.unwrap();
}

/// What an app and a browser hold of a guest.
struct Held {
    anna: TextBrowser,
    access_token: String,
    refresh_token: String,
    /// Of a second, silent request; not redeemed yet.
    code: String,
}

async fn hold(world: &World, rp: &Rp, method: &str) -> Held {
    let upstream = match method {
        "federation" => Some(federate(world).await),
        "personal_account" => Some(provide(world).await),
        _ => None,
    };
    let mut anna = browser();
    let scope = ("scope", Some("openid email offline_access"));
    let page = anna
        .get(&rp.authorize(&[scope, ("prompt", Some("consent"))]))
        .await
        .unwrap();
    let page = anna.submit(&page, "email", &[("email", ANNA)]).await.unwrap();
    let page = if let Some(upstream) = &upstream {
        let link = page.link("Continue to Contoso").unwrap();
        through(&mut anna, upstream, &link).await
    } else {
        let code = world.code(ANNA).await;
        anna.submit(&page, "code", &[("code", &code)]).await.unwrap()
    };
    let page = anna.submit(&page, "Continue", &[]).await.unwrap();
    let answer = answered_at(&page, &rp.redirect_uri);
    let tokens = rp.exchange(&param(&answer, "code").unwrap()).await.body;
    let silent = [scope, ("prompt", Some("none"))];
    let page = until_app(&mut anna, &rp.authorize(&silent), &rp.redirect_uri).await;
    let token = |name: &str| {
        tokens[name]
            .as_str()
            .unwrap_or_else(|| panic!("{tokens}"))
            .to_owned()
    };
    assert_eq!(
        world.guest(ANNA).await.method.map(domain::method::Method::kind),
        Some(method)
    );
    Held {
        access_token: token("access_token"),
        refresh_token: token("refresh_token"),
        code: param(&answered_at(&page, &rp.redirect_uri), "code").unwrap(),
        anna,
    }
}

#[tokio::test]
async fn what_is_switched_off_reaches_all_that_came_of_it() {
    let rows = [
        Off::TenantDisabled,
        Off::TenantChangedToDisabled,
        Off::TenantRemoved,
        Off::ProviderDisabled,
        Off::ProviderRemoved,
        Off::Codes,
        Off::Domain,
        Off::OtherDomains,
        Off::GuestBlocked,
        Off::GuestRemoved,
        Off::GuestConverted,
        Off::GuestExpired,
        Off::AppDisabled,
        Off::AssignmentEnded,
        Off::AssignmentOver,
        Off::GroupAssignmentEnded,
        Off::GroupAssignmentOver,
        Off::AppOutOfGroup,
        Off::GroupRemoved,
    ];
    for off in rows {
        for world in worlds().await {
            let case = format!("{off:?}, {}", world.database.name);
            let rp = world.app_with("notes", |app| app.offline_access = true).await;
            let gateway = world.app("gateway").await;
            if off.is_of_group() {
                // Known by an invitation to another app.
                world.invite(ANNA, "gateway").await;
                let apps = ["notes".to_owned()];
                add_group(&world.core, operator(), "auditors", &apps)
                    .await
                    .unwrap();
                group_anna(&world, None).await;
            } else {
                world.invite(ANNA, "notes").await;
            }
            let mut held = hold(&world, &rp, off.method()).await;
            let form = [("token", held.access_token.as_str())];
            assert_eq!(rp.userinfo(&held.access_token).await.status, 200, "{case}");

            switch(&world, off).await;

            assert_eq!(
                rp.userinfo(&held.access_token).await.status,
                401,
                "{case}: UserInfo"
            );
            let introspected = gateway.post("/introspect", &form).await;
            assert_ne!(introspected.body["active"], true, "{case}: introspection");
            let introspected = rp.post("/introspect", &form).await;
            assert_ne!(introspected.body["active"], true, "{case}: introspection");
            let refreshed = rp.refresh(&held.refresh_token).await;
            assert!(
                [400, 401].contains(&refreshed.status),
                "{case}: refresh: {refreshed:?}"
            );
            let exchanged = rp.exchange(&held.code).await;
            assert!(
                [400, 401].contains(&exchanged.status),
                "{case}: code: {exchanged:?}"
            );
            let silent = rp.authorize(&[("prompt", Some("none"))]);
            let silent = until_app(&mut held.anna, &silent, &rp.redirect_uri).await;
            assert_eq!(param(&silent.url, "code"), None, "{case}: session, authorize");
        }
    }
}
