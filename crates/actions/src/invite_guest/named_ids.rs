//! The ids of invitations whose callers have named their requests.

use domain::{Id, audit::Actor, invitation::Invitation, master_key::MasterKey};
use sign_in::Core;
use uuid::Builder;

/// The ids that the invitation may have which a caller calls `key`: they follow from the master keys, the caller and
/// the key, so that a repeated request finds the row without a table of its own. The first is a new row's.
pub(super) fn named_ids(core: &Core, by: &Actor, key: Option<&str>) -> Vec<Id<Invitation>> {
    let Some(key) = key else { return Vec::new() };
    let caller = by.name().unwrap_or_default();
    let label = format!("invitation of {} {} {caller}: {key}", by.kind(), caller.len());
    let id = |master: &MasterKey| {
        let bytes = master.purpose(&label);
        let mut id = [0; 16];
        id.copy_from_slice(&bytes[..16]);
        Id::from_uuid(Builder::from_custom_bytes(id).into_uuid())
    };
    core.store.master_keys().all().map(id).collect()
}
