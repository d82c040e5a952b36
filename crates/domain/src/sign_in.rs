//! The sign-in: one authorization request on its way to an answer, and the one function that says what comes
//! next. Steps do not know one another: each changes the facts and returns here.
//!
//! ```text
//!            ┌────────────────────────── prompt=none ─────────────► Interrupt
//! request ──►│ Identify ──► Consent ──► Issue ──► (answered)
//!            └──────── Refuse, Deny, Expired: every exit tells the app or the guest
//! ```

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    EmailAddress, Id, SecretHash,
    access::{Access, AccessRefusal},
    app::App,
    authorization::AuthorizationRequest,
    entropy::Entropy,
    guest::Guest,
    invitation::Invitation,
    method::Method,
    passcode::PasscodeChallenge,
    session::{Means, REPEATED_FOR, Session},
};

mod progress;
mod reference;

pub use progress::{InSession, Progress};
pub use reference::Reference;

/// How long an unfinished sign-in is kept: long past a code's life, so that an expired code costs one click.
pub const PENDING_FOR: TimeDelta = TimeDelta::hours(24);

/// One authorization request on its way to an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Its row, and its name in the address bar. Worth nothing without the browser's cookie.
    pub id: Id<SignIn>,
    /// For which app.
    pub app: Id<App>,
    /// What the app asked for.
    pub request: AuthorizationRequest,
    /// The browser it belongs to.
    pub browser: SecretHash,
    /// What that browser held before a session began in it.
    pub former: Option<FormerBrowser>,
    /// Four letters on the page and in the mail that tell a guest which mail belongs to which page.
    pub reference: Reference,
    /// What was typed, or given by an invitation or a `login_hint`.
    pub email: Option<EmailAddress>,
    /// Whether `email` was typed here, and may be shown in full.
    pub email_typed: bool,
    /// The invitation whose link began it.
    pub invitation: Option<Id<Invitation>>,
    /// The challenge under way.
    pub challenge: Option<Id<PasscodeChallenge>>,
    /// Wrong tries so far.
    pub tries: u32,
    /// No codes are accepted or sent until then.
    pub locked_until: Option<DateTime<Utc>>,
    /// What the guest chose where several methods fit.
    pub chosen: Option<Method>,
    /// How far it has come.
    pub progress: Progress,
    /// Who agreed to what the app asks for, when asked in this sign-in. It does not count for another guest who goes on in this sign-in.
    pub agreed: Option<Id<Guest>>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it is given up.
    pub expires_at: DateTime<Utc>,
}

impl SignIn {
    /// A new one.
    pub fn begin(
        app: Id<App>,
        request: AuthorizationRequest,
        browser: SecretHash,
        now: DateTime<Utc>,
        entropy: &dyn Entropy,
    ) -> Self {
        let email = request
            .login_hint
            .as_deref()
            .and_then(|hint| EmailAddress::parse_typed(hint).ok());
        Self {
            id: Id::new(now, entropy),
            app,
            request,
            browser,
            former: None,
            reference: Reference::generate(entropy),
            email,
            email_typed: false,
            invitation: None,
            challenge: None,
            tries: 0,
            locked_until: None,
            chosen: None,
            progress: Progress::Begun,
            agreed: None,
            started_at: now,
            expires_at: now + PENDING_FOR,
        }
    }
}

/// The secret of a browser until a session began there. The answer with the new one may be lost, and other tabs may be on their
/// way back at that moment: for a minute both are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormerBrowser {
    /// Its hash.
    pub browser: SecretHash,
    /// The last moment at which it is good for this sign-in.
    pub until: DateTime<Utc>,
}

impl SignIn {
    /// Whether it belongs to the browser that presents this now.
    pub fn belongs_to(&self, browser: &SecretHash, now: DateTime<Utc>) -> bool {
        let former = self.former.filter(|former| now <= former.until);
        self.browser.matches(browser) || former.is_some_and(|former| former.browser.matches(browser))
    }

    /// Whether it belonged to the browser that presents this, before a session began there.
    pub fn belonged_to(&self, browser: &SecretHash) -> bool {
        self.former.is_some_and(|former| former.browser.matches(browser))
    }

    /// A session began in its browser: from now on it belongs to the one that holds `renewed`. What was there before anybody
    /// signed in may have been seen or put there by somebody else (threat O07).
    pub fn renew_browser(&mut self, presented: SecretHash, renewed: SecretHash, now: DateTime<Utc>) {
        self.former = Some(FormerBrowser {
            browser: presented,
            until: now + REPEATED_FOR,
        });
        self.browser = renewed;
    }

    /// An address as a page may show it before the mailbox is proven: in full where it was typed here or given by the app,
    /// masked where only an invitation's link knows it. That link may have been forwarded.
    pub fn shown(&self, email: &EmailAddress) -> String {
        if self.invitation.is_some() && !self.email_typed {
            email.masked()
        } else {
            email.as_str().to_owned()
        }
    }
}

/// Everything the next step depends on.
#[derive(Clone, Copy, Debug)]
pub struct SignInFacts<'a> {
    /// The sign-in.
    pub sign_in: &'a SignIn,
    /// The browser's session and its guest, when the cookie names a live one.
    pub session: Option<(&'a Session, &'a Guest)>,
    /// Whether that guest may enter the app; `None` without a session.
    pub access: Option<Access>,
    /// Whether another method than the one they have just used is open to them.
    pub offer: Option<Offer>,
    /// Whether the guest must still agree to what the app asks for.
    pub consent_missing: bool,
}

