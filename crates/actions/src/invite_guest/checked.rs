//! What an inviter says, checked.

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress,
    invitation::{InvitationTerms, MESSAGE_MAX},
};

use super::Invite;
use crate::{
    ActionError,
    check::{Faults, is_language_tag},
};

/// An invite whose fields have been checked.
pub(super) struct Checked {
    pub(super) email: EmailAddress,
    pub(super) name: Option<String>,
    pub(super) terms: InvitationTerms,
}

/// Checks every field, and says all that is wrong.
pub(super) fn check(invite: &Invite, now: DateTime<Utc>) -> Result<Checked, ActionError> {
    let mut faults = Faults::default();
    let email = faults.or("email", EmailAddress::parse_typed(&invite.email));
    let name = faults.maybe_line("name", invite.name.as_deref(), 100);
    let said = &invite.terms;
    let reply_to = faults.maybe_email("reply_to", said.reply_to.as_deref());
    let terms = InvitationTerms {
        invited_by: faults.line("invited_by", &said.invited_by, 100),
        reply_to: reply_to.map(|address| address.as_str().to_owned()),
        about: faults.maybe_line("about", said.about.as_deref(), 120),
        message: faults.maybe_text("message", said.message.as_deref(), MESSAGE_MAX),
        language: said.language.clone().filter(|tag| !tag.is_empty()),
        access_until: said.access_until,
    };
    if email
        .as_ref()
        .is_some_and(|email| email.is_same_person(terms.sponsor()))
    {
        faults.add(
            "email",
            "is the address of who invites: nobody answers for themselves",
        );
    }
    if terms.language.as_deref().is_some_and(|tag| !is_language_tag(tag)) {
        faults.add("language", "is not a language tag, such as en or de-AT");
    }
    if terms.access_until.is_some_and(|until| until <= now) {
        faults.add("access_until", "lies in the past");
    }
    if invite
        .idempotency_key
        .as_ref()
        .is_some_and(|key| !(1..=255).contains(&key.len()))
    {
        faults.add("Idempotency-Key", "must be 1 to 255 characters long");
    }
    let email = faults.finish_with(email)?;
    Ok(Checked { email, name, terms })
}
