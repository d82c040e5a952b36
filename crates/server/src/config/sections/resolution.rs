//! `[resolution]` and `[[resolution.domain]]`: how an address gets its way of signing in.

use domain::upstream::UpstreamKind;
use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use method_resolution::{CodesWhenFederationFails, Moving, Policies, Policy};

use crate::config::{kinds::Domain, reader::Section};

const WHEN_DOWN: [(&str, CodesWhenFederationFails); 2] = [
    ("never", CodesWhenFederationFails::Never),
    ("while-down", CodesWhenFederationFails::WhileDown),
];

pub(in crate::config) fn read(section: &mut Section<'_>) -> Policies {
    let refused: Vec<Domain> = section.get("refused_domains", Vec::new());
    let allowed: Vec<Domain> = section.get("allowed_domains", Vec::new());
    if let Some(both) = refused
        .iter()
        .find(|domain| allowed.iter().any(|other| other.0 == domain.0))
    {
        section.refuse(
            "allowed_domains",
            format!("holds {}, which is refused as well", both.0),
            "write it in one of the two lists",
        );
    }
    let usual = Policy {
        refused_domains: refused.into_iter().map(|domain| domain.0).collect(),
        allowed_domains: allowed.into_iter().map(|domain| domain.0).collect(),
        ..Policy::default()
    };
    let usual = policy(section, &usual);
    let mut domains = BTreeMap::new();
    section.sections("domain", |section| {
        let domain: Option<Domain> = section.required("domain", "write the mail domain that it is for");
        let policy = policy(section, &usual);
        if let Some(Domain(domain)) = domain {
            if domains.contains_key(&domain) {
                section.refuse(
                    "domain",
                    format!("is {domain} again"),
                    "write one section for each",
                );
            }
            domains.insert(domain, policy);
        }
    });
    Policies { usual, domains }
}

/// A policy; what is not written is as in `usual`.
fn policy(section: &mut Section<'_>, usual: &Policy) -> Policy {
    let names: Vec<String> = usual.order.iter().map(|way| name(*way).to_owned()).collect();
    let order = section.get("order", names);
    let order = ways(section, &order);
    let codes = section.get("codes", usual.codes);
    if !codes && order.is_empty() {
        section.refuse(
            "codes",
            "is false, and `resolution.order` is empty: nobody could sign in",
            "set one",
        );
    }
    let when_down = WHEN_DOWN
        .iter()
        .find(|(_, down)| *down == usual.codes_when_federation_fails);
    let when_down = when_down.map_or("never", |(word, _)| *word);
    let beside = usual.codes_beside_personal_accounts;
    let any = usual.personal_accounts_beside_codes;
    Policy {
        order,
        codes,
        refused_domains: usual.refused_domains.clone(),
        allowed_domains: usual.allowed_domains.clone(),
        codes_beside_personal_accounts: section.get("codes_beside_personal_accounts", beside),
        personal_accounts_beside_codes: section.get("personal_accounts_beside_codes", any),
        codes_when_federation_fails: section.word("codes_when_federation_fails", &WHEN_DOWN, when_down),
        moving: moving(section, usual.moving),
        webfinger: section.get("webfinger", usual.webfinger),
    }
}

fn name(way: UpstreamKind) -> &'static str {
    match way {
        UpstreamKind::Tenant => "federation",
        UpstreamKind::Provider => "personal-account",
    }
}

fn ways(section: &mut Section<'_>, names: &[String]) -> Vec<UpstreamKind> {
    let mut order = Vec::new();
    for word in names {
        let way = UpstreamKind::ALL.into_iter().find(|way| name(*way) == word);
        match way {
            Some(way) if !order.contains(&way) => order.push(way),
            Some(_) => section.refuse("order", format!("names {word} twice"), "name it once"),
            None => section.refuse(
                "order",
                format!("holds \"{word}\""),
                "it may hold \"federation\" and \"personal-account\"; codes are the fallback, see `codes`",
            ),
        }
    }
    order
}

/// `keep`, `offer`, or the date from which the move is required.
fn moving(section: &mut Section<'_>, usual: Moving) -> Moving {
    let default = match usual {
        Moving::Keep => "keep".to_owned(),
        Moving::Offer => "offer".to_owned(),
        Moving::RequireFrom(date) => date.to_rfc3339_opts(SecondsFormat::Secs, true),
    };
    let written = section.get("moving", default);
    match written.as_str() {
        "keep" => Moving::Keep,
        "offer" => Moving::Offer,
        date => {
            if let Ok(from) = date.parse::<DateTime<Utc>>() {
                Moving::RequireFrom(from)
            } else {
                section.refuse(
                    "moving",
                    format!("is \"{date}\""),
                    "write \"keep\", \"offer\", or the moment from which the better method is required, as in \
                     \"2027-03-01T00:00:00Z\"",
                );
                Moving::Offer
            }
        }
    }
}
