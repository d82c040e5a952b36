//! Grants, codes, tokens, consents.
