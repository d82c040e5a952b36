//! A copy of what is kept about the guest (GDPR, articles 15 and 20).

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use domain::{Id, app::App, guest::GuestStatus, method::Method, time::rfc3339};
use http::header;
use serde_json::{Value, json};
use sign_in::my_access::note_data_taken;
use store::{AccessRequestFilter, AuditQuery, GroupAssignmentFilter, InvitationFilter, MergeFilter, Reader};
use web::{Failure, Frame, Page, csrf::Form, routes, see_other, texts::Part};

use super::{
    confirm_page::ConfirmPage,
    guest_here::{GuestHere, Nothing, PostedHere},
};

/// The most rows of a kind that a copy holds: far more than a guest comes to.
const MOST: u64 = 100_000;

/// `GET /me/data`.
pub(crate) async fn show(here: GuestHere) -> Result<Response, Failure> {
    Ok(match here.proves_again(routes::MY_DATA).await? {
        Some(response) => response,
        None => Page::new(page(here.frame(), here.form(routes::MY_DATA))).into_response(),
    })
}

/// `POST /me/data`.
pub(crate) async fn download(posted: PostedHere<Nothing>) -> Result<Response, Failure> {
    let here = posted.here;
    if !here.is_fresh().await? {
        return Ok(see_other(routes::MY_DATA));
    }
    note_data_taken(&here.core, here.guest.id).await?;
    let attachment = (
        header::CONTENT_DISPOSITION,
        "attachment; filename=\"my-data.json\"",
    );
    Ok(([attachment], Json(copy(&here).await?)).into_response())
}

pub(super) fn page(frame: Frame, form: Form) -> ConfirmPage {
    let t = &frame.t.my_access;
    let parts = [("organisation", Part::Text(&frame.organisation))];
    ConfirmPage {
        title: t.data.to_owned(),
        says: vec![frame.mark(t.data_lead, &parts)],
        button: t.download,
        form,
        frame,
    }
}

fn when(at: Option<DateTime<Utc>>) -> Value {
    at.map_or(Value::Null, |at| rfc3339(at).into())
}

/// All of it, by kind. Keys and secrets are none of it: they are no data about a person.
async fn copy(here: &GuestHere) -> Result<Value, Failure> {
    let guest = &here.guest;
    let reader = here.reader();
    let apps = reader.apps().await?;
    Ok(json!({
        "taken_at": rfc3339(here.now),
        "organisation": here.core.settings.organisation,
        "guest": {
            "id": guest.id.to_string(),
            "sub": guest.subject.as_str(),
            "email": guest.email.as_str(),
            "name": guest.name,
            "language": guest.language,
            "status": guest.status.name(),
            "status_since": rfc3339(guest.status_since),
            "valid_until": when(guest.valid_until),
            "former_status": guest.former_status.map(GuestStatus::name),
            "method": guest.method.map(Method::kind),
            "pinned_method": guest.pinned_method.map(Method::kind),
            "redeemed_at": when(guest.redeemed_at),
            "last_sign_in_at": when(guest.last_sign_in_at),
            "email_proven_at": when(guest.email_proven_at),
            "created_at": rfc3339(guest.created_at),
            "updated_at": rfc3339(guest.updated_at),
            "invitations_blocked_since": when(reader.invitations_blocked_since(guest.id).await?),
        },
        "access": access(here, &reader, &apps).await?,
        "sign_in": ways(here, &reader).await?,
        "merges": merges(here, &reader).await?,
        "activity": activity(here, &reader, &apps).await?,
    }))
}

fn called(apps: &[App], id: Id<App>) -> Value {
    let app = apps.iter().find(|app| app.id == id);
    app.map_or(Value::Null, |app| app.name.as_str().into())
}

