//! Real conversations with a mail server: good ones, bad ones, and ones that must not take place.

use std::{
    net::TcpListener,
    path::PathBuf,
    time::{Duration, Instant},
};

use super::{
    email, sample_mail,
    smtp_server::{Authority, Conduct, HANGS, Manner, Protection, Server},
};
use crate::{
    config::settings::{Encryption, SecretText, SmtpSettings},
    mail::{Mail, MailError, Mailer as _, Smtp},
};

const PATIENCE: Duration = Duration::from_millis(1_500);

fn settings(server: &Server, encryption: Encryption, ca_file: Option<PathBuf>) -> SmtpSettings {
    SmtpSettings {
        host: "localhost".into(),
        port: server.address.port(),
        encryption,
        credentials: None,
        ca_file,
    }
}

fn logged_in(settings: SmtpSettings, password: &str) -> SmtpSettings {
    SmtpSettings {
        credentials: Some(("vestibule".into(), SecretText::new(password))),
        ..settings
    }
}

fn smtp(settings: &SmtpSettings) -> Smtp {
    Smtp::with_patience(settings, PATIENCE).unwrap()
}

/// A server in plain text, and a mailer for it.
fn plain(conducts: &[Conduct]) -> (Server, Smtp) {
    let manner = Manner {
        conducts: conducts.to_vec(),
        ..Manner::new(Protection::Plain)
    };
    let server = Server::start(&Authority::new(), manner);
    let smtp = smtp(&settings(&server, Encryption::None, None));
    (server, smtp)
}

async fn send(smtp: &Smtp) -> Result<(), MailError> {
    smtp.send(&sample_mail()).await
}

/// Nothing of the mail, and no password, may have travelled.
fn assert_nothing_was_said(server: &Server) {
    let heard = server.heard();
    let told: Vec<_> = heard
        .iter()
        .filter(|(_, verb)| !matches!(verb.as_str(), "EHLO" | "STARTTLS" | "QUIT"))
        .collect();
    assert!(told.is_empty(), "{told:?}");
    assert!(server.taken().is_empty());
}

#[tokio::test]
async fn starttls_with_authentication() {
    let authority = Authority::new();
    let login = Some(("vestibule", "s3cret"));
    let server = Server::start(
        &authority,
        Manner {
            login,
            ..Manner::new(Protection::StartTls)
        },
    );
    let settings = logged_in(
        settings(&server, Encryption::StartTls, Some(authority.file())),
        "s3cret",
    );
    send(&smtp(&settings)).await.unwrap();
    let taken = server.taken();
    assert_eq!(taken.len(), 1);
    assert!(taken[0].encrypted);
    assert_eq!(taken[0].user.as_deref(), Some("vestibule"));
    assert_eq!(taken[0].from, "signin@mail.acme.example");
    assert_eq!(taken[0].to, ["anna@contoso.example"]);
    let raw = String::from_utf8(sample_mail().raw).unwrap();
    assert_eq!(
        taken[0].data.trim_end(),
        raw.trim_end(),
        "what was sent is what arrived"
    );
    let in_the_clear: Vec<_> = server
        .heard()
        .into_iter()
        .filter(|(encrypted, _)| !encrypted)
        .collect();
    assert_eq!(in_the_clear, [(false, "EHLO".into()), (false, "STARTTLS".into())]);
}

#[tokio::test]
async fn tls_from_the_first_byte() {
    let authority = Authority::new();
    let server = Server::start(&authority, Manner::new(Protection::Implicit));
    send(&smtp(&settings(
        &server,
        Encryption::Implicit,
        Some(authority.file()),
    )))
    .await
    .unwrap();
    assert!(server.taken()[0].encrypted);
}

