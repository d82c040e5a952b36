//! What surrounds every request: a reference, a log line, security headers, limits, and the rendering of what
//! went wrong.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use axum::{
    Json, Router,
    body::Body,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use domain::entropy::random;
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use serde_json::json;
use sign_in::{Core, Issuer};
use tower_http::{catch_panic::CatchPanicLayer, limit::RequestBodyLimitLayer, timeout::TimeoutLayer};
use tracing::Instrument;

use crate::{
    cookies,
    error_kind::ErrorKind,
    failure::Failure,
    page::{ErrorPage, ErrorTemplate, Frame, Page, content_security_policy},
    routes,
};

/// The longest body that is read, in bytes.
pub const BODY_MAX: usize = 64 * 1024;
/// The longest where identity providers post assertions, in bytes (threat O32).
pub const WIDE_BODY_MAX: usize = 256 * 1024;
/// The longest a request may take.
const TIME_MAX: Duration = Duration::from_secs(20);

/// The policy of what is no page of ours.
static PLAIN_POLICY: LazyLock<String> = LazyLock::new(|| content_security_policy(None));

/// Puts the layers around the whole router. The routes of `wide` take bodies of up to [`WIDE_BODY_MAX`]. The fallback
/// answers what no route does.
pub fn apply(router: Router, wide: Router, core: Core) -> Router {
    router
        .fallback({
            let issuer = core.settings.issuer.clone();
            move |uri: Uri| async move { nothing_there(&issuer, &uri) }
        })
        .layer(RequestBodyLimitLayer::new(BODY_MAX))
        .merge(wide.layer(RequestBodyLimitLayer::new(WIDE_BODY_MAX)))
        // Together, outermost first: axum boxes the service and its future anew for each call of `layer`.
        .layer((
            middleware::from_fn_with_state(Arc::new(core), around),
            CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
                Failure::internal("a handler panicked; the log has its message").into_response()
            }),
            TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIME_MAX),
        ))
}

/// Nothing is at the address. A library that writes a slash too many is told in JSON what was meant.
fn nothing_there(issuer: &Issuer, uri: &Uri) -> Response {
    let Some(path) = routes::meant(uri.path()) else {
        return ErrorPage::new(ErrorKind::NotFound).into_response();
    };
    let description = format!("Nothing is here; the address is {}", issuer.at(path));
    let body = json!({ "error": "not_found", "error_description": description });
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}

async fn around(State(core): State<Arc<Core>>, request: Request, next: Next) -> Response {
    let reference = new_reference(&core);
    let seen = SeenRequest::of(&request);
    let started = std::time::Instant::now();
    let path = routes::for_the_log(seen.uri.path());
    let span = tracing::info_span!("request", reference, method = %seen.method, path = &*path);
    let response = if request.headers().get_all(header::HOST).iter().count() > 1 {
        // RFC 9112 §3.2.
        (StatusCode::BAD_REQUEST, "The request has two Host headers\n").into_response()
    } else if seen.method == Method::HEAD && routes::acts_on_get(seen.uri.path()) {
        StatusCode::OK.into_response()
    } else if is_our_host(&core, &request) {
        next.run(request).instrument(span.clone()).await
    } else {
        let said: String = host_of(&request)
            .unwrap_or_default()
            .chars()
            .filter(|c| !c.is_control())
            .take(100)
            .collect();
        let expected = core.settings.issuer.as_str();
        ErrorPage::new(ErrorKind::WrongHost)
            .detail(format!(
                "asked for as \"{said}\"; the public address is {expected}"
            ))
            .shown()
            .into_response()
    };
    let _entered = span.enter();
    let mut response = render(&core, &seen, response, &reference);
    headers(&core, &seen, &mut response, &reference);
    tracing::info!(
        status = response.status().as_u16(),
        ms = started.elapsed().as_millis(),
        "answered"
    );
    response
}

/// What of the request is still needed when the answer is there.
struct SeenRequest {
    method: Method,
    uri: Uri,
    headers: http::HeaderMap,
}

impl SeenRequest {
    fn of(request: &Request) -> Self {
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: request.headers().clone(),
        }
    }

    /// Whether a machine asked: it gets JSON where a person gets a page.
    fn is_back_channel(&self) -> bool {
        let path = self.uri.path();
        matches!(
            path,
            routes::TOKEN
                | routes::USERINFO
                | routes::REVOKE
                | routes::INTROSPECT
                | routes::JWKS
                | routes::LIVEZ
                | routes::READYZ
        ) || path.starts_with("/.well-known/")
            || self.is_api()
    }

    fn is_api(&self) -> bool {
        let path = self.uri.path();
        path.starts_with("/api/") || path.starts_with("/dev/api/")
    }
}

fn new_reference(core: &Core) -> String {
    const ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
    let letters: String = random::<8>(core.entropy.as_ref())
        .iter()
        .map(|b| char::from(ALPHABET[usize::from(*b) % ALPHABET.len()]))
        .collect();
    format!("ERR-{letters}")
}

/// Requests must name us as apps do: a foreign `Host` is how caches and links are poisoned. Health checks come
/// from inside and may name any host.
fn is_our_host(core: &Core, request: &Request) -> bool {
    matches!(request.uri().path(), routes::LIVEZ | routes::READYZ)
        || host_of(request).is_none_or(|host| core.settings.issuer.is_named_by(host))
}

fn host_of(request: &Request) -> Option<&str> {
    let header = request.headers().get(header::HOST);
    header
        .map(|value| value.to_str().unwrap_or_default())
        .or_else(|| request.uri().authority().map(http::uri::Authority::as_str))
}

