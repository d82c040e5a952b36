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
use store::{MailKind, OutboxMail, StoreError, Tx};

use super::{limits::CodeLimits, trouble::CodeTrouble};
use crate::{
    method::{Found, Mailing},
    visit::Visit,
};

/// How asking ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskedForCode {
    /// A mail is on its way, or looks as if it were.
    Sent {
        /// Whether no mail leaves at all.
        down: bool,
    },
    /// One was asked for a moment ago: it is on its way.
    Recently {
        /// When another can be asked for.
        until: DateTime<Utc>,
    },
    /// Not now.
    Refused(CodeTrouble),
}

impl AskedForCode {
    /// Whether no mail leaves at all, whoever it is for.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn is_mail_down(&self, tx: &Tx) -> Result<bool, StoreError> {
        match self {
            Self::Sent { down } => Ok(*down),
            Self::Recently { .. } | Self::Refused(_) => Ok(tx.mail_transport_down_since().await?.is_some()),
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
        challenge.id
    } else {
        if let Some(before) = &before {
            tx.kill_challenge(before.id, now).await?;
        }
        let challenge = open(visit, sign_in.id, email, suppressed, send);
        tx.insert_challenge(&challenge).await?;
        challenge.id
    };
    sign_in.challenge = Some(challenge);
    sign_in.email = Some(email.clone());
    let down_since = put_into_outbox(visit, tx, challenge, number, found).await?;
    record(visit, tx, sign_in, number, found).await?;
    Ok(AskedForCode::Sent {
        down: down_since.is_some(),
    })
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
    challenge: Id<PasscodeChallenge>,
    send: u32,
    found: &Found,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let preferred = found.guest.as_ref().and_then(|guest| guest.language.clone());
    let language = preferred.unwrap_or_else(|| visit.language.tag().to_owned());
    let mail = OutboxMail::new(
        Id::new(visit.now, visit.core.entropy.as_ref()),
        match found.mail {
            Mailing::NoCode => MailKind::NoCode { challenge, send },
            Mailing::Passcode | Mailing::Suppressed | Mailing::Elsewhere => {
                MailKind::Passcode { challenge, send }
            }
        },
        Some(language),
        visit.now,
        visit.now + visit.core.settings.passcode.lifetime,
    );
    match found.mail {
        Mailing::Passcode | Mailing::NoCode => tx.enqueue(&mail).await,
        Mailing::Suppressed | Mailing::Elsewhere => tx.enqueue_suppressed(&mail).await,
    }
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
