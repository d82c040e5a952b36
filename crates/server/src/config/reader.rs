//! Takes settings off the tree, one by one: checks each, notes what was wrong, and knows in the end what
//! was never set.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use super::{
    kinds::{LIST, Setting},
    problem::{ConfigProblem, Severity},
    secret::{self, SecretText},
    suggest,
    value::{Node, Origin, Table, Value, resolve_path},
};

/// What one setting turned out to be, for `config show`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The setting: `code.lifetime`.
    pub key: String,
    /// The value as TOML; secrets are not in it.
    pub value: Option<String>,
    /// Where it was written; `None` is the default.
    pub origin: Option<Origin>,
}

/// What a reading collects.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    pub(super) problems: Vec<ConfigProblem>,
    pub(super) entries: Vec<Entry>,
    /// What `env:NAME` may refer to.
    environment: BTreeMap<String, String>,
    sections: BTreeSet<String>,
    unknown: Vec<(String, Node)>,
}

impl Remarks {
    pub(super) fn new(environment: BTreeMap<String, String>) -> Self {
        Self {
            environment,
            ..Self::default()
        }
    }

    /// Whether anything was refused.
    pub(super) fn has_errors(&self) -> bool {
        self.problems
            .iter()
            .any(|problem| problem.severity == Severity::Error)
    }

    /// Reads a whole tree with `read`, and then reports the keys that it left.
    pub(super) fn read<T>(&mut self, table: Table, read: impl FnOnce(&mut Section<'_>) -> T) -> T {
        let mut root = Section {
            path: String::new(),
            begins_at: None,
            table,
            origins: BTreeMap::new(),
            report: self,
        };
        let value = read(&mut root);
        root.finish();
        let unknown = std::mem::take(&mut self.unknown);
        for (key, node) in unknown {
            let keys = self.entries.iter().map(|entry| entry.key.as_str());
            self.problems
                .push(suggest::unknown_key(&key, &node, keys, &self.sections));
        }
        value
    }
}

/// One section of the tree while it is read.
pub(super) struct Section<'a> {
    path: String,
    /// Where it begins, when it is one of several: the place of what is missing in it.
    begins_at: Option<Origin>,
    table: Table,
    origins: BTreeMap<&'static str, Origin>,
    report: &'a mut Remarks,
}

