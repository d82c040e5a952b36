//! Somebody signed out at a SAML identity provider (Profiles §4.4.4): their browser brings its request here, their sessions
//! here end, and the browser goes back with our answer. The request says who it is about, so no cookie is needed.

use axum::{
    Extension,
    extract::{FromRequestParts as _, Path, RawQuery, Request, State},
    response::{IntoResponse, Response},
};
use domain::Secret;
use federation::{Upstreams, saml::Brought};
use sign_in::Core;
use web::{ClientIp, ErrorKind, ErrorPage, Failure, layers::BODY_MAX, routes, see_other};

use super::{
    logout::{end, may_ask},
    saml::{acs, connected},
    service,
};

/// `GET /federation/{name}/slo`: by HTTP-Redirect.
pub(crate) async fn by_query(
    State(core): State<Core>,
    Extension(upstreams): Extension<Upstreams>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    signed_out(&core, &upstreams, &name, Brought::Query(&query), request).await
}

/// `POST /federation/{name}/slo`: by HTTP-POST.
pub(crate) async fn by_form(
    State(core): State<Core>,
    Extension(upstreams): Extension<Upstreams>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_MAX).await else {
        return Ok(ErrorPage::new(ErrorKind::TooLarge).into_response());
    };
    let message = parameter(&body, "SAMLRequest").unwrap_or_default();
    let relay_state = parameter(&body, "RelayState");
    let brought = Brought::Form {
        message: &message,
        relay_state: relay_state.as_deref(),
    };
    let request = Request::from_parts(parts, axum::body::Body::empty());
    signed_out(&core, &upstreams, &name, brought, request).await
}

async fn signed_out(
    core: &Core,
    upstreams: &Upstreams,
    name: &str,
    brought: Brought<'_>,
    request: Request,
) -> Result<Response, Failure> {
    let (mut parts, _) = request.into_parts();
    let network = match ClientIp::from_request_parts(&mut parts, core).await {
        Ok(ip) => ip.network(),
        Err(never) => match never {},
    };
    let found = connected(core, upstreams, name)
        .await?
        .filter(|(tenant, _)| tenant.enabled);
    let (Some((tenant, connection)), Some(key)) = (found, service::key(core).await?) else {
        return Ok(ErrorPage::new(ErrorKind::NotFound).into_response());
    };
    if !may_ask(core, &network).await? {
        return Ok(ErrorPage::new(ErrorKind::TooMany).into_response());
    }
    let (acs, now) = (acs(core, name)?, core.now());
    let read = upstreams
        .signed_out_by_saml(&connection, &acs, brought, now)
        .await;
    let signed_out = match read {
        Ok(signed_out) => signed_out,
        Err(error) => {
            tracing::warn!(upstream = name, %error, "a logout request was refused");
            return Ok(ErrorPage::new(ErrorKind::BadRequest).into_response());
        }
    };
    for logged_out in &signed_out.ended {
        end(core, &tenant, logged_out).await?;
    }
    let id = Secret::generate(&*core.entropy);
    let back = upstreams
        .answer_logout(&connection, &acs, &signed_out, (&key, id.expose()), now)
        .await;
    Ok(match back {
        Ok(Some(url)) => see_other(url.as_str()),
        Ok(None) => see_other(routes::SIGNED_OUT),
        Err(error) => {
            tracing::warn!(upstream = name, %error, "a logout request could not be answered");
            see_other(routes::SIGNED_OUT)
        }
    })
}

/// The value of a form's parameter that is there once.
fn parameter(encoded: &[u8], name: &str) -> Option<String> {
    let mut values = form_urlencoded::parse(encoded).filter(|(known, _)| known == name);
    let value = values.next()?.1.into_owned();
    values.next().is_none().then_some(value)
}
