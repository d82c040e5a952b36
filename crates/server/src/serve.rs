//! `vestibule serve`: opens the database, builds the router, runs the jobs, and ends in order.

use std::{net::TcpListener, sync::Arc};

use actions::{EndedWhatIsOff, declare_upstreams, end_what_is_off};
use anyhow::{Context, Result, bail};
use axum::Router;
use domain::{entropy::Entropy, time::Clock, upstream::Declared};
use sign_in::{Core, Outgoing};
use store::{Store, StoreError, Synchronous};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    app::{self, Wiring},
    config::{self, settings::ServerSettings},
    edge::{SystemClock, SystemEntropy},
    jobs, listener,
    mail::{Mailer as _, Smtp},
    process_limits,
    restore_marker::{self, Accepted, RestoreMarker},
    steady_clock::SteadyClock,
};

/// A database that could not be opened: which one, without its password, and why.
#[derive(Debug, thiserror::Error)]
#[error("the database {database} cannot be opened")]
pub struct Unopened {
    database: String,
    #[source]
    error: StoreError,
}

/// Opens the database that the settings name.
pub async fn connect(settings: &ServerSettings, entropy: Arc<dyn Entropy>) -> Result<Store, Unopened> {
    let opened = Store::connect(&settings.store, settings.master_keys.clone(), entropy).await;
    opened.map_err(|error| Unopened {
        database: config::without_password(&settings.store.url),
        error,
    })
}

