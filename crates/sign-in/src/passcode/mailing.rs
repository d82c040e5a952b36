//! Asking for a code mail. What is mailed, and what only looks like it, does the same work.

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id,
    access::network_budget,
    audit::{Action, Actor, AuditEvent},
    entropy::random,
    passcode::{ChallengeState, PasscodeChallenge, Send},
    sign_in::SignIn,
};
use store::{MailKind, MailState, OutboxMail, StoreError, Tx};

use super::{limits::CodeLimits, trouble::CodeTrouble};
use crate::{
    method::{Found, Mailing},
    outgoing::{Handed, HandedMail, Outgoing},
    visit::Visit,
};

/// How asking ended.
pub enum AskedForCode {
    /// A mail is on its way, or looks as if it were.
    Sent(SentCode),
    /// One was asked for a moment ago: it is on its way.
    Recently {
        /// When another can be asked for.
        until: DateTime<Utc>,
    },
    /// Not now.
    Refused(CodeTrouble),
}

/// A mail in the outbox. Once that is committed, [`Self::hand_over`] sends it off; dropped before, it is let go of.
#[must_use]
pub struct SentCode {
    is_down: bool,
    outgoing: Outgoing,
    held: Option<Box<HandedMail>>,
}

impl SentCode {
    /// Whether no mail leaves at all.
    pub fn is_down(&self) -> bool {
        self.is_down
    }

    /// Hands it to the job that sends mail: at once where this process holds it, else the job looks for it.
    pub fn hand_over(mut self) {
        match self.held.take() {
            Some(mail) => self.outgoing.hand_over(Handed::Mail(mail)),
            None => self.outgoing.wake(),
        }
    }
}

impl Drop for SentCode {
    fn drop(&mut self) {
        if let Some(held) = self.held.take() {
            self.outgoing
                .hand_over(Handed::Doubtful(held.mail.id, held.place));
        }
    }
}

impl AskedForCode {
    /// Whether no mail leaves at all, whoever it is for.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn is_mail_down(&self, tx: &Tx) -> Result<bool, StoreError> {
        match self {
            Self::Sent(sent) => Ok(sent.is_down()),
            Self::Recently { .. } | Self::Refused(_) => Ok(tx.mail_transport_down_since().await?.is_some()),
        }
    }

    /// Sends off what was asked for: once it is committed.
    pub fn hand_over(self) {
        if let Self::Sent(sent) = self {
            sent.hand_over();
        }
    }
}

/// Asks for a mail with a code to `email`, which becomes the sign-in's address. The caller has locked the sign-in
/// and saves it.
///
/// # Errors
///
/// When the database does not answer.
pub async fn ask(
    visit: &Visit,
    tx: &Tx,
    sign_in: &mut SignIn,
    email: &EmailAddress,
    found: &Found,
) -> Result<AskedForCode, StoreError> {
    let policy = &visit.core.settings.passcode;
    let now = visit.now;
    if let Some(until) = sign_in.locked_until {
        if now < until {
            return Ok(AskedForCode::Refused(CodeTrouble::Locked { until }));
        }
        sign_in.locked_until = None;
        tx.reset_tries(sign_in.id).await?;
    }
    let suppressed = found.mail != Mailing::Passcode;
    let before = match sign_in.challenge {
        Some(id) => tx.challenge(id).await?,
        None => None,
    };
    let same_mailbox = before.as_ref().filter(|before| before.email.key() == email.key());
    let going_on =
        same_mailbox.filter(|before| before.state == ChallengeState::Open && before.suppressed == suppressed);
    if let Some(challenge) = going_on {
        if let Some(last) = challenge.last_send()
            && now < last.issued_at + policy.resend_after
        {
            let until = last.issued_at + policy.resend_after;
            return Ok(AskedForCode::Recently { until });
        }
        if challenge.live(now).count() >= policy.live_max
            && let Some(first) = challenge.live(now).map(|send| challenge.ends_at(send)).min()
        {
            return Ok(AskedForCode::Refused(CodeTrouble::TooSoon { until: first }));
        }
    }
    let limits = CodeLimits::of(visit, tx, email).await?;
    // A mail that explains why there is no code costs what a code costs.
    let budget = network_budget(&visit.app.access);
    let alphabet = match limits.mail(budget).await? {
        Ok(alphabet) => alphabet,
        Err(trouble) => return Ok(AskedForCode::Refused(trouble)),
    };

    let number = same_mailbox
        .and_then(PasscodeChallenge::last_send)
        .map_or(1, |last| last.number + 1);
    let send = Send {
        number,
        issued_at: now,
        alphabet,
    };
    let challenge = if let Some(challenge) = going_on {
        tx.add_send(challenge, send).await?;
        let mut challenge = challenge.clone();
        challenge.sends.push(send);
        challenge
    } else {
        if let Some(before) = &before {
            tx.kill_challenge(before.id, now).await?;
        }
        let challenge = open(visit, sign_in.id, email, suppressed, send);
        tx.insert_challenge(&challenge).await?;
        challenge
    };
    sign_in.challenge = Some(challenge.id);
    sign_in.email = Some(email.clone());
    let sent = put_into_outbox(visit, tx, sign_in, challenge, number, found).await?;
    record(visit, tx, sign_in, number, found).await?;
    Ok(AskedForCode::Sent(sent))
}

