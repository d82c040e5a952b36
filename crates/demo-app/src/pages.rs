//! The pages. Everything that comes from outside is escaped by the templates.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use chrono::DateTime;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    app::App,
    note::{NOTES, Note},
    verify::{Check, Claims},
};

/// A template as an answer.
pub(crate) struct Page<T>(pub(crate) T);

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        match self.0.render() {
            Ok(html) => Html(html).into_response(),
            Err(error) => {
                tracing::error!(%error, "a page could not be rendered");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "Acme Notes has a fault of its own.",
                )
                    .into_response()
            }
        }
    }
}

/// `GET /` and the answers to `POST /share` and `POST /remove`.
#[derive(Template)]
#[template(path = "host.html")]
pub(crate) struct HostPage {
    notes: Vec<SharedNote>,
    notice: Option<Notice>,
    removal: Option<Removal>,
    inbox: String,
}

/// What came of taking a guest out.
pub(crate) enum Removal {
    /// They may not come in any more.
    Done { email: String },
    /// Nothing changed.
    Failed { email: String, words: String },
}

struct SharedNote {
    note: &'static Note,
    with: Vec<String>,
}

impl HostPage {
    pub(crate) fn new(app: &App, notice: Option<Notice>) -> Self {
        let shared = |note: &'static Note| SharedNote {
            note,
            with: app.shares.of(note.id),
        };
        Self {
            notes: NOTES.iter().map(shared).collect(),
            notice,
            removal: None,
            inbox: app.config.inbox_url.to_string(),
        }
    }

    pub(crate) fn after(mut self, removal: Removal) -> Self {
        self.removal = Some(removal);
        self
    }

    /// What is to be said about this very note.
    fn notice(&self, note: &Note) -> Option<&Notice> {
        self.notice.as_ref().filter(|notice| notice.note == note.id)
    }
}

/// How the guest will sign in.
#[derive(Debug, Deserialize)]
pub(crate) struct MethodPreview {
    /// For programs: `passcode`, `federation`, …
    pub(crate) method: String,
    /// For people.
    pub(crate) text: String,
}

/// What came of sharing a note.
pub(crate) struct Notice {
    note: &'static str,
    outcome: Outcome,
}

enum Outcome {
    /// With an emailed code, which the app has words for.
    ByCode { name: String },
    /// Otherwise, in the words of the provider.
    Otherwise { text: String },
    /// No guest was invited.
    Failed { email: String, words: String },
}

impl Notice {
    pub(crate) fn invited(note: &Note, email: &str, preview: &MethodPreview) -> Self {
        let outcome = match preview.method.as_str() {
            "passcode" => Outcome::ByCode {
                name: first_name(email),
            },
            _ => Outcome::Otherwise {
                text: preview.text.clone(),
            },
        };
        Self {
            note: note.id,
            outcome,
        }
    }

    pub(crate) fn not_invited(note: &Note, email: &str, words: String) -> Self {
        Self {
            note: note.id,
            outcome: Outcome::Failed {
                email: email.to_owned(),
                words,
            },
        }
    }

    fn failed(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::Failed { words, .. } => Some(words),
            _ => None,
        }
    }

    /// The address to be corrected.
    fn typed(&self) -> &str {
        match &self.outcome {
            Outcome::Failed { email, .. } => email,
            _ => "",
        }
    }
}

/// `anna.berg@contoso.test` is Anna to Lee; an address that begins with no letter is not shortened.
fn first_name(email: &str) -> String {
    let name: String = email
        .chars()
        .take_while(|letter| letter.is_alphabetic())
        .collect();
    let mut letters = name.chars();
    match letters.next() {
        Some(first) if name.chars().count() > 1 => first.to_uppercase().chain(letters).collect(),
        _ => email.to_owned(),
    }
}

/// `GET /notes`
#[derive(Template)]
#[template(path = "guest.html")]
pub(crate) struct GuestPage<'a> {
    pub(crate) guest: &'a str,
    pub(crate) notes: Vec<&'static Note>,
    pub(crate) claims: Vec<ClaimRow>,
    pub(crate) checks: &'a [Check],
}

/// One verified claim.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ClaimRow {
    name: String,
    value: String,
    /// Where the provider said it.
    from: &'static str,
}

/// Who the guest is comes first; then how it is known; then the rest.
const ORDER: [&str; 12] = [
    "email",
    "email_verified",
    "name",
    "sub",
    "iss",
    "aud",
    "amr",
    "acr",
    "auth_time",
    "iat",
    "exp",
    "sid",
];

/// The claims as rows of a table.
pub(crate) fn claim_rows(claims: &Claims) -> Vec<ClaimRow> {
    let row = |(name, value): (String, Value)| ClaimRow {
        from: match (
            claims.id_token.contains_key(&name),
            claims.user_info.contains_key(&name),
        ) {
            (true, true) => "ID token, UserInfo",
            (true, false) => "ID token",
            _ => "UserInfo",
        },
        value: in_words(&name, &value),
        name,
    };
    let mut rows: Vec<ClaimRow> = claims.all().into_iter().map(row).collect();
    let place = |row: &ClaimRow| {
        ORDER
            .iter()
            .position(|name| *name == row.name)
            .unwrap_or(ORDER.len())
    };
    rows.sort_by(|one, other| (place(one), &one.name).cmp(&(place(other), &other.name)));
    rows
}

/// A claim's value for reading: text without quotes, times as times.
fn in_words(name: &str, value: &Value) -> String {
    let time = value
        .as_i64()
        .filter(|_| matches!(name, "auth_time" | "iat" | "exp" | "nbf" | "updated_at"))
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    match (value, time) {
        (_, Some(time)) => format!("{value} ({})", time.format("%Y-%m-%d %H:%M:%S UTC")),
        (Value::String(text), _) => text.clone(),
        _ => value.to_string(),
    }
}

/// Every error.
#[derive(Template)]
#[template(path = "problem.html")]
pub(crate) struct ProblemPage<'a> {
    pub(crate) title: &'a str,
    pub(crate) words: &'a str,
    pub(crate) error: Option<&'a str>,
    pub(crate) description: Option<&'a str>,
    pub(crate) cause: Option<String>,
}

/// `GET /signed-out`
#[derive(Template)]
#[template(path = "signed_out.html")]
pub(crate) struct SignedOutPage {
    pub(crate) everywhere: bool,
    pub(crate) still_in: bool,
}

#[cfg(test)]
mod tests;
