//! The layer of files: which ones, in which order.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    problem::ConfigProblem,
    value::{Table, parse},
};

/// Reads the files, lowest first: those that were named, else those of `VESTIBULE_CONFIG` (separated by
/// colons), else the first that exists of the usual places. `vestibule.toml` is followed by `vestibule.d/*.toml`.
pub(super) fn layers(
    named: &[PathBuf],
    environment: &BTreeMap<String, String>,
    problems: &mut Vec<ConfigProblem>,
) -> Vec<Table> {
    let mut files: Vec<PathBuf> = named.to_vec();
    if files.is_empty()
        && let Some(list) = environment
            .get("VESTIBULE_CONFIG")
            .filter(|list| !list.is_empty())
    {
        files = list
            .split(':')
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
            .collect();
    }
    if files.is_empty() {
        files = usual_places(environment)
            .into_iter()
            .find(|path| path.is_file())
            .into_iter()
            .collect();
    }
    let with_fragments = files.into_iter().flat_map(|file| {
        let fragments = fragments(&file);
        std::iter::once(file).chain(fragments)
    });
    with_fragments.filter_map(|file| read(file, problems)).collect()
}

/// Where a configuration is looked for when none is named.
pub(super) fn usual_places(environment: &BTreeMap<String, String>) -> Vec<PathBuf> {
    let home = environment.get("XDG_CONFIG_HOME").map(PathBuf::from).or_else(|| {
        environment
            .get("HOME")
            .map(|home| Path::new(home).join(".config"))
    });
    [
        Some(PathBuf::from("vestibule.toml")),
        home.map(|home| home.join("vestibule/vestibule.toml")),
        Some(PathBuf::from("/etc/vestibule/vestibule.toml")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// `x.d/*.toml` beside `x.toml`, in the order of their names.
fn fragments(file: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(file.with_extension("d")) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    found.sort();
    found
}

fn read(file: PathBuf, problems: &mut Vec<ConfigProblem>) -> Option<Table> {
    match std::fs::read_to_string(&file) {
        Ok(text) => match parse(file, &text) {
            Ok(table) => Some(table),
            Err(errors) => {
                problems.extend(errors);
                None
            }
        },
        Err(error) => {
            problems.push(
                ConfigProblem::error(format!("{} cannot be read: {error}", file.display()))
                    .help("correct the path, or make one with `vestibule config init`"),
            );
            None
        }
    }
}
