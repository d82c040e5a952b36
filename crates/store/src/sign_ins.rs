//! Sign-ins under way.

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id, SecretHash,
    app::{App, RedirectUri},
    authorization::{AuthorizationRequest, CodeChallenge, Prompts, ResponseMode, Scopes},
    session::Session,
    sign_in::{FormerBrowser, InSession, Progress, Reference, SignIn},
    time::from_millis,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    guests::{method_to_domain, method_to_row},
    row::{Cell, Sql, select},
    value::{self, Place},
};

row! {
    pub(crate) struct SignInRow {
        id: Uuid,
        app: Uuid,
        request: String,
        browser: Vec<u8>,
        former_browser: Option<Vec<u8>>,
        former_until: Option<i64>,
        reference: String,
        email: Option<String>,
        email_typed: bool,
        invitation: Option<Uuid>,
        challenge: Option<Uuid>,
        tries: i64,
        locked_until: Option<i64>,
        chosen: Option<String>,
        chosen_upstream: Option<Uuid>,
        progress: String,
        session: Option<Uuid>,
        keeps_method: bool,
        makes_passkey: bool,
        answered_at: Option<i64>,
        agreed: Option<Uuid>,
        started_at: i64,
        expires_at: i64,
    }
}

pub(crate) static BY_ID: Sql = Sql::new(|| select(SignInRow::COLUMNS, "sign_ins WHERE id = $1"));
/// One sign-in and the others of a browser: as many as there are tabs, not as many as a robot can open.
pub(crate) static OF_BROWSER: Sql = Sql::new(|| {
    let these = "sign_ins WHERE id IN (SELECT id FROM sign_ins WHERE id = $1 UNION ALL SELECT id FROM (SELECT id FROM sign_ins \
                 WHERE browser = $2 AND expires_at > $3 ORDER BY started_at DESC LIMIT 20) AS others) ORDER BY id";
    select(SignInRow::COLUMNS, these)
});
/// What a browser proved in a session for one app: few rows, by the browser.
pub(crate) static OF_SESSION: Sql = Sql::new(|| {
    let these = "sign_ins WHERE browser = $1 AND session = $2 AND app = $3 ORDER BY started_at DESC LIMIT 20";
    select(SignInRow::COLUMNS, these)
});
pub(crate) const CHARGE: &str =
    "UPDATE sign_ins SET tries = tries + 1 WHERE id = $1 AND tries < $2 RETURNING tries";

/// The request as one column holds it. Fields are only ever added, with a default.
#[derive(Serialize, Deserialize)]
struct StoredRequest {
    redirect_uri: String,
    response_mode: String,
    scope: String,
    state: Option<String>,
    nonce: Option<String>,
    #[serde(default)]
    code_challenge: Option<String>,
    prompt: String,
    max_age: Option<u32>,
    login_hint: Option<String>,
    #[serde(default)]
    domain_hint: Option<String>,
    #[serde(default)]
    idp_hint: Option<String>,
    hinted_subject: Option<String>,
    ui_locales: Vec<String>,
}

impl StoredRequest {
    fn of(request: &AuthorizationRequest) -> Self {
        Self {
            redirect_uri: request.redirect_uri.as_str().to_owned(),
            response_mode: request.response_mode.name().to_owned(),
            scope: request.scopes.to_string(),
            state: request.state.clone(),
            nonce: request.nonce.clone(),
            code_challenge: request.challenge.as_ref().map(CodeChallenge::to_text),
            prompt: request.prompt.to_words(),
            max_age: request.max_age,
            login_hint: request.login_hint.clone(),
            domain_hint: request.domain_hint.clone(),
            idp_hint: request.idp_hint.clone(),
            hinted_subject: request.hinted_subject.clone(),
            ui_locales: request.ui_locales.clone(),
        }
    }

    fn into_domain(self) -> Option<AuthorizationRequest> {
        Some(AuthorizationRequest {
            redirect_uri: RedirectUri::stored(&self.redirect_uri)?,
            response_mode: ResponseMode::parse(&self.response_mode)?,
            scopes: Scopes::parse(&self.scope),
            state: self.state,
            nonce: self.nonce,
            challenge: match self.code_challenge {
                Some(text) => Some(CodeChallenge::parse(&text)?),
                None => None,
            },
            prompt: Prompts::parse(&self.prompt)?,
            max_age: self.max_age,
            login_hint: self.login_hint,
            domain_hint: self.domain_hint,
            idp_hint: self.idp_hint,
            hinted_subject: self.hinted_subject,
            ui_locales: self.ui_locales,
        })
    }
}

