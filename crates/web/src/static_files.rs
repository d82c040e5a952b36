//! Static files: part of the binary, named by their content, cached for ever.

use std::sync::LazyLock;

use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Response},
    routing::get,
};
use data_encoding::HEXLOWER;
use http::{HeaderValue, header};
use sha2::{Digest, Sha256};
use tower_http::compression::CompressionLayer;

use crate::{error_kind::ErrorKind, page::ErrorPage, routes};

struct Asset {
    name: &'static str,
    path: String,
    content_type: &'static str,
    bytes: &'static [u8],
}

macro_rules! assets {
    ($($name:literal as $content_type:literal,)*) => {
        [$(Asset::new($name, $content_type, include_bytes!(concat!("../../../static/", $name))),)*]
    };
}

static ASSETS: LazyLock<[Asset; 4]> = LazyLock::new(|| {
    assets! {
        "passkey.js" as "text/javascript; charset=utf-8",
        "vestibule.css" as "text/css; charset=utf-8",
        "vestibule.js" as "text/javascript; charset=utf-8",
        "vestibule.svg" as "image/svg+xml",
    }
});

impl Asset {
    fn new(name: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Self {
        let hash = HEXLOWER.encode(&Sha256::digest(bytes)[..6]);
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        let path = routes::STATIC.replace("{file}", &format!("{stem}.{hash}.{extension}"));
        Self {
            name,
            path,
            content_type,
            bytes,
        }
    }
}

/// The path of a file by its plain name, for templates: `{{ web::static_files::path("vestibule.css") }}`.
pub fn path(name: &str) -> &'static str {
    ASSETS
        .iter()
        .find(|asset| asset.name == name)
        .map_or("", |asset| &asset.path)
}

/// Serves them.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route(routes::STATIC, get(serve))
        .layer(CompressionLayer::new())
}

async fn serve(Path(file): Path<String>) -> Response {
    let path = routes::STATIC.replace("{file}", &file);
    let Some(asset) = ASSETS.iter().find(|asset| asset.path == path) else {
        return ErrorPage::new(ErrorKind::NotFound).into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type)),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
    ];
    (headers, asset.bytes).into_response()
}
