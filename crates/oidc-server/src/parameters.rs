//! Parameters as they came: an empty one is absent (RFC 6749 §3.1, §3.2); one that stands twice, is too long or
//! cannot be decoded is a fault, told wherever it can be told.

use std::collections::BTreeMap;

use http::{HeaderMap, header};

use crate::error::OAuthError;

/// The largest number of parameters, and the longest value in bytes.
const COUNT_MAX: usize = 64;
const VALUE_MAX: usize = 8 * 1024;

/// A query or a form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameters {
    values: BTreeMap<String, String>,
    faults: BTreeMap<String, ParameterFault>,
    too_many: bool,
}

/// What is wrong with one parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParameterFault {
    /// It stands more than once. Its first value is kept, to answer with.
    Repeated,
    /// It is longer than anything we read.
    TooLong,
    /// It is not UTF-8, or holds a zero, which no database text can.
    Malformed,
}

impl ParameterFault {
    /// The words for an app and for the log.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Repeated => "A parameter stands more than once",
            Self::TooLong => "A parameter is too long",
            Self::Malformed => "A parameter is not valid UTF-8 text",
        }
    }
}

impl From<ParameterFault> for OAuthError {
    fn from(fault: ParameterFault) -> Self {
        Self::invalid_request(fault.description())
    }
}

impl Parameters {
    /// Reads `application/x-www-form-urlencoded` text.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let mut parameters = Self::default();
        for (i, (name, value)) in form_urlencoded::parse(text).enumerate() {
            if i >= COUNT_MAX {
                parameters.too_many = true;
                break;
            }
            if !value.is_empty() {
                parameters.add(name.into_owned(), value.into_owned());
            }
        }
        parameters
    }

    fn add(&mut self, name: String, value: String) {
        // The decoder puts U+FFFD where the bytes were not UTF-8.
        let is_broken = |text: &str| text.contains(['\u{fffd}', '\0']);
        let fault = if self.values.contains_key(&name) || self.faults.contains_key(&name) {
            Some(ParameterFault::Repeated)
        } else if name.len().max(value.len()) > VALUE_MAX {
            Some(ParameterFault::TooLong)
        } else if is_broken(&name) || is_broken(&value) {
            Some(ParameterFault::Malformed)
        } else {
            None
        };
        match fault {
            Some(fault) => {
                self.faults.entry(name).or_insert(fault);
            }
            None => {
                self.values.insert(name, value);
            }
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// What is wrong with that parameter.
    pub(crate) fn fault(&self, name: &str) -> Option<ParameterFault> {
        self.faults.get(name).copied()
    }

    /// What is wrong with any parameter; `resource` and `audience` may stand more than once (RFC 8707 §2).
    pub(crate) fn any_fault(&self) -> Option<ParameterFault> {
        let may_repeat = |name: &str| matches!(name, "resource" | "audience");
        let mut faults = self.faults.iter();
        faults
            .find(|(name, fault)| **fault != ParameterFault::Repeated || !may_repeat(name))
            .map(|(_, fault)| *fault)
    }

    /// Whether there were more than anyone needs. The rest was not read.
    pub(crate) fn are_too_many(&self) -> bool {
        self.too_many
    }
}

/// Whether a body is a form; the media type's case does not matter (RFC 9110 §8.3.1).
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| {
            essence
                .trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn empty_is_absent_and_repeated_is_noticed() {
        let parameters = Parameters::parse(b"a=1&b=&c=2&c=3&resource=x&resource=y");
        assert_eq!(parameters.get("a"), Some("1"));
        assert_eq!(parameters.get("b"), None);
        assert_eq!(parameters.get("c"), Some("2"));
        assert_eq!(parameters.fault("a"), None);
        assert_eq!(parameters.fault("c"), Some(ParameterFault::Repeated));
        assert_eq!(parameters.any_fault(), Some(ParameterFault::Repeated));
        assert_eq!(Parameters::parse(b"resource=x&resource=y").any_fault(), None);
        // An empty parameter beside a full one is absent, not repeated.
        assert_eq!(Parameters::parse(b"a=&a=1").any_fault(), None);
    }

    #[test]
    fn too_much_is_too_much() {
        assert!(Parameters::parse("a=1&".repeat(65).as_bytes()).are_too_many());
        assert!(!Parameters::parse("a=1&".repeat(64).as_bytes()).are_too_many());
        let of_length = |n: usize| Parameters::parse(format!("b=1&a={}", "x".repeat(n)).as_bytes());
        assert_eq!(of_length(VALUE_MAX).fault("a"), None);
        let long = of_length(VALUE_MAX + 1);
        assert_eq!(
            (long.fault("a"), long.get("a")),
            (Some(ParameterFault::TooLong), None)
        );
        assert_eq!(long.get("b"), Some("1"), "the others are still read");
    }

    #[test]
    fn what_is_no_text_is_malformed() {
        for text in ["a=%ff", "a=%00", "a=x%c3%28", "a=%ed%a0%80"] {
            let parameters = Parameters::parse(text.as_bytes());
            assert_eq!(parameters.fault("a"), Some(ParameterFault::Malformed), "{text}");
            assert_eq!(parameters.get("a"), None, "{text}");
        }
        assert_eq!(
            Parameters::parse(b"%ff=1").any_fault(),
            Some(ParameterFault::Malformed)
        );
        assert_eq!(
            Parameters::parse("a=%C3%A4+%26%3D".as_bytes()).get("a"),
            Some("ä &=")
        );
        // A per cent sign that begins nothing stands for itself (URL Standard, percent-decode).
        assert_eq!(Parameters::parse(b"a=100%").get("a"), Some("100%"));
    }

    #[test]
    fn what_is_a_form() {
        for (value, expected) in [
            ("application/x-www-form-urlencoded", true),
            ("Application/X-WWW-Form-Urlencoded; charset=UTF-8", true),
            ("application/x-www-form-urlencoded-not", false),
            ("application/json", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, value.parse().unwrap());
            assert_eq!(is_form(&headers), expected, "{value}");
        }
        assert!(!is_form(&HeaderMap::new()));
    }

    proptest! {
        #[test]
        fn nothing_panics_and_nothing_broken_gets_through(text in prop::collection::vec(any::<u8>(), 0..300)) {
            let parameters = Parameters::parse(&text);
            for (name, value) in &parameters.values {
                prop_assert!(!value.is_empty() && !value.contains('\0') && !name.contains('\0'));
            }
        }

        #[test]
        fn what_was_written_is_read(pairs in prop::collection::btree_map("[a-z]{1,8}", "[^\0\u{fffd}]{1,40}", 0..20)) {
            let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
            let parameters = Parameters::parse(text.as_bytes());
            prop_assert_eq!(parameters.any_fault(), None);
            prop_assert_eq!(parameters.values, pairs);
        }
    }
}
