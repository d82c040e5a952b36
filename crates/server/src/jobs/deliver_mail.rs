//! Delivers the outbox. A row holds ids only; what it says is read, derived and put together here, at the last
//! moment, and so is the same however often it is tried.

mod gate;
mod handed;
mod letter;
mod schedule;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Id,
    audit::{Action, Actor, AuditEvent},
};
use sign_in::{Core, Handed};
use store::{MailKind, OutboxMail, StoreError, Tx};
use tokio::{
    sync::{Mutex as AsyncMutex, mpsc::UnboundedReceiver},
    task::{JoinError, JoinSet},
};
use tokio_util::sync::CancellationToken;

use crate::{
    life,
    mail::{MailError, Mailer, Sender},
};
use gate::Gate;
use letter::{About, AskedCode, Letter};

/// How many mails of the outbox are under way at once.
const AT_ONCE: usize = 4;
/// How long a mail is ours: after a crash another process tries it again this much later.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// The job. Clones share what is under way.
#[derive(Clone)]
pub struct DeliverMail {
    core: Core,
    mailer: Arc<dyn Mailer>,
    sender: Arc<Sender>,
    /// What this process holds, so that a lease that ran out during a slow conversation starts no second one here.
    under_way: Arc<Mutex<HashSet<Id<OutboxMail>>>>,
    gate: Arc<Mutex<Gate>>,
    /// What this process is called in leases.
    life: Option<String>,
    /// What requests of this process hand over.
    handed: Arc<AsyncMutex<Option<UnboundedReceiver<Handed>>>>,
}

impl DeliverMail {
    /// A job over a mailer.
    pub fn new(core: Core, mailer: Arc<dyn Mailer>, sender: Sender) -> Self {
        Self {
            core,
            mailer,
            sender: Arc::new(sender),
            under_way: Arc::default(),
            gate: Arc::default(),
            life: life::own(),
            handed: Arc::default(),
        }
    }

    /// Takes back what processes of this machine held that have ended: once, at the start.
    pub async fn take_back(&self) -> Result<u64, StoreError> {
        let now = self.core.now();
        let tx = self.core.store.begin().await?;
        let mut released = 0;
        for holder in tx.mail_holders(now).await? {
            if life::has_ended(&holder) {
                released += tx.release_mail_of(&holder, now).await?;
            }
        }
        tx.commit().await?;
        if released > 0 {
            tracing::info!(released, "mail of a process that has ended is sent again");
        }
        Ok(released)
    }

    /// Sends what is due, and returns when nothing more is. Once `end` is cancelled nothing new is begun.
    pub async fn run(&self, end: &CancellationToken) -> Result<(), StoreError> {
        let reader = self.core.store.reader();
        let waiting = reader.mail_waiting().await?;
        if waiting
            .deadline
            .is_some_and(|deadline| deadline <= self.core.now())
        {
            self.give_up_overdue().await?;
        }
        // Asked even when nothing waits: pages say that mail is down until a send succeeds.
        let down = waiting.down_since.is_some();
        if (down && !self.is_back().await?) || waiting.due_at.is_none() {
            return Ok(());
        }
        let mut sending = JoinSet::new();
        let mut trouble = None;
        let mut may_be_more = true;
        loop {
            if may_be_more && trouble.is_none() && !end.is_cancelled() {
                match self.claim(sending.len()).await {
                    Ok((mails, are_all)) => {
                        may_be_more = !are_all;
                        for mail in mails {
                            let job = self.clone();
                            sending.spawn(async move { job.deliver(mail, None).await });
                        }
                    }
                    // What is under way is seen to its end all the same.
                    Err(error) => trouble = Some(error),
                }
            }
            let ended = sending.join_next().await;
            // While others are under way more may have come; what comes after the last one wakes the job again, or is found by its next turn.
            may_be_more |= !sending.is_empty();
            match ended {
                None => return trouble.map_or(Ok(()), Err),
                Some(ended) => note(ended),
            }
        }
    }

