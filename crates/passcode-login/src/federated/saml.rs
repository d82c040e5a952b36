//! The addresses of Vestibule as a SAML service provider.
//!
//! An identity provider has its answer posted from its own site, and such a request carries no `Lax` cookie: whose
//! sign-in it is does not show yet. So the answer is read, what came of it is kept for a few minutes under a handle, and
//! the browser is sent to fetch it, with its cookie. From there on it is the way back of every upstream.

use axum::{
    Extension,
    body::Bytes,
    extract::{FromRequestParts as _, Path, Query, Request, State},
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use domain::{
    Secret,
    rate::Limit,
    upstream::{Connection, SamlConnection, Upstream, UpstreamKind},
};
use federation::{
    UpstreamAnswer, Upstreams,
    saml::{Received, service_metadata},
};
use http::{HeaderValue, header};
use serde::Deserialize;
use sign_in::Core;
use store::SamlAnswer;
use url::Url;
use web::{ClientIp, ErrorKind, ErrorPage, Failure, layers::WIDE_BODY_MAX, routes, see_other};

use super::{
    arrive::{CallbackOf, come_back},
    service,
    trip::Trip,
};

/// How long an answer waits for its browser.
const WAITS: TimeDelta = TimeDelta::minutes(5);

/// How many answers one network may have posted.
const POSTED: Limit = Limit::per_hour(600);

/// `GET /federation/{name}/metadata`: what a partner's administrator is given.
pub(crate) async fn metadata(
    State(core): State<Core>,
    Extension(upstreams): Extension<Upstreams>,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    let tenant = core
        .store
        .reader()
        .upstream_named(UpstreamKind::Tenant, &name)
        .await?;
    // A partner may need it before anything of theirs is known here.
    let (named, encryption) = match tenant
        .filter(|_| upstreams.speaks_saml())
        .map(|tenant| tenant.connection)
    {
        Some(None) => (true, true),
        Some(Some(Connection::Saml(saml))) => (saml.subject.is_none(), saml.encryption),
        _ => return Ok(ErrorPage::new(ErrorKind::NotFound).into_response()),
    };
    let Some(key) = service::key(&core).await? else {
        return Ok(ErrorPage::new(ErrorKind::NotFound).into_response());
    };
    let format = named.then_some("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent");
    let text = service_metadata(&acs(&core, &name)?, &key, format, encryption).map_err(Failure::internal)?;
    let content_type = HeaderValue::from_static("application/samlmetadata+xml");
    Ok(([(header::CONTENT_TYPE, content_type)], text).into_response())
}

/// `POST /federation/{name}/acs`: the assertion consumer service (Bindings §3.5).
pub(crate) async fn posted(
    State(core): State<Core>,
    Extension(upstreams): Extension<Upstreams>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Failure> {
    let (mut parts, body) = request.into_parts();
    let network = match ClientIp::from_request_parts(&mut parts, &core).await {
        Ok(ip) => ip.network(),
        Err(never) => match never {},
    };
    let bad = |what: &str| Ok(ErrorPage::new(ErrorKind::BadRequest).detail(what).into_response());
    let Some((tenant, connection)) = connected(&core, &upstreams, &name).await? else {
        return Ok(ErrorPage::new(ErrorKind::NotFound).into_response());
    };
    let Ok(body) = axum::body::to_bytes(body, WIDE_BODY_MAX).await else {
        return Ok(ErrorPage::new(ErrorKind::TooLarge).into_response());
    };
    let Some(form) = PostedAnswer::read(&body) else {
        return bad("a SAML answer without SAMLResponse and RelayState, or with one of them twice");
    };
    if Trip::presented(&form.state).is_none() {
        // There was no request of ours: there are no sign-ins that begin at the identity provider (threat S07).
        return Ok(ErrorPage::new(ErrorKind::StartAgain).into_response());
    }
    let now = core.now();
    let tx = core.store.begin().await?;
    let taken = tx.take("federation.posted", &network, POSTED, now).await?;
    tx.commit().await?;
    if !taken.is_allowed() {
        return Ok(ErrorPage::new(ErrorKind::TooMany).into_response());
    }
    let Some(key) = service::key(&core).await? else {
        return Ok(ErrorPage::new(ErrorKind::NotFound).into_response());
    };
    let received = upstreams
        .receive(&connection, &acs(&core, &name)?, &key, &form.response, now)
        .await;
    // The same form again leads to the same place, so that a lost answer of ours loses nothing. A handle that is
    // made up does not help without the cookie.
    let context = format!("{name}\n{}", form.state);
    let handle = Secret::presented(form.response).derive("posted answer", context.as_bytes());
    let answer = SamlAnswer {
        upstream: tenant.id,
        state: form.state,
        answer: serde_json::to_string(&received).map_err(Failure::internal)?,
        expires_at: now + WAITS,
    };
    let tx = core.store.begin().await?;
    tx.insert_saml_answer(&handle.hash(), &answer).await?;
    tx.commit().await?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("answer", handle.expose());
    let path = routes::federation_acs(&name);
    Ok(see_other(&format!("{path}?{}", query.finish())))
}

/// The handle of an answer.
#[derive(Deserialize)]
pub(crate) struct Handle {
    answer: Option<String>,
}

/// `GET /federation/{name}/acs`: the browser, with its cookie.
pub(crate) async fn fetch(
    State(core): State<Core>,
    Extension(upstreams): Extension<Upstreams>,
    Path(name): Path<String>,
    Query(handle): Query<Handle>,
    request: Request,
) -> Result<Response, Failure> {
    let start_again = || Ok(ErrorPage::new(ErrorKind::StartAgain).into_response());
    let Some((tenant, _)) = connected(&core, &upstreams, &name).await? else {
        return start_again();
    };
    let handle = Secret::presented(handle.answer.unwrap_or_default()).hash();
    let found = core.store.reader().saml_answer(&handle).await?;
    let Some(found) = found.filter(|found| core.now() < found.expires_at && found.upstream == tenant.id)
    else {
        return start_again();
    };
    let Some(trip) = Trip::presented(&found.state) else {
        return start_again();
    };
    let received: Result<Received, _> = serde_json::from_str(&found.answer).map_err(Failure::internal)?;
    let (mut parts, _) = request.into_parts();
    let (from, answer) = (
        CallbackOf(UpstreamKind::Tenant, name),
        UpstreamAnswer::Saml(received),
    );
    Box::pin(come_back(&core, &upstreams, &from, &trip, answer, &mut parts)).await
}

/// The tenant of that name, when it is connected by SAML. One that is switched off is told apart by who asks: somebody who comes
/// back from there reads so, and no guest is sent there.
pub(super) async fn connected(
    core: &Core,
    upstreams: &Upstreams,
    name: &str,
) -> Result<Option<(Upstream, SamlConnection)>, Failure> {
    if !upstreams.speaks_saml() {
        return Ok(None);
    }
    let tenant = core
        .store
        .reader()
        .upstream_named(UpstreamKind::Tenant, name)
        .await?;
    Ok(tenant.and_then(|tenant| match tenant.connection.clone() {
        Some(Connection::Saml(saml)) => Some((tenant, saml)),
        _ => None,
    }))
}

pub(super) fn acs(core: &Core, name: &str) -> Result<Url, Failure> {
    let path = routes::federation_acs(name);
    Url::parse(&format!("{}{path}", core.settings.issuer.as_str())).map_err(Failure::internal)
}

/// What was posted, each parameter once.
struct PostedAnswer {
    response: String,
    state: String,
}

impl PostedAnswer {
    fn read(body: &Bytes) -> Option<Self> {
        let (mut response, mut state) = (None, None);
        for (name, value) in form_urlencoded::parse(body) {
            let place = match &*name {
                "SAMLResponse" => &mut response,
                "RelayState" => &mut state,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return None;
            }
        }
        Some(Self {
            response: response?,
            state: state?,
        })
    }
}
