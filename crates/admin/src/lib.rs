//! What operators reach Vestibule by: the HTTP API, and the lists that they import.
//!
//! The API here and the command line in `server` call the functions of `actions`, and add nothing.

mod api;
mod guard;
pub mod import;
mod problem;

pub use api::{
    AuditEntry, CertificateEntry, DomainEntry, GroupAssignmentEntry, GroupEntry, KeyActs, KeyStep, KeySteps,
    MailEntry, OpenApiDocument, SamlEntry, SigningKeyEntry, SponsorEntry, TokenEntry, UpstreamEntry,
    groups_of, router,
};
