//! One typed code: charged, compared, consumed, and followed by everything that follows from it, in one
//! transaction.
//!
//! ```text
//! lock the sign-in → locked? → charge the address → compare
//!     right            → consume → the method again → complete
//!     right, again     → the same session once more, for a minute
//!     right, too late  → nothing charged, another mail
//!     wrong            → another tab's? → network, everyone and the sign-in charged → the last try locks
//! ```

use domain::{
    Id, Secret,
    audit::{Action, Actor, AuditEvent},
    method::Method,
    passcode::{ChallengeState, Passcode, PasscodeChallenge, Verdict},
    session::{Means, Session},
    sign_in::SignIn,
};
use store::{StoreError, Tx};

use super::{
    limits::CodeLimits,
    mailing::{self, AskedForCode, SentCode},
    siblings, tries,
    trouble::CodeTrouble,
};
use crate::{
    complete::{Proven, SignedIn, complete},
    issue,
    method::{self, Mailing},
    next_page::Way,
    passkey,
    upstream::confirmed,
    visit::Visit,
};

/// How a try ended.
pub enum CodeOutcome {
    /// The guest is signed in.
    SignedIn(Box<SignedIn>),
    /// The form again.
    Again(CodeTrouble),
    /// There is no code to compare with: back to where one is asked for.
    NoChallenge,
    /// The mailbox is proven, and its address leads another way in the meantime.
    Elsewhere(Way),
    /// The mailbox is proven, and would not be mailed any more: the guest is gone, or codes are not for them.
    Nobody,
}

/// What is ticked on the page.
#[derive(Clone, Copy)]
pub struct Boxes {
    /// The computer is shared.
    pub shared: bool,
    /// A passkey is wanted.
    pub passkey: bool,
}

/// Tries a code. Commits whatever the outcome is, because a refused try counts. When two first sign-ins of one
/// guest meet, the second finds the guest on its second turn.
///
/// # Errors
///
/// When the database does not answer.
pub async fn attempt(visit: &Visit, typed: &Passcode, boxes: Boxes) -> Result<CodeOutcome, StoreError> {
    match attempt_once(visit, typed, boxes).await {
        Err(error) if error.is_crossed() => attempt_once(visit, typed, boxes).await,
        done => done,
    }
}

async fn attempt_once(visit: &Visit, typed: &Passcode, boxes: Boxes) -> Result<CodeOutcome, StoreError> {
    let tx = visit.core.store.begin().await?;
    let Some((mut sign_in, others)) = visit.lock(&tx).await? else {
        return Ok(CodeOutcome::NoChallenge);
    };
    let mut attempt = Attempt {
        visit,
        tx: &tx,
        typed,
        boxes,
        sent: None,
    };
    let outcome = attempt.run(&mut sign_in, &others).await?;
    let sent = attempt.sent;
    tx.commit().await?;
    if let Some(sent) = sent {
        sent.hand_over();
    }
    Ok(outcome)
}

struct Attempt<'a> {
    visit: &'a Visit,
    tx: &'a Tx,
    typed: &'a Passcode,
    boxes: Boxes,
    /// The mail in place of a code that was too old.
    sent: Option<SentCode>,
}

