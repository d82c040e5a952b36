//! `/dev/clock` and `/dev/fault`. Bodies are JSON and nothing else: a browser asks for permission before it lets
//! another site's page send that.

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    response::{IntoResponse, Response},
};
use chrono::{SecondsFormat, TimeDelta};
use domain::{duration, time::Clock as _};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{faults::MAIL_SERVER, problem::problem, state::DevState};

/// What a body may ask of the clock.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MoveClock {
    advance: Option<String>,
    #[serde(default)]
    reset: bool,
}

/// What a body may ask to break or mend.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetFaults {
    smtp: Option<String>,
    db: Option<String>,
}

/// `GET /dev/clock`.
pub(super) async fn clock(State(state): State<DevState>) -> Json<Value> {
    Json(shown_clock(&state))
}

fn shown_clock(state: &DevState) -> Value {
    let shift = state.clock.shift();
    let sign = if shift < TimeDelta::zero() { "-" } else { "" };
    json!({
        "now": state.clock.now().to_rfc3339_opts(SecondsFormat::Millis, true),
        "shifted_by": format!("{sign}{}", duration::show(shift.abs())),
    })
}

/// `POST /dev/clock`: `{"advance":"31m"}`, backwards `{"advance":"-1d"}`, or `{"reset":true}`.
pub(super) async fn move_clock(
    State(state): State<DevState>,
    body: Result<Json<MoveClock>, JsonRejection>,
) -> Response {
    let body = match read(body) {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    if body.advance.is_none() && !body.reset {
        return refuse("say {\"advance\":\"31m\"} or {\"reset\":true}");
    }
    let by = match body.advance.as_deref().map(parse) {
        None => TimeDelta::zero(),
        Some(Some(by)) => by,
        Some(None) => {
            return refuse("advance must be a duration, such as \"31m\", \"1h30m\", \"25h\" or \"-1d\"");
        }
    };
    if body.reset {
        state.clock.reset();
    }
    if !state.clock.advance(by) {
        return refuse("advance must not take the clock further than ten years away");
    }
    // What is due now leaves now.
    state.core.outgoing.wake();
    Json(shown_clock(&state)).into_response()
}

fn parse(text: &str) -> Option<TimeDelta> {
    match text.strip_prefix('-') {
        Some(text) => Some(-duration::parse(text)?),
        None => duration::parse(text),
    }
}

/// `GET /dev/fault`.
pub(super) async fn faults(State(state): State<DevState>) -> Json<Value> {
    Json(shown_faults(&state))
}

fn shown_faults(state: &DevState) -> Value {
    let db = if state.core.store.is_unreachable() {
        "down"
    } else {
        "up"
    };
    json!({ "smtp": state.faults.mail_server().to_string(), "db": db })
}

/// `POST /dev/fault`: `{"smtp":"down"}`, `{"db":"up"}` and so on. All of it or nothing.
pub(super) async fn set_faults(
    State(state): State<DevState>,
    body: Result<Json<SetFaults>, JsonRejection>,
) -> Response {
    let body = match read(body) {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    let Ok(mail_server) = body.smtp.as_deref().map(str::parse).transpose() else {
        return refuse(format!("smtp must be {MAIL_SERVER}"));
    };
    let down = match body.db.as_deref() {
        None => None,
        Some("up") => Some(false),
        Some("down") => Some(true),
        Some(_) => return refuse("db must be \"up\" or \"down\""),
    };
    if mail_server.is_none() && down.is_none() {
        return refuse(format!(
            "say what breaks: smtp ({MAIL_SERVER}) or db (\"up\" or \"down\")"
        ));
    }
    if let Some(down) = down {
        state.core.store.set_unreachable(down);
    }
    if let Some(mail_server) = mail_server {
        state.faults.set_mail_server(mail_server);
    }
    state.core.outgoing.wake();
    Json(shown_faults(&state)).into_response()
}

fn read<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, Response> {
    body.map(|Json(body)| body)
        .map_err(|rejection| problem(rejection.status(), rejection.body_text()))
}

fn refuse(detail: impl Into<String>) -> Response {
    problem(StatusCode::BAD_REQUEST, detail)
}