/// A better method is open to a guest who was held to another one (G6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// They may move.
    May,
    /// They must, before they go on.
    Must,
}

/// Whether to ask if there is an offer: after a proof of this very sign-in, and wherever a move may be required.
pub fn may_be_offered(sign_in: &SignIn, session: &Session, guest: &Guest, required: bool) -> bool {
    may_move(sign_in, session, guest) || (required && guest.method == Some(session.authentication.method()))
}

/// Whether an offer to move concerns this sign-in: it has just proven the method that sticks, and both proofs belong
/// to one sign-in.
pub fn may_move(sign_in: &SignIn, session: &Session, guest: &Guest) -> bool {
    sign_in.progress.session() == Some(session.id)
        && session.authentication.at >= sign_in.started_at
        && session.guest == guest.id
        && guest.method == Some(session.authentication.method())
}

/// Whether a passkey may be registered: after a code of this very sign-in, by a guest who sticks to codes, and on no
/// shared computer.
pub fn may_make_passkey(sign_in: &SignIn, session: &Session, guest: &Guest) -> bool {
    may_move(sign_in, session, guest)
        && session.authentication.means == Means::Code
        && !session.ends_with_browser
}

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask who they are, and prove it.
    Identify,
    /// Offer a better method.
    Move,
    /// Register a passkey.
    MakePasskey,
    /// Ask for consent.
    Consent,
    /// Give the app its code.
    Issue,
    /// The guest may not enter; tell them, and then the app.
    Refuse(AccessRefusal),
    /// The guest said no; tell the app.
    Deny,
    /// Something would have to be shown, and `prompt=none` forbids it; tell the app.
    Interrupt(Interaction),
    /// Given up; start again at the app.
    Expired,
}

/// What would have to be shown (OpenID Connect Core §3.1.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interaction {
    /// `login_required`.
    Login,
    /// `consent_required`.
    Consent,
    /// `access_denied`: the guest is known and may not enter.
    Access(AccessRefusal),
}

/// What comes next, in this order: an end that was already reached, then who, then whether, then by which method from
/// now on, and whether by a passkey, then consent.
pub fn next_step(facts: &SignInFacts<'_>, now: DateTime<Utc>) -> Step {
    let SignInFacts {
        sign_in,
        session,
        access,
        offer,
        consent_missing,
    } = *facts;
    let silent = sign_in.request.prompt.none;
    if now >= sign_in.expires_at {
        return Step::Expired;
    }
    if sign_in.progress.is_denied() {
        return Step::Deny;
    }
    let Some((session, guest)) = session.filter(|(session, guest)| is_enough(sign_in, session, guest, now))
    else {
        return if silent {
            Step::Interrupt(Interaction::Login)
        } else {
            Step::Identify
        };
    };
    debug_assert_eq!(session.guest, guest.id);
    // Who must move proves the method they leave in the sign-in that moves them: an older session is too little.
    let leaving = guest.method == Some(session.authentication.method());
    if offer == Some(Offer::Must) && leaving && !may_move(sign_in, session, guest) {
        return if silent {
            Step::Interrupt(Interaction::Login)
        } else {
            Step::Identify
        };
    }
    match access {
        Some(Access::Refuse(refusal)) if silent => return Step::Interrupt(Interaction::Access(refusal)),
        Some(Access::Refuse(refusal)) => return Step::Refuse(refusal),
        Some(Access::Allow | Access::AllowByInvitation(_)) => {}
        // Without an answer the guest does not enter.
        None => return Step::Refuse(AccessRefusal::NotInvited),
    }
    let said = sign_in.progress.within(session.id);
    let moves = match offer {
        Some(Offer::Must) => true,
        Some(Offer::May) => said.is_none_or(|said| !said.keeps_method),
        None => false,
    };
    if moves && may_move(sign_in, session, guest) {
        return Step::Move;
    }
    if said.is_some_and(|said| said.makes_passkey) && !silent && may_make_passkey(sign_in, session, guest) {
        return Step::MakePasskey;
    }
    let asked_again = sign_in.request.prompt.consent;
    if (consent_missing || asked_again) && sign_in.agreed != Some(guest.id) {
        return if silent {
            Step::Interrupt(Interaction::Consent)
        } else {
            Step::Consent
        };
    }
    Step::Issue
}

/// Whether a session answers a request without another proof: the session that this very sign-in made does;
/// an older one does unless the app asked for a fresh proof, a choice, or somebody else.
fn is_enough(sign_in: &SignIn, session: &Session, guest: &Guest, now: DateTime<Utc>) -> bool {
    if !session.is_live(now) {
        return false;
    }
    let request = &sign_in.request;
    if request
        .hinted_subject
        .as_deref()
        .is_some_and(|subject| subject != guest.subject.as_str())
    {
        return false;
    }
    if sign_in.progress.session() == Some(session.id) {
        return true;
    }
    let other_address = sign_in
        .email
        .as_ref()
        .is_some_and(|email| email.key() != guest.email.key());
    !(request.prompt.login || request.prompt.select_account || other_address)
        && session.is_fresh(request.max_age, now)
}

#[cfg(test)]
mod tests;