impl Section<'_> {
    /// The value of `key`, or `default`.
    pub(super) fn get<S: Setting>(&mut self, key: &'static str, default: S) -> S {
        let value = self.take(key).unwrap_or(default);
        self.show(key, Some(value.show()));
        value
    }

    /// The value of `key`, when it is set.
    pub(super) fn maybe<S: Setting>(&mut self, key: &'static str) -> Option<S> {
        let value: Option<S> = self.take(key);
        self.show(key, value.as_ref().map(Setting::show));
        value
    }

    /// The value of `key`, or `default`; refused outside `range`.
    pub(super) fn within<S: Setting + PartialOrd>(
        &mut self,
        key: &'static str,
        default: S,
        range: RangeInclusive<S>,
    ) -> S {
        let value = self.get(key, default);
        if !range.contains(&value) {
            self.refuse(
                key,
                format!("is {}", value.show()),
                format!(
                    "choose between {} and {}",
                    range.start().show(),
                    range.end().show()
                ),
            );
        }
        value
    }

    /// One of a few words.
    pub(super) fn word<T: Clone>(&mut self, key: &'static str, words: &[(&str, T)], default: &str) -> T {
        let given: Option<String> = self.take(key);
        let word = given.as_deref().unwrap_or(default);
        self.show(key, Some(word.to_owned().show()));
        if let Some((_, value)) = words.iter().find(|(name, _)| *name == word) {
            return value.clone();
        }
        let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
        let help = match suggest::nearest(word, names.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("choose one of {}", names.join(", ")),
        };
        self.refuse(
            key,
            format!("is \"{word}\", which is none of {}", names.join(", ")),
            help,
        );
        // The error above stops everything; any word will do until then.
        words[0].1.clone()
    }

    /// A secret: written out, or by reference (see [`secret::resolve`]).
    pub(super) fn secret(&mut self, key: &'static str) -> Option<SecretText> {
        let node = self.table.remove(key);
        let origin = node.as_ref().map(|node| node.at.clone());
        if let Some(origin) = &origin {
            self.origins.insert(key, origin.clone());
        }
        let environment = &self.report.environment;
        let found = match node?.value {
            Value::Text(text) | Value::Raw(text) => secret::resolve(&text, origin.as_ref(), environment),
            Value::File { path, .. } => secret::resolve(&format!("file:{path}"), None, environment),
            _ => Err(secret::SecretRefusal::not_text()),
        };
        match found {
            Ok(secret) => Some(secret),
            Err(refusal) => {
                self.refuse(key, refusal.message, refusal.help);
                None
            }
        }
    }

    /// A list of secrets, each as for [`Self::secret`].
    pub(super) fn secrets(&mut self, key: &'static str) -> Vec<SecretText> {
        let Some(Node { value, at, .. }) = self.table.remove(key) else {
            return Vec::new();
        };
        self.origins.insert(key, at.clone());
        let texts: Vec<String> = match (&value, value.raw()) {
            (_, Some(raw)) => raw
                .split([',', '\n'])
                .map(|text| text.trim().to_owned())
                .collect(),
            (Value::List(items), None) => items
                .iter()
                .map(|item| match item {
                    Value::Text(text) => text.clone(),
                    _ => String::new(),
                })
                .collect(),
            _ => vec![String::new()],
        };
        let mut secrets = Vec::new();
        for text in texts {
            match secret::resolve(&text, Some(&at), &self.report.environment) {
                Ok(secret) => secrets.push(secret),
                Err(refusal) => self.refuse(key, refusal.message, refusal.help),
            }
        }
        secrets
    }

    /// Notes the value of `key` for `config show`: every key that exists is noted once, set or not.
    pub(super) fn show(&mut self, key: &'static str, value: Option<String>) {
        self.report.entries.push(Entry {
            key: self.full(key),
            value,
            origin: self.origins.get(key).cloned(),
        });
    }

    /// Reads a section below this one.
    pub(super) fn section<T>(&mut self, key: &'static str, read: impl FnOnce(&mut Section<'_>) -> T) -> T {
        let path = self.full(key);
        self.report.sections.insert(path.clone());
        let table = match self.table.remove(key) {
            None => Table::new(),
            Some(Node {
                value: Value::Table(table),
                ..
            }) => table,
            Some(node) => {
                self.report.problems.push(
                    ConfigProblem::error(format!(
                        "`{path}` must be a section, not {}",
                        node.value.describe()
                    ))
                    .at(Some(node.at))
                    .about(path.clone())
                    .help(format!(
                        "write [{path}] on a line of its own, and its settings below"
                    )),
                );
                Table::new()
            }
        };
        self.below(path, None, table, read)
    }

    /// Reads every `[[section]]` of one name below this one, in their order.
    pub(super) fn sections<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Section<'_>) -> T,
    ) -> Vec<T> {
        let path = self.full(key);
        self.report.sections.insert(path.clone());
        let nodes = match self.table.remove(key) {
            None => Vec::new(),
            Some(Node {
                value: Value::Sections(nodes),
                ..
            }) => nodes,
            Some(Node {
                value: Value::List(items),
                ..
            }) if items.is_empty() => Vec::new(),
            Some(node) => {
                let what = format!(
                    "`{path}` must be a list of sections, not {}",
                    node.value.describe()
                );
                let problem = ConfigProblem::error(what).at(Some(node.at)).about(path.clone());
                self.report.problems.push(problem.help(format!(
                    "write [[{path}]] in a file, on a line of its own, and its settings below; once for each"
                )));
                Vec::new()
            }
        };
        let read_one = |(place, node): (usize, Node)| match node.value {
            Value::Table(table) => {
                Some(self.below(format!("{path}[{place}]"), Some(node.at), table, &mut read))
            }
            _ => None,
        };
        nodes.into_iter().enumerate().filter_map(read_one).collect()
    }

    fn below<T>(
        &mut self,
        path: String,
        begins_at: Option<Origin>,
        table: Table,
        read: impl FnOnce(&mut Section<'_>) -> T,
    ) -> T {
        let mut section = Section {
            path,
            begins_at,
            table,
            origins: BTreeMap::new(),
            report: self.report,
        };
        let value = read(&mut section);
        section.finish();
        value
    }

    /// The value of `key`; its absence is an error.
    pub(super) fn required<S: Setting>(&mut self, key: &'static str, help: &str) -> Option<S> {
        let is_set = self.is_set(key);
        let value = self.maybe(key);
        if !is_set {
            self.refuse(key, "is missing", help);
        }
        value
    }

    /// Where it begins, when it is one of several.
    pub(super) fn begins_at(&self) -> Option<&Origin> {
        self.begins_at.as_ref()
    }

    /// Whether the value of `key` was refused.
    pub(super) fn is_refused(&self, key: &str) -> bool {
        let path = self.full(key);
        self.report.problems.iter().any(|problem| {
            problem.severity == Severity::Error && problem.key.as_deref() == Some(path.as_str())
        })
    }

    /// Whether anything was written for `key`.
    pub(super) fn is_set(&self, key: &str) -> bool {
        self.origins.contains_key(key) || self.table.contains_key(key)
    }

    /// Refuses the value of `key`. `what` goes on after the key: `is 7 days`.
    pub(super) fn refuse(&mut self, key: &'static str, what: impl AsRef<str>, help: impl Into<String>) {
        self.report(Severity::Error, key, what, help);
    }

    /// Doubts the value of `key`.
    pub(super) fn warn(&mut self, key: &'static str, what: impl AsRef<str>, help: impl Into<String>) {
        self.report(Severity::Warning, key, what, help);
    }

    /// Remarks on the value of `key`.
    pub(super) fn note(&mut self, key: &'static str, what: impl AsRef<str>, help: impl Into<String>) {
        self.report(Severity::Note, key, what, help);
    }

    fn report(
        &mut self,
        severity: Severity,
        key: &'static str,
        what: impl AsRef<str>,
        help: impl Into<String>,
    ) {
        let path = self.full(key);
        let problem = ConfigProblem::error(format!("`{path}` {}", what.as_ref()))
            .severity(severity)
            .at(self.origins.get(key).or(self.begins_at.as_ref()).cloned())
            .about(path)
            .help(help);
        self.report.problems.push(problem);
    }

    /// A path written in this section: relative ones count from the file that names them.
    pub(super) fn resolve_path(&self, key: &str, path: &Path) -> PathBuf {
        resolve_path(self.origins.get(key), path)
    }

    /// The value of `key`, not yet noted for `config show`.
    pub(super) fn take<S: Setting>(&mut self, key: &'static str) -> Option<S> {
        let Node { value, at, .. } = self.table.remove(key)?;
        self.origins.insert(key, at);
        match S::read(&value) {
            Ok(value) => Some(value),
            Err(Some(what)) => {
                let help = if S::EXPECTED == LIST {
                    "correct that entry, or remove it".to_owned()
                } else {
                    format!("write {}", S::EXPECTED)
                };
                self.refuse(key, what, help);
                None
            }
            Err(None) => {
                let what = format!("must be {}, not {}", S::EXPECTED, value.describe());
                self.refuse(key, what, "correct the value, or remove it to use the default");
                None
            }
        }
    }

    fn full(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    fn finish(self) {
        for (key, node) in self.table {
            let path = if self.path.is_empty() {
                key
            } else {
                format!("{}.{key}", self.path)
            };
            self.report.unknown.push((path, node));
        }
    }
}