#[tokio::test]
async fn no_starttls_no_mail() {
    let authority = Authority::new();
    let login = Some(("vestibule", "s3cret"));
    let server = Server::start(
        &authority,
        Manner {
            login,
            ..Manner::new(Protection::Plain)
        },
    );
    let settings = logged_in(
        settings(&server, Encryption::StartTls, Some(authority.file())),
        "s3cret",
    );
    assert!(matches!(
        send(&smtp(&settings)).await,
        Err(MailError::Transport(_))
    ));
    assert_nothing_was_said(&server);
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_gets_no_mail() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let foreign = |protection| Server::start(&theirs, Manner::new(protection));
    let misnamed = |protection| {
        Server::start(
            &ours,
            Manner {
                name: "mail.evil.example",
                ..Manner::new(protection)
            },
        )
    };
    for (encryption, protection) in [
        (Encryption::StartTls, Protection::StartTls),
        (Encryption::Implicit, Protection::Implicit),
    ] {
        for (server, ca_file) in [
            (foreign(protection), Some(ours.file())),
            (misnamed(protection), Some(ours.file())),
            // The public authorities do not vouch for it either.
            (foreign(protection), None),
        ] {
            let error = send(&smtp(&settings(&server, encryption, ca_file)))
                .await
                .unwrap_err();
            assert!(
                matches!(&error, MailError::Transport(said) if said.contains("certificate")),
                "{error}"
            );
            assert_nothing_was_said(&server);
        }
    }
}

#[tokio::test]
async fn a_wrong_password_concerns_every_mail() {
    let authority = Authority::new();
    let login = Some(("vestibule", "s3cret"));
    let server = Server::start(
        &authority,
        Manner {
            login,
            ..Manner::new(Protection::Implicit)
        },
    );
    let plain = settings(&server, Encryption::Implicit, Some(authority.file()));
    for settings in [logged_in(plain.clone(), "guessed"), plain] {
        let error = send(&smtp(&settings)).await.unwrap_err();
        assert!(matches!(error, MailError::Transport(_)), "{error}");
        assert!(!error.to_string().contains("guessed"), "{error}");
    }
    assert!(server.taken().is_empty());
}