/// Turns the errors that handlers leave in the response's extensions into something to read.
fn render(core: &Core, seen: &SeenRequest, mut response: Response, reference: &str) -> Response {
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        tracing::error!(
            cause = failure.cause,
            status = failure.status.as_u16(),
            "a request failed on our side"
        );
        return failed(core, seen, failure.status, reference);
    }
    if let Some(page) = response.extensions_mut().remove::<ErrorPage>() {
        tracing::info!(kind = ?page.kind, detail = page.detail, "an error page was shown");
        return if seen.is_back_channel() {
            let detail = page.detail.as_deref().filter(|_| page.show_detail);
            error_body(seen, page.kind.status(), reference, detail)
        } else {
            error_page(core, seen, &page, reference)
        };
    }
    match response.status() {
        StatusCode::SERVICE_UNAVAILABLE if is_bare(&response) => {
            failed(core, seen, StatusCode::SERVICE_UNAVAILABLE, reference)
        }
        // The body's limit answers in plain text, and the router with nothing at all.
        status @ StatusCode::PAYLOAD_TOO_LARGE if !is_json(&response) => replace(
            &response,
            refusal(core, seen, status, ErrorKind::TooLarge, reference),
        ),
        status @ StatusCode::METHOD_NOT_ALLOWED if is_bare(&response) => replace(
            &response,
            refusal(core, seen, status, ErrorKind::MethodNotAllowed, reference),
        ),
        _ => response,
    }
}

fn refusal(
    core: &Core,
    seen: &SeenRequest,
    status: StatusCode,
    kind: ErrorKind,
    reference: &str,
) -> Response {
    if seen.is_back_channel() {
        error_body(seen, status, reference, None)
    } else {
        error_page(core, seen, &ErrorPage::new(kind), reference)
    }
}

/// The answer in place of one that says too little, with what that one said in `Allow` and to browsers' scripts.
fn replace(said: &Response, mut answer: Response) -> Response {
    for (name, value) in said.headers() {
        if *name == header::ALLOW || name.as_str().starts_with("access-control-") {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}

fn is_json(response: &Response) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    content_type.is_some_and(|value| value.as_bytes().ends_with(b"json"))
}

fn is_bare(response: &Response) -> bool {
    !response.headers().contains_key(header::CONTENT_TYPE)
}

fn failed(core: &Core, seen: &SeenRequest, status: StatusCode, reference: &str) -> Response {
    let mut response = if seen.is_back_channel() {
        error_body(seen, status, reference, None)
    } else {
        let kind = if status == StatusCode::SERVICE_UNAVAILABLE {
            ErrorKind::Unavailable
        } else {
            ErrorKind::Internal
        };
        error_page(core, seen, &ErrorPage::new(kind), reference)
    };
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

fn error_page(core: &Core, seen: &SeenRequest, page: &ErrorPage, reference: &str) -> Response {
    let language = crate::language::negotiate(
        seen.uri.query(),
        &seen.headers,
        &[],
        core.settings.default_language,
    );
    let template = ErrorTemplate::new(Frame::new(core, language), page, reference);
    let mut response = Page::new(template).status(page.kind.status()).into_response();
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        tracing::error!(cause = failure.cause, "the error page failed");
        *response.body_mut() = Body::from(reference.to_owned());
    }
    response
}

/// RFC 6749 §5.2 at the protocol's endpoints, RFC 9457 at the API.
fn error_body(seen: &SeenRequest, status: StatusCode, reference: &str, detail: Option<&str>) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    if seen.is_api() {
        let body = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "reference": reference });
        return (
            status,
            [(header::CONTENT_TYPE, "application/problem+json")],
            body.to_string(),
        )
            .into_response();
    }
    let error = match status {
        StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
        status if status.is_server_error() => "server_error",
        _ => "invalid_request",
    };
    // RFC 6749 appendix A.8 allows no quotes.
    let detail = detail
        .map(|detail| format!(": {}", detail.replace('"', "'")))
        .unwrap_or_default();
    let description = format!("{title}{detail}. Reference {reference}");
    (
        status,
        Json(json!({ "error": error, "error_description": description })),
    )
        .into_response()
}

fn headers(core: &Core, seen: &SeenRequest, response: &mut Response, reference: &str) {
    let headers = response.headers_mut();
    // One table for all of them, and those of the handler.
    headers.reserve(16);
    let mut default = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    default(header::CACHE_CONTROL, "no-store");
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::REFERRER_POLICY, "no-referrer");
    default(header::X_FRAME_OPTIONS, "DENY");
    default(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin-allow-popups",
    );
    default(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    default(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=()",
    );
    if core.settings.issuer.is_secure() {
        default(
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=63072000; includeSubDomains",
        );
    }
    default(header::CONTENT_SECURITY_POLICY, &PLAIN_POLICY);
    if let Ok(reference) = HeaderValue::from_str(reference) {
        headers.insert("x-request-id", reference);
    }
    // A visitor who picked a language on one of our pages keeps it; an app's own `ui_locales` decides nothing
    // beyond its sign-in.
    let picked = !seen.uri.path().starts_with(routes::AUTHORIZE) && seen.uri.path() != routes::LOGOUT;
    if picked && let Some(language) = crate::language::chosen(seen.uri.query()) {
        headers.append(
            header::SET_COOKIE,
            cookies::set_language(&core.settings.issuer, language.tag()),
        );
    }
}
