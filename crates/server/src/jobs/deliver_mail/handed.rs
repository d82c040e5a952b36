//! Mail that requests of this process hand over: it is held already, and what it says comes with it.

use std::time::Duration;

use domain::Id;
use sign_in::{Handed, HandedMail};
use store::{MailState, OutboxMail, StoreError};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{AT_ONCE, DeliverMail, LEASE, letter::AskedCode, note};

/// How often, and at first after how long, a mail that may be there is let go of, each time after twice as long: the whole is
/// shorter than a lease, which does the same in the end.
const LET_GO: (u32, Duration) = (8, Duration::from_millis(100));

impl DeliverMail {
    /// From now on requests of this process hand their mail over, as many at once as the outbox may have under way beside it.
    pub async fn open(&self) {
        if let Some(handed) = self.core.outgoing.open(self.life.clone(), LEASE, AT_ONCE) {
            *self.handed.lock().await = Some(handed);
        }
    }

    /// Sends what is handed over, until `end` is cancelled and what came before that is dealt with.
    pub async fn take_handed(&self, end: &CancellationToken) {
        let mut handed = self.handed.lock().await;
        let Some(handed) = handed.as_mut() else {
            return;
        };
        let mut sending = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                Some(handed) = handed.recv() => {
                    let job = self.clone();
                    sending.spawn(async move {
                        match handed {
                            Handed::Mail(mail) => job.deliver_handed(*mail).await,
                            Handed::Doubtful(id, _place) => job.let_go(id).await,
                        }
                    });
                }
                Some(ended) = sending.join_next() => note(ended),
                () = end.cancelled() => break,
            }
        }
        while let Some(ended) = sending.join_next().await {
            note(ended);
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
    /// not wait for the lease to end.
    async fn let_go(&self, id: Id<OutboxMail>) -> Result<(), StoreError> {
        let (times, mut wait) = LET_GO;
        for _ in 1..times {
            match self.let_go_once(id).await {
                Err(error) if error.is_unavailable() => {}
                done => return done,
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        self.let_go_once(id).await
    }

    async fn let_go_once(&self, id: Id<OutboxMail>) -> Result<(), StoreError> {
        let tx = self.core.store.begin().await?;
        if tx.release_mail(id, self.core.now()).await? {
            tx.commit().await?;
            self.core.outgoing.wake();
        }
        Ok(())
    }
}
