//! What the configuration switched off reaches what came of it: the last thing before a server serves, and now and then while it
//! does, because a replica of before may have let somebody in meanwhile.

use domain::{
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    session::{Authentication, Session},
    upstream::Tenant,
};
use method_resolution::Switches;
use store::{StoreError, Tx};
use web::Core;

/// How many sessions are looked at at once.
const AT_ONCE: u32 = 500;

/// Ends the sessions whose proof the configuration of `core` speaks against, and revokes what apps hold of such a proof,
/// `offline_access` included; says of how many sessions. Another replica that does the same finds nothing left.
pub async fn end_what_is_off(core: &Core) -> Result<usize, StoreError> {
    let settings = &core.settings;
    let switches = Switches {
        policies: &settings.resolution,
        passkeys: settings.passkeys,
        saml: settings.saml,
    };
    if !switches.any_off() {
        return Ok(0);
    }
    let reader = core.store.reader();
    let tenants = reader.tenants().await?;
    let (mut ended, mut after) = (0, None);
    loop {
        let held = reader.held_sessions(after, AT_ONCE, core.now()).await?;
        let Some((last, _)) = held.last() else {
            return Ok(ended);
        };
        after = Some(last.id);
        for (session, guest) in held {
            ended += usize::from(end_one(core, &switches, &tenants, &session, &guest).await?);
        }
    }
}

/// The session by its own proof, and each grant by its own: a grant goes on with the session that takes the place of the one it
/// came of. Whether anything ended.
async fn end_one(
    core: &Core,
    switches: &Switches<'_>,
    tenants: &[Tenant],
    session: &Session,
    guest: &Guest,
) -> Result<bool, StoreError> {
    let now = core.now();
    let against = |proof: &Authentication| switches.speak_against(&guest.email, proof, tenants);
    let reader = core.store.reader();
    let session_off = against(&session.authentication).filter(|_| session.is_live(now));
    let mut grants = reader.grants_of_session(session.id).await?;
    grants.retain(|grant| against(&grant.authentication).is_some());
    if session_off.is_none() && grants.is_empty() {
        return Ok(false);
    }
    let tx = core.store.begin().await?;
    let mut anything = false;
    if let Some(off) = session_off
        && tx.end_session(session.id, now).await?
    {
        record(
            &tx,
            Action::SessionEnded,
            guest,
            off.name(),
            &session.id.to_string(),
            now,
        )
        .await?;
        anything = true;
    }
    for grant in grants {
        let Some(off) = against(&grant.authentication) else {
            continue;
        };
        if tx.revoke_grant(grant.id, now).await? {
            record(
                &tx,
                Action::GrantRevoked,
                guest,
                off.name(),
                &grant.id.to_string(),
                now,
            )
            .await?;
            anything = true;
        }
    }
    tx.commit().await?;
    Ok(anything)
}

async fn record(
    tx: &Tx,
    action: Action,
    guest: &Guest,
    reason: &str,
    id: &str,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), StoreError> {
    let what = if action == Action::SessionEnded {
        "session"
    } else {
        "grant"
    };
    let event = AuditEvent::new(action, Actor::Operator("configuration".into()))
        .guest(guest.id)
        .reason(reason)
        .detail(what, id);
    tx.record(event, now).await
}
