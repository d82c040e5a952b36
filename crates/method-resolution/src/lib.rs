//! Which way of signing in an address gets, and why: one pure, total function from [`Facts`] to a
//! [`Resolution`] with its trace. The sign-in page, the invitation's preview, `vestibule route explain`, the
//! API and the audit log all ask it. It never does I/O; `store::method_facts` gathers what it needs.

mod facts;
mod impact;
mod leads;
mod no_code;
mod policies;
mod resolution;
mod resolve;
mod still_counts;

pub use facts::{
    CodesWhenFederationFails, Facts, MatchedBy, Moving, OpenProvider, Partner, Person, PersonalMatch, Policy,
};
pub use impact::{is_shut_out, loses, loses_domain};
pub use leads::{Lead, Leads, Likeness, Why};
pub use no_code::{NoCode, why_no_code};
pub use policies::Policies;
pub use resolution::{Decision, Reason, Refusal, Resolution, Trace};
pub use resolve::{VERSION, resolve};
pub use still_counts::{Off, Switches};

#[cfg(test)]
mod tests;