pub(crate) fn to_domain(row: SignInRow) -> Result<SignIn, StoreError> {
    let place = Place::new("sign_ins", row.id);
    let progress = place.require("progress", progress_of(&row))?;
    let request: Option<StoredRequest> = serde_json::from_str(&row.request).ok();
    let email = row.email.map(|text| EmailAddress::stored(&text)).transpose();
    Ok(SignIn {
        id: Id::from_uuid(row.id),
        app: Id::from_uuid(row.app),
        request: place.require("request", request.and_then(StoredRequest::into_domain))?,
        browser: place.hash("browser", row.browser)?,
        former: match (row.former_browser, row.former_until) {
            (Some(hash), Some(until)) => Some(FormerBrowser {
                browser: place.hash("former_browser", hash)?,
                until: from_millis(until),
            }),
            _ => None,
        },
        reference: Reference::stored(row.reference),
        email: place.require("email", email.ok())?,
        email_typed: row.email_typed,
        invitation: row.invitation.map(Id::from_uuid),
        challenge: row.challenge.map(Id::from_uuid),
        tries: place.count("tries", row.tries)?,
        locked_until: value::opt_from_millis(row.locked_until),
        chosen: method_to_domain(&place, "chosen", row.chosen, row.chosen_upstream)?,
        progress,
        agreed: row.agreed.map(Id::from_uuid),
        started_at: from_millis(row.started_at),
        expires_at: from_millis(row.expires_at),
    })
}

/// How far the sign-in of a row has come; `None` when its columns contradict each other.
fn progress_of(row: &SignInRow) -> Option<Progress> {
    let session = row.session.map(Id::from_uuid);
    let answered_at = value::opt_from_millis(row.answered_at);
    match (row.progress.as_str(), session) {
        ("begun", None) if answered_at.is_none() => Some(Progress::Begun),
        ("in_session", Some(session)) => Some(Progress::InSession(InSession {
            session,
            keeps_method: row.keeps_method,
            makes_passkey: row.makes_passkey,
            answered_at,
        })),
        ("denied", session) => Some(Progress::Denied { session, answered_at }),
        _ => None,
    }
}

/// What can change of a row, but the number of tries.
fn changing(sign_in: &SignIn) -> [Cell; 16] {
    let (chosen, chosen_upstream) = method_to_row(sign_in.chosen);
    let (progress, said) = match &sign_in.progress {
        Progress::Begun => ("begun", None),
        Progress::InSession(said) => ("in_session", Some(said)),
        Progress::Denied { .. } => ("denied", None),
    };
    let former = sign_in.former.as_ref();
    [
        ("browser", value::hash(&sign_in.browser)),
        (
            "former_browser",
            former.map(|former| former.browser.0.to_vec()).into(),
        ),
        (
            "former_until",
            value::opt_millis(former.map(|former| former.until)).into(),
        ),
        (
            "email",
            sign_in
                .email
                .as_ref()
                .map(|email| email.as_str().to_owned())
                .into(),
        ),
        ("email_typed", sign_in.email_typed.into()),
        ("invitation", sign_in.invitation.map(Id::uuid).into()),
        ("challenge", sign_in.challenge.map(Id::uuid).into()),
        ("locked_until", value::opt_millis(sign_in.locked_until).into()),
        ("chosen", chosen.into()),
        ("chosen_upstream", chosen_upstream.into()),
        ("progress", progress.into()),
        ("session", sign_in.progress.session().map(Id::uuid).into()),
        ("keeps_method", said.is_some_and(|said| said.keeps_method).into()),
        (
            "makes_passkey",
            said.is_some_and(|said| said.makes_passkey).into(),
        ),
        ("agreed", sign_in.agreed.map(Id::uuid).into()),
        (
            "answered_at",
            value::opt_millis(sign_in.progress.answered_at()).into(),
        ),
    ]
}

impl<C: Reads> Db<C> {
    /// The sign-in of that row.
    pub async fn sign_in(&self, id: Id<SignIn>) -> Result<Option<SignIn>, StoreError> {
        let row = self.one::<SignInRow>(&BY_ID, [value::id(id)]).await?;
        row.map(to_domain).transpose()
    }

