//! Giving up access to one app.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use domain::app::App;
use sign_in::my_access;
use web::{
    Failure, Frame, Page,
    csrf::Form,
    routes, see_other,
    texts::{Part, fill},
};

use super::{
    confirm_page::ConfirmPage,
    guest_here::{GuestHere, Nothing, PostedHere},
    reached,
};

/// `GET /me/apps/{client_id}/leave`.
pub(crate) async fn show(here: GuestHere, Path(client_id): Path<String>) -> Result<Response, Failure> {
    let path = routes::leave_app(&client_id);
    let Some(app) = theirs(&here, &client_id).await? else {
        return Ok(see_other(routes::MY_ACCESS));
    };
    if let Some(response) = here.proves_again(&path).await? {
        return Ok(response);
    }
    Ok(Page::new(page(here.frame(), &app, here.form(&path))).into_response())
}

/// `POST /me/apps/{client_id}/leave`.
pub(crate) async fn submit(
    Path(client_id): Path<String>,
    posted: PostedHere<Nothing>,
) -> Result<Response, Failure> {
    let here = posted.here;
    if !here.is_fresh().await? {
        return Ok(see_other(&routes::leave_app(&client_id)));
    }
    if let Some(app) = theirs(&here, &client_id).await? {
        my_access::leave_app(&here.core, here.guest.id, app.id).await?;
    }
    Ok(see_other(routes::MY_ACCESS))
}

/// The app, if they have anything to give up there.
async fn theirs(here: &GuestHere, client_id: &str) -> Result<Option<App>, Failure> {
    let apps = reached(here, here.reader().apps().await?).await?;
    let app = apps
        .into_iter()
        .find(|reached| reached.app.client_id == client_id);
    Ok(app.map(|reached| reached.app))
}

pub(super) fn page(frame: Frame, app: &App, form: Form) -> ConfirmPage {
    let t = &frame.t.my_access;
    ConfirmPage {
        title: fill(t.leave_app_title, &[("app", &app.name)]),
        says: vec![frame.mark(t.leave_app_lead, &[("app", Part::Text(&app.name))])],
        button: t.leave_app_button,
        form,
        frame,
    }
}
