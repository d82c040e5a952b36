//! «Did you mean …»: what an unknown key was probably meant to be.

use std::collections::BTreeSet;

use super::{
    problem::ConfigProblem,
    value::{Node, Origin},
};

/// Keys that people will try, and what to do instead.
const NOT_HERE: &[(&str, &str)] = &[
    ("code.digits", "codes always have 8 digits; remove the line"),
    ("app", "register apps with `vestibule app add`"),
    ("apps", "register apps with `vestibule app add`"),
    (
        "server.management_listen",
        "/livez and /readyz are on `server.listen`; remove the line",
    ),
    (
        "server.port",
        "write the port into `server.listen`, as in \"127.0.0.1:8080\"",
    ),
    (
        "server.host",
        "write the address into `server.listen`, as in \"127.0.0.1:8080\"",
    ),
    ("issuer", "the issuer is `public_url`"),
    (
        "mail.smtp.host",
        "write the host into `mail.smtp.url`, as in \"smtps://smtp.acme.example\"",
    ),
    (
        "mail.smtp.port",
        "write the port into `mail.smtp.url`, as in \"smtps://smtp.acme.example:465\"",
    ),
];

/// The problem of a key that no section asked for.
pub(super) fn unknown_key<'a>(
    key: &str,
    node: &Node,
    keys: impl Iterator<Item = &'a str> + Clone,
    sections: &'a BTreeSet<String>,
) -> ConfigProblem {
    let problem = ConfigProblem::error(format!("unknown setting `{key}`"))
        .at(Some(node.key_at.clone()))
        .about(key);
    if let Some((_, help)) = NOT_HERE.iter().find(|(name, _)| *name == key) {
        return problem.help(*help);
    }
    let written = |key: &str| match node.key_at {
        Origin::Environment(_) => super::environment::name_of(key),
        _ => format!("`{key}`"),
    };
    let (section, last) = key.rsplit_once('.').unwrap_or(("", key));
    // What stands in the same section first: its names are all that may be meant there.
    let beside = keys
        .clone()
        .filter(|known| known.rsplit_once('.').map_or("", |(section, _)| section) == section);
    let named = |known: &'a str| known.rsplit_once('.').map_or(known, |(_, name)| name);
    if let Some(near) = nearest(last, beside.clone().map(named)) {
        let full = beside.clone().find(|known| named(known) == near).unwrap_or(near);
        return problem.help(format!("did you mean {}?", written(full)));
    }
    if section.contains('[') {
        // What stands elsewhere is not meant in one of several sections.
        let names: Vec<&str> = beside.map(named).collect();
        return problem.help(format!("it may hold {}", names.join(", ")));
    }
    let same_name: Vec<&str> = keys.clone().filter(|known| named(known) == last).collect();
    let candidates = keys.chain(sections.iter().map(String::as_str));
    match (nearest(key, candidates), same_name.as_slice()) {
        (_, [only]) => problem.help(format!("did you mean {}?", written(only))),
        (Some(near), _) => problem.help(format!("did you mean {}?", written(near))),
        (None, []) => problem.help("`vestibule config sample` prints every setting"),
        (None, several) => {
            let several: Vec<String> = several.iter().map(|key| written(key)).collect();
            problem.help(format!("did you mean one of {}?", several.join(", ")))
        }
    }
}

/// The candidate that looks most like `word`, if one looks like it at all.
pub(super) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().min(word.len()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
