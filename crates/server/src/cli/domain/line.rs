//! One claim of a domain, as it is printed.

use domain::domain_claim::{Answer, ClaimState, DomainClaim, Proof};
use serde::Serialize;

use crate::cli::{
    CliError,
    context::Context,
    output::{self, Row, moment, or_dash},
};

/// A claim.
#[derive(Serialize)]
pub(in crate::cli) struct DomainLine {
    domain: String,
    tenant: String,
    /// `pending`, `proven`, `failing`, `suspended`.
    state: &'static str,
    since: String,
    /// `dns` or `operator`.
    proof: &'static str,
    /// The record to set, as one types it into a zone file.
    record: Option<String>,
    record_name: Option<String>,
    record_text: Option<String>,
    /// What was found last, as a word and in words.
    answer: Option<&'static str>,
    found: Option<&'static str>,
    checked_at: Option<String>,
    check_at: Option<String>,
    name_servers: Option<String>,
}

impl DomainLine {
    pub(super) fn new(claim: &DomainClaim, tenant: String) -> Self {
        Self {
            domain: claim.domain.clone(),
            tenant,
            state: claim.state.name(),
            since: moment(claim.since),
            proof: claim.proof.name(),
            record: claim.record(),
            record_name: (claim.proof == Proof::Dns).then(|| claim.record_name()),
            record_text: claim.record_text(),
            answer: claim.answer.map(Answer::name),
            found: claim.answer.map(Answer::in_words),
            checked_at: claim.checked_at.map(moment),
            check_at: claim.check_at.map(moment),
            name_servers: claim.authority.clone(),
        }
    }

    /// One line for the tenant's details.
    pub(in crate::cli) fn in_short(&self) -> String {
        let state = match (self.proof, ClaimState::parse(self.state)) {
            ("operator", _) => "the operator vouches for it",
            (_, Some(ClaimState::Pending)) => "not proven yet: leads nowhere",
            (_, Some(ClaimState::Suspended)) => "proof lapsed: leads nowhere",
            (_, Some(ClaimState::Failing)) => "proof missing: leads here for now",
            _ => "proven",
        };
        match self.record.as_ref().filter(|_| self.state != "proven") {
            Some(record) => format!("{} ({state}; set {record})", self.domain),
            None => format!("{} ({state})", self.domain),
        }
    }

    /// Claims of one domain, one after the other.
    pub(super) fn print(rows: &[Self], context: &Context) -> Result<(), CliError> {
        if context.is_json() {
            return match rows {
                [one] => output::print(&output::json(one)?),
                rows => output::print(&output::json(&rows)?),
            };
        }
        for row in rows {
            let facts = [
                ("domain", row.domain.clone()),
                ("tenant", row.tenant.clone()),
                ("state", format!("{} since {}", row.state, row.since)),
                ("proof", row.proof.to_owned()),
                ("record", or_dash(row.record.as_ref())),
                ("found", or_dash(row.found)),
                ("asked", or_dash(row.checked_at.as_ref())),
                ("asked next", or_dash(row.check_at.as_ref())),
                ("name servers", or_dash(row.name_servers.as_ref())),
            ];
            context.thing(row, &facts)?;
        }
        Ok(())
    }
}

impl Row for DomainLine {
    const SEVERAL: &'static str = "domains";
    const HEADS: &'static [&'static str] = &["DOMAIN", "TENANT", "STATE", "SINCE", "PROOF", "FOUND"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.domain.clone(),
            self.tenant.clone(),
            self.state.to_owned(),
            self.since.clone(),
            self.proof.to_owned(),
            or_dash(self.answer),
        ]
    }
}
