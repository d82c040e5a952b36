//! The HTTP client for everything that Vestibule fetches from others: the metadata and keys of upstreams, their
//! token endpoints; and questions to name servers ([`Dns`]).
//!
//! An address that others name for us to fetch may be one of ours (SSRF). So (threats O13): https only, public addresses
//! only unless the operator allows a network, the address that was checked is the one that is connected to, no
//! redirects, no proxy, and limits on time, size and number.

mod address;
mod client;
mod dns;
pub mod json;

pub use address::{EgressPolicy, is_public};
pub use client::{ANSWER_MAX, Client, Error, Unbuilt};
pub use dns::{Dns, NoDnsAnswer};
