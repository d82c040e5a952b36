//! The inbox for people.

use std::sync::Arc;

use actions::explain_route;
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use http::{HeaderName, header};
use sign_in::Core;
use web::{ErrorKind, ErrorPage, Failure};

use super::state::DevState;
use crate::captured::CapturedMail;

/// The pages' own policy: they show a mail in a frame, and run nothing.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";
/// A mail's policy: an origin of its own, no scripts, nothing fetched; its links open beside it.
const MAIL_POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
                           style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

#[derive(Template)]
#[template(path = "dev/inbox.html")]
struct InboxPage {
    organisation: String,
    now: String,
    mails: Vec<Line>,
    unsent: Vec<UnsentRow>,
}

/// A code that was asked for and not sent, and why.
struct UnsentRow {
    email: String,
    app: String,
    asked_at: String,
    why: String,
    /// What changes it.
    commands: Vec<String>,
}

/// How many of them are shown.
const UNSENT: u32 = 5;

async fn unsent(core: &Core) -> Result<Vec<UnsentRow>, Failure> {
    let reader = core.store.reader();
    let mut all = Vec::new();
    for code in reader.unsent_codes(UNSENT).await? {
        let Some(app) = reader.app(code.app).await? else {
            continue;
        };
        let email = code.email.as_str();
        let explained = explain_route(core, email, Some(&app.client_id))
            .await
            .map_err(Failure::internal)?;
        let (why, commands) = match explained.access {
            Some(Err("not_invited")) => (
                "this address is not invited to the app".to_owned(),
                vec![
                    format!("vestibule invite send {email} --app {}", app.client_id),
                    format!("vestibule app set {} --access any-guest", app.client_id),
                ],
            ),
            _ => (explained.preview.text, Vec::new()),
        };
        all.push(UnsentRow {
            email: email.to_owned(),
            app: app.name,
            asked_at: moment(code.asked_at),
            why,
            commands,
        });
    }
    Ok(all)
}

/// A mail in the list.
struct Line {
    id: String,
    to: String,
    subject: String,
    received_at: String,
    code: Option<Code>,
}

/// A code, and whether it is still good.
struct Code {
    digits: String,
    until: String,
    over: bool,
}

#[derive(Template)]
#[template(path = "dev/message.html")]
struct Message {
    line: Line,
    from: String,
    text: String,
    links: Vec<String>,
    headers: Vec<(String, String)>,
}

/// `GET /dev/inbox`, newest first.
pub(super) async fn list(State(state): State<DevState>) -> Result<Response, Failure> {
    let now = state.core.now();
    let page = InboxPage {
        organisation: state.core.settings.organisation.clone(),
        now: moment(now),
        mails: state
            .inbox
            .all()
            .iter()
            .rev()
            .map(|mail| line(mail, now))
            .collect(),
        unsent: unsent(&state.core).await?,
    };
    Ok(page_of(page.render()?))
}

/// `GET /dev/inbox/{id}`.
pub(super) async fn show(State(state): State<DevState>, Path(id): Path<String>) -> Result<Response, Failure> {
    let Some(mail) = state.inbox.get(&id) else {
        return Ok(nothing_here());
    };
    let page = Message {
        line: line(&mail, state.core.now()),
        from: mail.from.address.as_str().to_owned(),
        links: mail
            .text
            .split_whitespace()
            .filter(|word| word.starts_with("http://") || word.starts_with("https://"))
            .map(str::to_owned)
            .collect(),
        text: mail.text.clone(),
        headers: mail.headers(),
    };
    Ok(page_of(page.render()?))
}

/// `GET /dev/inbox/{id}/html`: the mail as a mail program shows it, in a frame.
pub(super) async fn html(State(state): State<DevState>, Path(id): Path<String>) -> Response {
    let Some(mail) = state.inbox.get(&id) else {
        return nothing_here();
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, MAIL_POLICY),
        (HeaderName::from_static("x-frame-options"), "SAMEORIGIN"),
    ];
    // A link would open in the frame, where none of our pages lets itself be shown.
    let body = mail
        .html
        .replacen("<a href=", "<a target=\"_blank\" href=", usize::MAX);
    (headers, Html(body)).into_response()
}

/// `GET /dev/style.css`.
pub(super) async fn style() -> Response {
    const STYLE: &str = include_str!("../../../templates/dev/style.css");
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

fn page_of(body: String) -> Response {
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(body)).into_response()
}

fn nothing_here() -> Response {
    ErrorPage::new(ErrorKind::NotFound).into_response()
}

fn line(mail: &Arc<CapturedMail>, now: DateTime<Utc>) -> Line {
    Line {
        id: mail.id.clone(),
        to: mail.to.as_str().to_owned(),
        subject: mail.subject.clone(),
        received_at: moment(mail.received_at),
        code: mail.code().map(|digits| Code {
            digits: digits.to_owned(),
            until: mail.ends_at.format("%H:%M:%S UTC").to_string(),
            over: mail.ends_at <= now,
        }),
    }
}

fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}
