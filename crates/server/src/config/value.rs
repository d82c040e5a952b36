//! A tree of settings as they were written, each value with the place it came from.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::problem::ConfigProblem;

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In a file.
    File {
        /// The file's path.
        path: Arc<PathBuf>,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
    },
    /// In an environment variable of this name.
    Environment(String),
    /// On the command line.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line, column } => write!(f, "{}:{line}:{column}", path.display()),
            Self::Environment(name) => write!(f, "{name} in the environment"),
            Self::Flag(flag) => write!(f, "{flag} on the command line"),
        }
    }
}

/// A value, and where it and its key stand.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) at: Origin,
    pub(super) key_at: Origin,
}

/// A value as it was written.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Boolean(bool),
    List(Vec<Value>),
    Table(Table),
    /// `[[several]]` sections of one name.
    Sections(Vec<Node>),
    /// A number with a fraction, a date: kinds that no setting has.
    Other(&'static str),
    /// Text of an environment variable or a flag, which stands for whatever the setting needs.
    Raw(String),
    /// The same, from a file that a variable named.
    File {
        path: String,
        text: String,
    },
}

pub(super) type Table = BTreeMap<String, Node>;

impl Value {
    /// The text that stands for whatever the setting needs.
    pub(super) fn raw(&self) -> Option<&str> {
        match self {
            Self::Raw(text) | Self::File { text, .. } => Some(text),
            _ => None,
        }
    }

    /// How an error message calls it. Says nothing of what may be a secret.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Text(text) | Self::Raw(text) | Self::File { text, .. } => format!("\"{text}\""),
            Self::Integer(number) => format!("the number {number}"),
            Self::Boolean(value) => value.to_string(),
            Self::List(_) => "a list".into(),
            Self::Table(_) => "a table".into(),
            Self::Sections(_) => "a list of sections".into(),
            Self::Other(kind) => (*kind).into(),
        }
    }
}

/// Lays `over` on `base`: tables are joined, `[[sections]]` of one name come after one another, everything else
/// is replaced.
pub(super) fn merge(base: &mut Table, over: Table) {
    for (key, node) in over {
        match (base.get_mut(&key).map(|below| &mut below.value), node) {
            (
                Some(Value::Table(below)),
                Node {
                    value: Value::Table(above),
                    ..
                },
            ) => merge(below, above),
            (
                Some(Value::Sections(below)),
                Node {
                    value: Value::Sections(above),
                    ..
                },
            ) => below.extend(above),
            (_, node) => {
                base.insert(key, node);
            }
        }
    }
}

/// Puts a value at a path of keys.
pub(super) fn place(table: &mut Table, path: &[&str], value: Value, at: &Origin) {
    let Some((key, rest)) = path.split_first() else {
        return;
    };
    let node = |value| Node {
        value,
        at: at.clone(),
        key_at: at.clone(),
    };
    if rest.is_empty() {
        table.insert((*key).to_owned(), node(value));
        return;
    }
    let below = table
        .entry((*key).to_owned())
        .or_insert_with(|| node(Value::Table(Table::new())));
    if !matches!(below.value, Value::Table(_)) {
        below.value = Value::Table(Table::new());
    }
    if let Value::Table(below) = &mut below.value {
        place(below, rest, value, at);
    }
}

/// Reads a TOML document; all syntax errors, not only the first.
pub(super) fn parse(path: PathBuf, text: &str) -> Result<Table, Vec<ConfigProblem>> {
    let file = File {
        path: Arc::new(path),
        text,
    };
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(file.table(table.get_ref()));
    }
    let problem = |error: toml::de::Error| {
        let origin = error.span().map(|span| file.origin(span.start));
        ConfigProblem::error(format!("this is not TOML: {}", error.message())).at(origin)
    };
    Err(errors.into_iter().map(problem).collect())
}

struct File<'a> {
    path: Arc<PathBuf>,
    text: &'a str,
}

impl File<'_> {
    fn origin(&self, offset: usize) -> Origin {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Origin::File {
            path: self.path.clone(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    fn table(&self, table: &DeTable<'_>) -> Table {
        table
            .iter()
            .map(|(key, value)| (key.get_ref().to_string(), self.node(value, key.span().start)))
            .collect()
    }

    fn node(&self, value: &Spanned<DeValue<'_>>, key_at: usize) -> Node {
        Node {
            value: self.value(value),
            at: self.origin(value.span().start),
            key_at: self.origin(key_at),
        }
    }

    fn value(&self, value: &Spanned<DeValue<'_>>) -> Value {
        match value.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or(Value::Other("a number out of range"), Value::Integer),
            DeValue::Boolean(value) => Value::Boolean(*value),
            DeValue::Array(list) if !list.is_empty() && list.iter().all(|item| item.get_ref().is_table()) => {
                let section = |item: &Spanned<DeValue<'_>>| self.node(item, item.span().start);
                Value::Sections(list.iter().map(section).collect())
            }
            DeValue::Array(list) => Value::List(list.iter().map(|item| self.value(item)).collect()),
            DeValue::Table(table) => Value::Table(self.table(table)),
            DeValue::Float(_) => Value::Other("a number with a fraction"),
            DeValue::Datetime(_) => Value::Other("a date"),
        }
    }
}

/// A relative path in a file counts from that file's directory, any other from the working directory.
pub(super) fn resolve_path(origin: Option<&Origin>, path: &Path) -> PathBuf {
    match origin {
        Some(Origin::File { path: file, .. }) if path.is_relative() => {
            file.parent().unwrap_or(Path::new("")).join(path)
        }
        _ => path.to_owned(),
    }
}
