//! Sign-ins.
