//! Several workers, workers that die, and workers that are told to stop.

use std::{
    pin::Pin,
    sync::{Arc, atomic::AtomicUsize, atomic::Ordering},
};

use chrono::TimeDelta;
use sign_in::Core;
use test_support::samples;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{Conduct, header, run, server, worker, worlds};
use crate::mail::{Mail, MailError, Mailer};

#[tokio::test]
async fn a_mail_of_a_worker_that_died_is_sent_by_another() {
    for world in worlds().await {
        let (server, smtp) = server(&[Conduct::Accept]);
        let code = world.ask_for_code().await;
        // A process takes it, and is killed.
        let died = world.database.reopen(samples::master_keys()).await.unwrap();
        let tx = died.begin().await.unwrap();
        assert_eq!(
            tx.claim_mail(world.core.now(), super::super::LEASE, 4, None)
                .await
                .unwrap()
                .len(),
            1
        );
        tx.commit().await.unwrap();
        drop(died);

        let worker = world.worker(smtp);
        run(&worker).await;
        world.advance(59);
        run(&worker).await;
        assert_eq!(
            server.taken().len(),
            0,
            "{}: it may still be on its way",
            world.database.name
        );
        world.advance(1);
        run(&worker).await;
        assert_eq!(server.taken().len(), 1, "{}", world.database.name);
        assert!(
            server.taken()[0].data.contains(code.expose()),
            "the same code, in whichever process"
        );
    }
}

/// A process that is started again after `kill -9` does not wait for the leases of the one before it.
#[tokio::test]
async fn what_a_process_held_that_has_ended_is_sent_at_once() {
    for world in worlds().await {
        let (server, smtp) = server(&[Conduct::Accept]);
        let living = crate::life::own().unwrap();
        let ended = format!("{living}0");
        for (holder, taken_back) in [(&living, 0), (&ended, 1)] {
            world.ask_for_code().await;
            let tx = world.core.store.begin().await.unwrap();
            let lease = super::super::LEASE;
            let claimed = tx.claim_mail(world.core.now(), lease, 4, Some(holder)).await;
            assert_eq!(claimed.unwrap().len(), 1);
            tx.commit().await.unwrap();
            let worker = world.worker(smtp.clone());
            assert_eq!(worker.take_back().await.unwrap(), taken_back, "{holder}");
            run(&worker).await;
            let sent = server.taken().len();
            assert_eq!(sent as u64, taken_back, "{}: {holder}", world.database.name);
        }
    }
}

#[tokio::test]
async fn two_workers_send_each_mail_once() {
    for world in worlds().await {
        let (server, smtp) = server(&[Conduct::Accept]);
        for _ in 0..12 {
            world.ask_for_code().await;
        }
        let other = world.database.reopen(samples::master_keys()).await.unwrap();
        let other = Core {
            store: other,
            ..world.core.clone()
        };
        let (one, two) = (world.worker(smtp.clone()), worker(&other, smtp));
        tokio::join!(run(&one), run(&two));
        let mut ids: Vec<String> = server
            .taken()
            .iter()
            .map(|mail| header(mail, "Message-ID"))
            .collect();
        assert_eq!(ids.len(), 12, "{}", world.database.name);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 12, "{}", world.database.name);
        assert_eq!(world.events("guest.signin.code.mailed").await.len(), 12);
    }
}

/// A server whose answer lets itself be waited for.
#[derive(Default)]
struct Slow {
    begun: AtomicUsize,
    most: AtomicUsize,
    under_way: AtomicUsize,
    let_go: Option<Semaphore>,
}

impl Mailer for Slow {
    fn probe(&self) -> Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + '_>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn send<'a>(&'a self, _: &'a Mail) -> Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>> {
        Box::pin(async {
            self.begun.fetch_add(1, Ordering::SeqCst);
            let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            if let Some(semaphore) = &self.let_go {
                semaphore.acquire().await.unwrap().forget();
            }
            self.under_way.fetch_sub(1, Ordering::SeqCst);
            Ok(())
        })
    }
}

#[tokio::test]
async fn four_at_once_and_none_twice_however_long_it_takes() {
    for world in worlds().await {
        let slow = Arc::new(Slow {
            let_go: Some(Semaphore::new(0)),
            ..Slow::default()
        });
        for _ in 0..6 {
            world.ask_for_code().await;
        }
        let worker = world.worker(slow.clone());
        let running = {
            let worker = worker.clone();
            tokio::spawn(async move { run(&worker).await })
        };
        while slow.begun.load(Ordering::SeqCst) < 4 {
            tokio::task::yield_now().await;
        }
        // The leases run out while the server thinks; the same process looks again.
        world.clock.advance(TimeDelta::minutes(2));
        let again = {
            let worker = worker.clone();
            tokio::spawn(async move { run(&worker).await })
        };
        slow.let_go.as_ref().unwrap().add_permits(100);
        running.await.unwrap();
        again.await.unwrap();
        assert_eq!(slow.begun.load(Ordering::SeqCst), 6, "{}", world.database.name);
        assert!(slow.most.load(Ordering::SeqCst) <= 8, "four for each run");
        assert_eq!(world.events("guest.signin.code.mailed").await.len(), 6);
    }
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_finishes_what_it_holds() {
    for world in worlds().await {
        let slow = Arc::new(Slow {
            let_go: Some(Semaphore::new(0)),
            ..Slow::default()
        });
        for _ in 0..6 {
            world.ask_for_code().await;
        }
        let (worker, end) = (world.worker(slow.clone()), CancellationToken::new());
        let running = {
            let end = end.clone();
            tokio::spawn(async move { worker.run(&end).await.unwrap() })
        };
        while slow.begun.load(Ordering::SeqCst) < 4 {
            tokio::task::yield_now().await;
        }
        end.cancel();
        slow.let_go.as_ref().unwrap().add_permits(100);
        running.await.unwrap();
        assert_eq!(
            world.events("guest.signin.code.mailed").await.len(),
            4,
            "{}",
            world.database.name
        );
        assert_eq!(
            slow.begun.load(Ordering::SeqCst),
            4,
            "the rest waits for the next process"
        );
    }
}
