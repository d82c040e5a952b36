//! What Vestibule does unasked: one file per job, each a function that tests call, and the loops that call them.

pub mod check_domains;
pub mod deliver_mail;
pub mod guest_rules;
pub mod keep_time;
pub mod rotate_keys;
pub mod sweep;

use std::{sync::Arc, time::Duration};

use actions::{ActionError, RulesApplied, end_what_is_off, erase_removed};
use data_encoding::HEXLOWER;
use domain::entropy::random;
use oidc_server::KeyRing;
use sign_in::{Core, Outgoing};
use store::StoreError;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use web::Failure;

use crate::{
    config::settings::MailSettings,
    mail::{DkimError, Mailer, Sender},
    restore_marker::RestoreMarker,
};
use deliver_mail::DeliverMail;

/// When a job runs again.
#[derive(Clone, Copy)]
struct Rhythm {
    every: Duration,
    after_failure: Duration,
}

/// The outbox is looked at without a ring as well: mail of another process, retries, leases that ran out.
const MAIL: Rhythm = Rhythm {
    every: Duration::from_secs(1),
    after_failure: Duration::from_secs(5),
};
/// What a command does to the keys, `keys revoke` above all, counts on every replica after so long.
const KEYS_LOOK: Rhythm = Rhythm {
    every: Duration::from_secs(1),
    after_failure: Duration::from_secs(5),
};
/// Short enough that every replica publishes a key long before it signs.
const KEYS: Rhythm = Rhythm {
    every: Duration::from_mins(1),
    after_failure: Duration::from_secs(10),
};
/// Nothing is asked before it is due; an operator who has just set the record need not wait long.
const DOMAINS: Rhythm = Rhythm {
    every: Duration::from_secs(15),
    after_failure: Duration::from_mins(1),
};
/// After a crash time may go back by this much at most, and only as far as the machine's clock does.
const TIME: Rhythm = Rhythm {
    every: Duration::from_secs(10),
    after_failure: Duration::from_secs(10),
};
/// Rules count in days; a list of guests is long.
const RULES: Rhythm = Rhythm {
    every: Duration::from_hours(1),
    after_failure: Duration::from_mins(1),
};
const SWEEP: Rhythm = Rhythm {
    every: Duration::from_mins(5),
    after_failure: Duration::from_mins(1),
};

/// The jobs of one process.
#[derive(Clone)]
pub struct Jobs {
    core: Core,
    mail: DeliverMail,
    keys: Arc<KeyRing>,
    /// What this process calls itself in leases.
    name: String,
    marker: Option<RestoreMarker>,
    end: CancellationToken,
}

impl Jobs {
    /// Jobs that send mail by `mailer`, as the settings want it to look.
    pub fn new(
        core: Core,
        mailer: Arc<dyn Mailer>,
        mail: &MailSettings,
        keys: Arc<KeyRing>,
    ) -> Result<Self, DkimError> {
        let sender = Sender::new(mail, &core.settings.organisation)?;
        Ok(Self {
            mail: DeliverMail::new(core.clone(), mailer, sender),
            keys,
            name: HEXLOWER.encode(&random::<8>(&*core.entropy)),
            core,
            marker: None,
            end: CancellationToken::new(),
        })
    }

    /// With a marker that shows a restored database.
    #[must_use]
    pub fn with_marker(self, marker: Option<RestoreMarker>) -> Self {
        Self { marker, ..self }
    }

    /// Takes back the mail that a process of this machine held when it ended.
    pub async fn take_back_mail(&self) -> Result<u64, StoreError> {
        self.mail.take_back().await
    }

    /// Sends what is due.
    pub async fn deliver_mail(&self) -> Result<(), StoreError> {
        self.mail.run(&self.end).await
    }

    /// From now on requests of this process hand their mail over.
    pub async fn open_mail(&self) {
        self.mail.open().await;
    }

    /// Sends what is handed over, until `enough` is done.
    pub async fn take_handed_mail(&self, enough: impl Future<Output = ()>) {
        self.mail.take_handed(enough).await;
    }

    /// Moves signing keys on.
    pub async fn rotate_keys(&self) -> Result<(), Failure> {
        rotate_keys::run(&self.core, &self.keys).await
    }

    /// Learns of signing keys that a command or another replica has changed.
    pub async fn notice_keys(&self) -> Result<(), Failure> {
        rotate_keys::notice(&self.core, &self.keys).await
    }

    /// Asks whether the domains that are due are proven; says how many were.
    pub async fn check_domains(&self) -> Result<usize, StoreError> {
        check_domains::run(&self.core, &self.name, &self.end).await
    }

