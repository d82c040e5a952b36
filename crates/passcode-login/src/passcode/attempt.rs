//! One typed code: charged, compared, consumed, and followed by everything that follows from it, in one
//! transaction.
//!
//! ```text
//! lock the sign-in → locked? → charge address and sign-in → compare
//!     right            → consume → the method again → complete
//!     right, again     → the same session once more, while it lives
//!     right, too late  → nothing charged, another mail
//!     wrong            → another tab's? → network and everyone charged → the last try locks
//! ```

use domain::{
    Id, Secret,
    audit::{Action, Actor, AuditEvent},
    method::Method,
    passcode::{ChallengeState, Passcode, PasscodeChallenge, Verdict},
    session::Session,
    sign_in::SignIn,
};
use store::{StoreError, Tx};

use super::{
    Trouble,
    limits::Limits,
    mailing::{self, Asked},
    siblings,
};
use crate::{
    complete::{Proof, complete},
    method::{self, Door},
    visit::Visit,
};

/// How a try ended.
pub(super) enum Outcome {
    /// The guest is signed in.
    SignedIn(Box<SignedIn>),
    /// The form again.
    Again(Trouble),
    /// There is no code to compare with: back to where one is asked for.
    NoChallenge,
    /// The mailbox is proven, and its method changed in the meantime.
    Elsewhere,
    /// The mailbox is proven, and the guest is no longer there.
    Nobody,
}

/// What the browser is given.
pub(super) struct SignedIn {
    pub(super) session: Session,
    pub(super) secret: Secret,
    /// The device's, unless the computer is shared.
    pub(super) device: Option<Secret>,
}

/// Tries a code. Commits whatever the outcome is, because a refused try counts. When two first sign-ins of one
/// guest meet, the second finds the guest on its second turn.
pub(super) async fn attempt(visit: &Visit, typed: &Passcode, shared: bool) -> Result<Outcome, StoreError> {
    match attempt_once(visit, typed, shared).await {
        Err(error) if error.is_conflict() => attempt_once(visit, typed, shared).await,
        done => done,
    }
}

async fn attempt_once(visit: &Visit, typed: &Passcode, shared: bool) -> Result<Outcome, StoreError> {
    let rivals = siblings::of(visit).await?;
    let tx = visit.core.store.begin().await?;
    let Some((mut sign_in, rivals)) = siblings::lock(visit, &tx, &rivals).await? else {
        return Ok(Outcome::NoChallenge);
    };
    let attempt = Attempt {
        visit,
        tx: &tx,
        typed,
        shared,
    };
    let outcome = attempt.run(&mut sign_in, rivals).await?;
    tx.commit().await?;
    if matches!(outcome, Outcome::Again(Trouble::ExpiredSent)) {
        visit.core.mail_wake.notify_one();
    }
    Ok(outcome)
}

struct Attempt<'a> {
    visit: &'a Visit,
    tx: &'a Tx,
    typed: &'a Passcode,
    shared: bool,
}

