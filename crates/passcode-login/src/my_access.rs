//! My access (M): what a guest can open, how they sign in, where they are signed in, and how they leave. Behind a sign-in of its own, for
//! no app; what cannot be taken back asks for a proof of the last minutes.

use axum::response::{IntoResponse, Response};
use domain::{
    EmailAddress, Secret,
    app::App,
    assignment::Assignment,
    invitation::Invitation,
    my_access::{Reach, reach},
    passkey::Passkey,
    session::Session,
    upstream::Upstream,
};
use store::{InvitationFilter, SeenAs};
use web::{Failure, Page};

pub(crate) mod activity;
pub(crate) mod confirm_page;
pub(crate) mod data;
mod device;
mod guest_here;
pub(crate) mod invitations;
pub(crate) mod last_page;
pub(crate) mod leave;
pub(crate) mod leave_app;
pub(crate) mod merge;
pub(crate) mod method;
mod page;
pub(crate) mod passkeys;
pub(crate) mod sessions;

use activity::Happened;
use guest_here::GuestHere;
pub(crate) use page::MyAccessPage;

/// The most invitations that are looked through: newest first, so that those which count are among them.
const INVITATIONS: u64 = 200;

/// An app that is the guest's.
struct Reached {
    app: App,
    reach: Reach,
    /// The way to the invitation that waits.
    invitation: Option<Secret>,
}

/// What the page shows.
struct Holdings {
    apps: Vec<Reached>,
    /// Where they sign in, unless it is by code.
    upstream: Option<Upstream>,
    /// Where they could sign in instead.
    better: Option<Upstream>,
    passkeys: Vec<Passkey>,
    may_add_passkey: bool,
    sessions: Vec<(Session, SeenAs)>,
    are_invitations_blocked: bool,
    /// The address of a guest of whom it is asked whether they are the same person.
    same_as: Option<EmailAddress>,
    happened: Vec<Happened>,
}

/// `GET /me`.
pub(crate) async fn show(here: GuestHere) -> Result<Response, Failure> {
    let apps = here.reader().apps().await?;
    let holdings = Holdings {
        happened: activity::latest(&here, &apps).await?,
        apps: reached(&here, apps).await?,
        upstream: method::upstream(&here).await?,
        better: method::better(&here).await?,
        same_as: merge::asked(&here)
            .await?
            .map(|asked| asked.counterpart().clone()),
        passkeys: here.reader().passkeys_of(here.guest.id).await?,
        may_add_passkey: passkeys::may_be_added(&here),
        sessions: here.reader().sessions_seen_of(here.guest.id, here.now).await?,
        are_invitations_blocked: here
            .reader()
            .invitations_blocked_since(here.guest.id)
            .await?
            .is_some(),
    };
    let who = (&here.guest, here.session.id);
    let page = MyAccessPage::new(here.frame(), who, &|action| here.form(action), holdings);
    Ok(Page::new(page).into_response())
}

/// What the guest can open, or will be able to, by name.
async fn reached(here: &GuestHere, all: Vec<App>) -> Result<Vec<Reached>, Failure> {
    let reader = here.reader();
    let guest = &here.guest;
    let assignments = reader.assignments_of(guest.id).await?;
    let filter = InvitationFilter {
        guest: Some(guest.id),
        app: None,
        sponsor: None,
        standing: None,
        after: None,
        limit: INVITATIONS,
    };
    let invitations = reader.invitations(&filter).await?;
    let mut apps = Vec::new();
    for app in all {
        let assignment = Assignment::deciding_at(&assignments, app.id, here.now);
        let newest = newest(&invitations, &app);
        let Some(reach) = reach(&app, guest, assignment, newest, here.now) else {
            continue;
        };
        let invitation = match newest.filter(|_| reach.is_invited) {
            Some(invitation) => reader.token_of_invitation(invitation.id).await?,
            None => None,
        };
        apps.push(Reached {
            app,
            reach,
            invitation,
        });
    }
    Ok(apps)
}

fn newest<'a>(invitations: &'a [Invitation], app: &App) -> Option<&'a Invitation> {
    let to_it = invitations.iter().filter(|invitation| invitation.app == app.id);
    to_it.max_by_key(|invitation| (invitation.created_at, invitation.id))
}
