//! Whose turn it is to write. A turn that has come free is taken and not handed over: a waiter that nobody polls any more holds
//! up neither those behind it nor the one that commits for all.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{sync::Notify, time::timeout};

/// When a waiter looks again without having been woken, because the one that was may not be polled.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

#[derive(Default)]
pub(super) struct Turns {
    state: Mutex<TurnState>,
    freed: Notify,
    changed: Condvar,
}

#[derive(Default)]
struct TurnState {
    is_taken: bool,
    waiting: usize,
}

/// A turn; dropping it ends it.
pub(super) struct Turn(Arc<Turns>);

impl Turns {
    /// Waits for a turn.
    pub(super) async fn next(self: &Arc<Self>) -> Turn {
        let _waiting = Waiting::begin(self);
        loop {
            let freed = self.freed.notified();
            if let Some(turn) = self.take_if(|state| !state.is_taken) {
                return turn;
            }
            let _ = timeout(LOOK_AGAIN, freed).await;
        }
    }

    /// Waits for a turn and lets those who wait as well go first, for so long. Blocks.
    pub(super) fn last(self: &Arc<Self>, patience: Duration) -> Turn {
        let until = Instant::now() + patience;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let is_free = |state: &TurnState| !state.is_taken && (state.waiting == 0 || left.is_zero());
            if let Some(turn) = self.take_if(is_free) {
                return turn;
            }
            let state = self.lock();
            if left.is_zero() {
                let busy = |state: &mut TurnState| state.is_taken;
                drop(self.changed.wait_while(state, busy));
            } else {
                let busy = |state: &mut TurnState| !is_free(state);
                drop(self.changed.wait_timeout_while(state, left, busy));
            }
        }
    }

    fn take_if(self: &Arc<Self>, may_be_taken: impl Fn(&TurnState) -> bool) -> Option<Turn> {
        let mut state = self.lock();
        let taken = may_be_taken(&state);
        state.is_taken |= taken;
        taken.then(|| Turn(Arc::clone(self)))
    }

    fn lock(&self) -> MutexGuard<'_, TurnState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.lock().is_taken = false;
        self.0.changed.notify_all();
        self.0.freed.notify_one();
    }
}

/// One that waits, for as long as this lives.
struct Waiting<'a>(&'a Turns);

impl<'a> Waiting<'a> {
    fn begin(turns: &'a Turns) -> Self {
        turns.lock().waiting += 1;
        Self(turns)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use tokio::task::spawn_blocking;

    use super::*;

    #[tokio::test]
    async fn there_is_one_turn_at_a_time() {
        let turns = Arc::new(Turns::default());
        let first = turns.next().await;
        let mut second = pin!(turns.next());
        assert!(timeout(LOOK_AGAIN, &mut second).await.is_err());
        drop(first);
        second.await;
    }

    #[tokio::test]
    async fn the_last_goes_behind_those_who_wait() {
        let turns = Arc::new(Turns::default());
        let first = turns.next().await;
        let order = Arc::new(Mutex::new(Vec::new()));
        let tasks = [(); 3].map(|()| {
            let (turns, order) = (Arc::clone(&turns), Arc::clone(&order));
            tokio::spawn(async move {
                let _turn = turns.next().await;
                order.lock().unwrap().push("next");
            })
        });
        tokio::task::yield_now().await;
        assert_eq!(turns.lock().waiting, 3);
        let last = {
            let (turns, order) = (Arc::clone(&turns), Arc::clone(&order));
            spawn_blocking(move || {
                let _turn = turns.last(Duration::from_mins(1));
                order.lock().unwrap().push("last");
            })
        };
        drop(first);
        for task in tasks {
            task.await.unwrap();
        }
        last.await.unwrap();
        assert_eq!(*order.lock().unwrap(), ["next", "next", "next", "last"]);
    }

    /// As happens in a `select!` whose other arm is running.
    #[tokio::test]
    async fn a_waiter_that_is_not_polled_holds_up_nobody() {
        let turns = Arc::new(Turns::default());
        let first = turns.next().await;
        let mut unpolled = pin!(turns.next());
        assert!(timeout(LOOK_AGAIN, &mut unpolled).await.is_err());
        let behind = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move { drop(turns.next().await) }
        });
        tokio::task::yield_now().await;
        drop(first);
        behind.await.unwrap();
        let last = Arc::clone(&turns);
        spawn_blocking(move || drop(last.last(Duration::from_millis(1))))
            .await
            .unwrap();
        unpolled.await;
    }

    #[tokio::test]
    async fn a_waiter_that_goes_away_is_not_waited_for() {
        let turns = Arc::new(Turns::default());
        let first = turns.next().await;
        assert!(timeout(Duration::ZERO, turns.next()).await.is_err());
        drop(first);
        assert_eq!(turns.lock().waiting, 0);
        drop(turns.next().await);
    }
}
