//! Mail that requests of this process hand over: it is held already, and what it says comes with it.

use std::{pin::pin, time::Duration};

use domain::Id;
use sign_in::{Handed, HandedMail};
use store::{MailState, OutboxMail, StoreError};
use tokio::task::JoinSet;

use super::{DeliverMail, LEASE, letter::AskedCode, note};

/// How many mails may be handed over and under way at once, beside those that are taken from the outbox: with them, so many
/// conversations with the mail server.
pub(super) const PLACES: u16 = 4;

/// How often, and at first after how long, a mail that may be there is let go of, each time after twice as long: the whole is
/// shorter than a lease, which does the same in the end.
const LET_GO: (u32, Duration) = (8, Duration::from_millis(100));

/// How often a mail that is not there is looked for.
const LOOKS: u32 = 3;

impl DeliverMail {
    /// From now on requests of this process hand their mail over.
    pub async fn open(&self) {
        if let Some(handed) = self.core.outgoing.open(self.life.clone(), LEASE, PLACES) {
            *self.handed.lock().await = Some(handed);
        }
    }

    /// Sends what is handed over, until `enough` is done and all that came before is dealt with.
    pub async fn take_handed(&self, enough: impl Future<Output = ()>) {
        let mut handed = self.handed.lock().await;
        let Some(handed) = handed.as_mut() else {
            return;
        };
        let mut sending = JoinSet::new();
        let mut enough = pin!(enough);
        let mut is_enough = false;
        while !is_enough || !sending.is_empty() {
            tokio::select! {
                biased;
                Some(handed) = handed.recv() => {
                    let job = self.clone();
                    sending.spawn(async move { job.deal_with(handed).await });
                }
                Some(ended) = sending.join_next() => note(ended),
                () = &mut enough, if !is_enough => is_enough = true,
            }
        }
    }

    async fn deal_with(&self, handed: Handed) -> Result<(), StoreError> {
        match handed {
            Handed::Mail(mail) => self.deliver_handed(*mail).await,
            Handed::Doubtful(id, _place) => self.let_go(id).await,
        }
    }

    async fn deliver_handed(&self, handed: HandedMail) -> Result<(), StoreError> {
        let HandedMail {
            mail,
            challenge,
            sign_in,
            guest,
            place: _place,
        } = handed;
        if mail.state == MailState::Suppressed {
            return Ok(());
        }
        let Some(known) = self.core.store.known_app(sign_in.app).await? else {
            return Ok(());
        };
        let asked = AskedCode {
            challenge,
            sign_in,
            app: known.app.clone(),
            guest,
        };
        self.held().insert(mail.id);
        self.deliver(mail, Some(asked)).await
    }

    /// Lets go of a mail whose request has failed in its commit: the guest asks again, is told that it is on its way, and must
    /// not wait for the lease to end. A commit whose request was dropped may still be on its way, so that a mail which is not
    /// there is looked for again.
    async fn let_go(&self, id: Id<OutboxMail>) -> Result<(), StoreError> {
        let (times, mut wait) = LET_GO;
        for time in 1..times {
            match self.let_go_once(id).await {
                Ok(false) if time < LOOKS => {}
                Err(error) if error.is_unavailable() => {}
                done => return done.map(drop),
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        self.let_go_once(id).await.map(drop)
    }

    /// Whether it was there.
    async fn let_go_once(&self, id: Id<OutboxMail>) -> Result<bool, StoreError> {
        let tx = self.core.store.begin().await?;
        let was_there = tx.release_mail(id, self.core.now()).await?;
        if was_there {
            tx.commit().await?;
            self.core.outgoing.wake();
        }
        Ok(was_there)
    }
}
