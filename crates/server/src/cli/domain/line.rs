//! One claim of a domain, as it is printed.

use admin::DomainEntry;
use domain::domain_claim::ClaimState;

use crate::cli::{
    CliError,
    context::Context,
    output::{self, Row, or_dash},
};

/// One line for the tenant's details.
pub(in crate::cli) fn in_short(entry: &DomainEntry) -> String {
    let state = match (entry.proof, ClaimState::parse(entry.state)) {
        ("operator", _) => "the operator vouches for it",
        (_, Some(ClaimState::Pending)) => "not proven yet: leads nowhere",
        (_, Some(ClaimState::Suspended)) => "proof lapsed: leads nowhere",
        (_, Some(ClaimState::Failing)) => "proof missing: leads here for now",
        _ => "proven",
    };
    match entry.record.as_ref().filter(|_| entry.state != "proven") {
        Some(record) => format!("{} ({state}; set {record})", entry.domain),
        None => format!("{} ({state})", entry.domain),
    }
}

/// Claims of one domain, one after the other.
pub(super) fn print(rows: &[DomainEntry], context: &Context) -> Result<(), CliError> {
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

impl Row for DomainEntry {
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
