//! The inbox for programs, in the shape of Mailpit's API: its clients work with `…/dev` as their base address.
//! (<https://github.com/axllent/mailpit>, `server/apiv1` and `internal/storage/structs.go`.)

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, SecondsFormat, Utc};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{problem::problem, state::DevState};
use crate::captured::{CapturedMail, NamedAddress};

/// Mailpit's own limits.
const LIMIT: usize = 50;
const SNIPPET: usize = 250;

/// Which part of a list.
#[derive(Deserialize)]
pub(super) struct MessagePart {
    #[serde(default)]
    start: usize,
    limit: Option<usize>,
    /// Mailpit's search: we know `to:ADDRESS`.
    query: Option<String>,
}

/// Which mail, where «the latest» is asked for.
#[derive(Deserialize)]
pub(super) struct Latest {
    to: Option<String>,
    query: Option<String>,
}

impl Latest {
    fn address(&self) -> Option<&str> {
        self.to.as_deref().or_else(|| addressed(self.query.as_deref()?))
    }
}

/// Which mails to delete.
#[derive(Deserialize)]
struct Doomed {
    #[serde(rename = "IDs", default)]
    ids: Vec<String>,
}

/// `GET /dev/api/v1/messages`, newest first.
pub(super) async fn list(State(state): State<DevState>, Query(part): Query<MessagePart>) -> Json<Value> {
    let all = state.inbox.all();
    Json(page(&part, &all, all.len()))
}

/// `GET /dev/api/v1/search?query=to:ADDRESS`.
pub(super) async fn search(State(state): State<DevState>, Query(part): Query<MessagePart>) -> Response {
    match part.query.as_deref().and_then(addressed) {
        Some(address) => {
            let total = state.inbox.all().len();
            Json(page(&part, &state.inbox.to(address), total)).into_response()
        }
        None => problem(StatusCode::BAD_REQUEST, "query must be to:ADDRESS"),
    }
}

/// `to:anna@contoso.test` → the address.
fn addressed(query: &str) -> Option<&str> {
    Some(query.trim().strip_prefix("to:")?.trim_matches(['"', ' ']))
}

fn page(part: &MessagePart, found: &[Arc<CapturedMail>], total: usize) -> Value {
    let matching = found.len();
    let limit = part.limit.unwrap_or(LIMIT);
    let messages: Vec<Value> = found
        .iter()
        .rev()
        .skip(part.start)
        .take(limit)
        .map(|mail| summary(mail))
        .collect();
    json!({
        "total": total,
        "unread": total,
        "count": messages.len(),
        "messages_count": matching,
        "messages_unread": matching,
        "start": part.start,
        "tags": [],
        "messages": messages,
    })
}

fn summary(mail: &CapturedMail) -> Value {
    let snippet: String = mail
        .text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(SNIPPET)
        .collect();
    let mut summary = common(mail);
    summary["Read"] = false.into();
    summary["Created"] = moment(mail.received_at).into();
    summary["Attachments"] = 0.into();
    summary["Snippet"] = snippet.into();
    summary
}

/// What Mailpit says of a mail both in a list and alone.
fn common(mail: &CapturedMail) -> Value {
    let reply_to: Vec<Value> = mail.reply_to.iter().map(address).collect();
    json!({
        "ID": mail.id,
        "MessageID": mail.message_id,
        "From": address(&mail.from),
        "To": [{ "Name": "", "Address": mail.to.as_str() }],
        "Cc": [],
        "Bcc": [],
        "ReplyTo": reply_to,
        "Subject": mail.subject,
        "Tags": [],
        "Username": "",
        "Size": mail.raw.len(),
    })
}

fn address(mailbox: &NamedAddress) -> Value {
    json!({ "Name": mailbox.name.as_deref().unwrap_or_default(), "Address": mailbox.address.as_str() })
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// `DELETE /dev/api/v1/messages`: those that `{"IDs":[…]}` names, or all.
pub(super) async fn delete(State(state): State<DevState>, body: Bytes) -> Response {
    if body.is_empty() {
        state.inbox.clear();
        return "ok".into_response();
    }
    match serde_json::from_slice::<Doomed>(&body) {
        Ok(Doomed { ids }) if ids.is_empty() => state.inbox.clear(),
        Ok(Doomed { ids }) => state.inbox.forget(&ids),
        Err(_) => {
            return problem(
                StatusCode::BAD_REQUEST,
                "the body must be empty or {\"IDs\":[\"1\"]}",
            );
        }
    }
    "ok".into_response()
}

fn find(state: &DevState, id: &str, latest: &Latest) -> Result<Arc<CapturedMail>, Response> {
    let found = if id == "latest" {
        state.inbox.latest(latest.address())
    } else {
        state.inbox.get(id)
    };
    found.ok_or_else(|| problem(StatusCode::NOT_FOUND, "there is no such mail"))
}

/// `GET /dev/api/v1/message/{id}`; `latest` is the newest, of those `?to=ADDRESS` when given.
pub(super) async fn show(
    State(state): State<DevState>,
    Path(id): Path<String>,
    Query(latest): Query<Latest>,
) -> Response {
    let mail = match find(&state, &id, &latest) {
        Ok(mail) => mail,
        Err(refused) => return refused,
    };
    let mut message = common(&mail);
    message["ReturnPath"] = mail.from.address.as_str().into();
    message["Date"] = moment(mail.received_at).into();
    message["Text"] = mail.text.as_str().into();
    message["HTML"] = mail.html.as_str().into();
    message["ListUnsubscribe"] = json!({ "Header": "", "Links": [], "Errors": "", "HeaderPost": "" });
    message["Inline"] = json!([]);
    message["Attachments"] = json!([]);
    Json(message).into_response()
}

/// `GET /dev/api/v1/message/{id}/headers`.
pub(super) async fn headers(
    State(state): State<DevState>,
    Path(id): Path<String>,
    Query(latest): Query<Latest>,
) -> Response {
    let mail = match find(&state, &id, &latest) {
        Ok(mail) => mail,
        Err(refused) => return refused,
    };
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in mail.headers() {
        headers.entry(name).or_default().push(value);
    }
    Json(headers).into_response()
}

/// `GET /dev/api/v1/message/{id}/raw`.
pub(super) async fn raw(
    State(state): State<DevState>,
    Path(id): Path<String>,
    Query(latest): Query<Latest>,
) -> Response {
    match find(&state, &id, &latest) {
        Ok(mail) => (
            [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
            mail.raw.clone(),
        )
            .into_response(),
        Err(refused) => refused,
    }
}

/// `GET /dev/api/code?to=ADDRESS`: the newest code that was mailed there. Not Mailpit's.
pub(super) async fn code(State(state): State<DevState>, Query(latest): Query<Latest>) -> Response {
    let Some(address) = latest.address() else {
        return problem(StatusCode::BAD_REQUEST, "say for whom: ?to=ADDRESS");
    };
    let mails = state.inbox.to(address);
    let newest = mails
        .iter()
        .rev()
        .find_map(|mail| Some((mail.code()?, mail.ends_at)));
    match newest {
        Some((code, ends_at)) => Json(json!({ "code": code, "expires_at": moment(ends_at) })).into_response(),
        None => problem(StatusCode::NOT_FOUND, "no code was mailed to this address"),
    }
}
