//! The hosted pages on which a guest signs in.
