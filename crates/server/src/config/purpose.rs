//! Real guests, work on the database, or development.

/// What the configuration is read for; it decides what must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Real guests: https, and a mail server.
    Serve,
    /// Commands that work on the database.
    Manage,
    /// `dev` and `demo`: http on loopback, captured mail, helpers for developers.
    Dev,
}
