//! Whatever is sent to the token endpoint, it answers in JSON with a fault of the sender's, and nothing panics.
//!
//! The first line of an input is the `Authorization` header, the second the `Content-Type`, the rest the body.
#![no_main]

use std::sync::{Arc, LazyLock};

use axum::{Router, body::Body};
use http::{Method, Request, header};
use http_body_util::BodyExt as _;
use libfuzzer_sys::fuzz_target;
use oidc_server::KeyRing;
use test_support::{FakeClock, TestDatabase, databases, samples};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

struct Scene {
    runtime: Runtime,
    router: Router,
    _database: Vec<TestDatabase>,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let runtime = Runtime::new().expect("a runtime");
    let (router, database) = runtime.block_on(async {
        let database = databases().await;
        let store = database[0].store.clone();
        let tx = store.begin().await.expect("a transaction");
        tx.insert_app(&samples::app()).await.expect("an app");
        tx.commit().await.expect("a commit");
        let core = test_support::core(store, FakeClock::new());
        let keys: Arc<KeyRing> = KeyRing::open(&core).await.expect("keys");
        (oidc_server::router(core, keys), database)
    });
    Scene {
        runtime,
        router,
        _database: database,
    }
});

fuzz_target!(|input: &[u8]| {
    let mut parts = input.splitn(3, |byte| *byte == b'\n');
    let mut part = || parts.next().unwrap_or_default();
    let (authorization, content_type, body) = (part(), part(), part());
    let mut request = Request::builder().method(Method::POST).uri("/token");
    for (name, value) in [
        (header::AUTHORIZATION, authorization),
        (header::CONTENT_TYPE, content_type),
    ] {
        if !value.is_empty() {
            request = request.header(name, value);
        }
    }
    // What is no header value never comes as far as this.
    let Ok(request) = request.body(Body::from(body.to_vec())) else {
        return;
    };
    let scene = &*SCENE;
    let (status, body) = scene.runtime.block_on(async {
        let response = scene
            .router
            .clone()
            .oneshot(request)
            .await
            .unwrap_or_else(|never| match never {});
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        (status, body)
    });
    assert!((400..500).contains(&status), "{status}");
    assert!(body.starts_with(b"{"), "{body:?}");
});
