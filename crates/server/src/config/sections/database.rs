//! `[database]`: where everything is kept.

use std::{net::IpAddr, path::Path};

use store::{StoreSettings, Synchronous};
use url::Url;

use crate::config::{kinds::quote, reader::Section};

#[derive(Debug)]
pub(in crate::config) struct Database {
    pub(in crate::config) store: StoreSettings,
    pub(in crate::config) auto_migrate: bool,
}

const FORMS: &str = "write \"sqlite:/var/lib/vestibule/vestibule.db\" or \"postgres://user@host/database\"";

pub(in crate::config) fn read(section: &mut Section<'_>) -> Database {
    let url = url(section);
    let sqlite = url.starts_with("sqlite:");
    let words = [("full", Synchronous::Full), ("normal", Synchronous::Normal)];
    let database = Database {
        store: StoreSettings {
            url,
            readers: section.within("readers", if sqlite { 4 } else { 16 }, 2..=256),
            synchronous: section.word("synchronous", &words, "full"),
        },
        auto_migrate: section.get("auto_migrate", sqlite),
    };
    if database.store.synchronous == Synchronous::Normal {
        section.note(
            "synchronous",
            "is \"normal\": the last sign-ins before a loss of power may be forgotten",
            "\"full\" waits for the disk at every commit",
        );
    }
    database
}

/// The URL; one of a file in the configuration file counts from that file's directory.
fn url(section: &mut Section<'_>) -> String {
    let given = section
        .secret("url")
        .map(|secret| secret.expose().trim().to_owned());
    let url = given.unwrap_or_else(|| "sqlite:vestibule.db".to_owned());
    section.show("url", Some(quote(&without_password(&url))));
    if let Some(rest) = url.strip_prefix("sqlite:") {
        let file = rest.strip_prefix("//").unwrap_or(rest);
        let (path, query) = file
            .split_once('?')
            .map_or((file, None), |(path, query)| (path, Some(query)));
        if path.is_empty() || path == ":memory:" || query.is_some_and(|query| query.contains("mode=memory")) {
            section.refuse("url", "names no file", FORMS);
        }
        let path = section.resolve_path("url", Path::new(path));
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        return format!("sqlite:{}{query}", path.display());
    }
    match Url::parse(&url) {
        Ok(parsed) if matches!(parsed.scheme(), "postgres" | "postgresql") && parsed.has_host() => {
            let local = parsed.host_str().is_some_and(is_this_machine);
            let verified = parsed
                .query_pairs()
                .any(|(key, value)| key == "sslmode" && (value == "verify-full" || value == "verify-ca"));
            if !local && !verified {
                section.warn(
                    "url",
                    "reaches PostgreSQL over the network without checking who answers",
                    "add ?sslmode=verify-full, and sslrootcert=… for your own authority",
                );
            }
        }
        // A socket directory has no host: postgres:///vestibule?host=/run/postgresql.
        Ok(parsed) if matches!(parsed.scheme(), "postgres" | "postgresql") => {}
        Err(error) if is_meant_for_postgres(&url) => section.refuse(
            "url",
            format!("cannot be read as an address: {error}"),
            "encode what is special in the user name or the password (@ as %40, : as %3A, / as %2F, # as %23, % as %25, ? as \
             %3F, a space as %20)",
        ),
        Ok(parsed) if is_meant_for_postgres(&url) && !parsed.has_host() => section.refuse(
            "url",
            "names no host",
            "encode what is special in the user name or the password (/ as %2F, # as %23, ? as %3F), or name a socket \
             directory as in postgres:///vestibule?host=/run/postgresql",
        ),
        _ => section.refuse("url", "is neither a SQLite file nor a PostgreSQL database", FORMS),
    }
    url
}

fn is_meant_for_postgres(url: &str) -> bool {
    url.starts_with("postgres:") || url.starts_with("postgresql:")
}

/// Of a URL whose scheme is not the web's the host is text, numbers included.
fn is_this_machine(host: &str) -> bool {
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// The URL as it may be shown.
pub(crate) fn without_password(url: &str) -> String {
    if url.starts_with("sqlite:") {
        return url.to_owned();
    }
    // What cannot be read may hide a password anywhere.
    let Ok(parsed) = Url::parse(url) else {
        return "(not shown)".to_owned();
    };
    let user = match (parsed.username(), parsed.password()) {
        ("", None) => String::new(),
        (user, None) => format!("{user}@"),
        (user, Some(_)) => format!("{user}:•••@"),
    };
    let host = parsed.host_str().unwrap_or_default();
    let port = parsed.port().map(|port| format!(":{port}")).unwrap_or_default();
    let query: Vec<String> = parsed
        .query_pairs()
        .map(|(key, value)| {
            let value = if key == "password" {
                "•••".into()
            } else {
                value
            };
            format!("{key}={value}")
        })
        .collect();
    let query = if query.is_empty() {
        String::new()
    } else {
        format!("?{}", query.join("&"))
    };
    format!("{}://{user}{host}{port}{}{query}", parsed.scheme(), parsed.path())
}

#[cfg(test)]
mod tests {
    use super::{is_this_machine, without_password};

    #[test]
    fn this_machine() {
        for (host, local) in [
            ("localhost", true),
            ("127.0.0.1", true),
            ("127.1.2.3", true),
            ("[::1]", true),
            ("10.0.0.1", false),
            ("db.acme.example", false),
            ("localhost.acme.example", false),
        ] {
            assert_eq!(is_this_machine(host), local, "{host}");
        }
    }

    #[test]
    fn passwords_are_hidden_wherever_they_stand() {
        for (url, shown) in [
            ("sqlite:/var/lib/vestibule.db", "sqlite:/var/lib/vestibule.db"),
            ("postgres://u@db.example/v", "postgres://u@db.example/v"),
            (
                "postgres://u:p@db.example:5433/v?sslmode=require",
                "postgres://u:•••@db.example:5433/v?sslmode=require",
            ),
            (
                "postgres:///v?host=/run/postgresql&password=p",
                "postgres:///v?host=/run/postgresql&password=•••",
            ),
            ("postgres//u:p@db", "(not shown)"),
            ("hunter2", "(not shown)"),
        ] {
            assert_eq!(without_password(url), shown, "{url}");
        }
    }
}
