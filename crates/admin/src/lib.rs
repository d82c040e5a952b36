//! What an operator does: actions, the HTTP API, later the console.
//!
//! Every action is one function in `actions/`, which changes what it changes and records it in one
//! transaction. The API here and the command line in `server` both call it and add nothing.

pub mod actions;
mod api;
mod guard;
pub mod import;
mod problem;

pub use api::{
    AuditEntry, CertificateEntry, DomainEntry, GroupAssignmentEntry, GroupEntry, KeyActs, KeyStep, KeySteps,
    MailEntry, OpenApiDocument, SamlEntry, SigningKeyEntry, SponsorEntry, TokenEntry, UpstreamEntry, router,
};
