//! What the form carries, and what is wrong with it.

use actions::{Fault, Invite};
use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id, Language, Secret,
    app::App,
    email::EmailError,
    invitation::{Invitation, InvitationTerms, MESSAGE_MAX},
    time::end_of_day,
};
use http::StatusCode;
use serde::Deserialize;
use sign_in::Core;
use web::{
    Frame,
    texts::{Markup, Part},
};

use super::opened::Inviting;
use crate::identify;

/// What the form carries.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct InviteForm {
    /// The `client_id`.
    pub(super) app: String,
    pub(super) guest: String,
    pub(super) name: String,
    pub(super) your_name: String,
    /// The last day, as in `2027-03-31`.
    pub(super) until: String,
    pub(super) message: String,
    /// The tag of a language.
    pub(super) language: String,
    /// The address that is meant although it looks like another one.
    pub(super) look_alike: Option<String>,
    /// Of the page: with what is filled in, it makes a form that is sent twice one invitation.
    pub(super) key: String,
}

/// What is filled in, or chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InviteField {
    App,
    Guest,
    LookAlike,
    Name,
    YourName,
    Until,
    Message,
    /// Of the form for taking back.
    Invitation,
}

impl InviteField {
    /// The id of its element.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Guest => "guest",
            Self::LookAlike => "look-alike",
            Self::Name => "name",
            Self::YourName => "your-name",
            Self::Until => "until",
            Self::Message => "message",
            Self::Invitation => "invitation-1",
        }
    }
}

/// What is wrong.
pub(crate) struct InviteProblems {
    /// With which fields.
    pub(super) fields: Vec<(InviteField, Markup)>,
    /// With none of them.
    pub(super) general: Option<Markup>,
    pub(super) status: StatusCode,
    /// When it can be tried again.
    pub(super) until: Option<DateTime<Utc>>,
}

impl InviteProblems {
    /// With one field.
    pub(super) fn at(field: InviteField, says: Markup) -> Self {
        Self {
            fields: vec![(field, says)],
            general: None,
            status: StatusCode::UNPROCESSABLE_ENTITY,
            until: None,
        }
    }

    /// With no field.
    pub(super) fn general(says: Markup, status: StatusCode) -> Self {
        Self {
            fields: Vec::new(),
            general: Some(says),
            status,
            until: None,
        }
    }

    /// What the action found. A fault that no field of this form can have is not theirs to mend.
    pub(super) fn of(frame: &Frame, faults: &[Fault]) -> Self {
        let t = &frame.t.inviter;
        let mut problems = Self::general(
            frame.mark(t.cannot, &[("contact", frame.contact())]),
            StatusCode::UNPROCESSABLE_ENTITY,
        );
        for fault in faults {
            let (field, text) = match fault.field {
                "name" => (InviteField::Name, t.name_wrong),
                "invited_by" => (InviteField::YourName, t.your_name_wrong),
                "access_until" => (InviteField::Until, t.until_wrong),
                "message" => (InviteField::Message, t.message_wrong),
                _ => continue,
            };
            let max = Part::Plain(MESSAGE_MAX.to_string());
            problems.fields.push((field, frame.mark(text, &[("max", max)])));
        }
        if problems.fields.len() == faults.len() {
            problems.general = None;
        }
        problems
    }
}

impl InviteForm {
    /// An empty one, of which another can be told apart.
    pub(super) fn new(core: &Core, language: Language) -> Self {
        Self {
            language: language.tag().to_owned(),
            key: Id::<Invitation>::new(core.now(), &*core.entropy).to_string(),
            ..Self::default()
        }
    }

    /// Whether it invites to that app.
    pub(super) fn names(&self, app: &App) -> bool {
        self.app == app.client_id
    }

    /// Whether that was said of the address that is there now.
    pub(super) fn is_look_alike_meant(&self) -> bool {
        self.look_alike.as_deref() == Some(&*self.guest)
    }

    /// What makes the same form, sent twice, one invitation. Sent again with anything else in it, by way of the Back button, it is another.
    fn idempotency_key(&self) -> Option<String> {
        if self.key.is_empty() {
            return None;
        }
        let look_alike = if self.is_look_alike_meant() { "meant" } else { "" };
        let filled_in = [
            &*self.app,
            &*self.guest,
            &*self.name,
            &*self.your_name,
            &*self.until,
            &*self.message,
            &*self.language,
            look_alike,
        ];
        let key = Secret::presented(&*self.key).derive("invite", filled_in.join("\0").as_bytes());
        Some(key.expose().to_owned())
    }

    /// What it asks for; else what is wrong with it, of what the action does not say in the guest's words.
    pub(super) fn invite(&self, opened: &Inviting, now: DateTime<Utc>) -> Result<Invite, InviteProblems> {
        let frame = &opened.frame;
        let t = &frame.t.inviter;
        let mut fields = Vec::new();
        let mut wrong = |field, text| fields.push((field, frame.mark(text, &[])));
        if !opened.apps.iter().any(|app| self.names(app)) {
            wrong(InviteField::App, t.app_missing);
        }
        match EmailAddress::parse_typed(&self.guest) {
            Err(EmailError::Empty) => wrong(InviteField::Guest, t.guest_missing),
            Err(error) => wrong(InviteField::Guest, identify::message(frame, error)),
            Ok(email) if email.is_same_person(opened.link.inviter.as_str()) => {
                wrong(InviteField::Guest, t.own_address);
            }
            Ok(_) => {}
        }
        let day = self.until.trim();
        let until = end_of_day(day).filter(|end| *end > now);
        if until.is_none() && !day.is_empty() {
            wrong(InviteField::Until, t.until_wrong);
        }
        let invite = Invite {
            email: self.guest.clone(),
            app: self.app.clone(),
            name: Some(self.name.clone()),
            terms: InvitationTerms {
                message: Some(self.message.clone()),
                language: Language::of_tag(&self.language).map(|known| known.tag().to_owned()),
                access_until: until,
                ..InvitationTerms::by(&*self.your_name)
            },
            look_alike_is_meant: self.is_look_alike_meant(),
            idempotency_key: self.idempotency_key(),
            ..Invite::default()
        };
        if fields.is_empty() {
            return Ok(invite);
        }
        // Everything at once, as far as it can be known.
        if !(1..=100).contains(&self.your_name.trim().chars().count()) {
            fields.push((InviteField::YourName, frame.mark(t.your_name_wrong, &[])));
        }
        Err(InviteProblems {
            fields,
            general: None,
            status: StatusCode::UNPROCESSABLE_ENTITY,
            until: None,
        })
    }
}
