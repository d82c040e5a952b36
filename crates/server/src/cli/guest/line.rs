//! A guest, as the commands print one.

use domain::guest::Guest;
use serde::Serialize;

use crate::cli::{
    CliError,
    context::Context,
    output::{Row, moment, or_dash},
};

/// A guest.
#[derive(Serialize)]
pub(in crate::cli) struct GuestLine {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) name: Option<String>,
    pub(super) status: &'static str,
    pub(super) method: Option<&'static str>,
    pub(super) last_sign_in_at: Option<String>,
    pub(super) sub: String,
}

impl From<&Guest> for GuestLine {
    fn from(guest: &Guest) -> Self {
        Self {
            id: guest.id.to_string(),
            email: guest.email.as_str().to_owned(),
            name: guest.name.clone(),
            status: guest.status.name(),
            method: guest.method.map(domain::method::Method::kind),
            last_sign_in_at: guest.last_sign_in_at.map(moment),
            sub: guest.subject.as_str().to_owned(),
        }
    }
}

impl Row for GuestLine {
    const SEVERAL: &'static str = "guests";
    const HEADS: &'static [&'static str] = &["EMAIL", "NAME", "STATUS", "METHOD", "LAST SIGN-IN"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.email.clone(),
            or_dash(self.name.as_ref()),
            self.status.to_owned(),
            or_dash(self.method),
            or_dash(self.last_sign_in_at.as_ref()),
        ]
    }
}

pub(super) fn say(context: &Context, changed: bool, email: &str, word: &'static str) -> Result<(), CliError> {
    #[derive(Serialize)]
    struct GuestChanged<'a> {
        email: &'a str,
        changed: bool,
    }
    let note = if changed { word } else { "nothing to change" };
    context.thing(&GuestChanged { email, changed }, &[(email, note.to_owned())])
}
