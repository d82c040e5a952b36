//! Mail on its way from the request that asks for it to the job of this process that sends it.
//!
//! A row of the outbox is what counts: it is there once the request has committed, and whoever finds it due sends it. Where this
//! process has a place free, the request puts the row in as already held and hands the mail over afterwards, so that nothing of
//! it is looked up again. If the process ends before it is sent, the lease does too, and the row is found. A request that fails
//! in its commit says so, and the job lets go of the row, if there is one.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Id, guest::Guest, passcode::PasscodeChallenge, sign_in::SignIn};
use store::{MailLease, OutboxMail};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};

/// How requests reach the job that sends mail. Clones are the same.
#[derive(Clone, Default)]
pub struct Outgoing(Arc<OutgoingState>);

#[derive(Default)]
struct OutgoingState {
    ring: Notify,
    desk: OnceLock<Desk>,
}

/// Where mail is handed over, once a job of this process takes it.
struct Desk {
    holder: Option<String>,
    lease: TimeDelta,
    places: Arc<Semaphore>,
    /// How many there are.
    all: u32,
    is_shut: AtomicBool,
    is_ending: AtomicBool,
    handed: mpsc::UnboundedSender<Handed>,
}

/// What a request says of a mail that it put into the outbox as held.
pub enum Handed {
    /// It is committed, and can be sent.
    Mail(Box<HandedMail>),
    /// The request has failed: whether there is a row is not known.
    Doubtful(Id<OutboxMail>, MailPlace),
}

/// A mail that this process holds, with what it says.
pub struct HandedMail {
    /// Its row. A suppressed one is handed over as well, so that asking takes the same work, and is not sent.
    pub mail: OutboxMail,
    /// Whose code it carries.
    pub challenge: PasscodeChallenge,
    /// Where it was asked for.
    pub sign_in: SignIn,
    /// The guest of that address.
    pub guest: Option<Guest>,
    /// Free again when this is dropped.
    pub place: MailPlace,
}

/// A place among the mails that are under way.
pub struct MailPlace {
    holder: Option<String>,
    lease: TimeDelta,
    _permit: OwnedSemaphorePermit,
}

impl Outgoing {
    /// Mail was put into the outbox: the job looks.
    pub fn wake(&self) {
        self.0.ring.notify_one();
    }

    /// Returns once somebody has called [`Self::wake`].
    pub async fn woken(&self) {
        self.0.ring.notified().await;
    }

    /// From now on this process takes so many mails at once, each for as long as `lease`, by the name of `holder`. `None` when
    /// somebody takes them already.
    pub fn open(
        &self,
        holder: Option<String>,
        lease: TimeDelta,
        places: u16,
    ) -> Option<mpsc::UnboundedReceiver<Handed>> {
        let (handed, taken) = mpsc::unbounded_channel();
        let desk = Desk {
            holder,
            lease,
            places: Arc::new(Semaphore::new(usize::from(places))),
            all: u32::from(places),
            is_shut: AtomicBool::new(false),
            is_ending: AtomicBool::new(false),
            handed,
        };
        self.0.desk.set(desk).ok().map(|()| taken)
    }

    /// From now on no place is given. Returns once all that were given are free: requests under way have handed over what they
    /// hold, and that is dealt with.
    pub async fn end(&self) {
        let Some(desk) = self.0.desk.get() else {
            return;
        };
        desk.is_ending.store(true, Ordering::Relaxed);
        if let Ok(all) = desk.places.acquire_many(desk.all).await {
            all.forget();
        }
    }

    /// While it is shut, because no mail leaves, mail waits in the outbox.
    pub fn shut(&self, is_shut: bool) {
        if let Some(desk) = self.0.desk.get() {
            desk.is_shut.store(is_shut, Ordering::Relaxed);
        }
    }

    /// A place, if one is free.
    pub fn reserve(&self) -> Option<MailPlace> {
        let desk = self.0.desk.get()?;
        if desk.is_shut.load(Ordering::Relaxed) || desk.is_ending.load(Ordering::Relaxed) {
            return None;
        }
        Some(MailPlace {
            holder: desk.holder.clone(),
            lease: desk.lease,
            _permit: Arc::clone(&desk.places).try_acquire_owned().ok()?,
        })
    }

    /// Hands a mail over. Where nobody takes it any more, its lease ends.
    pub fn hand_over(&self, handed: Handed) {
        if let Some(desk) = self.0.desk.get() {
            let _ = desk.handed.send(handed);
        }
    }
}

impl MailPlace {
    /// The lease of a mail that takes this place now.
    pub fn lease(&self, now: DateTime<Utc>) -> MailLease {
        MailLease {
            holder: self.holder.clone(),
            until: now + self.lease,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_mail_is_dropped_and_none_is_given_while_it_is_shut() {
        let outgoing = Outgoing::default();
        assert!(outgoing.reserve().is_none(), "nobody takes mail");
        let (lease, now) = (TimeDelta::seconds(60), DateTime::UNIX_EPOCH);
        let taken = outgoing.open(Some("this one".into()), lease, 2);
        assert!(taken.is_some() && outgoing.open(None, lease, 2).is_none());
        let (first, second) = (outgoing.reserve(), outgoing.reserve());
        assert!(second.is_some() && outgoing.reserve().is_none());
        let held = first.as_ref().map(|place| place.lease(now));
        let expected = MailLease {
            holder: Some("this one".into()),
            until: now + lease,
        };
        assert_eq!(held, Some(expected));
        drop(first);
        outgoing.shut(true);
        assert!(outgoing.reserve().is_none());
        outgoing.shut(false);
        assert!(outgoing.reserve().is_some());
    }

    #[tokio::test]
    async fn the_end_waits_for_the_places_that_were_given_and_gives_no_more() {
        let outgoing = Outgoing::default();
        outgoing.end().await;
        assert!(outgoing.open(None, TimeDelta::seconds(60), 2).is_some());
        let held = outgoing.reserve();
        let ending = tokio::spawn({
            let outgoing = outgoing.clone();
            async move { outgoing.end().await }
        });
        tokio::task::yield_now().await;
        // Neither a mail that was taken opens it again.
        outgoing.shut(false);
        assert!(outgoing.reserve().is_none() && !ending.is_finished());
        drop(held);
        ending.await.unwrap();
        assert!(outgoing.reserve().is_none());
    }
}
