//! The schema, one step a file, for SQLite and PostgreSQL alike.
