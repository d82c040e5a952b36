//! The actions that upstreams are audited by.

use super::UpstreamKind;
use crate::audit::Action;

/// What happens at upstreams of one kind, as the audit log calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpstreamActions {
    /// One was added.
    pub added: Action,
    /// One was changed.
    pub changed: Action,
    /// One is no longer declared.
    pub dropped: Action,
    /// One was removed.
    pub removed: Action,
    /// One failed, and no guest is sent there for a while.
    pub down: Action,
    /// One answers again.
    pub up: Action,
    /// It said who somebody is, and it was the guest who left.
    pub signed_in: Action,
    /// Somebody came back from there, or did not get there, and was not signed in.
    pub failed: Action,
}

impl UpstreamKind {
    /// The actions that its upstreams are audited by.
    pub fn actions(self) -> UpstreamActions {
        match self {
            Self::Tenant => UpstreamActions {
                added: Action::TenantAdded,
                changed: Action::TenantChanged,
                dropped: Action::TenantDropped,
                removed: Action::TenantRemoved,
                down: Action::TenantDown,
                up: Action::TenantUp,
                signed_in: Action::FederationOk,
                failed: Action::FederationFailed,
            },
            Self::Provider => UpstreamActions {
                added: Action::ProviderAdded,
                changed: Action::ProviderChanged,
                dropped: Action::ProviderDropped,
                removed: Action::ProviderRemoved,
                down: Action::ProviderDown,
                up: Action::ProviderUp,
                signed_in: Action::PersonalAccountOk,
                failed: Action::PersonalAccountFailed,
            },
        }
    }
}
