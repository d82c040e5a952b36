//! The bodies of answers. Domain types have none of their own.

use actions::{DeliveryStatus, MethodPreview};
use chrono::{DateTime, Utc};
pub(super) use domain::time::rfc3339 as moment;
use domain::{guest::Guest, invitation::Invitation};
use serde::Serialize;
use utoipa::ToSchema;

/// A guest.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GuestBody {
    /// The guest's id here; apps know them by `sub`.
    #[schema(example = "018f2f6e-0000-7000-8000-000000000000")]
    id: String,
    /// Their `sub` in every ID token.
    sub: String,
    #[schema(example = "anna@contoso.example")]
    email: String,
    name: Option<String>,
    language: Option<String>,
    /// `invited`, `active`, `blocked`, `converted` or `removed`.
    status: &'static str,
    /// Since when.
    status_since: String,
    /// `passcode`, `federation` or `personal_account`: what sticks since the redemption.
    method: Option<&'static str>,
    /// The kind of method to which an operator pinned the guest.
    pinned_method: Option<&'static str>,
    created_at: String,
    redeemed_at: Option<String>,
    last_sign_in_at: Option<String>,
    valid_until: Option<String>,
}

impl From<&Guest> for GuestBody {
    fn from(guest: &Guest) -> Self {
        Self {
            id: guest.id.to_string(),
            sub: guest.subject.as_str().to_owned(),
            email: guest.email.as_str().to_owned(),
            name: guest.name.clone(),
            language: guest.language.clone(),
            status: guest.status.name(),
            status_since: moment(guest.status_since),
            method: guest.method.map(domain::method::Method::kind),
            pinned_method: guest.pinned_method.map(domain::method::Method::kind),
            created_at: moment(guest.created_at),
            redeemed_at: guest.redeemed_at.map(moment),
            last_sign_in_at: guest.last_sign_in_at.map(moment),
            valid_until: guest.valid_until.map(moment),
        }
    }
}

/// An invitation in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InvitationBody {
    id: String,
    /// The guest's id.
    guest: String,
    email: String,
    /// The app's client id.
    app: String,
    invited_by: String,
    about: Option<String>,
    /// `pending`, `redeemed`, `revoked`, `declined` or `expired`.
    state: &'static str,
    access_until: Option<String>,
    created_at: String,
    expires_at: String,
    /// When somebody first began to sign in by its link; its page alone says nothing, since mail scanners open that.
    opened_at: Option<String>,
    /// The names of the groups into which the guest comes with it; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<String>>,
    /// What became of its newest mail: `queued`, `deferred`, `accepted`, `bounced`, `none` or `unknown`; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    mail: Option<&'static str>,
    /// What the mail server said last, or why the mail did not leave.
    #[serde(skip_serializing_if = "Option::is_none")]
    mail_said: Option<String>,
}

impl InvitationBody {
    /// The invitation as it stands at `now`.
    pub(super) fn new(invitation: &Invitation, email: String, app: String, now: DateTime<Utc>) -> Self {
        Self {
            id: invitation.id.to_string(),
            guest: invitation.guest.to_string(),
            email,
            app,
            invited_by: invitation.terms.invited_by.clone(),
            about: invitation.terms.about.clone(),
            state: invitation.standing(now).name(),
            access_until: invitation.terms.access_until.map(moment),
            created_at: moment(invitation.created_at),
            expires_at: moment(invitation.expires_at),
            opened_at: invitation.opened_at.map(moment),
            groups: None,
            mail: None,
            mail_said: None,
        }
    }

    /// With the groups that it names, and what became of its mail.
    pub(super) fn whole(self, groups: Vec<String>, mail: DeliveryStatus) -> Self {
        Self {
            groups: Some(groups),
            mail: Some(mail.name()),
            mail_said: match mail {
                DeliveryStatus::Deferred(said) | DeliveryStatus::Bounced(_, said) => Some(said),
                _ => None,
            },
            ..self
        }
    }
}

/// How somebody will sign in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MethodPreviewBody {
    /// `passcode`, `federation`, `personal_account`, `choice` or `refused`.
    method: &'static str,
    /// The same in words.
    #[schema(example = "This person will sign in with an email code.")]
    text: String,
}

impl From<MethodPreview> for MethodPreviewBody {
    fn from(preview: MethodPreview) -> Self {
        Self {
            method: preview.method,
            text: preview.text,
        }
    }
}
