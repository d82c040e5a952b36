//! `/api/v1/invitations`.

pub(super) mod one;

use std::collections::HashMap;

use actions::{Invite, Invited, invite_guest};
use axum::{
    Json,
    extract::{
        Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
    response::{IntoResponse, Response},
};
use domain::{
    EmailAddress, Id,
    app::App,
    guest::Guest,
    invitation::{InvitationTerms, Standing},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use sign_in::Core;
use store::InvitationFilter;
use utoipa::{IntoParams, ToSchema};

use super::{
    answers::{InvitationBody, MethodPreviewBody, moment},
    fields::{self, limit},
    named,
};
use crate::{
    guard::Operator,
    problem::{ApiError, Problem},
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InviteBody {
    /// The guest's address.
    #[schema(example = "anna@contoso.example", format = Email)]
    email: String,
    /// To which app: its client id.
    #[schema(example = "notes")]
    app: String,
    /// The guest's name, when the directory does not know it.
    name: Option<String>,
    /// Who invites, as the mail says it. The token's name unless said.
    #[schema(example = "Lee")]
    invited_by: Option<String>,
    /// Where answers to the mail go.
    #[schema(format = Email)]
    reply_to: Option<String>,
    /// What it is about.
    #[schema(example = "Q3 kickoff notes")]
    about: Option<String>,
    /// Plain text, at most 500 characters.
    message: Option<String>,
    /// The mail's language, BCP 47.
    language: Option<String>,
    /// When the access ends, RFC 3339.
    #[schema(format = DateTime)]
    access_until: Option<String>,
    /// The names of groups into which the guest comes with it, until `access_until` as well. Where the app is in one of them, they have
    /// it through the group alone.
    #[serde(default)]
    #[schema(example = json!(["auditors"]))]
    groups: Vec<String>,
    /// The method to which the guest is held: `passcode`, `tenant:NAME` or `provider:NAME`.
    #[schema(example = "tenant:contoso")]
    pin: Option<String>,
    /// That the address is right, although its domain looks like a known one. Without it such an address is refused with a problem
    /// of type `urn:vestibule:problem:look-alike`, which names the known one.
    #[serde(default)]
    look_alike_is_meant: bool,
    /// Whether the guest is mailed. Without a mail the answer has the link, for whoever invites to hand on.
    #[serde(default = "mailed")]
    mail: bool,
}

fn mailed() -> bool {
    true
}

#[derive(Serialize, ToSchema)]
pub(super) struct InvitedBody {
    id: String,
    email: String,
    /// The app's client id.
    app: String,
    method_preview: MethodPreviewBody,
    /// Until when it can be redeemed.
    expires_at: String,
    /// Its link, where no mail carries it. It signs nobody in.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

impl InvitedBody {
    fn new(invited: Invited, core: &Core) -> Self {
        Self {
            link: invited.link(core),
            id: invited.invitation.id.to_string(),
            email: invited.guest.email.as_str().to_owned(),
            app: invited.app.client_id,
            method_preview: invited.preview.into(),
            expires_at: moment(invited.invitation.expires_at),
        }
    }
}

/// Invites a guest: they get a mail, unless `mail` is false, and may enter the app after proving their mailbox. A repeated
/// `Idempotency-Key` answers 200 with the invitation that the first request made.
#[utoipa::path(
    post,
    path = "/api/v1/invitations",
    operation_id = "inviteGuest",
    request_body = InviteBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "The caller's name for this request.")),
    responses(
        (status = 201, body = InvitedBody),
        (status = 200, body = InvitedBody),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn invite(
    operator: Operator,
    State(core): State<Core>,
    headers: HeaderMap,
    body: Result<Json<InviteBody>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let pin = body.pin.as_deref().map(fields::pin).transpose()?;
    let invite = Invite {
        email: body.email,
        app: body.app,
        name: body.name,
        groups: body.groups,
        pin,
        look_alike_is_meant: body.look_alike_is_meant,
        is_unmailed: !body.mail,
        idempotency_key: idempotency_key(&headers)?,
        terms: InvitationTerms {
            invited_by: body.invited_by.unwrap_or_else(|| operator.name().to_owned()),
            reply_to: body.reply_to,
            about: body.about,
            message: body.message,
            language: body.language,
            access_until: fields::moment("access_until", body.access_until.as_deref())?,
        },
    };
    let invited = invite_guest(&core, operator.actor(), invite)
        .await
        .map_err(|error| ApiError::of(error, core.now()))?;
    let status = if invited.is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let mut response = (status, Json(InvitedBody::new(invited, &core))).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct InvitationsQuery {
    /// Only this guest's: id or address.
    guest: Option<String>,
    /// Only to this app's client id.
    app: Option<String>,
    /// Only those that this person answers for: an address.
    #[param(example = "lee@acme.example")]
    sponsor: Option<String>,
    /// Only those that stand so now: `pending`, `redeemed`, `revoked`, `declined` or `expired`.
    #[param(schema_with = fields::invitation_states)]
    state: Option<String>,
    /// What the answer before this one called `next`.
    after: Option<String>,
    /// At most so many: 1 to 1000, 100 unless said.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InvitationsBody {
    invitations: Vec<InvitationBody>,
    /// What `after` is to be for those that follow; none where nothing does.
    next: Option<String>,
}

/// Lists invitations, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/invitations",
    operation_id = "listInvitations",
    params(InvitationsQuery),
    responses(
        (status = 200, body = InvitationsBody),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list(
    _: Operator,
    State(core): State<Core>,
    query: Result<Query<InvitationsQuery>, QueryRejection>,
) -> Result<Json<InvitationsBody>, ApiError> {
    let Query(query) = query.map_err(|error| Problem::invalid(error.body_text()))?;
    let reader = core.store.reader();
    let apps: HashMap<Id<App>, String> = reader
        .apps()
        .await?
        .into_iter()
        .map(|app| (app.id, app.client_id))
        .collect();
    let now = core.now();
    let standing = |name: &str| {
        Standing::parse(name)
            .map(|standing| (standing, now))
            .ok_or_else(|| {
                let all = Standing::ALL.map(Standing::name).join(", ");
                Problem::field("state", format!("is none of {all}"))
            })
    };
    let guest = named::maybe_guest(&core, query.guest.as_deref()).await?;
    let app = named::maybe_app(&core, query.app.as_deref()).await?;
    let sponsor = query.sponsor.as_deref().map(EmailAddress::parse).transpose();
    let sponsor = sponsor.map_err(|error| Problem::field("sponsor", error.to_string()))?;
    let limit = limit(query.limit)?;
    let filter = InvitationFilter {
        standing: query.state.as_deref().map(standing).transpose()?,
        guest,
        app,
        sponsor,
        after: query.after.as_deref().map(fields::made).transpose()?,
        limit: limit + 1,
    };
    let mut emails: HashMap<Id<Guest>, String> = HashMap::new();
    let mut invitations = Vec::new();
    let found = reader.invitations(&filter).await?;
    let (found, next) = fields::page(found, limit, |last| fields::made_at(last.created_at, last.id));
    for invitation in found {
        if !emails.contains_key(&invitation.guest)
            && let Some(guest) = reader.guest(invitation.guest).await?
        {
            emails.insert(guest.id, guest.email.as_str().to_owned());
        }
        let email = emails.get(&invitation.guest).cloned().unwrap_or_default();
        let app = apps.get(&invitation.app).cloned().unwrap_or_default();
        invitations.push(InvitationBody::new(&invitation, email, app, now));
    }
    Ok(Json(InvitationsBody { invitations, next }))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    headers
        .get("idempotency-key")
        .map(|value| {
            value
                .to_str()
                .map(str::to_owned)
                .map_err(|_| Problem::field("Idempotency-Key", "is not plain ASCII"))
        })
        .transpose()
}
