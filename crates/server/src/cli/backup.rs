//! `vestibule backup create|verify|restore`.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Subcommand;
use domain::time::Clock as _;
use serde::Serialize;
use store::{
    Backup, BackupError, Store, StoreSettings, beside, discard, sqlite_file, sqlite_url, swap_in, unpack,
    verify_backup,
};

use super::{
    CliError,
    context::{Context, core_of},
};
use crate::{
    config::settings::ServerSettings,
    edge::{SystemClock, SystemEntropy},
    jobs::keep_time,
    restore_marker::{self, Accepted, RestoreMarker},
};

#[derive(Debug, Subcommand)]
pub(super) enum BackupCommand {
    /// Copy the SQLite database into a new file while the server runs, with its SHA-256 in FILE.sha256
    Create {
        /// The new file
        file: PathBuf,
    },
    /// Check that a backup is complete and belongs to this master key
    Verify {
        /// The backup
        file: PathBuf,
    },
    /// Replace the database with a backup; the old one is kept beside it. Stop the server first
    Restore {
        /// The backup
        file: PathBuf,
    },
}

/// A backup, for programs.
#[derive(Serialize)]
struct BackupLine {
    file: String,
    bytes: u64,
    sha256: String,
    guests: u64,
    /// Schema steps that this version adds to it.
    pending: Vec<String>,
}

pub(super) async fn run(command: BackupCommand, context: &Context) -> Result<(), CliError> {
    let settings = context.settings()?;
    match command {
        BackupCommand::Create { file } => {
            sqlite_file(&settings.store)?;
            let store = context.open(&settings).await?;
            let backup = store.back_up(&file).await?;
            print(context, &file, backup)?;
            context.remark(
                "keep the configuration and the master key as well, and the key somewhere else: without it the backup cannot be \
                 used, and with it nobody else should have the backup",
            );
            Ok(())
        }
        BackupCommand::Verify { file } => {
            let backup = verify(&settings, &file).await?;
            print(context, &file, backup)
        }
        BackupCommand::Restore { file } => restore(&settings, &file, context).await,
    }
}

async fn verify(settings: &ServerSettings, file: &Path) -> Result<Backup, CliError> {
    Ok(verify_backup(file, settings.master_keys.clone(), Arc::new(SystemEntropy)).await?)
}

fn print(context: &Context, file: &Path, backup: Backup) -> Result<(), CliError> {
    let row = BackupLine {
        file: file.display().to_string(),
        bytes: backup.bytes,
        sha256: backup.sha256,
        guests: backup.guests,
        pending: backup.pending,
    };
    let schema = if row.pending.is_empty() {
        "this version's".to_owned()
    } else {
        format!("older: lacks {}", row.pending.join(", "))
    };
    let facts = [
        ("file", row.file.clone()),
        ("bytes", row.bytes.to_string()),
        ("sha256", row.sha256.clone()),
        ("guests", row.guests.to_string()),
        ("schema", schema),
    ];
    context.thing(&row, &facts)
}

/// Everything that can fail is done on a copy beside the database; the last step puts it in its place.
async fn restore(settings: &ServerSettings, file: &Path, context: &Context) -> Result<(), CliError> {
    let target = sqlite_file(&settings.store)?;
    let backup = verify(settings, file).await?;
    context.confirm(
        "This replaces the database. Everybody signs in again, and API tokens and links of open invitations end. What was taken away \
         since the backup is there again: blocks, removed passkeys and secrets, revoked invitations and signing keys.",
    )?;
    let new = beside(&target, ".restoring");
    let unpacked = unpack(file, &new);
    if let Err(error) = unpacked {
        if !matches!(error, BackupError::Exists(_)) {
            let _ = discard(&new);
        }
        return Err(error.into());
    }
    let made_ready = make_ready(settings, &new).await;
    let stamp = SystemClock.now().format("%Y%m%dT%H%M%SZ");
    let aside = beside(&target, &format!(".before-restore-{stamp}"));
    let swapped = match &made_ready {
        Ok(_) => swap_in(&new, &target, &aside).await.map_err(CliError::from),
        Err(_) => Ok(false),
    };
    // Gone where it went well.
    let _ = discard(&new);
    let latest = made_ready?;
    let was_there = swapped?;
    if let Some(key) = &settings.master_key_file
        && let Some(latest) = latest
    {
        RestoreMarker::beside(key).keep(latest);
    }
    let kept = if was_there {
        format!("; the database before it is kept as {}", aside.display())
    } else {
        String::new()
    };
    context.remark(&format!(
        "restored {} guests into {}{kept}. Start the server, and make API tokens anew",
        backup.guests,
        target.display()
    ));
    Ok(())
}

/// Brings the schema up to date, ends what people and apps held, and records what time it is.
async fn make_ready(
    settings: &ServerSettings,
    new: &Path,
) -> Result<Option<chrono::DateTime<chrono::Utc>>, CliError> {
    let at = StoreSettings {
        url: sqlite_url(new),
        ..settings.store.clone()
    };
    let store = Store::connect(&at, settings.master_keys.clone(), Arc::new(SystemEntropy)).await?;
    let done = async {
        store.migrate().await?;
        let core = core_of(store.clone(), settings);
        let accepted = Accepted {
            restore: true,
            clock: false,
        };
        restore_marker::check(&core, None, accepted)
            .await
            .map_err(|error| CliError::Failed(format!("{error:#}")))?;
        keep_time::run(&core, None).await?;
        Ok(store.last_seen().await?)
    }
    .await;
    store.close().await?;
    done
}

impl From<BackupError> for CliError {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Store(error) => error.into(),
            BackupError::NotSqlite => Self::Failed(format!(
                "{error}\n  help: pg_dump --format=custom --file vestibule.dump DATABASE; after a restore, start once with \
                 `vestibule serve --accept-restore`"
            )),
            error => Self::Failed(error.to_string()),
        }
    }
}
