//! An app's logo: given, and taken away.

use domain::{
    app::{App, logo::Logo},
    audit::{Action, Actor, AuditEvent},
};
use sign_in::Core;

use super::{ActionError, change_app::locked, check::Faults};

/// Gives an app the picture in a file as its logo, in place of the one that it has; `None`: takes that away.
///
/// # Errors
///
/// A file that is no picture, or too large; no app of that name.
pub async fn set_app_logo(
    core: &Core,
    by: Actor,
    client_id: &str,
    file: Option<Vec<u8>>,
) -> Result<App, ActionError> {
    let mut faults = Faults::default();
    let logo = file.and_then(|file| faults.or("logo", Logo::parse(file)));
    faults.finish()?;
    let now = core.now();
    let tx = core.store.begin().await?;
    let mut app = locked(&tx, client_id).await?;
    let was = app.logo.take();
    app.logo = logo.as_ref().map(Logo::name);
    if app.logo == was {
        return Ok(app);
    }
    tx.put_app_logo(app.id, logo).await?;
    tx.update_app(&app).await?;
    let said = |logo: Option<&String>| logo.cloned().unwrap_or_default();
    let change = format!("{} → {}", said(was.as_ref()), said(app.logo.as_ref()));
    let event = AuditEvent::new(Action::AppChanged, by)
        .app(app.id)
        .detail("logo", change);
    tx.record(event, now).await?;
    tx.commit().await?;
    Ok(app)
}
