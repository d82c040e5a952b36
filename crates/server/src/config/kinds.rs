//! The kinds of values that settings have, and how each is read and shown.

use std::{net::SocketAddr, path::PathBuf};

use chrono::TimeDelta;
use domain::{EmailAddress, duration, email::canonical_domain};
use ipnet::IpNet;
use url::Url;

use super::value::Value;

/// A kind of value.
pub(super) trait Setting: Sized {
    /// Ends the sentence «must be …».
    const EXPECTED: &'static str;

    /// Reads a value; `Err(None)` when it is of another kind, `Err(Some(…))` when its content is wrong.
    fn read(value: &Value) -> Result<Self, Option<String>>;

    /// The value as TOML.
    fn show(&self) -> String;
}

/// The text of a value that is written as text.
fn text(value: &Value) -> Result<&str, Option<String>> {
    match value {
        Value::Text(text) => Ok(text),
        other => other.raw().ok_or(None),
    }
}

/// Text in quotes, as TOML has it.
pub(super) fn quote(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

impl Setting for String {
    const EXPECTED: &'static str = "text in quotes";

    fn read(value: &Value) -> Result<Self, Option<String>> {
        let text = text(value)?.trim();
        if text.is_empty() {
            return Err(Some("is empty".into()));
        }
        if text.chars().any(char::is_control) {
            return Err(Some("contains a line break or another control character".into()));
        }
        Ok(text.to_owned())
    }

    fn show(&self) -> String {
        quote(self)
    }
}

impl Setting for bool {
    const EXPECTED: &'static str = "true or false";

    fn read(value: &Value) -> Result<Self, Option<String>> {
        match (value, value.raw()) {
            (Value::Boolean(value), _) => Ok(*value),
            (_, Some("true")) => Ok(true),
            (_, Some("false")) => Ok(false),
            _ => Err(None),
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for u32 {
    const EXPECTED: &'static str = "a whole number, not negative";

    fn read(value: &Value) -> Result<Self, Option<String>> {
        match value {
            Value::Integer(number) => u32::try_from(*number).ok(),
            other => other.raw().and_then(|text| text.parse().ok()),
        }
        .ok_or(None)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for TimeDelta {
    const EXPECTED: &'static str = "a duration such as \"60s\", \"30m\", \"24h\" or \"30d\"";

    fn read(value: &Value) -> Result<Self, Option<String>> {
        duration::parse(text(value)?).ok_or(None)
    }

    fn show(&self) -> String {
        quote(&duration::show(*self))
    }
}

impl Setting for SocketAddr {
    const EXPECTED: &'static str = "an address and a port, such as \"127.0.0.1:8080\" or \"[::]:8080\"";

    fn read(value: &Value) -> Result<Self, Option<String>> {
        text(value)?.parse().map_err(|_| None)
    }

    fn show(&self) -> String {
        quote(&self.to_string())
    }
}

impl Setting for IpNet {
    const EXPECTED: &'static str = "an address or a network, such as \"127.0.0.1\" or \"10.0.0.0/8\"";

    fn read(value: &Value) -> Result<Self, Option<String>> {
        let text = text(value)?.trim();
        let network = match text.parse::<IpNet>() {
            Ok(network) => network,
            Err(_) => IpNet::from(text.parse::<std::net::IpAddr>().map_err(|_| None)?),
        };
        Ok(network.trunc())
    }

    fn show(&self) -> String {
        quote(&self.to_string())
    }
}

impl Setting for Url {
    const EXPECTED: &'static str = "a web address, such as \"https://acme.example/help\"";

    fn read(value: &Value) -> Result<Self, Option<String>> {
        let url = Url::parse(text(value)?.trim()).map_err(|_| None)?;
        if matches!(url.scheme(), "https" | "http") && url.has_host() {
            Ok(url)
        } else {
            Err(None)
        }
    }

    fn show(&self) -> String {
        quote(self.as_str())
    }
}

impl Setting for PathBuf {
    const EXPECTED: &'static str = "a path";

    fn read(value: &Value) -> Result<Self, Option<String>> {
        String::read(value).map(PathBuf::from)
    }

    fn show(&self) -> String {
        quote(&self.to_string_lossy())
    }
}

/// A domain name, lower-case A-labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Domain(pub(super) String);

impl Setting for Domain {
    const EXPECTED: &'static str = "a domain name, such as \"contoso.example\"";

    fn read(value: &Value) -> Result<Self, Option<String>> {
        canonical_domain(text(value)?.trim()).map(Self).map_err(|_| None)
    }

    fn show(&self) -> String {
        quote(&self.0)
    }
}

impl Setting for EmailAddress {
    const EXPECTED: &'static str = "an address, such as \"anna@contoso.example\"";

    fn read(value: &Value) -> Result<Self, Option<String>> {
        Self::parse(text(value)?).map_err(|error| Some(format!("holds an address that {error}")))
    }

    fn show(&self) -> String {
        quote(self.as_str())
    }
}

/// A sender or a recipient as mail shows it: `Acme guest access <signin@mail.acme.example>`.
#[derive(Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The name in front.
    pub name: Option<String>,
    /// The address.
    pub address: EmailAddress,
}

impl std::fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mailbox({:?})", self.address)
    }
}

impl Setting for Mailbox {
    const EXPECTED: &'static str = "an address, such as \"Acme guest access <signin@mail.acme.example>\" or \"signin@mail.acme.example\"";

    fn read(value: &Value) -> Result<Self, Option<String>> {
        let text = String::read(value)?;
        let (name, address) = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
            Some((name, address)) => (name.trim().trim_matches('"').trim(), address),
            None => ("", text.as_str()),
        };
        if name.contains(['<', '>', '"']) {
            return Err(None);
        }
        let address =
            EmailAddress::parse(address).map_err(|error| Some(format!("holds an address that {error}")))?;
        Ok(Self {
            name: (!name.is_empty()).then(|| name.to_owned()),
            address,
        })
    }

    fn show(&self) -> String {
        quote(&match &self.name {
            Some(name) => format!("{name} <{}>", self.address.as_str()),
            None => self.address.as_str().to_owned(),
        })
    }
}

/// What is expected of a list, whatever of.
pub(super) const LIST: &str = "a list";

impl<S: Setting> Setting for Vec<S> {
    const EXPECTED: &'static str = LIST;

    fn read(value: &Value) -> Result<Self, Option<String>> {
        let one = |item: &Value| {
            S::read(item).map_err(|error| {
                Some(error.unwrap_or_else(|| {
                    format!("holds {}, where {} is expected", item.describe(), S::EXPECTED)
                }))
            })
        };
        if let Value::List(items) = value {
            return items.iter().map(one).collect();
        }
        let items = value.raw().ok_or(None)?.split([',', '\n']).map(str::trim);
        items
            .filter(|item| !item.is_empty())
            .map(|item| one(&Value::Raw(item.to_owned())))
            .collect()
    }

    fn show(&self) -> String {
        let items: Vec<String> = self.iter().map(Setting::show).collect();
        format!("[{}]", items.join(", "))
    }
}
