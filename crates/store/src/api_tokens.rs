//! Tokens of the admin API, by their hashes.
