//! `[[tenant]]` and `[[provider]]`: the identity providers of others, and which addresses lead to them.

mod client_auth;
mod oauth2;
mod oidc;
pub(crate) mod saml;

use std::collections::BTreeMap;

use domain::{
    EmailAddress,
    domain_claim::Proof,
    upstream::{self, Connection, Declaration, Declared, Oauth2Kind, consumer},
};

use crate::config::{Purpose, kinds::Domain, reader::Section};

const PROOFS: [(&str, Proof); 2] = [("dns", Proof::Dns), ("operator", Proof::Operator)];

pub(in crate::config) fn read(root: &mut Section<'_>, purpose: Purpose) -> Declared {
    let mut seen = SeenNames::default();
    let tenants = root.sections("tenant", |section| tenant(section, &mut seen, purpose));
    let mut seen = SeenNames::default();
    let providers = root.sections("provider", |section| provider(section, &mut seen, purpose));
    Declared { tenants, providers }
}

/// What sections of one kind have taken already, and where.
#[derive(Default)]
struct SeenNames {
    names: BTreeMap<String, String>,
    leading: BTreeMap<String, String>,
}

fn tenant(section: &mut Section<'_>, seen: &mut SeenNames, purpose: Purpose) -> Declaration {
    let name = name(section, seen, "contoso");
    let display_name = section.get("display_name", name.clone());
    let enabled = section.get("enabled", true);
    let domains: Vec<Domain> = section.get("domains", Vec::new());
    if domains.is_empty() && !section.is_refused("domains") {
        section.warn(
            "domains",
            "is empty: no address leads to this tenant",
            "name its mail domains, as in domains = [\"contoso.example\"]",
        );
    }
    for Domain(domain) in &domains {
        if let Err(error) = upstream::claimable(domain) {
            let what = format!("holds {domain}, which {error}");
            section.refuse(
                "domains",
                what,
                "remove it; [[provider]] is for personal accounts",
            );
        }
    }
    taken(
        section,
        "domains",
        domains.iter().map(|domain| domain.0.clone()),
        &name,
        seen,
    );
    let domain_proof = section.word("domain_proof", &PROOFS, "dns");
    if domain_proof == Proof::Operator {
        section.note(
            "domain_proof",
            "is \"operator\": nobody checks that the domains are the tenant's",
            "keep it only where you know whose they are, and see to it that it stays so",
        );
    }
    let connection = if section.is_set("saml") {
        if section.is_set("oidc") {
            section.refuse("saml", "is there beside `oidc`", "keep one of the two");
        }
        section
            .section("saml", |section| saml::read(section, purpose))
            .map(Connection::Saml)
    } else if section.is_set("oidc") {
        section
            .section("oidc", |section| oidc::read(section, purpose, None))
            .map(Connection::Oidc)
    } else {
        if enabled {
            unconnected(section, &name);
        }
        None
    };
    Declaration {
        name,
        display_name,
        enabled,
        domains: domains.into_iter().map(|domain| domain.0).collect(),
        domain_proof,
        addresses: Vec::new(),
        connection,
    }
}

fn provider(section: &mut Section<'_>, seen: &mut SeenNames, purpose: Purpose) -> Declaration {
    let name = name(section, seen, "microsoft");
    let known = consumer::called(&name);
    let usual = match (known, Oauth2Kind::called(&name)) {
        (Some(known), _) => known.display_name,
        (None, Some(kind)) => kind.display_name(),
        (None, None) => &*name,
    };
    let usual = usual.to_owned();
    let display_name = section.get("display_name", usual);
    let enabled = section.get("enabled", true);
    let usual = known.into_iter().flat_map(|known| known.domains);
    let domains: Vec<Domain> = section.get(
        "domains",
        usual.map(|domain| Domain((*domain).to_owned())).collect(),
    );
    let addresses: Vec<EmailAddress> = section.get("addresses", Vec::new());
    let refused = section.is_refused("domains") || section.is_refused("addresses");
    if domains.is_empty() && addresses.is_empty() && !refused {
        section.warn(
            "domains",
            "is empty, and so is `addresses`: nothing leads to this provider",
            "name the mail domains that are its own, or single addresses",
        );
    }
    taken(
        section,
        "domains",
        domains.iter().map(|domain| domain.0.clone()),
        &name,
        seen,
    );
    taken(
        section,
        "addresses",
        addresses.iter().map(EmailAddress::key),
        &name,
        seen,
    );
    let connection = if section.is_set("oauth2") {
        if section.is_set("oidc") {
            section.refuse("oauth2", "is there beside `oidc`", "keep one of the two");
        }
        section
            .section("oauth2", |section| oauth2::read(section, purpose, &name))
            .map(Connection::Oauth2)
    } else if section.is_set("oidc") {
        section
            .section("oidc", |section| oidc::read(section, purpose, known))
            .map(Connection::Oidc)
    } else {
        if enabled {
            unconnected(section, &name);
        }
        None
    };
    Declaration {
        name,
        display_name,
        enabled,
        domains: domains.into_iter().map(|domain| domain.0).collect(),
        domain_proof: Proof::Operator,
        addresses,
        connection,
    }
}

/// The section's name, once; empty after an error, which stops everything in the end.
fn name(section: &mut Section<'_>, seen: &mut SeenNames, example: &str) -> String {
    let help = format!("write a short one, as in name = \"{example}\"");
    let Some(name) = section.required::<String>("name", &help) else {
        return String::new();
    };
    if !upstream::is_name(&name) {
        section.refuse(
            "name",
            format!("is \"{name}\""),
            format!(
                "use 1 to 40 lower-case letters, digits and inner hyphens, as in \"{example}\"; pages show \
                 `display_name`"
            ),
        );
        return String::new();
    }
    let at = section.begins_at().map(ToString::to_string).unwrap_or_default();
    if let Some(first) = seen.names.insert(name.clone(), at) {
        section.refuse(
            "name",
            format!("is \"{name}\", as it is at {first}"),
            "join the two sections, or give one another name",
        );
    }
    name
}

/// Refuses what leads to another section of the kind already.
fn taken(
    section: &mut Section<'_>,
    key: &'static str,
    leading: impl Iterator<Item = String>,
    name: &str,
    seen: &mut SeenNames,
) {
    for what in leading {
        match seen.leading.insert(what.clone(), name.to_owned()) {
            Some(other) if other != name => section.refuse(
                key,
                format!("holds {what}, which leads to \"{other}\" already"),
                "name it in one of them",
            ),
            _ => {}
        }
    }
}

fn unconnected(section: &mut Section<'_>, name: &str) {
    if name.is_empty() {
        return;
    }
    section.warn(
        "name",
        format!("is \"{name}\", and nothing says how to connect to it: its guests see an error page"),
        "write an `oidc` section below it, or enabled = false to give them sign-in codes until then",
    );
}
