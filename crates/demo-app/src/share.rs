//! Sharing a note: the app asks the provider's API to invite the guest, and says what the API answered.

use std::sync::Arc;

use anyhow::Context;
use axum::{
    extract::{Form, State, rejection::FormRejection},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use openidconnect::HttpResponse;
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    note::{self, Note},
    pages::{HostPage, MethodPreview, Notice, Page},
    problem::Problem,
};

/// What the form holds.
#[derive(Deserialize)]
pub(crate) struct ShareForm {
    note: String,
    email: String,
}

/// `POST {issuer}/api/v1/invitations`
#[derive(Serialize)]
struct Invite<'a> {
    email: &'a str,
    app: &'a str,
    invited_by: &'a str,
    about: &'a str,
}

/// Its answer, as far as the app needs it.
#[derive(Debug, Deserialize)]
struct Invited {
    email: String,
    method_preview: MethodPreview,
}

/// The provider's own words for why not (RFC 9457).
#[derive(Debug, Default, Deserialize)]
struct ProblemJson {
    title: Option<String>,
    detail: Option<String>,
}

/// `POST /share`
pub(crate) async fn share(
    State(app): State<Arc<App>>,
    form: Result<Form<ShareForm>, FormRejection>,
) -> Result<Response, Problem> {
    let Form(form) = form.map_err(|rejection| Problem::bad_request(rejection.body_text()))?;
    let note =
        note::find(&form.note).ok_or_else(|| Problem::bad_request("There is no such note to share."))?;
    let email = form.email.trim();
    let answer = match email {
        "" => Err("Enter the email address of the person you want to share with".to_owned()),
        _ => invite(&app, note, email).await,
    };
    let (status, notice) = match answer {
        Ok(invited) => {
            app.shares.add(note.id, &invited.email);
            (
                StatusCode::OK,
                Notice::invited(note, &invited.email, &invited.method_preview),
            )
        }
        Err(words) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            Notice::not_invited(note, email, words),
        ),
    };
    Ok((status, Page(HostPage::new(&app, Some(notice)))).into_response())
}

/// Asks for an invitation; the error is in words for Lee.
async fn invite(app: &App, note: &Note, email: &str) -> Result<Invited, String> {
    match ask(app, note, email).await {
        Ok(answer) if answer.status() == StatusCode::CREATED => serde_json::from_slice(answer.body())
            .map_err(|error| {
                tracing::warn!(%error, "the answer of the invitation API has another shape");
                "The invitation was made, but the answer could not be read".to_owned()
            }),
        Ok(answer) => {
            tracing::warn!(status = answer.status().as_u16(), "the invitation API refused");
            Err(refusal(answer.status(), answer.body()))
        }
        Err(error) => {
            tracing::warn!(
                error = format!("{error:#}"),
                "the invitation API could not be asked"
            );
            Err(
                "The sign-in service could not be reached, so nothing was sent. Try again in a moment"
                    .to_owned(),
            )
        }
    }
}

async fn ask(app: &App, note: &Note, email: &str) -> anyhow::Result<HttpResponse> {
    let invite = Invite {
        email,
        app: &app.config.client_id,
        invited_by: "Lee",
        about: note.title,
    };
    let url = app.config.at_issuer("/api/v1/invitations");
    let request = app.http.post_json(&url, &app.config.api_token, &invite)?;
    app.http.send(request).await.context("asking for an invitation")
}

/// The refusal's most telling words.
pub(crate) fn refusal(status: StatusCode, body: &[u8]) -> String {
    let problem: ProblemJson = serde_json::from_slice(body).unwrap_or_default();
    let words = problem.detail.or(problem.title);
    words.map_or_else(
        || format!("The sign-in service answered {status}"),
        |words| words.trim_end_matches('.').to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_in_the_providers_words() {
        let status = StatusCode::CONFLICT;
        let said = |body: &str| refusal(status, body.as_bytes());
        assert_eq!(
            said(r#"{"title":"Conflict","detail":"the guest is blocked."}"#),
            "the guest is blocked"
        );
        assert_eq!(said(r#"{"title":"Conflict"}"#), "Conflict");
        assert_eq!(said("<html>"), "The sign-in service answered 409 Conflict");
    }
}
