//! A round trip that an operator tries out (`vestibule tenant test NAME --as ADDRESS`): the same way there and back as
//! a guest's, the same rules, and a page that says what came of it. It begins no session and keeps no account.

mod page;

use axum::{
    Extension,
    extract::{FromRequestParts as _, Path, Request, State},
    response::{IntoResponse, Response},
};
use domain::{
    Id, Secret,
    audit::{Action, Actor, AuditEvent},
    upstream::{Arrival, Connection, Link, Mismatch, TestSignIn, TestVerdict, Upstream},
};
use federation::{Departure, UpstreamAnswer, UpstreamError, Upstreams};
use http::{StatusCode, header, request::Parts};
use sign_in::Core;
use store::StoreError;
use web::{
    ClientIp, Cookies, ErrorKind, ErrorPage, Failure, Frame, Page,
    cookies::{self, Kind},
};

use super::{
    arrive::{CallbackOf, SpentAnswer, named, spend},
    away,
    leave::redirect_uri,
    service,
    trip::{Bound, Trip},
};

pub(crate) use page::TestPage;

/// `GET /test-sign-in/{token}`: what is about to happen.
pub(crate) async fn show(
    State(core): State<Core>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Failure> {
    let token = Secret::presented(token);
    let (parts, _) = request.into_parts();
    let frame = frame(&core, &parts);
    Ok(match live(&core, &token).await? {
        Some((test, upstream)) => Page::new(TestPage::begin(frame, &upstream, &test, &token)).into_response(),
        None => over(frame),
    })
}

/// `GET /test-sign-in/{token}/away`: to the upstream. Writes nothing.
pub(crate) async fn go(
    State(core): State<Core>,
    Extension(upstreams): Extension<Upstreams>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Failure> {
    let token = Secret::presented(token);
    let (parts, _) = request.into_parts();
    let Some((test, upstream)) = live(&core, &token).await? else {
        return Ok(over(frame(&core, &parts)));
    };
    let Some(connection) = &upstream.connection else {
        return Ok(over(frame(&core, &parts)));
    };
    let known = Cookies::read(&parts.headers, &core.settings.issuer).browser;
    let is_new = known.is_none();
    let browser = known.unwrap_or_else(|| Secret::generate(&*core.entropy));
    let trip = Trip::begin(
        Id::from_uuid(test.id.uuid()),
        &bound(&test, &browser),
        core.now(),
        &*core.entropy,
    );
    let departure = departure(&core, (&upstream, connection), &test, &trip, &browser).await?;
    match upstreams.depart(connection, &departure, core.now()).await {
        Ok(way) => {
            let mut response = away::by(way, frame(&core, &parts), &upstream.display_name);
            if is_new {
                let cookie = cookies::set(
                    &core.settings.issuer,
                    Kind::Browser,
                    &browser,
                    Some(cookies::BROWSER_FOR),
                );
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            Ok(response)
        }
        Err(error) => {
            record(&core, &test, &upstream, error.name()).await?;
            Ok(failed(frame(&core, &parts), &upstream, &test, &error))
        }
    }
}

/// What a browser brought back to an upstream's address.
pub(super) struct Returned<'a> {
    pub(super) callback: &'a CallbackOf,
    pub(super) trip: &'a Trip,
    pub(super) answer: UpstreamAnswer,
}

/// The way back; `None` where the answer is to nothing that is tried out in this browser.
pub(super) async fn arrive(
    core: &Core,
    upstreams: &Upstreams,
    back: Returned<'_>,
    parts: &mut Parts,
) -> Result<Option<Response>, Failure> {
    let Returned {
        callback,
        trip,
        answer,
    } = back;
    let reader = core.store.reader();
    let now = core.now();
    let (Some(test), Some(browser)) = (
        reader.test_sign_in(Id::from_uuid(trip.sign_in.uuid())).await?,
        Cookies::read(&parts.headers, &core.settings.issuer).browser,
    ) else {
        return Ok(None);
    };
    let Some(upstream) = named(&reader, callback).await? else {
        return Ok(None);
    };
    let ours = upstream.id == test.upstream && trip.is_bound_to(&bound(&test, &browser));
    let (true, Some(connection)) = (ours, &upstream.connection) else {
        return Ok(None);
    };
    let frame = frame(core, parts);
    if now >= test.expires_at || now >= trip.until {
        return Ok(Some(over(frame)));
    }
    let ip = match ClientIp::from_request_parts(parts, core).await {
        Ok(ip) => ip,
        Err(never) => match never {},
    };
    match spend(core, &ip.network(), trip, &upstream, &answer, now).await? {
        SpentAnswer::First => {}
        SpentAnswer::Again => return Ok(Some(over(frame))),
        SpentAnswer::TooMany => return Ok(Some(ErrorPage::new(ErrorKind::TooMany).into_response())),
    }
    let departure = departure(core, (&upstream, connection), &test, trip, &browser).await?;
    let page = match upstreams.arrive(connection, &departure, answer, now).await {
        Ok(came) => {
            let verdict = judge(core, &upstream, &test, &came.arrival).await?;
            // As for a guest: an address that is missing because UserInfo failed is UserInfo's trouble.
            let outcome = match (&came.without_user_info, verdict) {
                (Some(error), TestVerdict::Refused(Mismatch::NoAddress)) => error.name(),
                _ => verdict.name(),
            };
            record(core, &test, &upstream, outcome).await?;
            Page::new(TestPage::done(frame, &upstream, &test, &came, verdict)).into_response()
        }
        Err(error) => {
            record(core, &test, &upstream, error.name()).await?;
            failed(frame, &upstream, &test, &error)
        }
    };
    Ok(Some(page))
}

/// What a guest of the address would have got, by the rule for guests.
async fn judge(
    core: &Core,
    upstream: &Upstream,
    test: &TestSignIn,
    arrival: &Arrival,
) -> Result<TestVerdict, StoreError> {
    let reader = core.store.reader();
    let guest = match reader.guest_by_email(&test.email).await? {
        Some(guest) => Some((guest.id, reader.has_account(guest.id, upstream.id).await?)),
        None => None,
    };
    let known = Link {
        wanted: &test.email,
        upstream,
        guest,
        owner: reader.owner_of_account(upstream.id, &arrival.account).await?,
    };
    Ok(TestVerdict::of(arrival, &known))
}

/// Without the address and the account: a test is not a guest's sign-in.
async fn record(
    core: &Core,
    test: &TestSignIn,
    upstream: &Upstream,
    outcome: &str,
) -> Result<(), StoreError> {
    let event = AuditEvent::new(Action::UpstreamTested, Actor::Operator(test.by.clone()))
        .reason(outcome)
        .detail(upstream.kind.name(), upstream.name.as_str());
    let tx = core.store.begin().await?;
    tx.record(event, core.now()).await?;
    tx.commit().await
}

/// The try of a link and its upstream, while both are there.
async fn live(core: &Core, token: &Secret) -> Result<Option<(TestSignIn, Upstream)>, StoreError> {
    let reader = core.store.reader();
    let found = reader.test_sign_in_by_token(&token.hash()).await?;
    let Some(test) = found.filter(|test| core.now() < test.expires_at) else {
        return Ok(None);
    };
    let upstream = reader.upstream(test.upstream).await?;
    Ok(upstream.map(|upstream| (test, upstream)))
}

fn bound<'a>(test: &'a TestSignIn, browser: &'a Secret) -> Bound<'a> {
    Bound {
        seal: browser,
        upstream: test.upstream,
        email: Some(&test.email),
    }
}

async fn departure(
    core: &Core,
    (upstream, connection): (&Upstream, &Connection),
    test: &TestSignIn,
    trip: &Trip,
    browser: &Secret,
) -> Result<Departure, Failure> {
    Ok(Departure {
        redirect_uri: redirect_uri(core, upstream, connection)?,
        service_key: service::key_for(core, connection).await?,
        state: trip.state().clone(),
        nonce: trip.derive(browser, "federation nonce"),
        verifier: trip.derive(browser, "federation pkce"),
        login_hint: Some(test.email.as_str().to_owned()),
        expected: Some(test.email.as_str().to_owned()),
        max_age: None,
        left_at: trip.left_at(),
        prompt_login: false,
        // Somebody who is signed in there would see less than a guest will.
        ask_anew: true,
    })
}

fn frame(core: &Core, parts: &Parts) -> Frame {
    let language = web::language::negotiate(
        parts.uri.query(),
        &parts.headers,
        &[],
        core.settings.default_language,
    );
    Frame::new(core, language)
}

fn over(frame: Frame) -> Response {
    Page::new(TestPage::over(frame))
        .status(StatusCode::NOT_FOUND)
        .into_response()
}

fn failed(frame: Frame, upstream: &Upstream, test: &TestSignIn, error: &UpstreamError) -> Response {
    let page = TestPage::failed(frame, upstream, test, error);
    Page::new(page).status(StatusCode::BAD_GATEWAY).into_response()
}