#[tokio::test]
async fn a_server_that_is_away_or_does_not_want_us_concerns_every_mail() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let authority = Authority::new();
    let busy = Manner {
        banner: "421 4.3.2 not now",
        ..Manner::new(Protection::Plain)
    };
    let busy = Server::start(&authority, busy);
    let away = SmtpSettings {
        port: free,
        ..settings(&busy, Encryption::None, None)
    };
    for settings in [away, settings(&busy, Encryption::None, None)] {
        let error = send(&smtp(&settings)).await.unwrap_err();
        assert!(matches!(error, MailError::Transport(_)), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_never_greets_concerns_every_mail() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let other = Server::start(&Authority::new(), Manner::new(Protection::Plain));
    let port = silent.local_addr().unwrap().port();
    let settings = SmtpSettings {
        port,
        ..settings(&other, Encryption::None, None)
    };
    let error = send(&smtp(&settings)).await.unwrap_err();
    assert!(matches!(error, MailError::Transport(_)), "{error}");
}

#[tokio::test]
async fn greylisted_then_accepted() {
    let (server, smtp) = plain(&[
        Conduct::Rcpt("450 4.2.0 <anna@contoso.example>: greylisted, come back later"),
        Conduct::Dot("451 4.3.0 not now"),
        Conduct::Accept,
    ]);
    let error = send(&smtp).await.unwrap_err();
    assert!(
        matches!(&error, MailError::Transient(said) if said.contains("450")),
        "{error}"
    );
    assert!(!error.to_string().contains("anna"), "{error}");
    assert!(matches!(send(&smtp).await, Err(MailError::Transient(_))));
    send(&smtp).await.unwrap();
    assert_eq!(server.taken().len(), 1);
}

#[tokio::test]
async fn refused_for_good() {
    for refusal in [
        Conduct::Rcpt("550 5.1.1 <anna@contoso.example>: no such user"),
        Conduct::Dot("554 5.7.1 looks like spam, code 48201573"),
    ] {
        let (server, smtp) = plain(&[refusal, Conduct::Accept]);
        let error = send(&smtp).await.unwrap_err();
        assert!(matches!(error, MailError::Permanent(_)), "{error}");
        assert!(
            !error.to_string().contains("anna") && !error.to_string().contains("48201573"),
            "{error}"
        );
        // The next mail is none the worse for it.
        send(&smtp).await.unwrap();
        assert_eq!(server.taken().len(), 1);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_dot_is_tried_again_with_the_same_message_id() {
    let (server, smtp) = plain(&[Conduct::DropAfterDot, Conduct::Accept]);
    assert!(matches!(send(&smtp).await, Err(MailError::Transient(_))));
    send(&smtp).await.unwrap();
    let ids: Vec<String> = server
        .taken()
        .iter()
        .map(|mail| {
            mail.data
                .lines()
                .find(|line| line.starts_with("Message-ID:"))
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(
        ids.len(),
        2,
        "the server had taken the first, and nobody could know"
    );
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_server_that_falls_silent_costs_its_time_out_and_not_the_next_mail() {
    let (server, smtp) = plain(&[Conduct::Hang, Conduct::Accept]);
    let started = Instant::now();
    assert!(matches!(send(&smtp).await, Err(MailError::Transient(_))));
    assert!(started.elapsed() < HANGS / 2, "{:?}", started.elapsed());
    let started = Instant::now();
    send(&smtp).await.unwrap();
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    assert_eq!(
        (server.taken().len(), server.connections()),
        (1, 2),
        "the silent connection is not used again"
    );
}

#[tokio::test]
async fn a_slow_server_is_waited_for() {
    let manner = Manner {
        delay: PATIENCE / 6,
        ..Manner::new(Protection::Plain)
    };
    let server = Server::start(&Authority::new(), manner);
    send(&smtp(&settings(&server, Encryption::None, None)))
        .await
        .unwrap();
    assert_eq!(server.taken().len(), 1);
}

#[tokio::test]
async fn one_connection_serves_many_mails_and_several_at_once_are_no_trouble() {
    let (server, smtp) = plain(&[Conduct::Accept]);
    for _ in 0..3 {
        send(&smtp).await.unwrap();
    }
    assert_eq!(server.connections(), 1);
    let mails: Vec<Mail> = (0..8)
        .map(|n| Mail {
            to: email(&format!("guest{n}@contoso.example")),
            ..sample_mail()
        })
        .collect();
    let mut sending = Vec::new();
    for mail in &mails {
        sending.push(smtp.send(mail));
    }
    for sent in join(sending).await {
        sent.unwrap();
    }
    assert_eq!(server.taken().len(), 11);
}

/// Polls them all until all are done.
async fn join<F: Future + Unpin>(futures: Vec<F>) -> Vec<F::Output> {
    let mut waiting: Vec<(F, Option<F::Output>)> = futures.into_iter().map(|future| (future, None)).collect();
    std::future::poll_fn(|context| {
        for (future, output) in &mut waiting {
            if output.is_none()
                && let std::task::Poll::Ready(value) = std::pin::Pin::new(future).poll(context)
            {
                *output = Some(value);
            }
        }
        if waiting.iter().all(|(_, output)| output.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    waiting.into_iter().filter_map(|(_, output)| output).collect()
}

#[test]
fn mail_in_the_clear_stays_on_this_machine() {
    let server = Server::start(&Authority::new(), Manner::new(Protection::Plain));
    let local = settings(&server, Encryption::None, None);
    for host in ["localhost", "127.0.0.1", "::1"] {
        assert!(
            Smtp::new(&SmtpSettings {
                host: host.into(),
                ..local.clone()
            })
            .is_ok(),
            "{host}"
        );
    }
    for host in [
        "mail.acme.example",
        "10.0.0.1",
        "localhost.evil.example",
        "0.0.0.0",
    ] {
        assert!(
            Smtp::new(&SmtpSettings {
                host: host.into(),
                ..local.clone()
            })
            .is_err(),
            "{host}"
        );
    }
}

#[test]
fn a_file_without_certificates_is_refused_at_the_start() {
    let server = Server::start(&Authority::new(), Manner::new(Protection::StartTls));
    let file = tempfile::NamedTempFile::new().unwrap();
    let empty = settings(&server, Encryption::StartTls, Some(file.path().to_owned()));
    let absent = settings(&server, Encryption::StartTls, Some("/nowhere/ca.pem".into()));
    assert!(Smtp::new(&empty).is_err());
    assert!(Smtp::new(&absent).is_err());
}
