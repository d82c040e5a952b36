//! What the demo begins with: an app, a host's token, and guests in different places of a guest's life.

use actions::{self, ActionError, Invite, NewApp};
use anyhow::{Context, Result};
use domain::{Secret, api_scope::ApiScope, app::App, audit::Actor, invitation::InvitationTerms};
use sign_in::Core;
use url::Url;

/// The demo app's `client_id`.
pub const APP: &str = "notes";
/// Who the demo's host is.
pub const HOST: &str = "Lee";
/// Guests who are invited from the start. `anna@contoso.test` is left for Lee to invite.
const INVITED: [(&str, &str); 2] = [
    ("bob@fabrikam.test", "Bob Fischer"),
    ("carol@northwind.test", "Carol Nguyen"),
];

/// What the demo app must know.
pub struct Seeded {
    /// Its `client_id`.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// The token with which it invites guests.
    pub api_token: Secret,
}

/// What Acme Notes may do: share a note with a guest, and take that back. The story that is played with it reads the audit log.
const SCOPES: [ApiScope; 3] = [
    ApiScope::InvitationsWrite,
    ApiScope::GuestsWrite,
    ApiScope::AuditRead,
];

/// Seeds an empty database.
pub async fn seed(core: &Core, app: &Url) -> Result<Seeded> {
    let by = || Actor::Operator("demo".into());
    let new = NewApp {
        client_id: Some(APP.into()),
        post_logout_redirect_uris: vec![app.join("signed-out")?.into()],
        home: Some(app.join("start")?.into()),
        owner: Some("lee@acme.example".into()),
        dev: true,
        ..NewApp::new("Acme Notes", app.join("callback")?)
    };
    let registered = actions::register_app(core, by(), new).await.map_err(plain)?;
    let logo = include_bytes!("notes.png").to_vec();
    actions::set_app_logo(core, by(), APP, Some(logo))
        .await
        .map_err(plain)?;
    let (_, api_token) = actions::create_api_token(core, by(), "Acme Notes", &SCOPES)
        .await
        .map_err(plain)?;
    for (email, name) in INVITED {
        let invite = Invite {
            email: email.into(),
            app: APP.into(),
            name: Some(name.into()),
            terms: InvitationTerms {
                about: Some("Offsite agenda".into()),
                ..InvitationTerms::by(HOST)
            },
            ..Invite::default()
        };
        actions::invite_guest(core, by(), invite).await.map_err(plain)?;
    }
    Ok(Seeded {
        client_id: registered.app.client_id,
        client_secret: registered.secret.context("the demo app has a secret")?,
        api_token,
    })
}

/// Whether a database was seeded before.
pub async fn seeded(core: &Core) -> Result<Option<App>> {
    Ok(core.store.reader().app_by_client_id(APP).await?)
}

fn plain(error: ActionError) -> anyhow::Error {
    anyhow::Error::new(error).context("seeding the demo")
}
