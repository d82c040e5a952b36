//! The only crate that knows the database. Domain types go in and come out; rows and SQL stay here.
//!
//! A [`Store`] hands out [`Reader`]s for reads that need no consistency with a write, and one [`Tx`] per request
//! that writes. Each aggregate has a file with its reads (`impl<C: Reads> Db<C>`) and its writes
//! (`impl Tx`). What a row cannot mean is [`StoreError::Corrupt`].
//!
//! Statements are SQL. Those that name all columns of a table are put together in `row.rs`, lists that are filtered in `search.rs`.

mod access;
mod access_requests;
mod accounts;
mod api_tokens;
mod app_cache;
mod app_logos;
mod app_secrets;
mod apps;
mod audit;
mod backup;
mod challenges;
mod columns;
mod connect;
mod connections;
mod db;
mod devices;
mod domain_claims;
mod error;
mod grants;
mod groups;
mod guest_rules;
mod guests;
mod instance;
mod invitation_blocks;
mod invitation_groups;
mod invitations;
mod inviters;
mod keys;
mod known_apps;
mod leads_of_guests;
mod leases;
mod life;
mod limits;
mod link;
mod merges;
mod method_facts;
mod outage;
mod outbox;
mod passkeys;
mod pending_event;
mod reads;
mod restore;
mod row;
mod saml;
mod schema;
mod seal;
mod search;
#[cfg(feature = "seed")]
mod seed;
mod sessions;
mod settings;
mod sign_ins;
mod sponsors;
mod sqlite;
mod store;
mod sweep;
mod test_sign_ins;
#[cfg(feature = "testing")]
pub mod testing;
mod transaction;
mod unconfirmed;
mod upstream_health;
mod upstreams;
mod value;
mod webfinger;

pub use access::{Admission, AssignmentFilter, AssignmentPlace, EndedAccess};
pub use access_requests::AccessRequestFilter;
pub use accounts::LinkedAccount;
pub use api_tokens::ApiToken;
pub use app_cache::KnownApp;
pub use audit::AuditQuery;
pub use backup::{
    Backup, BackupError, beside, discard, sqlite_file, sqlite_url, swap_in, unpack, verify_backup,
};
pub use challenges::{SignInAndChallenge, Unsent};
pub use db::{Db, Reader, Tx};
pub use error::StoreError;
pub use grants::{CodeState, GrantFamily, HeldAccess, HeldRefresh, IssuedCode, Redeemed};
pub use groups::GroupAssignmentFilter;
pub use guests::GuestFilter;
pub use instance::RecordedTime;
pub use invitations::{InvitationFilter, invitation_token};
pub use keys::StoredKey;
pub use leads_of_guests::KnownLeads;
pub use life::{Tombstone, WentWithGuest};
pub use merges::MergeFilter;
pub use outbox::{ListedMail, MailKind, MailLease, MailState, MailWaiting, MethodChange, OutboxMail};
pub use reads::Reads;
pub use restore::EndedByRestore;
pub use saml::SamlAnswer;
pub use sessions::{SeenAs, UpstreamSessions};
pub use settings::{Backend, StoreSettings, Synchronous};
pub use sponsors::SponsorFilter;
pub use store::Store;
pub use transaction::Transaction;
