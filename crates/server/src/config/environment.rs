//! The layer of environment variables: `VESTIBULE_MAIL__SMTP__URL` is `mail.smtp.url`, and the same name with
//! `_FILE` holds the path of a file that holds the value.

use std::{collections::BTreeMap, path::Path};

use super::{
    problem::ConfigProblem,
    secret::read_text,
    value::{Origin, Table, Value, place},
};

const PREFIX: &str = "VESTIBULE_";

/// Variables with our prefix that are no settings.
const NOT_SETTINGS: [&str; 2] = ["VESTIBULE_CONFIG", "VESTIBULE_ENV"];

/// Settings whose own names end in `_file`.
const NAMED_FILE: [&str; 2] = ["VESTIBULE_MAIL__SMTP__CA_FILE", "VESTIBULE_EGRESS__CA_FILE"];

/// The variable of a setting.
pub(super) fn name_of(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())
}

/// Reads the layer. An empty variable counts as not set.
pub(super) fn layer(variables: &BTreeMap<String, String>, problems: &mut Vec<ConfigProblem>) -> Table {
    let mut table = Table::new();
    for (name, text) in variables {
        let Some(rest) = name.strip_prefix(PREFIX) else {
            continue;
        };
        if text.is_empty() || NOT_SETTINGS.contains(&name.as_str()) || is_service_link(rest) {
            continue;
        }
        let origin = Origin::Environment(name.clone());
        let by_file = rest
            .strip_suffix("_FILE")
            .filter(|_| !NAMED_FILE.contains(&name.as_str()));
        let value = match by_file.map(|rest| from_file(name, rest, text, variables)) {
            None => Value::Raw(text.clone()),
            Some(Ok(value)) => value,
            Some(Err(problem)) => {
                problems.push(problem);
                continue;
            }
        };
        let key = by_file.unwrap_or(rest).to_ascii_lowercase();
        let path: Vec<&str> = key.split("__").collect();
        place(&mut table, &path, value, &origin);
    }
    table
}

/// What stands in the file that `…_FILE` names.
fn from_file(
    name: &str,
    rest: &str,
    path: &str,
    variables: &BTreeMap<String, String>,
) -> Result<Value, ConfigProblem> {
    let direct = format!("{PREFIX}{rest}");
    if variables.get(&direct).is_some_and(|text| !text.is_empty()) {
        return Err(
            ConfigProblem::error(format!("{direct} and {name} are both set")).help("unset one of them")
        );
    }
    match read_text(Path::new(path)) {
        Ok(text) => Ok(Value::File {
            path: path.to_owned(),
            text: text.to_string(),
        }),
        Err(error) => Err(ConfigProblem::error(format!(
            "{name} names {path}, which cannot be read: {error}"
        ))
        .help("correct the path, or let the user that runs Vestibule read the file")),
    }
}

/// Kubernetes puts such variables into every container when a Service is called `vestibule`.
fn is_service_link(rest: &str) -> bool {
    rest == "PORT" || rest == "SERVICE_HOST" || rest.starts_with("SERVICE_PORT") || rest.starts_with("PORT_")
}
