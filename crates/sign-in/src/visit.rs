//! One request within a sign-in: which sign-in, by which browser, and when.

use chrono::{DateTime, Utc};
use domain::{Secret, app::App, sign_in::SignIn};
use store::{SeenAs, StoreError};

use crate::{Core, Situation};

/// A request within a sign-in.
pub struct Visit {
    /// What every handler needs.
    pub core: Core,
    /// The app.
    pub app: App,
    /// The sign-in, as it was when the request came: read it again under lock before changing it.
    pub sign_in: SignIn,
    /// Who sends it.
    pub browser: Browser,
    /// The present moment, read once.
    pub now: DateTime<Utc>,
}

/// What a request tells of the browser that sends it.
pub struct Browser {
    /// The secret that the sign-in belongs to.
    pub secret: Secret,
    /// The secret of its session.
    pub session: Option<Secret>,
    /// The secret that says that a mailbox was once proven in it.
    pub device: Option<Secret>,
    /// The network that limits count under.
    pub network: String,
    /// The site around it, which has a larger limit of its own.
    pub site: Option<String>,
    /// What it calls itself, shortened.
    pub user_agent: Option<String>,
}

impl Visit {
    /// Who the browser is, and what that means for the app.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn situation(&self) -> Result<Situation, StoreError> {
        let session = self.browser.session.as_ref();
        Situation::load(&self.core, &self.app, &self.sign_in, session, self.now).await
    }

    /// A secret that this browser is given when it has proven something: always the same for the same proof, so that a
    /// repeated request repeats its answer. It follows from the server's key as well: the browser's cookie is there
    /// before anyone has signed in, and must not be enough (threat O07).
    pub fn secret_of(&self, purpose: &str, proof: &[u8]) -> Secret {
        let keys = self.core.store.master_keys();
        let server = keys.current().purpose("secrets of browsers");
        let context = [&server[..], proof].concat();
        self.browser.secret.derive(purpose, &context)
    }
}

impl Browser {
    /// Whether it holds that session's secret already.
    pub fn holds(&self, secret: &Secret) -> bool {
        self.session.as_ref() == Some(secret)
    }

    /// What the session's row says of it.
    pub fn seen_as(&self) -> SeenAs {
        SeenAs {
            user_agent: self.user_agent.clone(),
            network: Some(self.network.clone()),
        }
    }
}
