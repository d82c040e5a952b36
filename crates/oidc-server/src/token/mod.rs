//! The token endpoint: one file per grant type.

mod authorization_code;
pub(crate) mod endpoint;
mod issue;
mod refresh_token;

pub(crate) use endpoint::GrantType;
