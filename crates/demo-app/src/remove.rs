//! Taking a guest out: the app asks the provider's API to end their access, and forgets who they were.

use std::sync::Arc;

use anyhow::Context;
use axum::{
    extract::{Form, State, rejection::FormRejection},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use openidconnect::HttpResponse;
use serde::Deserialize;

use crate::{
    app::App,
    pages::{HostPage, Page, Removal},
    problem::Problem,
    share::refusal,
};

/// What the form holds.
#[derive(Deserialize)]
pub(crate) struct RemoveForm {
    email: String,
}

/// `POST /remove`
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    form: Result<Form<RemoveForm>, FormRejection>,
) -> Result<Response, Problem> {
    let Form(form) = form.map_err(|rejection| Problem::bad_request(rejection.body_text()))?;
    let email = form.email.trim().to_lowercase();
    let (status, removal) = match end_access(&app, &email).await {
        Ok(()) => {
            app.shares.remove(&email);
            app.sessions.forget(|session| {
                let theirs = session.claims.verified_email();
                theirs.is_some_and(|theirs| theirs.to_lowercase() == email)
            });
            (StatusCode::OK, Removal::Done { email })
        }
        Err(words) => (StatusCode::UNPROCESSABLE_ENTITY, Removal::Failed { email, words }),
    };
    Ok((status, Page(HostPage::new(&app, None).after(removal))).into_response())
}

/// Asks for the end of a guest's access; the error is in words for Lee.
async fn end_access(app: &App, email: &str) -> Result<(), String> {
    match ask(app, email).await {
        Ok(answer) if answer.status() == StatusCode::NO_CONTENT => Ok(()),
        Ok(answer) => {
            tracing::warn!(
                status = answer.status().as_u16(),
                "the API did not end the access"
            );
            Err(refusal(answer.status(), answer.body()))
        }
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "the API could not be asked");
            Err(
                "The sign-in service could not be reached, so nothing has changed. Try again in a moment"
                    .to_owned(),
            )
        }
    }
}

/// `DELETE {issuer}/api/v1/guests/{email}/assignments/{client_id}`
async fn ask(app: &App, email: &str) -> anyhow::Result<HttpResponse> {
    let mut url = app.config.issuer.clone();
    let path = ["api", "v1", "guests", email, "assignments", &app.config.client_id];
    url.path_segments_mut()
        .map_err(|()| anyhow::anyhow!("the issuer cannot have a path"))?
        .pop_if_empty()
        .extend(path);
    let request = app.http.delete(url.as_str(), &app.config.api_token)?;
    app.http.send(request).await.context("ending a guest's access")
}