    /// The sign-ins to an app that go on in a session of a browser, newest first.
    pub async fn sign_ins_of_session(
        &self,
        browser: &SecretHash,
        session: Id<Session>,
        app: Id<App>,
    ) -> Result<Vec<SignIn>, StoreError> {
        let values = [value::hash(browser), value::id(session), value::id(app)];
        let rows = self.all::<SignInRow>(&OF_SESSION, values).await?;
        rows.into_iter().map(to_domain).collect()
    }
}

impl Tx {
    /// Keeps a new sign-in.
    pub async fn insert_sign_in(&self, sign_in: &SignIn) -> Result<(), StoreError> {
        let request = serde_json::to_string(&StoredRequest::of(&sign_in.request))
            .map_err(|error| StoreError::Database(Box::new(error)))?;
        let fixed = [
            ("id", value::id(sign_in.id)),
            ("app", value::id(sign_in.app)),
            ("request", request.into()),
            ("reference", sign_in.reference.as_str().into()),
            ("tries", i64::from(sign_in.tries).into()),
            ("started_at", value::at(sign_in.started_at)),
            ("expires_at", value::at(sign_in.expires_at)),
        ];
        self.insert("sign_ins", fixed.into_iter().chain(changing(sign_in)))
            .await
    }

    /// The sign-in, locked until this transaction ends.
    pub async fn lock_sign_in(&self, id: Id<SignIn>) -> Result<Option<SignIn>, StoreError> {
        let lock = self.for_update();
        let row = self
            .one::<SignInRow>(&format!("{}{lock}", *BY_ID), [value::id(id)])
            .await?;
        row.map(to_domain).transpose()
    }

    /// The sign-in, and the others of the browser that holds this, newest first, those that were answered among them. All
    /// are locked until this transaction ends, in the order of their ids, so that two tabs never wait for each other.
    pub async fn lock_sign_ins(
        &self,
        id: Id<SignIn>,
        browser: &SecretHash,
        now: DateTime<Utc>,
    ) -> Result<Option<(SignIn, Vec<SignIn>)>, StoreError> {
        let lock = self.for_update();
        let values = [value::id(id), value::hash(browser), value::at(now)];
        let rows = self
            .all::<SignInRow>(&format!("{}{lock}", *OF_BROWSER), values)
            .await?;
        let (mut own, mut others) = (None, Vec::new());
        for row in rows {
            let sign_in = to_domain(row)?;
            if sign_in.id == id {
                own = Some(sign_in);
            } else if sign_in.browser == *browser {
                // Another may have been taken along while it was waited for.
                others.push(sign_in);
            }
        }
        others.sort_unstable_by_key(|other| std::cmp::Reverse(other.started_at));
        Ok(own.map(|own| (own, others)))
    }

    /// Keeps what can change of a sign-in. Take it with [`Self::lock_sign_in`] first. The number of tries is not
    /// among it: see [`Self::charge_try`] and [`Self::reset_tries`].
    pub async fn save_sign_in(&self, sign_in: &SignIn) -> Result<(), StoreError> {
        let id = [("id", value::id(sign_in.id))];
        self.update("sign_ins", id.into_iter().chain(changing(sign_in)))
            .await
    }

    /// Charges one try; the new count, or `None` when they are used up.
    pub async fn charge_try(&self, id: Id<SignIn>, max: u32) -> Result<Option<u32>, StoreError> {
        row! {
            struct ChargedRow {
                tries: i64,
            }
        }
        let row = self
            .one::<ChargedRow>(CHARGE, [value::id(id), i64::from(max).into()])
            .await?;
        row.map(|row| Place::new("sign_ins", id).count("tries", row.tries))
            .transpose()
    }

    /// Gives all tries back: a lock has run out, or the code was right.
    pub async fn reset_tries(&self, id: Id<SignIn>) -> Result<(), StoreError> {
        self.run("UPDATE sign_ins SET tries = 0 WHERE id = $1", [value::id(id)])
            .await?;
        Ok(())
    }

    /// Gives one try back: the code was right for that sign-in, and typed in another tab.
    pub async fn refund_try(&self, id: Id<SignIn>) -> Result<(), StoreError> {
        self.run(
            "UPDATE sign_ins SET tries = tries - 1 WHERE id = $1 AND tries > 0",
            [value::id(id)],
        )
        .await?;
        Ok(())
    }
}
