//! Signing in with a passkey: the challenge taken once, the answer verified, then the same questions as for a code.
//!
//! ```text
//! lock the sign-in → charge the network → take the challenge → whose passkey? → lock the guest → verify
//!     right   → give the charge back → would they be mailed a code? → complete
//!     refused → one answer for every reason; the audit log has the reason
//! ```

use chrono::{DateTime, Utc};
use domain::{
    Id, Secret,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    limits::LimitName,
    passkey::{CeremonyPurpose, Passkey, PasskeyFacts, PasskeyKind, PasskeyRefused, may_use},
    rate::Taken,
    session::Means,
    sign_in::SignIn,
};
use store::{StoreError, Tx};

use super::{
    ceremony::{ceremony, refused},
    trouble::PasskeyTrouble,
    webauthn::{CannotAsk, RelyingParty},
};
use crate::{
    complete::{Proven, SignedIn, complete},
    issue,
    method::{self, Found, Mailing},
    passcode::limits::are_codes_off,
    visit::Visit,
};

/// Refused passkeys are counted beside wrong codes.
const PASSKEYS: &str = "passkeys of ";

/// How a try ended.
pub enum PasskeyOutcome {
    /// The guest is signed in.
    SignedIn(Box<SignedIn>),
    /// It is signed in or over.
    Resume,
    /// The page again.
    Again(PasskeyTrouble),
}

/// Keeps a challenge for this sign-in, the same for everyone.
///
/// # Errors
///
/// When the database does not answer.
pub async fn begin(visit: &Visit, party: &RelyingParty) -> Result<Result<(), CannotAsk>, StoreError> {
    let begun = match party.begin_use() {
        Ok(begun) => begun,
        Err(error) => return Ok(Err(error)),
    };
    if let Some((tx, sign_in)) = visit.begin().await? {
        tx.keep_ceremony(sign_in.id, &ceremony(visit, CeremonyPurpose::Use, begun))
            .await?;
        tx.commit().await?;
    }
    Ok(Ok(()))
}

/// Tries an answer. Commits whatever the outcome is, because a refused try counts. When it crosses another transaction, it has a
/// second turn.
///
/// # Errors
///
/// When the database does not answer.
pub async fn attempt(
    visit: &Visit,
    party: &RelyingParty,
    answer: &str,
) -> Result<PasskeyOutcome, StoreError> {
    match attempt_once(visit, party, answer).await {
        Err(error) if error.is_crossed() => attempt_once(visit, party, answer).await,
        done => done,
    }
}

async fn attempt_once(
    visit: &Visit,
    party: &RelyingParty,
    answer: &str,
) -> Result<PasskeyOutcome, StoreError> {
    let tx = visit.core.store.begin().await?;
    let Some((mut sign_in, others)) = visit.lock(&tx).await? else {
        return Ok(PasskeyOutcome::Resume);
    };
    let entry = PasskeyEntry {
        visit,
        tx: &tx,
        party,
        answer,
    };
    let outcome = entry.run(&mut sign_in, &others).await?;
    tx.commit().await?;
    Ok(outcome)
}

/// A passkey that was right, and whose it is.
struct Right {
    guest: Guest,
    passkey: Id<Passkey>,
    kind: PasskeyKind,
    found: Found,
}

struct PasskeyEntry<'a> {
    visit: &'a Visit,
    tx: &'a Tx,
    party: &'a RelyingParty,
    answer: &'a str,
}

