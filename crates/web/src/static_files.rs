//! Static files: part of the binary, named by their content, compressed once, cached for ever.

use std::{io::Write, sync::LazyLock};

use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Response},
    routing::get,
};
use data_encoding::HEXLOWER;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderValue, header};
use sha2::{Digest, Sha256};

use crate::{error_kind::ErrorKind, page::ErrorPage, routes};

struct Asset {
    name: &'static str,
    path: String,
    content_type: &'static str,
    bytes: &'static [u8],
    /// The same as gzip (RFC 1952), where that is shorter.
    gzip: Option<Vec<u8>>,
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
            gzip: gzip(bytes),
        }
    }
}

fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    let shorter = encoder.finish().ok()?;
    (shorter.len() < bytes.len()).then_some(shorter)
}

/// Whether a client takes gzip (RFC 9110 §12.5.3): named, and not with the weight zero.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let said = headers.get_all(header::ACCEPT_ENCODING).iter();
    said.filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
            let weight = weight
                .trim()
                .strip_prefix("q=")
                .and_then(|weight| weight.parse::<f32>().ok());
            name.trim().eq_ignore_ascii_case("gzip") && weight.is_some_and(|weight| weight > 0.0)
        })
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
    let serve = async |Path(file): Path<String>, headers: HeaderMap| serve(&file, &headers);
    Router::new().route(routes::STATIC, get(serve))
}

fn serve(file: &str, asked: &HeaderMap) -> Response {
    let path = routes::STATIC.replace("{file}", file);
    let Some(asset) = ASSETS.iter().find(|asset| asset.path == path) else {
        return ErrorPage::new(ErrorKind::NotFound).into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type)),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    match &asset.gzip {
        Some(gzip) if takes_gzip(asked) => {
            (headers, [(header::CONTENT_ENCODING, "gzip")], gzip.as_slice()).into_response()
        }
        _ => (headers, asset.bytes).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        for (said, takes) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("deflate, gzip;q=1.0, *;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000", false),
            ("gzip;q=high", false),
            ("br", false),
            ("gzipped", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(said))]);
            assert_eq!(takes_gzip(&headers), takes, "{said}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn a_cache_is_told_that_there_are_two_forms() {
        let file = path("vestibule.css").rsplit('/').next().unwrap();
        for (said, encoding) in [("gzip, br", Some("gzip")), ("br", None)] {
            let asked = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(said))]);
            let response = serve(file, &asked);
            let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap());
            assert_eq!(header(header::CONTENT_ENCODING), encoding, "{said}");
            assert_eq!(header(header::VARY), Some("accept-encoding"), "{said}");
        }
    }

    #[test]
    fn what_is_compressed_is_the_file() {
        for asset in ASSETS.iter() {
            let Some(gzip) = &asset.gzip else {
                continue;
            };
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut GzDecoder::new(gzip.as_slice()), &mut bytes).unwrap();
            assert_eq!(bytes, asset.bytes, "{}", asset.name);
            assert!(gzip.len() < bytes.len(), "{}", asset.name);
        }
        let compressed = ASSETS.iter().filter(|asset| asset.gzip.is_some());
        assert!(compressed.count() >= 3);
    }
}
