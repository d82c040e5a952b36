//! Adding a group, changing its name and its apps, and removing it.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    access::Access,
    app::App,
    audit::{Action, Actor, AuditEvent},
    group::Group,
    guest::Guest,
};
use sign_in::Core;
use store::{StoreError, Tx};

use super::{ActionError, By, check::Faults};

/// What an operator wants to be otherwise about a group.
#[derive(Clone, Debug, Default)]
pub struct GroupChange {
    /// Its name; `None` stays.
    pub name: Option<String>,
    /// The client ids of apps that are added to it; one that is in it already stays.
    pub add_apps: Vec<String>,
    /// The client ids of apps that are taken out of it; one that is not in it stays out.
    pub remove_apps: Vec<String>,
}

/// Adds a group with its apps, by their client ids.
///
/// # Errors
///
/// A name that is not one, or that another group has; no app of one of the names.
pub async fn add_group(core: &Core, by: Actor, name: &str, apps: &[String]) -> Result<Group, ActionError> {
    let now = core.now();
    checked_name(name)?;
    let tx = core.store.begin().await?;
    let group = Group {
        id: Id::new(now, core.entropy.as_ref()),
        name: name.to_owned(),
        apps: with(Vec::new(), apps_called(&tx, apps).await?),
        created_at: now,
    };
    let taken = |error| ActionError::taken(error, || in_use(name));
    tx.insert_group(&group).await.map_err(taken)?;
    tx.add_group_apps(group.id, &group.apps).await.map_err(app_gone)?;
    let event = AuditEvent::new(Action::GroupAdded, by).detail("group", name);
    tx.record(event.detail("apps", apps.join(" ")), now).await?;
    tx.commit().await?;
    Ok(group)
}

/// Changes a group. What an app that is taken out of it holds of its guests is revoked, unless they have access to it by other means.
/// Guests whose access to an app was ended stay out of it, where it comes into their group.
///
/// # Errors
///
/// No group of that name; a name that is not one, or that another group has; no app of one of the names; an app to be added and
/// removed; [`ActionError::Changed`].
pub async fn change_group(
    core: &Core,
    by: impl Into<By>,
    name: &str,
    change: GroupChange,
) -> Result<Group, ActionError> {
    let (by, now) = (by.into(), core.now());
    if let Some(both) = change
        .add_apps
        .iter()
        .find(|app| change.remove_apps.contains(app))
    {
        let mut faults = Faults::default();
        faults.add(
            "remove_apps",
            format!("holds \"{both}\", which is to be added as well"),
        );
        faults.finish()?;
    }
    if let Some(new) = &change.name {
        checked_name(new)?;
    }
    let tx = core.store.begin().await?;
    let was = found(&tx, name).await?;
    by.check(&was)?;
    let (more, fewer) = (
        apps_called(&tx, &change.add_apps).await?,
        apps_called(&tx, &change.remove_apps).await?,
    );
    let mut group = was.clone();
    group.name = change.name.unwrap_or(group.name);
    group.apps = with(group.apps, more);
    group.apps.retain(|app| !fewer.contains(app));
    if group == was {
        return Ok(group);
    }
    let gone: Vec<Id<App>> = less(&was.apps, &group.apps);
    let come: Vec<Id<App>> = less(&group.apps, &was.apps);
    // Whom an app knows is asked before it goes.
    let held = held_through(&tx, &was, &gone).await?;
    if group.name != was.name {
        let taken = |error| ActionError::taken(error, || in_use(&group.name));
        tx.rename_group(group.id, &group.name).await.map_err(taken)?;
    }
    tx.add_group_apps(group.id, &come).await.map_err(app_gone)?;
    tx.remove_group_apps(group.id, &gone).await?;
    let revoked = revoke_lost(&tx, held, now).await?;

    let mut event = AuditEvent::new(Action::GroupChanged, by.actor).detail("group", &was.name);
    if group.name != was.name {
        event = event.detail("name", format!("{} → {}", was.name, group.name));
    }
    for (what, apps) in [("apps_added", come), ("apps_removed", gone)] {
        if !apps.is_empty() {
            event = event.detail(what, called(&tx, &apps).await?);
        }
    }
    tx.record(event.detail("grants_revoked", revoked.to_string()), now)
        .await?;
    tx.commit().await?;
    Ok(group)
}

