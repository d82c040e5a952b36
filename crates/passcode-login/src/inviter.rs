//! Where people invite who have no operator account: the owner of an app, and the sponsors of its guests. A mailed link is their proof.
//! It shows on GET and acts on POST, and nothing acts that was not filled in or chosen, because mail scanners open every link and send
//! every form as it is (threat R14).

pub(crate) mod ask;
mod form;
mod opened;
mod page;
pub(crate) mod unknown_link;

use actions::{ActionError, end_inviter_links, invite_as, withdraw_as};
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use domain::{
    Id, Secret,
    invitation::{Invitation, Standing},
};
use http::{StatusCode, header};
use serde::Deserialize;
use sign_in::Core;
use store::InvitationFilter;
use web::{Failure, Frame, Page, routes, see_other, texts::Part};

use form::{InviteField, InviteForm, InviteProblems};
use opened::{EndForm, Inviting, LinkForm};
pub(crate) use page::InviterPage;
use page::{ListedInvitation, ShownFor};

/// How many of their invitations that wait the page lists: more than anybody makes in a few days.
const WAITING: u64 = 200;
/// How many of the others.
const OVER: usize = 20;

/// What the page was left for.
#[derive(Default, Deserialize)]
pub(crate) struct AboutInvitation {
    /// The invitation that was made or taken back.
    #[serde(default)]
    invitation: Option<String>,
}

/// What the form for taking back carries.
#[derive(Default, Deserialize)]
pub(crate) struct TakeBackForm {
    #[serde(default)]
    invitation: String,
}

/// `GET /invite/{token}`.
pub(crate) async fn show(
    State(core): State<Core>,
    opened: Inviting,
    Query(about): Query<AboutInvitation>,
) -> Result<Response, Failure> {
    let about = about.invitation.as_deref().and_then(|id| id.parse().ok());
    let form = InviteForm::new(&core, opened.frame.language);
    answer(&core, opened, form, ShownFor::About(about), StatusCode::OK).await
}

/// `POST /invite/{token}`.
pub(crate) async fn submit(
    State(core): State<Core>,
    LinkForm { opened, form }: LinkForm<InviteForm>,
) -> Result<Response, Failure> {
    let invite = match form.invite(&opened, core.now()) {
        Ok(invite) => invite,
        Err(problems) => return wrong(&core, opened, form, problems).await,
    };
    match invite_as(&core, &opened.link.inviter, invite).await {
        Ok(invited) => Ok(see_other(&done(&opened.token, invited.invitation.id))),
        Err(error) => {
            let problems = told(&opened.frame, error)?;
            wrong(&core, opened, form, problems).await
        }
    }
}

/// `POST /invite/{token}/take-back`.
pub(crate) async fn take_back(
    State(core): State<Core>,
    LinkForm { opened, form }: LinkForm<TakeBackForm>,
) -> Result<Response, Failure> {
    let empty = InviteForm::new(&core, opened.frame.language);
    let t = &opened.frame.t.inviter;
    let Ok(id) = form.invitation.parse() else {
        let problems = InviteProblems::at(InviteField::Invitation, opened.frame.mark(t.take_back_none, &[]));
        return wrong(&core, opened, empty, problems).await;
    };
    match withdraw_as(&core, &opened.link.inviter, id).await {
        Ok(_) => Ok(see_other(&done(&opened.token, id))),
        Err(ActionError::Store(error)) => Err(error.into()),
        Err(_) => {
            let says = opened
                .frame
                .mark(t.not_taken_back, &[("contact", opened.frame.contact())]);
            let problems = InviteProblems::general(says, StatusCode::CONFLICT);
            wrong(&core, opened, empty, problems).await
        }
    }
}

/// `POST /invite/{token}/end`: their links end, this one as well, which its page then says.
pub(crate) async fn end(
    State(core): State<Core>,
    LinkForm { opened, .. }: LinkForm<EndForm>,
) -> Result<Response, Failure> {
    end_inviter_links(&core, &opened.link.inviter).await?;
    Ok(see_other(&routes::inviter(&opened.token)))
}

/// `GET` of a path that only takes forms.
pub(crate) async fn show_form(Path(token): Path<String>) -> Response {
    see_other(&routes::inviter(&Secret::presented(token)))
}

/// The page that says what was done to an invitation.
fn done(token: &Secret, invitation: Id<Invitation>) -> String {
    format!("{}?invitation={invitation}", routes::inviter(token))
}

/// What the action said, for somebody who may not learn why a guest is shut out.
fn told(frame: &Frame, error: ActionError) -> Result<InviteProblems, Failure> {
    let t = &frame.t.inviter;
    Ok(match error {
        ActionError::Store(error) => return Err(error.into()),
        ActionError::Invalid(faults) => InviteProblems::of(frame, &faults),
        ActionError::LookAlike { of, .. } => {
            let says = frame.mark(t.look_alike, &[("of", Part::Text(&of))]);
            InviteProblems::at(InviteField::LookAlike, says)
        }
        ActionError::TooMany { until, .. } => {
            let parts = [("date", Part::Date(until)), ("time", Part::ClockFrom(until))];
            InviteProblems {
                until: Some(until),
                ..InviteProblems::general(frame.mark(t.quota, &parts), StatusCode::TOO_MANY_REQUESTS)
            }
        }
        ActionError::Conflict(_) | ActionError::NotFound { .. } | ActionError::Changed => {
            let says = frame.mark(t.cannot, &[("contact", frame.contact())]);
            InviteProblems::general(says, StatusCode::CONFLICT)
        }
    })
}

/// The page again, with what is wrong, and all that was filled in.
async fn wrong(
    core: &Core,
    opened: Inviting,
    form: InviteForm,
    problems: InviteProblems,
) -> Result<Response, Failure> {
    let status = problems.status;
    let wait = problems
        .until
        .map(|until| (until - core.now()).num_seconds().max(0) + 1);
    let mut response = answer(core, opened, form, ShownFor::Wrong(problems), status).await?;
    if let Some(wait) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, wait.into());
    }
    Ok(response)
}

async fn answer(
    core: &Core,
    opened: Inviting,
    form: InviteForm,
    shown: ShownFor,
    status: StatusCode,
) -> Result<Response, Failure> {
    let listed = listed(core, &opened).await?;
    let page = InviterPage::new(opened, form, shown, &listed, core.now());
    Ok(Page::new(page).status(status).into_response())
}

/// Their invitations that wait, and the newest of the others.
async fn listed(core: &Core, opened: &Inviting) -> Result<Vec<ListedInvitation>, Failure> {
    let (reader, now) = (core.store.reader(), core.now());
    let of = |standing, limit| InvitationFilter {
        guest: None,
        app: None,
        sponsor: Some(opened.link.inviter.clone()),
        standing,
        after: None,
        limit,
    };
    let mut found = reader
        .invitations(&of(Some((Standing::Pending, now)), WAITING))
        .await?;
    let newest = reader.invitations(&of(None, WAITING)).await?.into_iter();
    let over = newest.filter(|invitation| invitation.standing(now) != Standing::Pending);
    found.extend(over.take(OVER));
    let mut listed = Vec::new();
    for invitation in found {
        let guest = reader.guest(invitation.guest).await?;
        let app = core.store.known_app(invitation.app).await?;
        if let (Some(guest), Some(app)) = (guest, app) {
            listed.push(ListedInvitation {
                invitation,
                guest: guest.email,
                app: app.app.name.clone(),
            });
        }
    }
    Ok(listed)
}
