//! The app through its router, with a provider that is not there: what the provider has no part in.

use axum::{
    Router,
    body::Body,
    http::{Method, Request, Response, StatusCode, header},
};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::Config;

/// Port 1 of this machine, at which nothing listens.
pub(crate) fn config() -> Config {
    Config {
        issuer: "http://127.0.0.1:1".parse().unwrap(),
        public_url: "http://localhost:8081".parse().unwrap(),
        client_id: "notes".to_owned(),
        client_secret: "the-client-secret".to_owned(),
        api_token: "the-api-token".to_owned(),
        inbox_url: "http://localhost:8080/dev/inbox".parse().unwrap(),
    }
}

fn router() -> Router {
    // Another test may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    crate::router(config()).unwrap()
}

async fn ask(request: Request<Body>) -> (Response<()>, String) {
    let response = router().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (
        Response::from_parts(parts, ()),
        String::from_utf8(body.to_vec()).unwrap(),
    )
}

async fn get(path: &str) -> (Response<()>, String) {
    ask(Request::get(path).body(Body::empty()).unwrap()).await
}

async fn share(form: &'static str, origin: Option<&str>) -> (Response<()>, String) {
    post("/share", form, origin).await
}

async fn post(path: &str, form: &'static str, origin: Option<&str>) -> (Response<()>, String) {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(origin) = origin {
        request = request.header(header::ORIGIN, origin);
    }
    ask(request.body(Body::from(form)).unwrap()).await
}

#[tokio::test]
async fn lee_sees_the_notes_and_can_share_each() {
    let (response, page) = get("/").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(page.find("Q3 kickoff notes").unwrap() < page.find("Site visit").unwrap());
    assert_eq!(page.matches(r#"action="/share""#).count(), 3);
    assert!(
        page.contains("you are Lee"),
        "the page does not say that it is a demo"
    );
    assert!(!page.contains("<script"), "the app works without scripts");
}

#[tokio::test]
async fn every_answer_is_fenced_in() {
    for path in ["/", "/style.css", "/api/me", "/nowhere", "/callback?state=x"] {
        let (response, _) = get(path).await;
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self';"),
            "{path}: {policy}"
        );
        assert!(
            policy.contains("form-action 'self' http://127.0.0.1:1;"),
            "{path}: {policy}"
        );
        assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    }
    let (page, _) = get("/").await;
    assert_eq!(page.headers()[header::CACHE_CONTROL], "no-store");
    let (style, _) = get("/style.css").await;
    assert_eq!(style.headers()[header::CACHE_CONTROL], "max-age=300");
}

#[tokio::test]
async fn a_form_of_another_site_does_nothing() {
    let form = "note=q3-kickoff&email=anna%40contoso.test";
    let (response, page) = share(form, Some("https://evil.test")).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert!(page.contains("came from elsewhere"));
    let (response, _) = share(form, Some("null")).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    let (response, page) = share(form, Some("http://localhost:8081")).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.contains("could not be reached, so nothing was sent"),
        "{page}"
    );
}

#[tokio::test]
async fn without_the_provider_nobody_is_removed() {
    let form = "email=%3Cb%3E%40contoso.test";
    let (response, page) = post("/remove", form, None).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.contains(
            "<bdi>&#60;b&#62;@contoso.test</bdi> was not removed: The sign-in service could not be reached"
        ),
        "{page}"
    );
    let (response, _) = post("/remove", form, Some("https://evil.test")).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_lee_typed_is_kept_and_escaped() {
    let (response, page) = share("note=q3-kickoff&email=%22%3E%3Cb%3E", None).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains(r#"value="&#34;&#62;&#60;b&#62;""#), "{page}");
    assert_eq!(page.matches("aria-invalid").count(), 1);
    let (_, page) = share("note=q3-kickoff&email=+", None).await;
    assert!(page.contains("Enter the email address"));
    let (response, _) = share("note=nothing&email=anna%40contoso.test", None).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn without_the_provider_the_guest_is_told_so() {
    for path in [
        "/notes",
        "/login?prompt=none",
        "/start?login_hint=anna%40contoso.test",
    ] {
        let (response, page) = get(path).await;
        assert_eq!(response.status(), StatusCode::BAD_GATEWAY, "{path}");
        assert!(
            page.contains("Try again") && page.contains("discovery at http://127.0.0.1:1"),
            "{page}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_nobody_asked_for_is_refused() {
    for path in [
        "/callback?code=x&state=y",
        "/callback?error=access_denied&state=y",
        "/callback",
    ] {
        let (response, page) = get(path).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{path}");
        assert!(page.contains("This sign-in is not under way"), "{page}");
    }
    let (response, page) = get("/callback?state=a&state=b").await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert!(page.contains("duplicate field"), "{page}");
    let (response, _) = get("/start?iss=https%3A%2F%2Fevil.test").await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn nobody_is_signed_in() {
    let (response, body) = get("/api/me").await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(body, r#"{"error":"not_signed_in"}"#);
    let (response, page) = get("/signed-out?state=made-up").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(page.contains("may still be signed in"), "{page}");
}

#[test]
fn secrets_stay_out_of_debug() {
    let debug = format!("{:?}", config());
    assert!(
        debug.contains("notes") && !debug.contains("the-client-secret") && !debug.contains("the-api-token")
    );
}

#[test]
fn addresses_are_spelt_as_the_protocol_compares_them() {
    let config = config();
    assert_eq!(config.issuer(), "http://127.0.0.1:1");
    assert_eq!(config.at("/callback").as_str(), "http://localhost:8081/callback");
    assert_eq!(
        config.at_issuer("/api/v1/invitations"),
        "http://127.0.0.1:1/api/v1/invitations"
    );
}
