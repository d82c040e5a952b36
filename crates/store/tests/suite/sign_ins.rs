//! Sign-ins, challenges, sessions and devices.

use chrono::TimeDelta;
use domain::{
    EmailAddress, SecretHash,
    app::App,
    guest::Guest,
    passcode::{ChallengeState, Send},
    sign_in::{InSession, Progress, SignIn},
};
use store::SeenAs;
use test_support::{TestDatabase, databases, samples};

use crate::{app_and_guest, assert_conflict, assert_corrupt, begin};

/// A stored sign-in.
async fn begun(db: &TestDatabase) -> (App, Guest, SignIn) {
    let (app, guest) = app_and_guest(db).await;
    let sign_in = samples::sign_in(&app);
    let tx = begin(db).await;
    tx.insert_sign_in(&sign_in).await.unwrap();
    tx.commit().await.unwrap();
    (app, guest, sign_in)
}

#[tokio::test]
async fn a_sign_in_comes_back_as_it_went_in_and_as_it_was_saved() {
    for db in databases().await {
        let (_, _, mut sign_in) = begun(&db).await;
        let found = db.store.reader().sign_in(sign_in.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&sign_in), "{}", db.name);

        sign_in.email = Some(samples::email("Anna@contoso.test"));
        sign_in.email_typed = true;
        sign_in.agreed = Some(samples::id());
        sign_in.locked_until = Some(samples::now() + TimeDelta::minutes(15));
        let answered_at = Some(samples::now());
        let said = InSession {
            keeps_method: true,
            makes_passkey: true,
            answered_at,
            ..InSession::new(samples::id())
        };
        let mut asked = said;
        asked.makes_passkey = false;
        for progress in [
            Progress::InSession(InSession::new(samples::id())),
            Progress::InSession(said),
            Progress::InSession(asked),
            Progress::Denied {
                session: None,
                answered_at: None,
            },
            Progress::Denied {
                session: Some(samples::id()),
                answered_at,
            },
        ] {
            sign_in.progress = progress;
            let tx = begin(&db).await;
            assert!(tx.lock_sign_in(sign_in.id).await.unwrap().is_some());
            tx.save_sign_in(&sign_in).await.unwrap();
            tx.commit().await.unwrap();
            let found = db.store.reader().sign_in(sign_in.id).await.unwrap();
            assert_eq!(found.as_ref(), Some(&sign_in), "{}", db.name);
        }
        assert_eq!(db.store.reader().sign_in(samples::id()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_illegal_row_is_named() {
    for db in databases().await {
        let (_, _, sign_in) = begun(&db).await;
        for (column, value) in [
            ("request", "'{}'"),
            ("email", "'nobody'"),
            ("progress", "'maybe'"),
            // A sign-in that is answered or goes on has a session; it is not answered before it goes on.
            ("progress", "'in_session'"),
            ("progress", "'begun', answered_at = 5"),
            ("progress", "'begun', answered_at = NULL, session = id"),
        ] {
            db.store
                .run_raw(&format!("UPDATE sign_ins SET {column} = {value}"))
                .await
                .unwrap();
            let result = db.store.reader().sign_in(sign_in.id).await;
            assert_corrupt(result, ("sign_ins", column));
            let repaired = match column {
                "request" => sign_in_request(),
                "progress" => "'begun', answered_at = NULL, session = NULL".into(),
                _ => "NULL".into(),
            };
            db.store
                .run_raw(&format!("UPDATE sign_ins SET {column} = {repaired}"))
                .await
                .unwrap();
        }
    }
}

fn sign_in_request() -> String {
    let challenge = samples::request().challenge.unwrap().to_text();
    format!(
        "'{{\"redirect_uri\":\"https://notes.example/callback\",\"response_mode\":\"query\",\"scope\":\"openid\",\
         \"code_challenge\":\"{challenge}\",\"prompt\":\"\",\"ui_locales\":[]}}'"
    )
}

#[tokio::test]
async fn eight_racers_charge_five_tries() {
    for db in databases().await {
        let (_, _, sign_in) = begun(&db).await;
        let mut charged = race(&db, async |tx| tx.charge_try(sign_in.id, 5).await.unwrap()).await;
        charged.sort_unstable();
        assert_eq!(
            charged,
            [None, None, None, Some(1), Some(2), Some(3), Some(4), Some(5)],
            "{}",
            db.name
        );
        let tx = begin(&db).await;
        tx.refund_try(sign_in.id).await.unwrap();
        assert_eq!(tx.charge_try(sign_in.id, 5).await.unwrap(), Some(5));
        tx.reset_tries(sign_in.id).await.unwrap();
        tx.refund_try(sign_in.id).await.unwrap();
        assert_eq!(
            tx.charge_try(sign_in.id, 5).await.unwrap(),
            Some(1),
            "never below nought"
        );
    }
}

#[tokio::test]
async fn a_locked_sign_in_waits_for_its_holder() {
    for db in databases().await {
        let (_, _, sign_in) = begun(&db).await;
        let answered = race(&db, async |tx| {
            let mut found = tx.lock_sign_in(sign_in.id).await.unwrap().unwrap();
            let first = found.progress == Progress::Begun;
            found.progress.deny();
            tx.save_sign_in(&found).await.unwrap();
            first
        })
        .await;
        assert_eq!(answered.iter().filter(|first| **first).count(), 1, "{}", db.name);
    }
}

/// Eight transactions that do the same at once; their answers.
pub(crate) async fn race<T: std::marker::Send + 'static>(
    db: &TestDatabase,
    act: impl AsyncFn(&store::Tx) -> T,
) -> Vec<T> {
    let racers = (0..8).map(|_| async {
        let tx = db.store.begin().await.unwrap();
        let answer = act(&tx).await;
        tx.commit().await.unwrap();
        answer
    });
    futures_join(racers.collect()).await
}

/// Drives all futures on this task until the last is done.
async fn futures_join<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut pending: Vec<_> = futures
        .into_iter()
        .map(|future| (Box::pin(future), None))
        .collect();
    std::future::poll_fn(|context| {
        for (future, done) in &mut pending {
            if done.is_none()
                && let std::task::Poll::Ready(output) = future.as_mut().poll(context)
            {
                *done = Some(output);
            }
        }
        if pending.iter().all(|(_, done)| done.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    pending.into_iter().filter_map(|(_, done)| done).collect()
}

#[tokio::test]
async fn a_browser_locks_what_is_under_way_in_it() {
    for db in databases().await {
        let (app, _, mine) = begun(&db).await;
        let tx = begin(&db).await;
        let other = |browser, minutes, answered| SignIn {
            browser,
            started_at: samples::now() + TimeDelta::minutes(minutes),
            progress: answered,
            ..samples::sign_in(&app)
        };
        let said = InSession {
            answered_at: Some(samples::now()),
            ..InSession::new(samples::id())
        };
        let (first, second) = (
            other(mine.browser, 1, Progress::Begun),
            other(mine.browser, 2, Progress::Begun),
        );
        let answered = other(mine.browser, 3, Progress::InSession(said));
        for sign_in in [
            &first,
            &second,
            &answered,
            &other(samples::secret().hash(), 4, Progress::Begun),
        ] {
            tx.insert_sign_in(sign_in).await.unwrap();
        }
        let tx = &tx;
        let locked =
            async |browser: SecretHash, now| tx.lock_sign_ins(mine.id, &browser, now).await.unwrap().unwrap();
        assert_eq!(
            locked(mine.browser, samples::now()).await,
            (mine.clone(), vec![answered, second, first.clone()]),
            "{}: newest first",
            db.name
        );
        let late = samples::now() + TimeDelta::days(2);
        assert_eq!(locked(mine.browser, late).await, (mine.clone(), vec![]));
        assert_eq!(
            locked(samples::secret().hash(), samples::now()).await,
            (mine.clone(), vec![]),
            "one that has nothing else"
        );

        // A browser that was renewed has them under its new secret, and what it held before comes back with the row.
        let (renewed, now) = (samples::secret().hash(), samples::now());
        let mut taken_along = first.clone();
        taken_along.renew_browser(mine.browser, renewed, now);
        tx.save_sign_in(&taken_along).await.unwrap();
        let (_, others) = locked(renewed, now).await;
        assert_eq!(others, [taken_along], "{}", db.name);
        let unknown = tx.lock_sign_ins(samples::id(), &renewed, now).await.unwrap();
        assert_eq!(unknown, None);
    }
}

#[tokio::test]
async fn a_challenge_comes_back_with_its_sends() {
    for db in databases().await {
        let (_, _, sign_in) = begun(&db).await;
        let mut challenge = samples::challenge(&sign_in, "anna@contoso.test");
        let tx = begin(&db).await;
        tx.insert_challenge(&challenge).await.unwrap();
        let second = Send {
            number: 2,
            issued_at: samples::now() + TimeDelta::minutes(1),
            alphabet: domain::passcode::Alphabet::Digits,
        };
        let first = challenge.clone();
        tx.add_send(&first, second).await.unwrap();
        challenge.sends.push(second);
        assert_eq!(
            tx.challenge(challenge.id).await.unwrap().as_ref(),
            Some(&challenge),
            "{}",
            db.name
        );
        tx.commit().await.unwrap();
        assert_conflict(begin(&db).await.add_send(&first, second).await);
    }
}

#[tokio::test]
async fn eight_racers_consume_a_challenge_once() {
    for db in databases().await {
        let (_, _, sign_in) = begun(&db).await;
        let challenge = samples::challenge(&sign_in, "anna@contoso.test");
        let tx = begin(&db).await;
        tx.insert_challenge(&challenge).await.unwrap();
        tx.commit().await.unwrap();
        let won = race(&db, async |tx| {
            tx.consume_challenge(challenge.id, samples::now()).await.unwrap()
        })
        .await;
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "{}", db.name);
        let found = db.store.reader().challenge(challenge.id).await.unwrap().unwrap();
        assert_eq!(found.state, ChallengeState::Consumed);
        let tx = begin(&db).await;
        assert!(
            !tx.kill_challenge(challenge.id, samples::now()).await.unwrap(),
            "used stays used"
        );
    }
}

#[tokio::test]
async fn a_session_is_found_by_its_token_and_ends_once() {
    for db in databases().await {
        let (_, guest) = app_and_guest(&db).await;
        let (session, token) = (samples::session(&guest), samples::secret());
        let tx = begin(&db).await;
        tx.insert_session(&session, &token.hash(), &SeenAs::default())
            .await
            .unwrap();
        let found = tx.session_by_token(&token.hash()).await.unwrap();
        assert_eq!(found, Some((session.clone(), guest.clone())), "{}", db.name);
        assert_eq!(
            tx.session_by_token(&samples::secret().hash()).await.unwrap(),
            None
        );
        assert_eq!(tx.session(session.id).await.unwrap().as_ref(), Some(&session));
        assert_eq!(
            tx.sessions_of(guest.id, samples::now()).await.unwrap(),
            std::slice::from_ref(&session)
        );
        assert!(tx.end_session(session.id, samples::now()).await.unwrap());
        assert!(!tx.end_session(session.id, samples::now()).await.unwrap());
        assert_eq!(tx.sessions_of(guest.id, samples::now()).await.unwrap(), []);
        let another = samples::session(&guest);
        tx.insert_session(&another, &samples::secret().hash(), &SeenAs::default())
            .await
            .unwrap();
        assert_eq!(
            tx.end_sessions_of(guest.id, samples::now()).await.unwrap(),
            [another.id]
        );
    }
}

#[tokio::test]
async fn a_device_is_known_for_its_mailbox_and_for_half_a_year() {
    for db in databases().await {
        let (device, anna) = (samples::secret().hash(), samples::email("Anna@contoso.test"));
        let tx = begin(&db).await;
        let knows = async |email: &EmailAddress, days| {
            tx.knows_device(&device, email, samples::now() + TimeDelta::days(days))
                .await
                .unwrap()
        };
        assert!(!knows(&anna, 0).await);
        tx.remember_device(&device, &anna, samples::now()).await.unwrap();
        tx.remember_device(&device, &anna, samples::now()).await.unwrap();
        assert!(
            knows(&samples::email("anna@contoso.test"), 179).await,
            "{}",
            db.name
        );
        assert!(!knows(&anna, 181).await);
        assert!(!knows(&samples::email("bob@contoso.test"), 0).await);
    }
}
