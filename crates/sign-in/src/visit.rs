//! One request within a sign-in: which sign-in, by which browser, and when.

use chrono::{DateTime, Utc};
use domain::{Id, Language, Secret, app::App, guest::Guest, master_key::MasterKey, sign_in::SignIn};
use store::{SeenAs, StoreError, Tx};

use crate::core::Core;

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
    /// The language to answer in.
    pub language: Language,
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
    /// A secret that this browser is given when it has proven something: always the same for the same proof, so that a
    /// repeated request repeats its answer. It follows from the server's key as well: the browser's cookie is there
    /// before anyone has signed in, and must not be enough (threat O07).
    fn secret_of(&self, purpose: &str, proof: &[u8]) -> Secret {
        let keys = self.core.store.master_keys();
        let server = keys.current().purpose("secrets of browsers");
        let context = [&server[..], proof].concat();
        self.browser.secret.derive(purpose, &context)
    }

    /// The secret of the session that this proof begins: the same for the same proof in this browser, so that a guest does not lose
    /// a sign-in to a lost answer.
    pub fn session_secret(&self, proof: &[u8]) -> Secret {
        self.secret_of("session", proof).dated(self.sign_in.started_at)
    }

    /// The secret of a browser in which somebody signs in for the first time: the same in the whole sign-in.
    pub(crate) fn device_secret(&self) -> Secret {
        self.secret_of("device", self.sign_in.id.uuid().as_bytes())
            .dated(self.sign_in.started_at)
    }

    /// Opens a transaction that locks the sign-in, and reads it again. `None` when it is gone: the caller
    /// sends the browser back, and the next request says so.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn begin(&self) -> Result<Option<(Tx, SignIn)>, StoreError> {
        let tx = self.core.store.begin().await?;
        let sign_in = tx.lock_sign_in(self.sign_in.id).await?;
        Ok(sign_in.map(|sign_in| (tx, sign_in)))
    }

    /// Locks the sign-in and the others of this browser: see [`Tx::lock_sign_ins`]. `None` when it is gone, or is this browser's no
    /// more: a session may have begun in another tab since the request came.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn lock(&self, tx: &Tx) -> Result<Option<(SignIn, Vec<SignIn>)>, StoreError> {
        let browser = self.browser.secret.hash();
        let locked = tx.lock_sign_ins(self.sign_in.id, &browser, self.now).await?;
        let now = self.core.now();
        Ok(locked.filter(|(own, _)| own.belongs_to(&browser, now)))
    }

    /// What this browser holds in its cookie once a session of that guest has begun in it (threat O07). Tabs that come back
    /// at the same moment as the same guest give it the same.
    pub fn renewed_browser(&self, guest: Id<Guest>) -> Secret {
        self.secret_of("browser", guest.uuid().as_bytes())
    }

    /// What the forms of this sign-in and its way to an upstream follow from: [`secret_of_sign_in`] by the key in use.
    pub fn sign_in_secret(&self) -> Secret {
        secret_of_sign_in(self.core.store.master_keys().current(), self.sign_in.id)
    }

    /// The same by every key of the server, since a page may be older than the key in use.
    pub fn sign_in_secrets(&self) -> impl Iterator<Item = Secret> {
        let keys = self.core.store.master_keys().all();
        keys.map(|key| secret_of_sign_in(key, self.sign_in.id))
    }
}

/// The secret of a sign-in. It does not follow from the browser's cookie, which changes when a session begins in another tab:
/// whether the browser owns the sign-in is asked before it counts.
pub fn secret_of_sign_in(key: &MasterKey, sign_in: Id<SignIn>) -> Secret {
    key.secret("sign-ins", sign_in.uuid().as_bytes())
}

impl Browser {
    /// What the session's row says of it.
    pub fn seen_as(&self) -> SeenAs {
        SeenAs {
            user_agent: self.user_agent.clone(),
            network: Some(self.network.clone()),
        }
    }
}
