//! `/api/v1/mails`.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use domain::EmailAddress;
use serde::{Deserialize, Serialize};
use sign_in::Core;
use store::{ListedMail, MailKind, MailState, Reader, StoreError};
use utoipa::{IntoParams, ToSchema};

use super::{answers::moment, fields::limit};
use crate::{
    guard::Operator,
    problem::{ApiError, Problem},
};

/// A mail, as the API and the command line show it. What it says is put together when it is sent, so only what it is about stands here.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MailEntry {
    /// Its id.
    pub id: String,
    /// What it is: `passcode`, `invitation`.
    pub kind: &'static str,
    /// To whom.
    pub to: Option<String>,
    /// When it was asked for: RFC 3339.
    pub asked_at: String,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried next, or was sent or given up.
    pub at: String,
    /// What the mail server said last, or why it was given up.
    pub said: Option<String>,
}

impl MailEntry {
    /// One mail, with whom it goes to.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn read(reader: &Reader, listed: ListedMail) -> Result<Self, StoreError> {
        let mail = listed.mail;
        let to = match &mail.recipient {
            Some(address) => Some(address.clone()),
            None => recipient(reader, mail.kind).await?,
        };
        Ok(Self {
            id: mail.id.to_string(),
            kind: mail.kind.name(),
            to: to.map(|address| address.as_str().to_owned()),
            asked_at: moment(mail.created_at),
            tries: mail.attempts,
            at: moment(listed.ended_at.unwrap_or(mail.due_at)),
            said: listed.last_error,
        })
    }
}

async fn recipient(reader: &Reader, kind: MailKind) -> Result<Option<EmailAddress>, StoreError> {
    let guest = match kind {
        MailKind::Passcode { challenge, .. } | MailKind::NoCode { challenge, .. } => {
            return Ok(reader
                .challenge(challenge)
                .await?
                .map(|challenge| challenge.email));
        }
        MailKind::Invitation { invitation } => {
            let found = reader.invitation(invitation).await?;
            found.map(|invitation| invitation.guest)
        }
        MailKind::AccessRequest { request } => {
            let found = reader.access_request(request).await?;
            return Ok(found.map(|request| request.asked_of));
        }
        MailKind::InviterLink { link } => {
            let found = reader.inviter_link(link).await?;
            return Ok(found.map(|link| link.inviter));
        }
        MailKind::MergeAsked { merge, to }
        | MailKind::GuestMerged { merge, to }
        | MailKind::GuestUnmerged { merge, to } => {
            let found = reader.merge(merge).await?;
            found.map(|merge| merge.guest(to))
        }
        MailKind::AccessAnswer { request } => {
            let found = reader.access_request(request).await?;
            found.map(|request| request.guest)
        }
        MailKind::GuestNotice { guest, .. } | MailKind::MethodChanged { guest, .. } => Some(guest),
    };
    Ok(match guest {
        Some(guest) => reader.guest(guest).await?.map(|guest| guest.email),
        None => None,
    })
}

/// Where a mail stands, as a list may be narrowed.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum MailFilter {
    /// Not sent yet.
    Waiting,
    /// The mail server took it.
    Sent,
    /// It is not tried again.
    GivenUp,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MailsQuery {
    /// `waiting` (unless said), `sent` or `given-up`.
    #[param(inline)]
    state: Option<MailFilter>,
    /// At most so many: 1 to 1000, 100 unless said.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MailsBody {
    mails: Vec<MailEntry>,
    /// Since when no mail leaves, where that is so: RFC 3339.
    down_since: Option<String>,
}

/// Lists mails, and says whether mail leaves at all.
#[utoipa::path(
    get,
    path = "/api/v1/mails",
    operation_id = "listMails",
    params(MailsQuery),
    responses((status = 200, body = MailsBody)),
)]
pub(super) async fn list(
    _: Operator,
    State(core): State<Core>,
    query: Result<Query<MailsQuery>, QueryRejection>,
) -> Result<Json<MailsBody>, ApiError> {
    let Query(query) = query.map_err(|error| Problem::invalid(error.body_text()))?;
    let state = match query.state.unwrap_or(MailFilter::Waiting) {
        MailFilter::Waiting => MailState::Pending,
        MailFilter::Sent => MailState::Sent,
        MailFilter::GivenUp => MailState::GivenUp,
    };
    let reader = core.store.reader();
    let down_since = reader.mail_transport_down_since().await?.map(moment);
    let mut mails = Vec::new();
    for listed in reader.mails(state, limit(query.limit)?).await? {
        mails.push(MailEntry::read(&reader, listed).await?);
    }
    Ok(Json(MailsBody { mails, down_since }))
}
