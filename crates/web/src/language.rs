//! The language to answer a request in.

use domain::Language;
use http::{HeaderMap, header, request::Parts};

use crate::cookies;

/// The language to answer a request in: what the visitor chose (`?ui_locales=`, then the cookie), what the
/// app asked for, what the browser prefers, the default.
pub fn of_request(parts: &Parts, asked_by_app: &[String], default: Language) -> Language {
    negotiate(parts.uri.query(), &parts.headers, asked_by_app, default)
}

/// See [`of_request`].
pub fn negotiate(
    query: Option<&str>,
    headers: &HeaderMap,
    asked_by_app: &[String],
    default: Language,
) -> Language {
    chosen(query)
        .or_else(|| cookies::language(headers).and_then(Language::of_tag))
        .or_else(|| Language::first_of(asked_by_app.iter().map(String::as_str)))
        .or_else(|| accepted(headers))
        .unwrap_or(default)
}

/// What a `?ui_locales=` of one of our own pages chose.
pub(crate) fn chosen(query: Option<&str>) -> Option<Language> {
    form_urlencoded::parse(query?.as_bytes())
        .find(|(name, _)| name == "ui_locales")
        .and_then(|(_, value)| Language::first_of(value.split(' ')))
}

/// `Accept-Language` (RFC 9110 §12.5.4).
fn accepted(headers: &HeaderMap) -> Option<Language> {
    let value = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut ranges: Vec<(f32, &str)> = value
        .split(',')
        .take(32)
        .map(|range| {
            let (tag, q) = range.split_once(";q=").unwrap_or((range, "1"));
            (q.trim().parse().unwrap_or(0.0), tag.trim())
        })
        .filter(|(q, _)| *q > 0.0)
        .collect();
    ranges.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    Language::first_of(ranges.into_iter().map(|(_, tag)| tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_decides_the_language() {
        let negotiate = |query: Option<&str>, cookie: Option<&str>, app: &[&str], accept: Option<&str>| {
            let mut headers = HeaderMap::new();
            if let Some(cookie) = cookie {
                headers.insert(header::COOKIE, cookie.parse().unwrap());
            }
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
            }
            let app: Vec<String> = app.iter().map(ToString::to_string).collect();
            super::negotiate(query, &headers, &app, Language::En).tag()
        };
        assert_eq!(negotiate(None, None, &[], None), "en");
        assert_eq!(
            negotiate(None, None, &[], Some("fr, de-AT;q=0.9, en;q=0.8")),
            "de"
        );
        assert_eq!(negotiate(None, None, &[], Some("en;q=0.1, de;q=0")), "en");
        assert_eq!(negotiate(None, None, &["se", "de"], Some("en")), "de");
        assert_eq!(
            negotiate(None, Some("vestibule-language=en"), &["de"], Some("de")),
            "en"
        );
        assert_eq!(
            negotiate(Some("ui_locales=de"), Some("vestibule-language=en"), &[], None),
            "de"
        );
        assert_eq!(negotiate(Some("ui_locales=xx"), None, &[], None), "en");
    }
}
