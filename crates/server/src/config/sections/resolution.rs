//! `[resolution]`: how an address gets its way of signing in.

use chrono::{DateTime, Utc};
use method_resolution::{CodesWhenFederationFails, Moving, Policy, Primary};

use crate::config::{kinds::Domain, reader::Section};

pub(in crate::config) fn read(section: &mut Section<'_>) -> Policy {
    let usual = Policy::default();
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
    let refused: Vec<Domain> = section.get("refused_domains", Vec::new());
    let down = [
        ("never", CodesWhenFederationFails::Never),
        ("while-down", CodesWhenFederationFails::WhileDown),
    ];
    Policy {
        order,
        codes,
        refused_domains: refused.into_iter().map(|domain| domain.0).collect(),
        codes_beside_personal_accounts: section.get("codes_beside_personal_accounts", false),
        codes_when_federation_fails: section.word("codes_when_federation_fails", &down, "never"),
        moving: moving(section),
    }
}

fn name(way: Primary) -> &'static str {
    match way {
        Primary::Federation => "federation",
        Primary::PersonalAccount => "personal-account",
    }
}

fn ways(section: &mut Section<'_>, names: &[String]) -> Vec<Primary> {
    let mut order = Vec::new();
    for word in names {
        let way = [Primary::Federation, Primary::PersonalAccount]
            .into_iter()
            .find(|way| name(*way) == word);
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
fn moving(section: &mut Section<'_>) -> Moving {
    let written = section.get("moving", "offer".to_owned());
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