/// Removes a group, with who was in it. What its apps hold of its guests is revoked, unless they have access by other means.
///
/// # Errors
///
/// No group of that name; [`ActionError::Changed`].
pub async fn remove_group(core: &Core, by: impl Into<By>, name: &str) -> Result<(), ActionError> {
    let (by, now) = (by.into(), core.now());
    let tx = core.store.begin().await?;
    let group = found(&tx, name).await?;
    by.check(&group)?;
    let held = held_through(&tx, &group, &group.apps).await?;
    tx.remove_group(group.id).await?;
    let revoked = revoke_lost(&tx, held, now).await?;
    let event = AuditEvent::new(Action::GroupRemoved, by.actor).detail("group", name);
    tx.record(event.detail("grants_revoked", revoked.to_string()), now)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Guests of a group of whom some of its apps hold something, with the app.
async fn held_through(
    tx: &Tx,
    group: &Group,
    apps: &[Id<App>],
) -> Result<Vec<(Id<Guest>, Id<App>)>, ActionError> {
    let mut held = Vec::new();
    for app in apps {
        let guests = tx.holders_in_group(group.id, *app).await?;
        held.extend(guests.into_iter().map(|guest| (guest, *app)));
    }
    Ok(held)
}

/// Revokes what those apps hold of those guests who may not enter them any more; says how many grants. It is tidiness: each use of a
/// token asks whether its guest may enter.
pub(super) async fn revoke_lost(
    tx: &Tx,
    held: Vec<(Id<Guest>, Id<App>)>,
    now: DateTime<Utc>,
) -> Result<u64, ActionError> {
    let mut revoked = 0;
    for (guest, app) in held {
        let Some(guest) = tx.guest(guest).await? else {
            continue;
        };
        if let Access::Refuse(_) = tx.access_of(app, &guest, now).await? {
            revoked += tx.revoke_grants_of_guest_at(guest.id, app, now).await?;
        }
    }
    Ok(revoked)
}

/// The group of that name, locked: nobody changes it meanwhile.
pub(super) async fn found(tx: &Tx, name: &str) -> Result<Group, ActionError> {
    tx.lock_group(name).await?.ok_or_else(|| ActionError::NotFound {
        what: "group",
        name: name.to_owned(),
    })
}

/// The apps of these client ids.
async fn apps_called(tx: &Tx, clients: &[String]) -> Result<Vec<Id<App>>, ActionError> {
    let mut apps = Vec::new();
    for client_id in clients {
        let app = tx.app_by_client_id(client_id).await?;
        let app = app.ok_or_else(|| ActionError::NotFound {
            what: "app",
            name: client_id.clone(),
        })?;
        apps.push(app.id);
    }
    Ok(apps)
}

/// These apps by their client ids.
async fn called(tx: &Tx, apps: &[Id<App>]) -> Result<String, ActionError> {
    let mut clients = Vec::new();
    for app in apps {
        clients.extend(tx.app(*app).await?.map(|app| app.client_id));
    }
    Ok(clients.join(" "))
}

/// An app that was removed since it was looked for.
fn app_gone(error: StoreError) -> ActionError {
    ActionError::taken(error, || {
        "one of the apps was removed just now: look, and try again".to_owned()
    })
}

/// These apps without those.
fn less(apps: &[Id<App>], those: &[Id<App>]) -> Vec<Id<App>> {
    apps.iter().filter(|app| !those.contains(app)).copied().collect()
}

/// These apps and those, each once.
fn with(mut apps: Vec<Id<App>>, more: Vec<Id<App>>) -> Vec<Id<App>> {
    for app in more {
        if !apps.contains(&app) {
            apps.push(app);
        }
    }
    apps
}

fn checked_name(name: &str) -> Result<(), ActionError> {
    let mut faults = Faults::default();
    faults.short_name("name", name, "auditors");
    faults.finish()
}

fn in_use(name: &str) -> String {
    format!("there is a group \"{name}\" already")
}
