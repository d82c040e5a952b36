//! The only crate that knows the database.