impl Attempt<'_> {
    async fn run(&mut self, sign_in: &mut SignIn, others: &[SignIn]) -> Result<CodeOutcome, StoreError> {
        let now = self.visit.now;
        if let Some(until) = sign_in.locked_until.filter(|until| now < *until) {
            return Ok(CodeOutcome::Again(CodeTrouble::Locked { until }));
        }
        let challenge = match sign_in.challenge {
            Some(id) => self.tx.challenge(id).await?,
            None => None,
        };
        // A sign-in that was answered takes no new proof; only the one that answered it may be repeated.
        let comparable = challenge.filter(|challenge| match challenge.state {
            ChallengeState::Open => !sign_in.progress.is_answered(),
            ChallengeState::Consumed => true,
            ChallengeState::Dead => false,
        });
        let Some(challenge) = comparable else {
            return Ok(CodeOutcome::NoChallenge);
        };

        let limits = CodeLimits::of(self.visit, self.tx, &challenge.email).await?;
        let charged = match limits.charge_try().await? {
            Ok(charged) => charged,
            Err(trouble) => return Ok(CodeOutcome::Again(trouble)),
        };
        let max = self.visit.core.settings.passcode.tries;
        if sign_in.tries >= max {
            limits.not_wrong(charged).await?;
            let until = tries::lock(self.visit, self.tx, sign_in).await?;
            return Ok(CodeOutcome::Again(CodeTrouble::Locked { until }));
        }

        // The sign-in's own tries are charged afterwards: no other request compares while this one holds its row.
        match (tries::judge(self.visit, &challenge, self.typed)?, challenge.state) {
            (Verdict::Correct { .. }, ChallengeState::Open) => {
                limits.right(charged).await?;
                if sign_in.tries > 0 {
                    self.tx.reset_tries(sign_in.id).await?;
                }
                self.sign_in(sign_in, others, &challenge).await
            }
            (Verdict::Correct { .. } | Verdict::Expired { .. }, ChallengeState::Consumed) => {
                limits.not_wrong(charged).await?;
                self.again(sign_in, &challenge).await
            }
            (Verdict::Expired { send }, _) => {
                limits.not_wrong(charged).await?;
                self.expired(sign_in, &challenge, send).await
            }
            (Verdict::Correct { .. } | Verdict::Wrong, _) => {
                let found = siblings::find(self.visit, self.tx, others, &challenge, self.typed).await?;
                if let Some(trouble) = found {
                    limits.not_wrong(charged).await?;
                    return Ok(CodeOutcome::Again(trouble));
                }
                limits.wrong().await?;
                let tries = self.tx.charge_try(sign_in.id, max).await?.unwrap_or(max);
                self.wrong(sign_in, max.saturating_sub(tries)).await
            }
        }
    }

    async fn sign_in(
        &self,
        sign_in: &mut SignIn,
        others: &[SignIn],
        challenge: &PasscodeChallenge,
    ) -> Result<CodeOutcome, StoreError> {
        let (visit, tx) = (self.visit, self.tx);
        if !tx.consume_challenge(challenge.id, visit.now).await? {
            return Err(StoreError::Conflict("a challenge changed under its lock".into()));
        }
        // From here on no other transaction resets, blocks or moves them.
        let guest = tx.lock_guest_by_email(&challenge.email).await?;
        // The method may have been pinned, moved or switched off since the mail was sent (R11).
        let found = method::find_for(visit, tx, &challenge.email, guest).await?;
        match found.mail {
            Mailing::Passcode => {}
            Mailing::Elsewhere => return Ok(CodeOutcome::Elsewhere(found.way())),
            Mailing::NoCode | Mailing::Suppressed => return Ok(CodeOutcome::Nobody),
        }
        // Once: it goes with this code, or nowhere.
        let waiting = match &found.waiting {
            Some(_) => match confirmed::take(visit, tx, sign_in, &found).await? {
                Some(waiting) => Some(waiting),
                // The account that waited is gone: back to its upstream.
                None => return Ok(CodeOutcome::Elsewhere(Way::Upstream)),
            },
            None => None,
        };
        let secret = self.session_secret(challenge.id);
        let ends_with_browser = self.boxes.shared && visit.core.settings.session.shared_computer_box;
        let method = waiting
            .as_ref()
            .map_or(Method::Passcode, |waiting| waiting.upstream.method());
        let proof = Proven {
            means: Means::of(method, false),
            email: &challenge.email,
            guest: found.guest.clone(),
            secret: &secret,
            ends_with_browser,
            at: visit.now,
            fixes: found.resolution.fixes(method),
        };
        let Some(completed) = complete(visit, tx, sign_in, others, &proof).await? else {
            return Ok(CodeOutcome::Nobody);
        };
        let session = &completed.session;
        let event = AuditEvent::new(Action::CodeOk, Actor::Guest(session.guest))
            .guest(session.guest)
            .app(sign_in.app)
            .sign_in(sign_in.id);
        tx.record(event, visit.now).await?;
        if let Some(waiting) = waiting {
            waiting
                .keep(visit, tx, &found, session, completed.is_admitted())
                .await?;
        }
        let device = self.device(session, challenge).await?;
        if let Some(device) = &device {
            tx.remember_device(&device.hash(), &challenge.email, visit.now)
                .await?;
        }
        if completed.is_admitted() && self.boxes.passkey {
            passkey::make::offer(visit, tx, sign_in, session).await?;
        }
        issue::go_on(visit, tx, sign_in, &completed, &secret, &found).await?;
        Ok(CodeOutcome::SignedIn(Box::new(SignedIn {
            session: completed.session,
            secret,
            browser: Some(completed.browser),
            device,
        })))
    }

    /// The same right code once more: the answer was lost, or the form was sent twice. The same answer again, for a
    /// minute.
    async fn again(
        &self,
        sign_in: &SignIn,
        challenge: &PasscodeChallenge,
    ) -> Result<CodeOutcome, StoreError> {
        let derived = self.session_secret(challenge.id);
        let session = self.session_of(sign_in, &derived).await?;
        if let Some(session) = session.filter(|session| session.repeats_its_answer(self.visit.now)) {
            let device = self.device(&session, challenge).await?;
            return Ok(CodeOutcome::SignedIn(Box::new(SignedIn {
                browser: Some(self.visit.renewed_browser(session.guest)),
                session,
                secret: derived,
                device,
            })));
        }
        // The answer has arrived, and the form was sent from the page before it.
        let held = match &self.visit.browser.session {
            Some(held) => self.session_of(sign_in, held).await?.zip(Some(held)),
            None => None,
        };
        let Some((session, held)) = held.filter(|(session, _)| session.is_live(self.visit.now)) else {
            return Ok(CodeOutcome::Again(CodeTrouble::Used));
        };
        Ok(CodeOutcome::SignedIn(Box::new(SignedIn {
            session,
            secret: held.clone(),
            browser: None,
            device: None,
        })))
    }

    /// The session with that secret, when this sign-in made it.
    async fn session_of(&self, sign_in: &SignIn, secret: &Secret) -> Result<Option<Session>, StoreError> {
        let found = self.tx.session_by_token(&secret.hash()).await?;
        let session = found.map(|(session, _)| session);
        Ok(session.filter(|session| sign_in.progress.session() == Some(session.id)))
    }

    async fn expired(
        &mut self,
        sign_in: &mut SignIn,
        challenge: &PasscodeChallenge,
        send: u32,
    ) -> Result<CodeOutcome, StoreError> {
        let now = self.visit.now;
        let event = tries::event(Action::CodeExpired, sign_in).detail("send", send.to_string());
        self.tx.record(event, now).await?;
        if let Some(newer) = challenge.live(now).last() {
            let sent_at = newer.issued_at;
            return Ok(CodeOutcome::Again(CodeTrouble::ExpiredNewer { sent_at }));
        }
        let found = method::find(self.visit, self.tx, &challenge.email).await?;
        if found.mail == Mailing::Elsewhere {
            return Ok(CodeOutcome::Elsewhere(found.way()));
        }
        let asked = mailing::ask(self.visit, self.tx, sign_in, &challenge.email, &found).await?;
        self.tx.save_sign_in(sign_in).await?;
        Ok(CodeOutcome::Again(match asked {
            AskedForCode::Sent(sent) => {
                self.sent = Some(sent);
                CodeTrouble::ExpiredSent
            }
            AskedForCode::Recently { until } | AskedForCode::Refused(CodeTrouble::TooManyMails { until }) => {
                CodeTrouble::ExpiredLater { until }
            }
            AskedForCode::Refused(trouble) => trouble,
        }))
    }

    async fn wrong(&self, sign_in: &mut SignIn, left: u32) -> Result<CodeOutcome, StoreError> {
        let event = tries::event(Action::CodeWrong, sign_in).detail("left", left.to_string());
        self.tx.record(event, self.visit.now).await?;
        if left == 0 {
            let until = tries::lock(self.visit, self.tx, sign_in).await?;
            return Ok(CodeOutcome::Again(CodeTrouble::Locked { until }));
        }
        Ok(CodeOutcome::Again(CodeTrouble::Wrong { left }))
    }

    fn session_secret(&self, challenge: Id<PasscodeChallenge>) -> Secret {
        self.visit.session_secret(challenge.uuid().as_bytes())
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
        if let Some(device) = &self.visit.browser.device
            && self
                .tx
                .knows_device(&device.hash(), &challenge.email, self.visit.now)
                .await?
        {
            return Ok(Some(device.clone()));
        }
        Ok(Some(self.visit.device_secret()))
    }
}