/// Opens the database and puts the core together. The schema is brought up to date, or must be.
pub async fn open(
    settings: &ServerSettings,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<Core> {
    let store = connect(settings, Arc::clone(&entropy)).await?;
    if settings.auto_migrate {
        let steps = store.migrate().await?;
        if let Some(newest) = steps.last() {
            tracing::info!(newest, steps = steps.len(), "the schema was brought up to date");
        }
    }
    let pending = store.pending_migrations().await?;
    if !pending.is_empty() {
        bail!(
            "the database lacks {} of {} schema steps: run `vestibule migrate up` first; `vestibule migrate status` names them",
            pending.len(),
            migrations::names().len()
        );
    }
    Ok(Core {
        store,
        clock,
        entropy,
        settings: Arc::new(settings.web.clone()),
        outgoing: Outgoing::default(),
    })
}

/// Brings the tenants and providers of the configuration into the database, for all replicas, and ends what came of what the
/// configuration switched off: the last thing before serving, so that a process that cannot start changes nothing.
pub async fn declare(core: &Core, settings: &ServerSettings) -> Result<()> {
    let changed = declare_upstreams(core, &settings.upstreams)
        .await
        .context("bringing in the tenants and providers of the configuration")?;
    if changed > 0 {
        tracing::info!(
            changed,
            "tenants and providers are as the configuration declares them"
        );
    }
    let ended = end_what_is_off(core)
        .await
        .context("ending the sessions that came of what is switched off")?;
    if ended != EndedWhatIsOff::default() {
        tracing::warn!(
            ended.sessions,
            ended.grants,
            "what came of what the configuration switched off has ended"
        );
    }
    Ok(())
}

/// Serves until the process is told to end (SIGTERM, SIGINT).
///
/// `reload` reads the configuration again, for SIGHUP: what it declares then.
pub async fn run(settings: ServerSettings, accepted: Accepted, reload: Reload) -> Result<()> {
    process_limits::without_core_dumps();
    process_limits::with_all_open_files();
    let clock = Arc::new(SteadyClock::new(Arc::new(SystemClock)));
    let core = open(&settings, clock, Arc::new(SystemEntropy)).await?;
    // Where commits may be lost with the power, the file would be ahead of a database that was not restored.
    let is_durable = settings.store.synchronous == Synchronous::Full;
    let marker = settings.master_key_file.as_deref().filter(|_| is_durable);
    let marker = marker.map(RestoreMarker::beside);
    if marker.is_none() {
        tracing::warn!(
            "a database that is restored from a backup is not noticed: the master key is not in a file of its own, or \
             database.synchronous is not \"full\". Give --accept-restore after a restore"
        );
    }
    restore_marker::check(&core, marker.as_ref(), accepted).await?;
    jobs::keep_time::run(&core, marker.as_ref()).await?;
    let tls = match &settings.server.tls {
        Some(tls) => Some(listener::tls(&tls.cert, &tls.key).await?),
        None => None,
    };
    let socket = listener::bind(settings.server.listen)?;
    let smtp = settings.mail.smtp.as_ref().context("mail.smtp.url is missing")?;
    let mailer = Arc::new(Smtp::new(smtp)?);
    tokio::spawn(probe_mail(Arc::clone(&mailer)));
    let Wiring {
        core,
        router,
        health,
        key_ring,
    } = app::build(core, Router::new()).await?;
    let end = CancellationToken::new();
    let jobs = jobs::Jobs::new(core.clone(), mailer, &settings.mail, key_ring)?.with_marker(marker.clone());
    declare(&core, &settings).await?;
    jobs.take_back_mail().await?;
    let workers = jobs::start(jobs, end.clone());
    let ring = Arc::new(Notify::new());
    tokio::spawn(hung_up(Arc::clone(&ring), core.clone(), reload));
    if let (Some(config), Some(files)) = (&tls, &settings.server.tls) {
        let (cert, key) = (files.cert.clone(), files.key.clone());
        tokio::spawn(listener::renew(config.clone(), cert, key, ring, end.clone()));
    }
    tracing::info!(
        issuer = settings.web.issuer.as_str(),
        listen = %settings.server.listen,
        tls = tls.is_some(),
        "listening"
    );
    let told = end.clone();
    let signal = async move {
        terminated().await;
        tracing::info!("shutting down, waiting for open requests");
        health.drain();
        told.cancel();
    };
    serve_until(socket, tls, router, end, signal).await?;
    workers.finish().await;
    if let Err(error) = leave_in_order(&core, marker.as_ref()).await {
        tracing::warn!(cause = %error, "the database could not be left in order; nothing is lost");
    }
    tracing::info!("stopped");
    Ok(())
}

/// Records the end, so that a copy which is made while the server is stopped is as old as this; then `SQLite` folds its
/// write-ahead log into the file, so that a copy of the one file is whole.
async fn leave_in_order(core: &Core, marker: Option<&RestoreMarker>) -> Result<(), StoreError> {
    jobs::keep_time::run(core, marker).await?;
    core.store.close().await
}

/// Serves until `signal` has cancelled `end`.
async fn serve_until(
    socket: TcpListener,
    tls: Option<axum_server::tls_rustls::RustlsConfig>,
    router: axum::Router,
    end: CancellationToken,
    signal: impl Future<Output = ()>,
) -> Result<()> {
    let server = listener::serve(socket, tls, router, end);
    tokio::pin!(server);
    tokio::select! {
        result = &mut server => result.context("serving"),
        () = signal => server.await.context("serving"),
    }
}

/// Looks once whether mail could leave: a wrong password is found at the start, and not by the first guest. Nothing waits for it,
/// and a mail server that is away for a moment does not keep the server from starting.
async fn probe_mail(mailer: Arc<Smtp>) {
    match mailer.probe().await {
        Ok(()) => tracing::info!("the mail server answers"),
        Err(error) => tracing::error!(
            cause = %error,
            "no mail could leave now: guests would get no codes. `vestibule mail test ADDRESS` tries again"
        ),
    }
}

/// Reads the configuration again, and gives what it declares or what is wrong with it.
pub type Reload = Box<dyn Fn() -> Result<Declared, String> + Send + Sync>;

/// SIGHUP never ends the server: the TLS certificate is read again, and the tenants and providers that the configuration
/// declares come in. With a configuration that is not valid nothing changes.
async fn hung_up(ring: Arc<Notify>, core: Core, reload: Reload) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut hangup) = signal(SignalKind::hangup()) else {
            tracing::warn!("SIGHUP cannot be watched");
            return;
        };
        while hangup.recv().await.is_some() {
            tracing::info!("SIGHUP: reading the TLS certificate, and what the configuration declares, again");
            ring.notify_one();
            let changed = match reload() {
                Ok(declared) => declare_upstreams(&core, &declared)
                    .await
                    .map_err(|error| error.to_string()),
                Err(wrong) => Err(wrong),
            };
            match changed {
                Ok(changed) => tracing::info!(
                    changed,
                    "tenants and providers are as the configuration declares them"
                ),
                Err(wrong) => tracing::error!("tenants and providers stay as they are: {wrong}"),
            }
        }
    }
    #[cfg(not(unix))]
    let _ = (ring, core, reload);
}

/// Waits for SIGTERM or SIGINT.
pub async fn terminated() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(error) => {
                tracing::warn!(cause = %error, "SIGTERM cannot be watched");
                let _ = interrupt.await;
            }
        }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
}
