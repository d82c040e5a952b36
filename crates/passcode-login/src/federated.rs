//! The guest's own organisation: the way there, the way back, and what may go wrong on it.
//!
//! The way there writes nothing: what binds the answer to this browser, sign-in, tenant and address stands in the
//! `state` parameter under a MAC that only the browser's secret makes (`trip`). The way back spends it, once.

pub(crate) mod arrive;
mod arrived;
mod hinted;
pub(crate) mod leave;
pub(crate) mod logout;
pub(crate) mod offer;
mod trip;
pub(crate) mod trouble;