/// What they may open and were offered, what they asked for, and what they agreed to.
async fn access(here: &GuestHere, reader: &Reader, apps: &[App]) -> Result<Value, Failure> {
    let id = here.guest.id;
    let invitations = InvitationFilter {
        guest: Some(id),
        app: None,
        sponsor: None,
        standing: None,
        after: None,
        limit: MOST,
    };
    let requests = AccessRequestFilter {
        guest: Some(id),
        limit: MOST,
        ..AccessRequestFilter::default()
    };
    let groups = reader.groups().await?;
    let assignments = reader.assignments_of(id).await?.into_iter().map(|held| {
        json!({
            "app": called(apps, held.app),
            "starts_at": rfc3339(held.starts_at),
            "ends_at": when(held.ends_at),
            "reason": held.reason,
            "sponsor": held.sponsor,
            "stands_alone": held.stands_alone,
            "group": groups.iter().find(|group| Some(group.id) == held.group).map(|group| &group.name),
        })
    });
    let groups_held = reader
        .group_assignments(&GroupAssignmentFilter::of(id))
        .await?
        .into_iter()
        .map(|held| {
            json!({
                "group": groups.iter().find(|group| group.id == held.group).map(|group| &group.name),
                "starts_at": rfc3339(held.starts_at),
                "ends_at": when(held.ends_at),
                "reason": held.reason,
                "sponsor": held.sponsor,
            })
        });
    let invitations = reader
        .invitations(&invitations)
        .await?
        .into_iter()
        .map(|invitation| {
            json!({
                "app": called(apps, invitation.app),
                "invited_by": invitation.terms.invited_by,
                "about": invitation.terms.about,
                "message": invitation.terms.message,
            "language": invitation.terms.language,
                "access_until": when(invitation.terms.access_until),
                "state": invitation.standing(here.now).name(),
                "created_at": rfc3339(invitation.created_at),
                "expires_at": rfc3339(invitation.expires_at),
            "opened_at": when(invitation.opened_at),
            })
        });
    let requests = reader
        .access_requests(&requests)
        .await?
        .into_iter()
        .map(|request| {
            json!({
                "app": called(apps, request.app),
                    "renews": when(request.renews),
                "state": request.state.name(),
                "created_at": rfc3339(request.created_at),
            })
        });
    let consents = reader.consents_of(id).await?.into_iter().map(|consent| {
        json!({
            "app": called(apps, consent.app),
            "scopes": consent.scopes.to_string(),
            "granted_at": rfc3339(consent.granted_at),
        })
    });
    Ok(json!({
        "assignments": assignments.collect::<Vec<_>>(),
        "groups": groups_held.collect::<Vec<_>>(),
        "invitations": invitations.collect::<Vec<_>>(),
        "access_requests": requests.collect::<Vec<_>>(),
        "consents": consents.collect::<Vec<_>>(),
    }))
}

/// How they sign in, and where they are signed in.
async fn ways(here: &GuestHere, reader: &Reader) -> Result<Value, Failure> {
    let id = here.guest.id;
    let mut accounts = Vec::new();
    for linked in reader.accounts_of(id).await? {
        let upstream = reader.upstream(linked.upstream).await?;
        accounts.push(json!({
            "at": upstream.map(|upstream| upstream.display_name),
            "issuer": linked.account.issuer,
            "subject": linked.account.subject,
            "created_at": rfc3339(linked.created_at),
            "last_used_at": rfc3339(linked.last_used_at),
        }));
    }
    let passkeys = reader.passkeys_of(id).await?.into_iter().map(|passkey| {
        json!({
            "kind": passkey.kind.name(),
            "created_at": rfc3339(passkey.created_at),
            "used_at": when(passkey.used_at),
        })
    });
    let sessions = reader.sessions_kept_of(id).await?;
    let sessions = sessions.into_iter().map(|(session, seen)| {
        json!({
            "authenticated_at": rfc3339(session.authentication.at),
            "expires_at": rfc3339(session.expires_at),
            "ended_at": when(session.ended_at),
            "browser": seen.user_agent,
            "network": seen.network,
        })
    });
    Ok(json!({
        "accounts": accounts,
        "passkeys": passkeys.collect::<Vec<_>>(),
        "sessions": sessions.collect::<Vec<_>>(),
    }))
}

/// Who they were asked about: whether it is the same person.
async fn merges(here: &GuestHere, reader: &Reader) -> Result<Value, Failure> {
    let filter = MergeFilter {
        guest: Some(here.guest.id),
        limit: MOST,
        ..MergeFilter::default()
    };
    let merges = reader.merges(&filter).await?.into_iter().map(|merge| {
        json!({
            "stays": merge.kept == here.guest.id,
            "state": merge.standing(here.now),
            "asked_at": rfc3339(merge.asked_at),
            "agreed_at": when(merge.role(here.guest.id).and_then(|role| merge.agreed_at(role))),
        })
    });
    Ok(merges.collect())
}

/// What the audit log says of them: who did it is another person's data, so that only what they were is said.
async fn activity(here: &GuestHere, reader: &Reader, apps: &[App]) -> Result<Value, Failure> {
    let query = AuditQuery {
        guest: Some(here.guest.id),
        limit: MOST,
        ..AuditQuery::default()
    };
    let events = reader.audit_search(&query).await?.into_iter().map(|event| {
        json!({
            "at": rfc3339(event.at),
            "action": event.action,
            "by": event.actor_kind,
            "app": event.app.map(|app| called(apps, app)),
            // What an operator wrote is the operator's.
            "reason": event.reason.filter(|_| event.actor_kind != "operator"),
        })
    });
    Ok(events.collect())
}
