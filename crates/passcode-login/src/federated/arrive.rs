//! The way back from an upstream: whose account it is, and the sign-in that it ends.
//!
//! ```text
//! state → the sign-in, this browser's → the upstream of the path, the MAC → spent, once
//!       → the code for an ID token (no transaction is open) → the method again → whose account → complete
//! ```

use axum::{
    Extension,
    extract::{Path, RawQuery, Request, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Secret,
    rate::Limit,
    upstream::{Connection, Mismatch, Upstream, UpstreamKind},
};
use federation::{CodeAnswer, UpstreamAnswer, UpstreamError, Upstreams};
use http::request::Parts;
use sign_in::{
    Core,
    complete::SignedIn,
    method,
    upstream::{
        adopt::adopt,
        arrived::{ArrivalOutcome, Arrived},
    },
};
use store::{Reader, StoreError, Tx};
use web::{ErrorKind, ErrorPage, Failure, routes, see_other};

use super::{
    leave, test_sign_in,
    trip::{Bound, Trip},
    trouble::{self, CameBack, UpstreamTrouble},
};
use crate::{answered, passcode, visit::PageVisit};

/// `GET /federation/{name}/callback`: the redirect URI of a tenant (RFC 6749 §4.1.2).
pub(crate) async fn from_tenant(
    State(core): State<Core>,
    Extension(upstreams): Extension<Upstreams>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, Failure> {
    Box::pin(arrive(
        &core,
        &upstreams,
        &CallbackOf(UpstreamKind::Tenant, name),
        query,
        request,
    ))
    .await
}

/// `GET /personal-account/{name}/callback`: that of a provider of personal accounts.
pub(crate) async fn from_provider(
    State(core): State<Core>,
    Extension(upstreams): Extension<Upstreams>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, Failure> {
    Box::pin(arrive(
        &core,
        &upstreams,
        &CallbackOf(UpstreamKind::Provider, name),
        query,
        request,
    ))
    .await
}

/// Whose address was called, by kind and short name.
pub(super) struct CallbackOf(pub(super) UpstreamKind, pub(super) String);

async fn arrive(
    core: &Core,
    upstreams: &Upstreams,
    callback: &CallbackOf,
    query: Option<String>,
    request: Request,
) -> Result<Response, Failure> {
    let start_again = || ErrorPage::new(ErrorKind::StartAgain).into_response();
    let Some(query) = Query::read(query.as_deref().unwrap_or_default()) else {
        return Ok(ErrorPage::new(ErrorKind::BadRequest)
            .detail("the answer of an upstream without a `state`, or with a parameter twice")
            .into_response());
    };
    let Some(trip) = Trip::presented(&query.state) else {
        return Ok(start_again());
    };
    let (mut parts, _) = request.into_parts();
    let answer = UpstreamAnswer::Code(query.answer);
    Box::pin(come_back(core, upstreams, callback, &trip, answer, &mut parts)).await
}

/// A browser came back, with any answer: a guest who signs in, or an operator who tries the round trip.
pub(super) async fn come_back(
    core: &Core,
    upstreams: &Upstreams,
    callback: &CallbackOf,
    trip: &Trip,
    answer: UpstreamAnswer,
    parts: &mut Parts,
) -> Result<Response, Failure> {
    let visit = match PageVisit::of(trip.sign_in, parts, core).await {
        Ok(visit) => visit,
        // No sign-in, but what an operator tries out?
        Err(page) => {
            let back = test_sign_in::Returned {
                callback,
                trip,
                answer,
            };
            let tried = test_sign_in::arrive(core, upstreams, back, parts).await?;
            return Ok(tried.unwrap_or(page));
        }
    };
    if visit.sign_in.progress.is_answered() {
        if let Some(again) = repeated(&visit, &session_secret(&visit, trip)).await? {
            return Ok(again);
        }
        if let Some(page) = answered::page(&visit).await? {
            return Ok(page);
        }
    }
    let Some(back) = bound(&visit, trip, callback).await? else {
        // Another tab took another address, or somebody made this up.
        return Ok(see_other(&routes::resume(trip.sign_in)));
    };
    let trouble = if visit.now >= trip.until {
        UpstreamTrouble::Late
    } else if back.upstream.enabled {
        return go_on(&visit, upstreams, &back, trip, answer).await;
    } else {
        UpstreamTrouble::Off
    };
    trouble::answer(&visit, &back.upstream, back.email.as_ref(), trouble).await
}

/// What a trip turned out to be bound to.
struct Back {
    /// The upstream of the path.
    upstream: Upstream,
    /// The address of the sign-in.
    email: Option<EmailAddress>,
    /// The secret that the trip was sealed with.
    seal: Secret,
}

/// What the trip is bound to, when the answer is to a question of ours.
async fn bound(visit: &PageVisit, trip: &Trip, callback: &CallbackOf) -> Result<Option<Back>, StoreError> {
    let Some(upstream) = named(&visit.core.store.reader(), callback).await? else {
        return Ok(None);
    };
    let email = visit.sign_in.email.clone();
    let sealed = |seal: &Secret| {
        trip.is_bound_to(&Bound {
            seal,
            upstream: upstream.id,
            email: email.as_ref(),
        })
    };
    let seal = visit.sign_in_secrets().find(sealed);
    Ok(seal.map(|seal| Back {
        upstream,
        email,
        seal,
    }))
}

/// The upstream whose address was called.
pub(super) async fn named(reader: &Reader, callback: &CallbackOf) -> Result<Option<Upstream>, StoreError> {
    reader.upstream_named(callback.0, &callback.1).await
}

async fn go_on(
    visit: &PageVisit,
    upstreams: &Upstreams,
    back: &Back,
    trip: &Trip,
    answer: UpstreamAnswer,
) -> Result<Response, Failure> {
    let Back {
        upstream,
        email,
        seal,
    } = back;
    let Some(connection) = &upstream.connection else {
        return Ok(see_other(&routes::resume(trip.sign_in)));
    };
    let secret = session_secret(visit, trip);
    match spend(
        &visit.core,
        &visit.browser.network,
        trip,
        upstream,
        &answer,
        visit.now,
    )
    .await?
    {
        SpentAnswer::First => {}
        SpentAnswer::Again => {
            let again = repeated(visit, &secret).await?;
            return Ok(again.unwrap_or_else(|| see_other(&routes::resume(trip.sign_in))));
        }
        SpentAnswer::TooMany => {
            let page = ErrorPage::new(ErrorKind::TooMany).app(&visit.app);
            return Ok(page.into_response());
        }
    }
    if is_down(visit, upstream, email.as_ref()).await? {
        // The guest who came back would wait for nothing as well.
        return trouble::answer(visit, upstream, email.as_ref(), UpstreamTrouble::Down).await;
    }
    let departure = leave::departure(visit, upstream, connection, trip, seal).await?;
    let federation::Came {
        arrival,
        without_user_info,
    } = match upstreams.arrive(connection, &departure, answer, visit.now).await {
        Ok(came) => came,
        Err(error) => {
            let error = judged(upstreams, connection, error, visit.now).await;
            return trouble::answer(visit, upstream, email.as_ref(), UpstreamTrouble::Upstream(error)).await;
        }
    };
    let email = match email {
        Some(email) => email.clone(),
        None => match adopt(visit, upstream, &arrival).await? {
            Ok(email) => email,
            Err(mismatch) => {
                let trouble = UpstreamTrouble::Mismatch(mismatch, CameBack::of(&arrival, None));
                let trouble = told(trouble, without_user_info, upstreams, connection, visit.now).await;
                return trouble::answer(visit, upstream, None, trouble).await;
            }
        },
    };
    let arrived = Arrived {
        visit,
        upstream,
        email: &email,
        trusts_mfa: connection.trusts_mfa(),
        arrival: &arrival,
        secret: &secret,
    };
    // When two first sign-ins of one guest meet, the second finds the account on its second turn.
    let outcome = match arrived.sign_in().await {
        Err(error) if error.is_crossed() => arrived.sign_in().await?,
        done => done?,
    };
    match outcome {
        ArrivalOutcome::SignedIn(signed_in) => {
            // A move tells the guest by mail.
            visit.core.outgoing.wake();
            Ok(passcode::enter(visit, &signed_in))
        }
        ArrivalOutcome::Unconfirmed => Ok(see_other(&routes::send(trip.sign_in))),
        ArrivalOutcome::Changed => Ok(see_other(&routes::resume(trip.sign_in))),
        ended => {
            let trouble = match ended {
                ArrivalOutcome::Mismatch(mismatch, owner) => {
                    UpstreamTrouble::Mismatch(mismatch, CameBack::of(&arrival, owner))
                }
                _ => UpstreamTrouble::NotInvited,
            };
            let trouble = told(trouble, without_user_info, upstreams, connection, visit.now).await;
            trouble::answer(visit, upstream, Some(&email), trouble).await
        }
    }
}

/// An address that is missing because UserInfo said nothing is UserInfo's trouble.
async fn told(
    trouble: UpstreamTrouble,
    without_user_info: Option<UpstreamError>,
    upstreams: &Upstreams,
    connection: &Connection,
    now: DateTime<Utc>,
) -> UpstreamTrouble {
    match (trouble, without_user_info) {
        (UpstreamTrouble::Mismatch(Mismatch::NoAddress, _), Some(error)) => {
            UpstreamTrouble::Upstream(judged(upstreams, connection, error, now).await)
        }
        (trouble, _) => trouble,
    }
}

/// Whether the upstream counts as down at the moment.
async fn is_down(
    visit: &PageVisit,
    upstream: &Upstream,
    email: Option<&EmailAddress>,
) -> Result<bool, StoreError> {
    let reader = visit.core.store.reader();
    match email {
        Some(email) => Ok(method::find(visit, &reader, email).await?.is_down(upstream.id)),
        None => reader.is_down(upstream.id, visit.now).await,
    }
}

/// Whether the upstream is out, or only what this browser brought made it fail: an invented code may.
async fn judged(
    upstreams: &Upstreams,
    connection: &Connection,
    error: UpstreamError,
    now: DateTime<Utc>,
) -> UpstreamError {
    match error {
        UpstreamError::Unreachable(text) if upstreams.answers(connection, now).await => {
            UpstreamError::Busy(text)
        }
        error => error,
    }
}

/// How many answers one network may bring.
const ANSWERS: Limit = Limit::per_hour(600);

/// Whether an answer may be looked at.
pub(super) enum SpentAnswer {
    First,
    Again,
    TooMany,
}

/// The answer counts once (threats R10, S06), and is spent before anybody is asked about it.
pub(super) async fn spend(
    core: &Core,
    network: &str,
    trip: &Trip,
    upstream: &Upstream,
    answer: &UpstreamAnswer,
    now: DateTime<Utc>,
) -> Result<SpentAnswer, StoreError> {
    let tx = core.store.begin().await?;
    let taken = tx.take("federation.answers", network, ANSWERS, now).await?;
    let spent = if !taken.is_allowed() {
        SpentAnswer::TooMany
    } else if tx.spend(&trip.state().hash(), trip.until).await? && first(&tx, trip, upstream, answer).await? {
        SpentAnswer::First
    } else {
        SpentAnswer::Again
    };
    tx.commit().await?;
    Ok(spent)
}

/// Whether an assertion was never seen. It answers a question that is spent, so it is worthless when that is.
async fn first(
    tx: &Tx,
    trip: &Trip,
    upstream: &Upstream,
    answer: &UpstreamAnswer,
) -> Result<bool, StoreError> {
    let Some(assertion) = answer.assertion() else {
        return Ok(true);
    };
    let once = Secret::presented(format!("assertion\n{}\n{assertion}", upstream.id)).hash();
    tx.spend(&once, trip.until).await
}

/// The secret of the session that an answer begins: always the same for this trip in this browser.
fn session_secret(visit: &PageVisit, trip: &Trip) -> Secret {
    visit.session_secret(trip.state().expose().as_bytes())
}

/// The same answer once more: the page was loaded again, or our answer was lost. For a minute, whoever was signed in by it
/// is given the same session again.
async fn repeated(visit: &PageVisit, secret: &Secret) -> Result<Option<Response>, Failure> {
    let sign_in = &visit.sign_in;
    let found = visit.core.store.reader().session_by_token(&secret.hash()).await?;
    let session = found.map(|(session, _)| session).filter(|session| {
        sign_in.progress.session() == Some(session.id) && session.repeats_its_answer(visit.now)
    });
    Ok(session.map(|session| {
        let signed_in = SignedIn {
            browser: Some(visit.renewed_browser(session.guest)),
            session,
            secret: secret.clone(),
            device: None,
        };
        passcode::enter(visit, &signed_in)
    }))
}

/// The parameters of an answer, each at most once.
struct Query {
    state: String,
    answer: CodeAnswer,
}

impl Query {
    fn read(query: &str) -> Option<Self> {
        let mut state = None;
        let (mut code, mut iss, mut error) = (None, None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "state" => &mut state,
                "code" => &mut code,
                "iss" => &mut iss,
                "error" => &mut error,
                // RFC 6749 §4.1.2: what is not known is ignored.
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return None;
            }
        }
        Some(Self {
            state: state?,
            answer: CodeAnswer {
                code: code.map(Secret::presented),
                iss,
                error,
            },
        })
    }
}
