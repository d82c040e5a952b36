//! The sections of the configuration: one file each, which reads its settings and checks them.

pub(super) mod audit;
pub(super) mod code;
pub(super) mod database;
pub(super) mod dkim;
pub(super) mod egress;
pub(super) mod guests;
pub(super) mod help;
pub(super) mod invitations;
pub(super) mod keys;
pub(super) mod limits;
pub(super) mod log;
pub(super) mod mail;
pub(super) mod organisation;
pub(super) mod passkeys;
pub(super) mod public_url;
pub(super) mod resolution;
pub(super) mod saml;
pub(super) mod secrets;
pub(super) mod server;
pub(super) mod session;
pub(super) mod smtp;
pub(super) mod tokens;
pub(super) mod upstreams;
