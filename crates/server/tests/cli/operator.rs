//! An operator with a configuration, who runs the program.

use std::{
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

/// A folder with a configuration, and the program run on it.
pub(crate) struct Operator {
    pub(crate) folder: TempDir,
}

pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn json(&self) -> Value {
        match serde_json::from_str(&self.out) {
            Ok(value) => value,
            Err(error) => panic!("{error}\n{}\n{}", self.out, self.err),
        }
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs the program in an environment of its own.
pub(crate) fn vestibule(folder: &Path, arguments: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_vestibule"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("USER", "lee")
        .env("SMTP_PASSWORD", "hunter2")
        .output();
    output.unwrap_or_else(|error| panic!("{error}")).into()
}

impl Operator {
    /// One who has made a configuration.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
        let said = vestibule(folder.path(), &["config", "init", "."]);
        assert_eq!(said.code, 0, "{}", said.err);
        Self { folder }
    }

    /// One whose database is ready.
    pub(crate) fn ready() -> Self {
        let operator = Self::new();
        let said = operator.run(&["migrate", "up"]);
        assert_eq!(said.code, 0, "{}", said.err);
        operator
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        vestibule(self.folder.path(), arguments)
    }

    /// Runs a command at a terminal, where a person gives these answers; everything that stands on it then.
    #[cfg(target_os = "linux")]
    pub(crate) fn at_terminal(&self, arguments: &[&str], answers: &str) -> String {
        let command = format!("{} {}", env!("CARGO_BIN_EXE_vestibule"), arguments.join(" "));
        let mut script = Command::new("script")
            .args(["--quiet", "--return", "--command", &command, "/dev/null"])
            .current_dir(self.folder.path())
            .env("SMTP_PASSWORD", "hunter2")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{error}"));
        let mut stdin = script.stdin.take().unwrap_or_else(|| panic!("it has a stdin"));
        std::io::Write::write_all(&mut stdin, answers.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        let output = script
            .wait_with_output()
            .unwrap_or_else(|error| panic!("{error}"));
        drop(stdin);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs a command that must work, and reads its JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let said = self.run(&[arguments, &["-o", "json"]].concat());
        assert_eq!(said.code, 0, "{arguments:?}\n{}\n{}", said.out, said.err);
        said.json()
    }

    /// Names another database than before.
    #[cfg(unix)]
    pub(crate) fn set_database(&self, url: &str) {
        let file = self.folder.path().join("vestibule.toml");
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{error}"));
        let line = |line: &str| {
            let is_database = line.starts_with("url = \"sqlite:") || line.starts_with("url = \"postgres:");
            if is_database {
                format!("url = \"{url}\"")
            } else {
                line.to_owned()
            }
        };
        let text: Vec<String> = text.lines().map(line).collect();
        std::fs::write(file, text.join("\n")).unwrap_or_else(|error| panic!("{error}"));
    }

    /// Appends to the configuration.
    pub(crate) fn append(&self, text: &str) {
        let file = self.folder.path().join("vestibule.toml");
        let before = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{error}"));
        std::fs::write(file, before + text).unwrap_or_else(|error| panic!("{error}"));
    }

    /// Registers the app `notes`.
    pub(crate) fn add_notes(&self) {
        let callback = "https://notes.example/callback";
        self.json(&["app", "add", "Notes", "--redirect-uri", callback]);
    }

    pub(crate) fn edit(&self, from: &str, to: &str) {
        let file = self.folder.path().join("vestibule.toml");
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{error}"));
        assert!(text.contains(from), "{from} is not in {text}");
        std::fs::write(file, text.replace(from, to)).unwrap_or_else(|error| panic!("{error}"));
    }
}
