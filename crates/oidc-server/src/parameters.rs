//! Parameters as they came: an empty one is absent, a repeated one is an error (RFC 6749 §3.1, §3.2).

use std::collections::BTreeMap;

/// The largest number of parameters, and the longest value in bytes.
const COUNT_MAX: usize = 64;
const VALUE_MAX: usize = 8 * 1024;

/// A query or a form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameters {
    values: BTreeMap<String, String>,
    repeated: Vec<String>,
    oversized: bool,
}

impl Parameters {
    /// Reads `application/x-www-form-urlencoded` text.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let mut parameters = Self::default();
        for (i, (name, value)) in form_urlencoded::parse(text).enumerate() {
            if i >= COUNT_MAX || value.len() > VALUE_MAX {
                parameters.oversized = true;
                break;
            }
            if value.is_empty() {
                continue;
            }
            if parameters.values.contains_key(name.as_ref()) {
                parameters.repeated.push(name.into_owned());
            } else {
                parameters.values.insert(name.into_owned(), value.into_owned());
            }
        }
        parameters
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Whether that parameter stood more than once.
    pub(crate) fn is_repeated(&self, name: &str) -> bool {
        self.repeated.iter().any(|repeated| repeated == name)
    }

    /// Whether any parameter stood more than once, those aside that may (RFC 8707 §2).
    pub(crate) fn any_repeated(&self) -> bool {
        self.repeated
            .iter()
            .any(|name| name != "resource" && name != "audience")
    }

    /// Whether there were too many, or one was too long.
    pub(crate) fn is_oversized(&self) -> bool {
        self.oversized
    }
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
        assert!(parameters.is_repeated("c") && parameters.any_repeated());
        assert!(!Parameters::parse(b"resource=x&resource=y").any_repeated());
        // An empty parameter beside a full one is absent, not repeated.
        assert!(!Parameters::parse(b"a=&a=1").any_repeated());
    }

    #[test]
    fn too_much_is_too_much() {
        assert!(Parameters::parse("a=1&".repeat(65).as_bytes()).is_oversized());
        assert!(Parameters::parse(format!("a={}", "x".repeat(9_000)).as_bytes()).is_oversized());
        assert!(!Parameters::parse(format!("a={}", "x".repeat(8_000)).as_bytes()).is_oversized());
    }

    proptest! {
        #[test]
        fn nothing_panics(text in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Parameters::parse(&text);
        }
    }
}
