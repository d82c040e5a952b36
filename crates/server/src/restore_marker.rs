//! The latest recorded time, in a file beside the master key: outside the database, so that a database which was
//! restored from a backup is seen to be older (threat P04).

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, Utc};
use domain::{
    audit::{Action, Actor, AuditEvent},
    time::from_millis,
};
use sign_in::Core;

/// The file. Clones name the same one.
#[derive(Clone, Debug)]
pub struct RestoreMarker {
    path: PathBuf,
    /// Whether the log has said that the file cannot be written.
    told: Arc<AtomicBool>,
}

impl RestoreMarker {
    /// The one beside a master key's file.
    pub fn beside(master_key: &Path) -> Self {
        let mut name = master_key.as_os_str().to_owned();
        name.push(".last-seen");
        Self {
            path: name.into(),
            told: Arc::default(),
        }
    }

    /// What it says; `None` when there is none yet.
    pub fn read(&self) -> io::Result<Option<DateTime<Utc>>> {
        let text = match fs::read_to_string(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text?,
        };
        let millis = text.trim().parse().map_err(io::Error::other)?;
        Ok(Some(from_millis(millis)))
    }

    /// Replaces what it says; where that fails, the log says so once: the key may be on a file system that is read-only
    /// on purpose.
    pub fn keep(&self, at: DateTime<Utc>) {
        if let Err(error) = self.write(at)
            && !self.told.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                file = %self.path.display(),
                cause = %error,
                "this file cannot be written: a database that is restored from a backup will not be noticed"
            );
        }
    }

    /// Replaces what it says. A crash leaves the old or the new text, never a part.
    fn write(&self, at: DateTime<Utc>) -> io::Result<()> {
        // Another process may keep the same file.
        let mut other = self.path.clone().into_os_string();
        other.push(format!(".{}.new", std::process::id()));
        let mut file = fs::File::create(&other)?;
        writeln!(file, "{}", at.timestamp_millis())?;
        file.sync_all()?;
        fs::rename(other, &self.path)
    }

    fn forget(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// What the operator has accepted for this start.
#[derive(Clone, Copy, Debug, Default)]
pub struct Accepted {
    /// That the database was restored: everything that people and apps hold ends.
    pub restore: bool,
    /// That a recorded time was wrong: it is forgotten.
    pub clock: bool,
}

/// Before anything is served: refuses a database that is older than the marker, unless the operator accepts it.
pub async fn check(core: &Core, marker: Option<&RestoreMarker>, accepted: Accepted) -> Result<()> {
    if accepted.clock {
        core.store.reset_time(core.clock.now()).await?;
        if let Some(marker) = marker {
            marker.forget().context("forgetting the recorded time")?;
        }
    }
    let last_seen = core.store.last_seen().await?;
    let recorded = match marker {
        Some(marker) => marker
            .read()
            .with_context(|| format!("reading {}", marker.path.display()))?,
        None => None,
    };
    let older = match (last_seen, recorded) {
        (Some(last_seen), Some(recorded)) if last_seen < recorded => Some((last_seen, recorded)),
        _ => None,
    };
    if let (Some((last_seen, recorded)), false) = (older, accepted.restore) {
        bail!(
            "the database is from {}, and was in use until {}: it was restored from a backup. Codes, sessions and tokens that \
             ended since would count again. Start once with `serve --accept-restore`: guests sign in again, API tokens and \
             links of open invitations are to be made anew. If it was not restored (the file beside the master key is another \
             database's), start once with `serve --accept-clock`",
            last_seen.to_rfc3339(),
            recorded.to_rfc3339()
        );
    }
    if accepted.restore {
        end_everything(core, last_seen).await?;
    }
    Ok(())
}

async fn end_everything(core: &Core, last_seen: Option<DateTime<Utc>>) -> Result<()> {
    let now = core.now();
    let tx = core.store.begin().await?;
    let ended = tx.end_everything(now).await?;
    let mut event = AuditEvent::new(Action::DatabaseRestored, Actor::System)
        .detail("sessions_ended", ended.sessions.to_string())
        .detail("grants_revoked", ended.grants.to_string())
        .detail("sign_ins_ended", ended.sign_ins.to_string())
        .detail("api_tokens_revoked", ended.api_tokens.to_string())
        .detail("invitation_links_ended", ended.invitation_links.to_string());
    if let Some(last_seen) = last_seen {
        event = event.detail("database_from", last_seen.to_rfc3339());
    }
    tx.record(event, now).await?;
    tx.commit().await?;
    tracing::warn!(
        ?ended,
        "the database was restored: what people and apps held has ended"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use domain::invitation::Invitation;
    use test_support::{FakeClock, core, databases, samples};

    use super::*;
    use crate::jobs::keep_time;

    const NONE: Accepted = Accepted {
        restore: false,
        clock: false,
    };

    #[tokio::test]
    async fn a_database_older_than_its_marker_is_refused_until_that_is_accepted() {
        for db in databases().await {
            let folder = tempfile::tempdir().unwrap();
            let marker = RestoreMarker::beside(&folder.path().join("master.key"));
            let core = core(db.store.clone(), FakeClock::new());
            check(&core, Some(&marker), NONE).await.unwrap();
            keep_time::run(&core, Some(&marker)).await.unwrap();
            check(&core, Some(&marker), NONE).await.unwrap();

            // As a backup of a minute ago would leave it.
            let back = "UPDATE instance SET last_seen = last_seen - 60000";
            db.store.run_raw(back).await.unwrap();
            let refused = check(&core, Some(&marker), NONE).await.unwrap_err().to_string();
            assert!(refused.contains("--accept-restore"), "{}: {refused}", db.name);
            let accepted = Accepted {
                restore: true,
                ..NONE
            };
            check(&core, Some(&marker), accepted).await.unwrap();
            keep_time::run(&core, Some(&marker)).await.unwrap();
            check(&core, Some(&marker), NONE).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_recorded_time_that_was_wrong_is_forgotten_with_its_marker() {
        for db in databases().await {
            let folder = tempfile::tempdir().unwrap();
            let marker = RestoreMarker::beside(&folder.path().join("master.key"));
            let core = core(db.store.clone(), FakeClock::new());
            keep_time::run(&core, Some(&marker)).await.unwrap();
            marker.write(core.now() + TimeDelta::days(36_500)).unwrap();
            assert!(check(&core, Some(&marker), NONE).await.is_err(), "{}", db.name);
            let accepted = Accepted { clock: true, ..NONE };
            check(&core, Some(&marker), accepted).await.unwrap();
            check(&core, Some(&marker), NONE).await.unwrap();
        }
    }

    #[tokio::test]
    async fn what_people_and_apps_held_before_a_restore_ends() {
        for db in databases().await {
            let core = core(db.store.clone(), FakeClock::new());
            let (app, guest) = (samples::app(), samples::guest("anna@contoso.test"));
            let session = samples::session(&guest);
            let mut sign_in = samples::sign_in(&app);
            sign_in.expires_at = core.now() + TimeDelta::hours(1);
            let challenge = samples::challenge(&sign_in, "anna@contoso.test");
            let invitation: Invitation = samples::invitation(&guest, &app);
            let token = samples::secret();
            let api_token = store::ApiToken {
                id: samples::id(),
                name: "ci".into(),
                scopes: vec![domain::api_scope::ApiScope::GuestsRead],
                created_at: core.now(),
                revoked_at: None,
            };
            let tx = db.store.begin().await.unwrap();
            tx.insert_app(&app).await.unwrap();
            tx.insert_guest(&guest).await.unwrap();
            tx.insert_session(&session, &token.hash(), &store::SeenAs::default())
                .await
                .unwrap();
            tx.insert_sign_in(&sign_in).await.unwrap();
            tx.insert_challenge(&challenge).await.unwrap();
            tx.insert_api_token(&api_token, &token.hash()).await.unwrap();
            tx.insert_invitation(&invitation, &token.hash()).await.unwrap();
            tx.commit().await.unwrap();

            let accepted = Accepted {
                restore: true,
                ..NONE
            };
            check(&core, None, accepted).await.unwrap();

            let reader = db.store.reader();
            let name = db.name;
            let ended = reader.session(session.id).await.unwrap().unwrap();
            assert!(!ended.is_live(core.now()), "{name}: session");
            let over = reader.sign_in(sign_in.id).await.unwrap().unwrap();
            assert!(over.expires_at <= core.now(), "{name}: sign-in");
            let dead = reader.challenge(challenge.id).await.unwrap().unwrap();
            assert_eq!(dead.state, domain::passcode::ChallengeState::Dead, "{name}");
            let link = reader.invitation_by_token(&token.hash()).await.unwrap();
            assert_eq!(link, None, "{name}: link");
            let revoked = reader.api_token(&token.hash()).await.unwrap().unwrap();
            assert!(revoked.revoked_at.is_some(), "{name}: API token");
            let kept = reader.invitation(invitation.id).await.unwrap().unwrap();
            assert_eq!(kept.state, invitation.state, "{name}: the guest is still invited");
            let query = store::AuditQuery {
                limit: 10,
                ..store::AuditQuery::default()
            };
            let events = reader.audit_search(&query).await.unwrap();
            assert_eq!(events[0].action, "database.restored", "{name}");
        }
    }
}
