//! What happened lately, in the guest's words, and «this wasn't me».

use axum::response::Response;
use chrono::{DateTime, Utc};
use domain::{
    app::App,
    audit::{Action, AuditRecord},
    group::Group,
};
use http::header;
use serde::Deserialize;
use sign_in::my_access;
use store::AuditQuery;
use web::{
    Failure,
    cookies::{self, Kind},
    routes, see_other,
    texts::{fill, my_access::MyAccessTexts},
};

use super::{
    guest_here::{GuestHere, Nothing, PostedHere},
    last_page::LastPage,
};

/// How many events are read to find those that a guest has words for.
const READ: u64 = 100;
/// How many are shown.
const SHOWN: usize = 12;
/// How many apps of a group are named.
const NAMED: usize = 3;

/// Something that happened, and when.
pub(super) struct Happened {
    pub(super) at: DateTime<Utc>,
    pub(super) what: String,
}

/// The latest of what happened, newest first.
pub(super) async fn latest(here: &GuestHere, apps: &[App]) -> Result<Vec<Happened>, Failure> {
    let reader = here.reader();
    let query = AuditQuery {
        guest: Some(here.guest.id),
        limit: READ,
        ..AuditQuery::default()
    };
    let events = reader.audit_search(&query).await?;
    let is_of_group = |event| group_of(event).is_some();
    let groups = if events.iter().any(is_of_group) {
        reader.groups().await?
    } else {
        Vec::new()
    };
    let frame = here.frame();
    let t = &frame.t.my_access;
    let organisation = frame.organisation.as_str();
    let told = events.iter().filter_map(|event| {
        let what = fill(
            words(event, t)?,
            &[
                ("app", &called(event, (apps, &groups), t)),
                ("organisation", organisation),
            ],
        );
        Some(Happened { at: event.at, what })
    });
    Ok(told.take(SHOWN).collect())
}

/// What the page calls the app of an event, or the apps of its group: guests know no groups.
fn called(event: &AuditRecord, (apps, groups): (&[App], &[Group]), t: &MyAccessTexts) -> String {
    let name = |id| apps.iter().find(|app| app.id == id).map(|app| app.name.as_str());
    match event.app {
        Some(id) if id == domain::my_access::app_id() => t.title.to_owned(),
        Some(id) => name(id).unwrap_or(t.some_app).to_owned(),
        None => {
            let called = group_of(event);
            let group = groups.iter().find(|group| Some(&group.name) == called.as_ref());
            let ids = group.map_or(&[][..], |group| &group.apps);
            let mut names: Vec<&str> = ids.iter().filter_map(|id| name(*id)).collect();
            match names.len() {
                0 => t.some_app.to_owned(),
                1..=NAMED => names.join(", "),
                _ => {
                    names.truncate(NAMED);
                    format!("{}, …", names.join(", "))
                }
            }
        }
    }
}

/// The name of the group that an event is about.
fn group_of(event: &AuditRecord) -> Option<String> {
    #[derive(Deserialize)]
    struct OfGroup {
        group: Option<String>,
    }
    let details: OfGroup = serde_json::from_str(&event.details).ok()?;
    details.group
}

/// A guest's words for an event; `None` for what happens behind the scenes.
fn words(event: &AuditRecord, t: &MyAccessTexts) -> Option<&'static str> {
    let action = Action::ALL.iter().find(|action| action.name() == event.action)?;
    // Their own next sign-in in the same browser ended it: the line above says so.
    if *action == Action::SessionEnded && event.reason.as_deref() == Some("replaced") {
        return None;
    }
    Some(match action {
        Action::CodeMailed => t.did_code_mailed,
        Action::CodeWrong => t.did_code_wrong,
        Action::SessionStarted => t.did_sign_in,
        Action::CodeIssued => t.did_open,
        Action::AccessRefused => t.did_refused,
        Action::SessionEnded => t.did_session_ended,
        Action::PasskeyAdded => t.did_passkey_added,
        Action::PasskeyRemoved => t.did_passkey_removed,
        Action::MethodMoved => t.did_method_moved,
        Action::MethodReset => t.did_method_reset,
        Action::AddressChanged => t.did_address_changed,
        Action::GuestMerged => t.did_merge,
        Action::AccountLinked => t.did_account_linked,
        Action::InvitationCreated => t.did_invited,
        Action::AssignmentAdded => t.did_assigned,
        Action::AssignmentEnded => t.did_unassigned,
        Action::DataTaken => t.did_take_data,
        _ => return None,
    })
}

/// `POST /me/activity`.
pub(crate) async fn dispute(posted: PostedHere<Nothing>) -> Result<Response, Failure> {
    let here = posted.here;
    my_access::dispute_activity(&here.core, here.guest.id).await?;
    let mut response = see_other(&routes::my_last_page(LastPage::Disputed.name()));
    let cleared = cookies::clear(&here.core.settings.issuer, Kind::Session);
    response.headers_mut().append(header::SET_COOKIE, cleared);
    Ok(response)
}