    /// Asks sponsors about access that ends, and applies the rules of a guest's life.
    pub async fn apply_guest_rules(&self) -> Result<RulesApplied, ActionError> {
        guest_rules::run(&self.core, &self.name, &self.end).await
    }

    /// Removes what has lived its time; says how many rows went. What came of what is switched off ends first: a replica of before
    /// may have let somebody in since the start.
    pub async fn sweep(&self) -> Result<u64, StoreError> {
        end_what_is_off(&self.core).await?;
        let swept = sweep::run(&self.core, &self.name, &self.end).await;
        while erase_removed(&self.core).await? > 0 && !self.end.is_cancelled() {}
        swept
    }
}

/// The loops of the jobs, until `end` is cancelled. Must be called within a runtime.
pub fn start(jobs: Jobs, end: CancellationToken) -> Workers {
    let jobs = Jobs {
        end: end.clone(),
        ..jobs
    };
    let tasks = TaskTracker::new();
    let (handing, ending) = (jobs.clone(), end.clone());
    tasks.spawn(async move {
        handing.open_mail().await;
        // Requests that are under way hand over what they hold before it ends.
        let enough = async {
            ending.cancelled().await;
            handing.core.outgoing.end().await;
        };
        handing.take_handed_mail(enough).await;
    });
    let (wake, mail) = (jobs.core.outgoing.clone(), jobs.clone());
    let mail = move || {
        let jobs = mail.clone();
        async move { jobs.deliver_mail().await }
    };
    tasks.spawn(repeat("deliver_mail", MAIL, Some(wake), end.clone(), mail));
    let keys = jobs.clone();
    let keys = move || {
        let jobs = keys.clone();
        async move { jobs.rotate_keys().await.map_err(|failure| failure.cause) }
    };
    tasks.spawn(repeat("rotate_keys", KEYS, None, end.clone(), keys));
    let look = jobs.clone();
    let look = move || {
        let jobs = look.clone();
        async move { jobs.notice_keys().await.map_err(|failure| failure.cause) }
    };
    tasks.spawn(repeat("notice_keys", KEYS_LOOK, None, end.clone(), look));
    let time = jobs.clone();
    let time = move || {
        let jobs = time.clone();
        async move { keep_time::run(&jobs.core, jobs.marker.as_ref()).await }
    };
    tasks.spawn(repeat("keep_time", TIME, None, end.clone(), time));
    let domains = jobs.clone();
    let domains = move || {
        let jobs = domains.clone();
        async move { jobs.check_domains().await.map(drop) }
    };
    tasks.spawn(repeat("check_domains", DOMAINS, None, end.clone(), domains));
    let rules = jobs.clone();
    let rules = move || {
        let jobs = rules.clone();
        async move { jobs.apply_guest_rules().await.map(drop) }
    };
    tasks.spawn(repeat("guest_rules", RULES, None, end.clone(), rules));
    let sweep = move || {
        let jobs = jobs.clone();
        async move { jobs.sweep().await.map(drop) }
    };
    tasks.spawn(repeat("sweep", SWEEP, None, end, sweep));
    tasks.close();
    Workers(tasks)
}

/// Loops that are running.
#[derive(Debug)]
pub struct Workers(TaskTracker);

impl Workers {
    /// Waits until the loops have finished what they hold. Cancel their token first.
    pub async fn finish(self) {
        self.0.wait().await;
    }
}

/// Runs a job, waits for the time or a ring, and runs it again. Neither an error nor a panic ends the loop.
async fn repeat<F, Running, Trouble>(
    name: &'static str,
    rhythm: Rhythm,
    wake: Option<Outgoing>,
    end: CancellationToken,
    job: F,
) where
    F: Fn() -> Running,
    Running: Future<Output = Result<(), Trouble>> + Send + 'static,
    Trouble: std::fmt::Display + Send + 'static,
{
    let mut failing = false;
    while !end.is_cancelled() {
        // A task of its own, so that a panic is an answer like any other.
        let trouble = match tokio::spawn(job()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(error) => Some(error.to_string()),
        };
        match &trouble {
            Some(cause) if !failing => tracing::error!(job = name, cause, "a job fails; it is tried again"),
            None if failing => tracing::info!(job = name, "the job works again"),
            _ => {}
        }
        failing = trouble.is_some();
        let ring = async {
            match &wake {
                Some(wake) if !failing => wake.woken().await,
                _ => std::future::pending().await,
            }
        };
        tokio::select! {
            () = end.cancelled() => {}
            () = ring => {}
            () = tokio::time::sleep(if failing { rhythm.after_failure } else { rhythm.every }) => {}
        }
    }
}

#[cfg(test)]
mod tests;