impl Attempt<'_> {
    async fn run(&self, sign_in: &mut SignIn, rivals: Vec<SignIn>) -> Result<Outcome, StoreError> {
        let now = self.visit.now;
        if let Some(until) = sign_in.locked_until.filter(|until| now < *until) {
            return Ok(Outcome::Again(Trouble::Locked { until }));
        }
        let challenge = match sign_in.challenge {
            Some(id) => self.tx.challenge(id).await?,
            None => None,
        };
        // A sign-in that was answered takes no new proof; only the one that answered it may be repeated.
        let comparable = challenge.filter(|challenge| match challenge.state {
            ChallengeState::Open => sign_in.answered_at.is_none(),
            ChallengeState::Consumed => true,
            ChallengeState::Dead => false,
        });
        let Some(challenge) = comparable else {
            return Ok(Outcome::NoChallenge);
        };

        let limits = Limits::of(self.visit, self.tx, &challenge.email).await?;
        let charged = match limits.charge_try().await? {
            Ok(charged) => charged,
            Err(trouble) => return Ok(Outcome::Again(trouble)),
        };
        let max = self.visit.core.settings.passcode.tries;
        let Some(tries) = self.tx.charge_try(sign_in.id, max).await? else {
            limits.give_back(charged).await?;
            let until = self.lock(sign_in).await?;
            return Ok(Outcome::Again(Trouble::Locked { until }));
        };

        match (self.judge(&challenge)?, challenge.state) {
            (Verdict::Correct { .. }, ChallengeState::Open) => {
                limits.right(charged).await?;
                self.tx.reset_tries(sign_in.id).await?;
                self.sign_in(sign_in, &challenge).await
            }
            (Verdict::Correct { .. } | Verdict::Expired { .. }, ChallengeState::Consumed) => {
                limits.give_back(charged).await?;
                self.tx.refund_try(sign_in.id).await?;
                self.again(sign_in, &challenge).await
            }
            (Verdict::Expired { send }, _) => {
                limits.give_back(charged).await?;
                self.tx.refund_try(sign_in.id).await?;
                self.expired(sign_in, &challenge, send).await
            }
            (Verdict::Correct { .. } | Verdict::Wrong, _) => {
                let found = self.find_in_other_tab(rivals, &challenge).await?;
                if let Some(trouble) = found {
                    limits.give_back(charged).await?;
                    self.tx.refund_try(sign_in.id).await?;
                    return Ok(Outcome::Again(trouble));
                }
                limits.wrong().await?;
                self.wrong(sign_in, max.saturating_sub(tries)).await
            }
        }
    }

    fn judge(&self, challenge: &PasscodeChallenge) -> Result<Verdict, StoreError> {
        let keys = self.visit.core.store.master_keys();
        let Some(key) = keys.get(&challenge.key_id) else {
            return Err(StoreError::WrongMasterKey {
                expected: challenge.key_id.clone(),
                given: keys.current().id().to_owned(),
            });
        };
        Ok(challenge.judge(&key.code_key(), self.typed, self.visit.now))
    }

    async fn sign_in(
        &self,
        sign_in: &mut SignIn,
        challenge: &PasscodeChallenge,
    ) -> Result<Outcome, StoreError> {
        let (visit, tx) = (self.visit, self.tx);
        if !tx.consume_challenge(challenge.id, visit.now).await? {
            return Err(StoreError::Conflict("a challenge changed under its lock".into()));
        }
        // The method may have been pinned, moved or switched off since the mail was sent (R11).
        let found = method::find(visit, tx, &challenge.email).await?;
        if found.door != Door::Code {
            return Ok(Outcome::Elsewhere);
        }
        let secret = self.session_secret(challenge.id);
        let ends_with_browser = self.shared && visit.core.settings.session.shared_computer_box;
        let proof = Proof {
            method: Method::Passcode,
            email: &challenge.email,
            secret: &secret,
            ends_with_browser,
        };
        let Some(session) = complete(visit, tx, sign_in, &proof).await? else {
            return Ok(Outcome::Nobody);
        };
        let event = AuditEvent::new(Action::CodeOk, Actor::Guest(session.guest))
            .guest(session.guest)
            .app(sign_in.app)
            .sign_in(sign_in.id);
        tx.record(event, visit.now).await?;
        let device = self.device(&session, challenge).await?;
        if let Some(device) = &device {
            tx.remember_device(&device.hash(), &challenge.email, visit.now)
                .await?;
        }
        Ok(Outcome::SignedIn(Box::new(SignedIn {
            session,
            secret,
            device,
        })))
    }

    /// The same right code once more: the answer was lost, or the form was sent twice. The same answer again, as
    /// long as the session that came of it lives.
    async fn again(&self, sign_in: &SignIn, challenge: &PasscodeChallenge) -> Result<Outcome, StoreError> {
        let secret = self.session_secret(challenge.id);
        let session = self.tx.session_by_token(&secret.hash()).await?;
        let session = session
            .map(|(session, _)| session)
            .filter(|session| sign_in.session == Some(session.id) && session.is_live(self.visit.now));
        let Some(session) = session else {
            return Ok(Outcome::Again(Trouble::Used));
        };
        let device = self.device(&session, challenge).await?;
        Ok(Outcome::SignedIn(Box::new(SignedIn {
            session,
            secret,
            device,
        })))
    }

    async fn expired(
        &self,
        sign_in: &mut SignIn,
        challenge: &PasscodeChallenge,
        send: u32,
    ) -> Result<Outcome, StoreError> {
        let now = self.visit.now;
        let event = self
            .event(Action::CodeExpired, sign_in)
            .detail("send", send.to_string());
        self.tx.record(event, now).await?;
        if let Some(newer) = challenge.live(now).last() {
            let sent_at = newer.issued_at;
            return Ok(Outcome::Again(Trouble::ExpiredNewer { sent_at }));
        }
        let found = method::find(self.visit, self.tx, &challenge.email).await?;
        if found.door == Door::Elsewhere {
            return Ok(Outcome::Elsewhere);
        }
        let asked = mailing::ask(self.visit, self.tx, sign_in, &challenge.email, &found).await?;
        self.tx.save_sign_in(sign_in).await?;
        Ok(Outcome::Again(match asked {
            Asked::Sent => Trouble::ExpiredSent,
            Asked::Recently { until } | Asked::Refused(Trouble::TooManyMails { until }) => {
                Trouble::ExpiredLater { until }
            }
            Asked::Refused(trouble) => trouble,
        }))
    }

    async fn wrong(&self, sign_in: &mut SignIn, left: u32) -> Result<Outcome, StoreError> {
        let event = self
            .event(Action::CodeWrong, sign_in)
            .detail("left", left.to_string());
        self.tx.record(event, self.visit.now).await?;
        if left == 0 {
            let until = self.lock(sign_in).await?;
            return Ok(Outcome::Again(Trouble::Locked { until }));
        }
        Ok(Outcome::Again(Trouble::Wrong { left }))
    }

    async fn find_in_other_tab(
        &self,
        rivals: Vec<SignIn>,
        own: &PasscodeChallenge,
    ) -> Result<Option<Trouble>, StoreError> {
        for mut rival in rivals {
            let trouble = self.compare_with_other_tab(&mut rival, own).await?;
            if trouble.is_some() {
                return Ok(trouble);
            }
        }
        Ok(None)
    }

    /// Whether the code is that of another tab of this browser, for the same mailbox. The other sign-in is charged
    /// for the comparison like its own: no challenge is ever compared more often than its tries (E01).
    async fn compare_with_other_tab(
        &self,
        rival: &mut SignIn,
        own: &PasscodeChallenge,
    ) -> Result<Option<Trouble>, StoreError> {
        let challenge = match rival.challenge {
            Some(id) => self.tx.challenge(id).await?,
            None => None,
        };
        let comparable = challenge.filter(|challenge| {
            let same_mailbox = challenge.email.key() == own.email.key();
            same_mailbox && challenge.state != ChallengeState::Dead && !self.is_locked(rival)
        });
        let Some(challenge) = comparable else {
            return Ok(None);
        };
        let max = self.visit.core.settings.passcode.tries;
        let Some(tries) = self.tx.charge_try(rival.id, max).await? else {
            return Ok(None);
        };
        if matches!(self.judge(&challenge)?, Verdict::Correct { .. }) {
            self.tx.refund_try(rival.id).await?;
            return Ok(Some(if challenge.state == ChallengeState::Open {
                Trouble::OtherTab {
                    sign_in: rival.id,
                    started_at: rival.started_at,
                }
            } else {
                Trouble::Used
            }));
        }
        if tries == max {
            self.lock(rival).await?;
        }
        Ok(None)
    }

    fn is_locked(&self, sign_in: &SignIn) -> bool {
        sign_in.locked_until.is_some_and(|until| self.visit.now < until)
    }

    /// Tries are over: the codes of this sign-in die, and for a while there are no new ones.
    async fn lock(&self, sign_in: &mut SignIn) -> Result<chrono::DateTime<chrono::Utc>, StoreError> {
        let now = self.visit.now;
        let until = now + self.visit.core.settings.passcode.lock;
        sign_in.locked_until = Some(until);
        self.tx.save_sign_in(sign_in).await?;
        if let Some(challenge) = sign_in.challenge {
            self.tx.kill_challenge(challenge, now).await?;
        }
        let event = self
            .event(Action::CodeLocked, sign_in)
            .detail("until", until.to_rfc3339());
        self.tx.record(event, now).await?;
        Ok(until)
    }

    /// The secret of the session that a challenge makes: always the same for this challenge in this browser, so that
    /// a repeated request repeats its answer, and nobody loses a sign-in to a lost one.
    fn session_secret(&self, challenge: Id<PasscodeChallenge>) -> Secret {
        let browser = &self.visit.current.browser;
        browser.derive("session", challenge.uuid().as_bytes())
    }

    /// The device's secret: the one it has, when we know it for this mailbox, else one that follows from the
    /// browser's. A shared computer is not remembered.
    async fn device(
        &self,
        session: &Session,
        challenge: &PasscodeChallenge,
    ) -> Result<Option<Secret>, StoreError> {
        if session.ends_with_browser {
            return Ok(None);
        }
        if let Some(device) = &self.visit.current.cookies.device
            && self
                .tx
                .knows_device(&device.hash(), &challenge.email, self.visit.now)
                .await?
        {
            return Ok(Some(device.clone()));
        }
        let browser = &self.visit.current.browser;
        Ok(Some(
            browser.derive("device", challenge.sign_in.uuid().as_bytes()),
        ))
    }

    fn event(&self, action: Action, sign_in: &SignIn) -> AuditEvent {
        AuditEvent::new(action, Actor::Visitor)
            .app(sign_in.app)
            .sign_in(sign_in.id)
    }
}
