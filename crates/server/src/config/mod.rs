//! The configuration: defaults < files < environment < flags, each value checked, every problem told at once.
//!
//! Each section has a file in `sections/`, which reads its settings; `settings.rs` holds the result;
//! `example.toml` shows every setting with its default, `example_lists.toml` what may be there several times.

mod environment;
mod files;
mod kinds;
mod names;
mod problem;
mod purpose;
mod reader;
mod secret;
mod sections;
pub mod settings;
mod suggest;
mod value;

use std::{collections::BTreeMap, path::PathBuf};

pub use problem::{ConfigProblem, ConfigRefused, Severity};
pub use purpose::Purpose;
pub use reader::Entry;
pub use secret::referenced;
pub use settings::ServerSettings;
pub use value::Origin;

pub(crate) use sections::database::without_password;

use reader::Remarks;
use value::{Table, Value, merge, place};

/// Every setting with its default, commented.
pub const EXAMPLE: &str = concat!(
    include_str!("example.toml"),
    "\n",
    include_str!("example_lists.toml")
);

/// Where a configuration comes from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Files that were named on the command line, later ones over earlier ones; none: the usual places.
    pub files: Vec<PathBuf>,
    /// The process's environment.
    pub environment: BTreeMap<String, String>,
    /// Settings that were given as flags.
    pub flags: Vec<Flag>,
}

/// A setting that was given as a flag.
#[derive(Clone, Debug)]
pub struct Flag {
    /// The flag: `--port`.
    pub name: &'static str,
    /// The setting: `server.listen`.
    pub key: &'static str,
    /// Its value.
    pub value: String,
}

/// A configuration that can be used.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings.
    pub settings: ServerSettings,
    /// Warnings and notes.
    pub remarks: Vec<ConfigProblem>,
    /// Every setting with its value and where it was written.
    pub entries: Vec<Entry>,
}

/// Reads the environment of this process. Values that are not UTF-8 are left out.
pub fn process_environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Loads and checks a configuration.
pub fn load(sources: &Sources, purpose: Purpose) -> Result<Loaded, ConfigRefused> {
    let mut report = Remarks::new(sources.environment.clone());
    if purpose == Purpose::Dev && is_production(&sources.environment) {
        report.problems.push(
            ConfigProblem::error(
                "VESTIBULE_ENV is production, and `dev` and `demo` serve routes that production must not have",
            )
            .help("use `vestibule serve`, or unset VESTIBULE_ENV"),
        );
    }
    let mut tree = Table::new();
    for layer in files::layers(&sources.files, &sources.environment, &mut report.problems) {
        merge(&mut tree, layer);
    }
    // Of a file that cannot be read, everything would be missing.
    if report.has_errors() {
        return Err(ConfigRefused(report.problems));
    }
    merge(
        &mut tree,
        environment::layer(&sources.environment, &mut report.problems),
    );
    for flag in &sources.flags {
        let path: Vec<&str> = flag.key.split('.').collect();
        place(
            &mut tree,
            &path,
            Value::Raw(flag.value.clone()),
            &Origin::Flag(flag.name),
        );
    }
    let settings = report.read(tree, |root| settings::read(root, purpose));
    let refused = report.has_errors();
    let Remarks {
        mut problems,
        entries,
        ..
    } = report;
    problems.sort_by_key(|problem| std::cmp::Reverse(problem.severity));
    names::put_into(&mut problems, &entries);
    match settings.filter(|_| !refused) {
        Some(settings) => Ok(Loaded {
            settings,
            remarks: problems,
            entries,
        }),
        None => Err(ConfigRefused(problems)),
    }
}

fn is_production(environment: &BTreeMap<String, String>) -> bool {
    environment
        .get("VESTIBULE_ENV")
        .is_some_and(|name| name.trim().eq_ignore_ascii_case("production"))
}

#[cfg(test)]
mod tests;
