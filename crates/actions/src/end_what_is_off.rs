//! What the configuration switched off reaches what came of it: the last thing before a server serves, and now and then while it
//! does, because a replica of before may have let somebody in meanwhile.

use domain::{
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    session::Authentication,
    upstream::UpstreamKind,
};
use method_resolution::{Off, Switches};
use sign_in::Core;
use store::StoreError;

/// How many rows are looked at at once.
const AT_ONCE: u32 = 500;

/// What ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndedWhatIsOff {
    /// How many sessions ended.
    pub sessions: usize,
    /// Grants, `offline_access` included.
    pub grants: usize,
}

/// Ends the sessions and revokes the grants whose proof the configuration of `core` speaks against. Each is judged by its own: a
/// grant goes on with the session that takes the place of the one it came of. Another replica that does the same finds nothing left.
pub async fn end_what_is_off(core: &Core) -> Result<EndedWhatIsOff, StoreError> {
    let settings = &core.settings;
    let switches = Switches {
        policies: &settings.resolution,
        passkeys: settings.passkeys,
        saml: settings.saml,
    };
    let mut ended = EndedWhatIsOff::default();
    if !switches.any_off() {
        return Ok(ended);
    }
    let reader = core.store.reader();
    let upstreams = reader.upstreams_of(UpstreamKind::Tenant).await?;
    let against =
        |guest: &Guest, proof: &Authentication| switches.speak_against(&guest.email, proof, &upstreams);

    let mut after = None;
    loop {
        let live = reader.live_sessions(after, AT_ONCE, core.now()).await?;
        let Some((last, _)) = live.last() else { break };
        after = Some(last.id);
        for (session, guest) in live {
            let Some(off) = against(&guest, &session.authentication) else {
                continue;
            };
            let tx = core.store.begin().await?;
            if tx.end_session(session.id, core.now()).await? {
                let event =
                    event(Action::SessionEnded, &guest, off).detail("session", session.id.to_string());
                tx.record(event, core.now()).await?;
                tx.commit().await?;
                ended.sessions += 1;
            }
        }
    }
    let mut after = None;
    loop {
        let live = reader.live_grants(after, AT_ONCE, core.now()).await?;
        let Some((last, _)) = live.last() else { break };
        after = Some(last.id);
        for (grant, guest) in live {
            let Some(off) = against(&guest, &grant.authentication) else {
                continue;
            };
            let tx = core.store.begin().await?;
            if tx.revoke_grant(grant.id, core.now()).await? {
                let event = event(Action::GrantRevoked, &guest, off).detail("grant", grant.id.to_string());
                tx.record(event, core.now()).await?;
                tx.commit().await?;
                ended.grants += 1;
            }
        }
    }
    Ok(ended)
}

fn event(action: Action, guest: &Guest, off: Off) -> AuditEvent {
    AuditEvent::new(action, Actor::Operator("configuration".into()))
        .guest(guest.id)
        .reason(off.name())
}
