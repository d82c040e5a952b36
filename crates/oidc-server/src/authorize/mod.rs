//! The authorization endpoint: from a request to a sign-in, and from a sign-in to the app's answer.

pub(crate) mod callback;
pub(crate) mod dispatch;
pub(crate) mod endpoint;
mod validate;
