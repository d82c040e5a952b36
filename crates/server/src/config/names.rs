//! What a section that may be there several times is called in a message: by its name, which the operator knows, and not by its
//! place, which they would have to count.

use super::{problem::ConfigProblem, reader::Entry};

/// Writes `domains` of tenant "contoso" for `tenant[0].domains`, wherever the section has a name.
pub(super) fn put_into(problems: &mut [ConfigProblem], entries: &[Entry]) {
    let named: Vec<(String, String)> = entries.iter().filter_map(named).collect();
    for problem in problems {
        for (place, name) in &named {
            // What is wrong with the name itself is at its place.
            if problem.key.as_deref() == Some(&format!("{place}.name")) {
                continue;
            }
            problem.message = renamed(&problem.message, place, name);
            problem.help = problem.help.take().map(|help| renamed(&help, place, name));
        }
    }
}

/// The place of a section, and what it is called: `tenant[0]`, and tenant "contoso".
fn named(entry: &Entry) -> Option<(String, String)> {
    let (place, key) = entry.key.rsplit_once('.')?;
    let (kind, _) = place.strip_suffix(']')?.rsplit_once('[')?;
    let names_it = matches!(
        (kind, key),
        ("tenant" | "provider", "name") | ("resolution.domain", "domain")
    );
    let name = entry.value.as_ref().filter(|_| names_it)?;
    Some((place.to_owned(), format!("{kind} {name}")))
}

fn renamed(text: &str, place: &str, name: &str) -> String {
    let begins = format!("`{place}.");
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(&begins) {
        let (key, behind) = after.split_once('`').unwrap_or((after, ""));
        out.extend([before, "`", key, "` of ", name]);
        rest = behind;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_called_by_its_name() {
        let entry = |key: &str, value: Option<&str>| Entry {
            key: key.into(),
            value: value.map(str::to_owned),
            origin: None,
        };
        let entries = [
            entry("tenant[0].name", Some("\"contoso\"")),
            entry("tenant[1].name", None),
            entry("tenant[0].domains", Some("[]")),
            entry("resolution.domain[0].domain", Some("\"x.example\"")),
        ];
        for (key, message, said) in [
            (
                "tenant[0].domains",
                "`tenant[0].domains` is empty",
                "`domains` of tenant \"contoso\" is empty",
            ),
            (
                "tenant[0].oidc.issuer",
                "`tenant[0].oidc.issuer` is missing, and so is `tenant[0].saml`",
                "`oidc.issuer` of tenant \"contoso\" is missing, and so is `saml` of tenant \"contoso\"",
            ),
            (
                "tenant[0].name",
                "`tenant[0].name` is \"contoso\"",
                "`tenant[0].name` is \"contoso\"",
            ),
            (
                "tenant[1].name",
                "`tenant[1].name` is missing",
                "`tenant[1].name` is missing",
            ),
            (
                "resolution.domain[0].codes",
                "`resolution.domain[0].codes` is 1",
                "`codes` of resolution.domain \"x.example\" is 1",
            ),
            ("mail.from", "`mail.from` is not set", "`mail.from` is not set"),
        ] {
            let mut problems = [ConfigProblem::error(message).about(key)];
            put_into(&mut problems, &entries);
            assert_eq!(problems[0].message, said);
        }
    }
}
