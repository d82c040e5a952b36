//! What the configuration switched off reaches what came of it: the last thing before a server serves.

use domain::audit::{Action, Actor, AuditEvent};
use method_resolution::Switches;
use web::Core;

use super::ActionError;

/// How many sessions are looked at in one transaction.
const AT_ONCE: u32 = 500;

/// Ends the sessions whose proof the configuration of `core` speaks against, and revokes what apps hold of them,
/// `offline_access` included; says how many ended. Another replica that starts does the same and finds nothing left.
pub async fn end_what_is_off(core: &Core) -> Result<usize, ActionError> {
    let settings = &core.settings;
    let switches = Switches {
        policies: &settings.resolution,
        passkeys: settings.passkeys,
        saml: settings.saml,
    };
    if !switches.any_off() {
        return Ok(0);
    }
    let tenants = core.store.reader().tenants().await?;
    let mut ended = 0;
    let mut after = None;
    loop {
        let now = core.now();
        let tx = core.store.begin().await?;
        let held = tx.held_sessions(after, AT_ONCE, now).await?;
        let Some((last, _)) = held.last() else {
            return Ok(ended);
        };
        after = Some(last.id);
        for (session, guest) in held {
            let off = switches.speak_against(&guest.email, &session.authentication, &tenants);
            let Some(off) = off else { continue };
            tx.end_session(session.id, now).await?;
            let revoked = tx.revoke_grants_of_session(session.id, now, false).await?;
            let event = AuditEvent::new(Action::SessionEnded, Actor::Operator("configuration".into()))
                .guest(guest.id)
                .reason(off.name())
                .detail("session", session.id.to_string())
                .detail("grants_revoked", revoked.len().to_string());
            tx.record(event, now).await?;
            ended += 1;
        }
        tx.commit().await?;
    }
}