impl PasskeyEntry<'_> {
    async fn run(&self, sign_in: &mut SignIn, others: &[SignIn]) -> Result<PasskeyOutcome, StoreError> {
        let (visit, tx) = (self.visit, self.tx);
        if let Some(again) = self.again(sign_in).await? {
            return Ok(again);
        }
        if sign_in.progress.is_answered() {
            return Ok(PasskeyOutcome::Resume);
        }
        // As for a code: after too many wrong ones this sign-in takes no proof for a while.
        if let Some(until) = sign_in.locked_until.filter(|until| visit.now < *until) {
            return Ok(PasskeyOutcome::Again(PasskeyTrouble::Limited { until }));
        }
        if let Some(until) = self.charge().await? {
            return Ok(PasskeyOutcome::Again(PasskeyTrouble::Limited { until }));
        }
        let waiting = tx.take_ceremony(sign_in.id, CeremonyPurpose::Use).await?;
        if waiting.is_none() && sign_in.progress.session().is_some() {
            // The same form twice, or an answer that was lost: the challenge has done its work.
            self.give_back().await?;
            return Ok(PasskeyOutcome::Resume);
        }
        let judged = match waiting {
            None => Err((PasskeyRefused::NoChallenge, None)),
            Some(waiting) if visit.now >= waiting.ends_at => Err((PasskeyRefused::Late, None)),
            Some(waiting) => self.judge(sign_in, &waiting.state).await?,
        };
        match judged {
            Ok(right) => {
                self.give_back().await?;
                self.sign_in(sign_in, others, right).await
            }
            Err((why, whose)) => {
                let mut event = refused(sign_in, CeremonyPurpose::Use, why);
                event.guest = whose;
                tx.record(event, visit.now).await?;
                Ok(PasskeyOutcome::Again(why.into()))
            }
        }
    }

    /// The same right answer once more: ours was lost, or the form was sent twice. For a minute it is repeated.
    async fn again(&self, sign_in: &SignIn) -> Result<Option<PasskeyOutcome>, StoreError> {
        let secret = self.session_secret();
        let found = self.tx.session_by_token(&secret.hash()).await?;
        let session = found.map(|(session, _)| session).filter(|session| {
            sign_in.progress.session() == Some(session.id) && session.repeats_its_answer(self.visit.now)
        });
        Ok(session.map(|session| {
            PasskeyOutcome::SignedIn(Box::new(SignedIn {
                browser: Some(self.visit.renewed_browser(session.guest)),
                device: (!session.ends_with_browser).then(|| self.device()),
                session,
                secret,
            }))
        }))
    }

    /// The secret of the session that this answer of an authenticator makes: always the same for the same answer in this
    /// browser. It cannot be forged: it is signed, and for one challenge.
    fn session_secret(&self) -> Secret {
        self.visit.session_secret(self.answer.as_bytes())
    }

    /// Whose passkey it is, whether it is right, and whether it may be used here. The guest is named with a refusal as
    /// soon as one is known.
    async fn judge(
        &self,
        sign_in: &SignIn,
        state: &str,
    ) -> Result<Result<Right, (PasskeyRefused, Option<Id<Guest>>)>, StoreError> {
        let (visit, tx) = (self.visit, self.tx);
        let answer = match self.party.read_use(self.answer) {
            Ok(answer) => answer,
            Err(why) => return Ok(Err((why, None))),
        };
        let Some(named) = tx.passkey(&answer.credential_id).await? else {
            return Ok(Err((PasskeyRefused::Unknown, None)));
        };
        // Locks the guest against being reset, blocked or moved, and the passkey against a second use.
        let guest = tx.lock_guest(named.guest).await?;
        let passkey = tx.passkey(&answer.credential_id).await?;
        let (Some(guest), Some(passkey)) = (guest, passkey) else {
            return Ok(Err((PasskeyRefused::Unknown, None)));
        };
        let no = |why| Ok(Err((why, Some(guest.id))));
        if answer.user != guest.id.uuid() || passkey.guest != guest.id {
            return no(PasskeyRefused::NotTheirs);
        }
        let verified = match self.party.finish_use(state, &answer, &passkey) {
            Ok(verified) => verified,
            Err(why) => return no(why),
        };
        tx.passkey_used(passkey.id, &verified.credential, visit.now)
            .await?;
        let found = method::find(visit, tx, &guest.email).await?;
        method::record(visit, tx, &found).await?;
        let situation = PasskeyFacts {
            guest: &guest,
            wanted: sign_in.email.as_ref(),
            gets_code: found.mail == Mailing::Passcode && found.waiting.is_none(),
            codes_off: are_codes_off(visit, tx, &guest.email).await?,
        };
        if let Err(why) = may_use(&situation) {
            return no(why);
        }
        Ok(Ok(Right {
            guest,
            passkey: passkey.id,
            kind: verified.kind,
            found,
        }))
    }

    async fn sign_in(
        &self,
        sign_in: &mut SignIn,
        others: &[SignIn],
        right: Right,
    ) -> Result<PasskeyOutcome, StoreError> {
        let (visit, tx) = (self.visit, self.tx);
        let secret = self.session_secret();
        let email = &right.guest.email;
        // What comes later, the offer to move among it, goes by the sign-in's address.
        sign_in.email.get_or_insert_with(|| email.clone());
        let proof = Proven {
            means: Means::Passkey(right.kind),
            email,
            guest: None,
            secret: &secret,
            at: visit.now,
            ends_with_browser: self.is_elsewhere(),
            fixes: false,
        };
        let Some(completed) = complete(visit, tx, sign_in, others, &proof).await? else {
            return Ok(PasskeyOutcome::Again(PasskeyTrouble::Refused));
        };
        let event = AuditEvent::new(Action::PasskeyUsed, Actor::Guest(right.guest.id))
            .guest(right.guest.id)
            .app(sign_in.app)
            .sign_in(sign_in.id)
            .detail("passkey", right.passkey.to_string())
            .detail("kind", right.kind.name());
        tx.record(event, visit.now).await?;
        issue::go_on(visit, tx, sign_in, &completed, &secret, &right.found).await?;
        Ok(PasskeyOutcome::SignedIn(Box::new(SignedIn {
            session: completed.session,
            secret,
            browser: Some(completed.browser),
            device: (!self.is_elsewhere()).then(|| self.device()),
        })))
    }

    /// Whether the passkey came from another device (a phone, a security key), and the organisation reckons with shared
    /// computers: then nothing stays behind in this browser.
    fn is_elsewhere(&self) -> bool {
        let answer: Result<serde_json::Value, _> = serde_json::from_str(self.answer);
        let attachment = answer.ok().and_then(|mut answer| {
            let attachment = answer.get_mut("authenticatorAttachment")?.take();
            attachment.as_str().map(str::to_owned)
        });
        self.visit.core.settings.session.shared_computer_box
            && attachment.as_deref() == Some("cross-platform")
    }

    /// The browser goes on being one where somebody has signed in. A secret that it did not have counts for no mailbox:
    /// a passkey proves none.
    fn device(&self) -> Secret {
        let known = self.visit.browser.device.clone();
        known.unwrap_or_else(|| self.visit.device_secret())
    }

    /// Charges the network before anything is compared, so that racers do not get more tries than it has; until when
    /// it must wait, if it must. A network that is over its own limit takes nothing of its neighbours'.
    async fn charge(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        for (name, subject) in self.counted() {
            let limit = self.visit.core.settings.limits[name];
            let taken = self.tx.take(name.name(), &subject, limit, self.visit.now).await?;
            if let Taken::Refused { until } = taken {
                return Ok(Some(until));
            }
        }
        Ok(None)
    }

    /// It was not a failure.
    async fn give_back(&self) -> Result<(), StoreError> {
        for (name, subject) in self.counted() {
            self.tx.give_back(&[(name.name(), &subject)]).await?;
        }
        Ok(())
    }

    /// As many as wrong codes, counted beside them.
    fn counted(&self) -> impl Iterator<Item = (LimitName, String)> {
        let browser = &self.visit.browser;
        let network = Some((LimitName::WrongPerNetworkHour, browser.network.as_str()));
        let site = browser
            .site
            .as_deref()
            .map(|site| (LimitName::WrongPerSiteHour, site));
        let both = network.into_iter().chain(site);
        both.map(|(name, subject)| (name, format!("{PASSKEYS}{subject}")))
    }
}