    /// Whether there is a mail server again. Asks it when it is time to.
    async fn is_back(&self) -> Result<bool, StoreError> {
        let now = self.core.now();
        if self.with_gate(|gate| gate.width(now, AT_ONCE)) == 0 {
            return Ok(false);
        }
        if let Err(error) = self.mailer.probe().await {
            tracing::debug!(cause = %error, "still no mail server");
            self.with_gate(|gate| gate.closed(self.core.now()));
            return Ok(false);
        }
        let tx = self.core.store.begin().await?;
        if tx.set_mail_transport(false, now).await? {
            tracing::info!("the mail server is back");
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Mails that are no longer worth sending, each with its record.
    async fn give_up_overdue(&self) -> Result<(), StoreError> {
        let now = self.core.now();
        let tx = self.core.store.begin().await?;
        let overdue = tx.give_up_overdue(now).await?;
        if overdue.is_empty() {
            return Ok(());
        }
        for mail in &overdue {
            tracing::warn!(mail = %mail.id, attempts = mail.attempts, "a mail was not sent in time");
            let about = letter::about(&tx, mail).await?;
            note_told(&tx, mail, now).await?;
            tx.record(failed(mail, &about, "too_late"), now).await?;
        }
        tx.commit().await
    }

    /// Takes what is due, as much of it as may be under way at once; whether it was all that is due.
    async fn claim(&self, under_way: usize) -> Result<(Vec<OutboxMail>, bool), StoreError> {
        let now = self.core.now();
        let free = self
            .with_gate(|gate| gate.width(now, AT_ONCE))
            .saturating_sub(under_way);
        if free == 0 {
            return Ok((Vec::new(), false));
        }
        // What was held before is not ours to send again, even if it has been let go of since: then it is sent.
        let before = self.held().clone();
        let tx = self.core.store.begin().await?;
        let mut mails = tx
            .claim_mail(now, LEASE, free as u64, self.life.as_deref())
            .await?;
        if mails.is_empty() {
            return Ok((mails, true));
        }
        tx.commit().await?;
        let are_all = mails.len() < free;
        let mut held = self.held();
        mails.retain(|mail| !before.contains(&mail.id) && held.insert(mail.id));
        Ok((mails, are_all))
    }

    fn held(&self) -> MutexGuard<'_, HashSet<Id<OutboxMail>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts one mail together, sends it and notes what became of it. `asked` is what it says, where that is known.
    async fn deliver(&self, mail: OutboxMail, asked: Option<AskedCode>) -> Result<(), StoreError> {
        let _held = HeldMail {
            id: mail.id,
            of: &self.under_way,
        };
        match letter::write(&self.core, &self.sender, &mail, asked).await {
            Ok(Letter::Ready { mail: letter, about }) => match self.mailer.send(&letter).await {
                Ok(()) => self.sent(&mail, &about).await,
                Err(error) => self.not_sent(&mail, &about, &error).await,
            },
            Ok(Letter::Moot(why)) => {
                tracing::info!(mail = %mail.id, why, "a mail has lost its purpose");
                let tx = self.core.store.begin().await?;
                tx.mail_given_up(mail.id, self.core.now(), why).await?;
                tx.commit().await
            }
            Ok(Letter::Impossible { why, about }) => self.give_up(&mail, &about, why, None).await,
            Err(error) if error.is_unavailable() => Err(error),
            // What the database holds cannot become a mail, and trying again will not help.
            Err(error) => {
                tracing::error!(mail = %mail.id, cause = %error, "a mail cannot be put together");
                self.give_up(&mail, &About::default(), "corrupt", None).await
            }
        }
    }

    async fn sent(&self, mail: &OutboxMail, about: &About) -> Result<(), StoreError> {
        let now = self.core.now();
        let was_shut = self.with_gate(Gate::opened);
        tracing::info!(mail = %mail.id, attempts = mail.attempts, "mail sent");
        let tx = self.core.store.begin().await?;
        if was_shut {
            tx.set_mail_transport(false, now).await?;
        }
        if tx.mail_sent(mail.id, now).await? {
            note_told(&tx, mail, now).await?;
            let event = about
                .event(about.sent)
                .detail("attempts", mail.attempts.to_string());
            tx.record(event, now).await?;
        }
        tx.commit().await
    }

    async fn not_sent(&self, mail: &OutboxMail, about: &About, error: &MailError) -> Result<(), StoreError> {
        let now = self.core.now();
        let said = error.to_string();
        tracing::warn!(mail = %mail.id, attempts = mail.attempts, cause = said, "mail not sent");
        let due_at = match error {
            MailError::Permanent(_) => {
                return self.give_up(mail, about, error.name(), Some(error)).await;
            }
            MailError::Transient(_) => schedule::next_try(mail, now),
            MailError::Transport(_) => {
                self.note_that_nothing_leaves(now).await?;
                schedule::in_time(mail, self.with_gate(|gate| gate.closed(now)))
            }
        };
        let Some(due_at) = due_at else {
            return self.give_up(mail, about, "too_late", Some(error)).await;
        };
        let tx = self.core.store.begin().await?;
        if let Some(answer) = error.answer() {
            tx.mail_answered(mail.id, answer).await?;
        }
        tx.mail_retry(mail.id, due_at, &said).await?;
        tx.commit().await
    }

    /// So that pages can say that it is not about this guest.
    async fn note_that_nothing_leaves(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        if self
            .core
            .store
            .reader()
            .mail_transport_down_since()
            .await?
            .is_some()
        {
            return Ok(());
        }
        let tx = self.core.store.begin().await?;
        if tx.set_mail_transport(true, now).await? {
            tracing::error!("email delivery stopped: the mail server cannot be used");
        }
        tx.commit().await
    }

    async fn give_up(
        &self,
        mail: &OutboxMail,
        about: &About,
        why: &'static str,
        error: Option<&MailError>,
    ) -> Result<(), StoreError> {
        let now = self.core.now();
        tracing::warn!(mail = %mail.id, why, "a mail is given up");
        let tx = self.core.store.begin().await?;
        if let Some(answer) = error.and_then(MailError::answer) {
            tx.mail_answered(mail.id, answer).await?;
        }
        let said = error.map(ToString::to_string);
        if tx
            .mail_given_up(mail.id, now, said.as_deref().unwrap_or(why))
            .await?
        {
            note_told(&tx, mail, now).await?;
            let mut event = failed(mail, about, why);
            if let Some(said) = said {
                event = event.detail("said", said);
            }
            tx.record(event, now).await?;
        }
        tx.commit().await
    }

    fn with_gate<T>(&self, change: impl FnOnce(&mut Gate) -> T) -> T {
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        let done = change(&mut gate);
        // While no mail leaves, what is asked for waits in the outbox.
        self.core.outgoing.shut(gate.is_shut());
        done
    }
}

/// How the task of a mail ended.
fn note(ended: Result<Result<(), StoreError>, JoinError>) {
    match ended {
        Ok(Ok(())) => {}
        // The lease brings the mail back.
        Ok(Err(error)) => tracing::warn!(cause = %error, "a mail could not be dealt with"),
        Err(error) => tracing::error!(cause = %error, "a mail's task ended badly"),
    }
}

/// Of a mail about a rule: the guest was told, or could not be. The time that the rule gives them begins.
async fn note_told(tx: &Tx, mail: &OutboxMail, now: DateTime<Utc>) -> Result<(), StoreError> {
    match mail.kind {
        MailKind::GuestNotice { guest, rule } => tx.put_guest_notice(guest, rule, now).await,
        _ => Ok(()),
    }
}

/// The record of a mail that is given up.
fn failed(mail: &OutboxMail, about: &About, why: &'static str) -> AuditEvent {
    about
        .event(Action::MailFailed)
        .reason(why)
        .detail("kind", mail.kind.name())
        .detail("attempts", mail.attempts.to_string())
}

impl About {
    fn event(&self, action: Action) -> AuditEvent {
        let mut event = AuditEvent::new(action, Actor::System);
        event.guest = self.guest;
        event.app = self.app;
        event.sign_in = self.sign_in;
        event.details.clone_from(&self.details);
        event
    }
}

/// Lets go of a mail, whatever happens to its task.
struct HeldMail<'a> {
    id: Id<OutboxMail>,
    of: &'a Mutex<HashSet<Id<OutboxMail>>>,
}

impl Drop for HeldMail<'_> {
    fn drop(&mut self) {
        self.of
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.id);
    }
}

#[cfg(test)]
mod tests;