fn open(
    visit: &Visit,
    sign_in: Id<SignIn>,
    email: &EmailAddress,
    suppressed: bool,
    send: Send,
) -> PasscodeChallenge {
    let entropy = visit.core.entropy.as_ref();
    PasscodeChallenge {
        id: Id::new(visit.now, entropy),
        sign_in,
        email: email.clone(),
        salt: random(entropy),
        key_id: visit.core.store.master_keys().current().id().to_owned(),
        lifetime: visit.core.settings.passcode.lifetime,
        suppressed,
        sends: vec![send],
        state: ChallengeState::Open,
    }
}

async fn put_into_outbox(
    visit: &Visit,
    tx: &Tx,
    sign_in: &SignIn,
    challenge: PasscodeChallenge,
    send: u32,
    found: &Found,
) -> Result<SentCode, StoreError> {
    let preferred = found.guest.as_ref().and_then(|guest| guest.language.clone());
    let language = preferred.unwrap_or_else(|| visit.language.tag().to_owned());
    let asked = challenge.id;
    let mut mail = OutboxMail::new(
        Id::new(visit.now, visit.core.entropy.as_ref()),
        match found.mail {
            Mailing::NoCode => MailKind::NoCode {
                challenge: asked,
                send,
            },
            Mailing::Passcode | Mailing::Suppressed | Mailing::Elsewhere => MailKind::Passcode {
                challenge: asked,
                send,
            },
        },
        Some(language),
        visit.now,
        visit.now + visit.core.settings.passcode.lifetime,
    );
    let place = visit.core.outgoing.reserve();
    let down_since = match (found.mail, &place) {
        (Mailing::Suppressed | Mailing::Elsewhere, _) => {
            mail.state = MailState::Suppressed;
            tx.enqueue_suppressed(&mail).await?
        }
        (Mailing::Passcode | Mailing::NoCode, None) => tx.enqueue(&mail).await?,
        (Mailing::Passcode | Mailing::NoCode, Some(place)) => {
            let (held, down_since) = tx.enqueue_held(&mail, &place.lease(visit.now)).await?;
            mail = held;
            down_since
        }
    };
    let held = place.map(|place| HandedMail {
        mail,
        challenge,
        sign_in: sign_in.clone(),
        guest: found.guest.clone(),
        place,
    });
    Ok(SentCode {
        is_down: down_since.is_some(),
        outgoing: visit.core.outgoing.clone(),
        held: held.map(Box::new),
    })
}

async fn record(
    visit: &Visit,
    tx: &Tx,
    sign_in: &SignIn,
    send: u32,
    found: &Found,
) -> Result<(), StoreError> {
    let mailed = match found.mail {
        Mailing::Passcode => "yes",
        Mailing::NoCode => "an explanation",
        Mailing::Suppressed | Mailing::Elsewhere => "no",
    };
    if visit.core.settings.dev && found.mail == Mailing::Suppressed {
        let app = &visit.app;
        tracing::warn!(
            address = sign_in.email.as_ref().map(EmailAddress::as_str),
            app = app.client_id,
            "no code was sent: this address is not invited to the app. Run `vestibule invite send ADDRESS --app {0}`, or \
             `vestibule app set {0} --access any-guest`",
            app.client_id
        );
    }
    let mut event = AuditEvent::new(Action::CodeRequested, Actor::Visitor)
        .app(sign_in.app)
        .sign_in(sign_in.id)
        .detail("send", send.to_string())
        .detail("mailed", mailed)
        .detail("because", found.resolution.because.name());
    event.mailbox.clone_from(&sign_in.email);
    event.guest = found.guest.as_ref().map(|guest| guest.id);
    tx.record(event, visit.now).await
}
