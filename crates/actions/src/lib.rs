//! What an organisation does with its guests, apps and upstreams: one function for each act.
//!
//! It changes what it changes and records it in one transaction, whoever calls it: the command line, the API, or the pages on which
//! people without an operator account invite.

mod alike;
mod answer_access_request;
mod api_tokens;
mod app_logo;
mod assign;
mod by;
mod change_app;
mod change_invitation;
mod change_upstreams;
mod check;
mod declare_upstreams;
mod delivery_status;
mod domains;
mod end_what_is_off;
mod explain_route;
mod group_assignment;
mod groups;
mod guest_life;
mod guest_rules;
mod impact;
mod invite_as;
mod invite_guest;
mod inviter_quota;
mod inviters;
mod look_alike;
mod merge;
mod pin_method;
mod register_app;
mod reset_codes;
mod reset_method;
mod shown_assignment;
mod shown_invitation;
mod shown_upstream;
mod sponsors;
mod test_sign_in;
mod upstream_change;
mod upstream_wish;

use chrono::{DateTime, Utc};
use store::StoreError;

pub use answer_access_request::answer_access_request;
pub use api_tokens::{create_api_token, revoke_api_token};
pub use app_logo::set_app_logo;
pub use assign::{NewAssignment, assign, unassign};
pub use by::{By, Version};
pub use change_app::{
    AppChange, ChangedApp, add_app_secret, change_app, disable_app, enable_app, remove_app, remove_app_secret,
};
pub use change_invitation::{extend_invitation, resend_invitation, revoke_invitation};
pub use change_upstreams::{add_upstream, change_upstream, switch_off};
pub use declare_upstreams::{are_upstreams_declared, declare_upstreams, planned_changes};
pub use delivery_status::DeliveryStatus;
pub use domains::{check_domain, impact_of_domain};
pub use end_what_is_off::{EndedWhatIsOff, end_what_is_off};
pub use explain_route::{Explanation, MethodPreview, explain_route};
pub use group_assignment::{NewGroupAssignment, assign_to_group, unassign_from_group};
pub use groups::{GroupChange, add_group, change_group, remove_group};
pub use guest_life::{
    block_guest, convert_guest, erase_guest, erase_removed, remove_guest, restore_guest, set_expiry,
    unblock_guest,
};
pub use guest_rules::{DueGuest, RulesApplied, apply_guest_rules, due_guests};
pub use impact::{Impact, LookedAt, impact, impact_of_change, impact_of_configuration};
pub use invite_as::{invite_as, withdraw_as};
pub use invite_guest::{Already, Invite, Invited, Listed, foresee, invite_guest, invite_listed};
pub use inviters::{AskedFrom, LinkAsked, apps_of_inviter, ask_inviter_link, end_inviter_links};
pub use look_alike::look_alike;
pub use merge::{MergeGives, TakenBack, ask_merge, merge_gives, take_back_merge};
pub use pin_method::{Pin, pin_method};
pub use register_app::{NewApp, NewAuthentication, Registered, register_app};
pub use reset_codes::reset_codes;
pub use reset_method::{AT_ONCE, change_address, guests_with_method, reset_method};
pub use shown_assignment::{assignment_version, group_assignment_version, own_assignment};
pub use shown_invitation::ShownInvitation;
pub use shown_upstream::{ShownUpstream, is_upstream_as_seen};
pub use sponsors::{hand_over, remove_sponsor, restore_sponsor};
pub use test_sign_in::begin_test;
pub use upstream_wish::{NoEntity, SamlWish, UpstreamWish, look_up_entity, new_declaration};

/// Why an action was not done. Nothing was changed, except that a refused limit was counted.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// Fields that are wrong: all of them.
    #[error("{}", sentences(.0))]
    Invalid(Vec<Fault>),
    /// Something that was named is not there.
    #[error("there is no {what} \"{name}\"")]
    NotFound {
        /// `app`, `guest`.
        what: &'static str,
        /// What it was called.
        name: String,
    },
    /// It contradicts what is there.
    #[error("{0}")]
    Conflict(String),
    /// The address has a domain that is easily taken for another one, and the operator has not confirmed that it is meant.
    #[error("{address} looks like an address at {of}, and is at another domain")]
    LookAlike {
        /// The address, with its domain as it reads and as its A-label.
        address: String,
        /// The domain for which it would be taken.
        of: String,
    },
    /// It is not what the operator has seen any more.
    #[error("it was changed since you read it: read it again, and decide anew")]
    Changed,
    /// A limit is reached.
    #[error("{what}; again after {}", until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))]
    TooMany {
        /// Which limit.
        what: String,
        /// When it opens again.
        until: DateTime<Utc>,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ActionError {
    /// A failure of an insertion, where a value that must be unique was there already.
    fn taken(error: StoreError, said: impl FnOnce() -> String) -> Self {
        if error.is_conflict() {
            Self::Conflict(said())
        } else {
            Self::Store(error)
        }
    }
}

/// One field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field, as the API names it.
    pub field: &'static str,
    /// What is wrong and what would be right, as a sentence's end: `is empty`.
    pub message: String,
}

fn sentences(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults
        .iter()
        .map(|fault| format!("{} {}", fault.field, fault.message))
        .collect();
    lines.join("; ")
}

#[cfg(test)]
mod tests;
