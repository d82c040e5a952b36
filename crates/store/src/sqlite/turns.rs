//! Whose turn it is to write. A turn that has come free is taken and not handed over: a waiter that nobody polls any more holds
//! up neither those behind it nor the one that commits for all.

use std::{
    pin::pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
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
    /// Those whose patience is over: nobody goes before them.
    due: usize,
}

/// A turn; dropping it ends it.
pub(super) struct Turn(Arc<Turns>);

impl Turns {
    /// Waits for a turn, behind those who wait.
    pub(super) async fn next(self: &Arc<Self>) -> Turn {
        if let Some(turn) = self.take_unless(|state| state.waiting > 0) {
            return turn;
        }
        let _waiting = Waiting::begin(self);
        loop {
            let mut freed = pin!(self.freed.notified());
            while timeout(LOOK_AGAIN, &mut freed).await.is_err() {
                if let Some(turn) = self.take_unless(|_| false) {
                    return turn;
                }
            }
            if let Some(turn) = self.take_unless(|_| false) {
                return turn;
            }
        }
    }

    /// Waits for a turn and lets the others go first, but not for longer than that. Blocks.
    pub(super) fn last(self: &Arc<Self>, patience: Duration) -> Turn {
        let others = |state: &mut TurnState| state.is_taken || state.waiting > 0;
        let waited = self.changed.wait_timeout_while(self.lock(), patience, others);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        state.due += 1;
        let waited = self.changed.wait_while(state, |state| state.is_taken);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        state.due -= 1;
        state.is_taken = true;
        Turn(Arc::clone(self))
    }

    fn take_unless(self: &Arc<Self>, others_go_first: impl Fn(&TurnState) -> bool) -> Option<Turn> {
        let mut state = self.lock();
        if state.is_taken || state.due > 0 || others_go_first(&state) {
            return None;
        }
        state.is_taken = true;
        Some(Turn(Arc::clone(self)))
    }

    fn lock(&self) -> MutexGuard<'_, TurnState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let is_one_due = {
            let mut state = self.0.lock();
            state.is_taken = false;
            state.due > 0
        };
        self.0.changed.notify_all();
        // The one that is due wakes the next when it has been.
        if !is_one_due {
            self.0.freed.notify_one();
        }
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

    /// However many come meanwhile.
    #[tokio::test]
    async fn the_last_waits_no_longer_than_its_patience() {
        let turns = Arc::new(Turns::default());
        let first = turns.next().await;
        let behind = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move { turns.next().await }
        });
        tokio::task::yield_now().await;
        let last = {
            let turns = Arc::clone(&turns);
            spawn_blocking(move || turns.last(Duration::ZERO))
        };
        while turns.lock().due == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        drop(first);
        let last = last.await.unwrap();
        assert!(!behind.is_finished());
        drop(last);
        behind.await.unwrap();
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
