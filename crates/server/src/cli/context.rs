//! What commands share: the configuration, the database, the operator's name, and how to say things.

use std::{
    collections::BTreeMap,
    io::{IsTerminal as _, Write as _},
    sync::Arc,
};

use domain::audit::Actor;
use serde::Serialize;
use sign_in::{Core, Outgoing};
use store::Store;

use super::{
    CliError, Global, OutputForm,
    output::{self, Row},
};
use crate::{
    config::{self, Flag, Loaded, Purpose, ServerSettings, Sources},
    edge::{SystemClock, SystemEntropy},
    serve,
};

/// What actions work on, over an open database.
pub(super) fn core_of(store: Store, settings: &ServerSettings) -> Core {
    Core {
        store,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        settings: Arc::new(settings.web.clone()),
        outgoing: Outgoing::default(),
    }
}

/// What commands share.
#[derive(Clone, Debug)]
pub(super) struct Context {
    global: Global,
    environment: BTreeMap<String, String>,
}

impl Context {
    pub(super) fn new(global: Global) -> Self {
        Self {
            global,
            environment: config::process_environment(),
        }
    }

    /// The process's environment.
    pub(super) fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    /// Refuses `--config` where it would not be read.
    #[cfg(feature = "dev")]
    pub(super) fn takes_no_configuration(&self, instead: &str) -> Result<(), CliError> {
        if self.global.config.is_empty() {
            return Ok(());
        }
        Err(CliError::Usage(format!("--config does nothing here: {instead}")))
    }

    /// Whether JSON was asked for.
    pub(super) fn is_json(&self) -> bool {
        self.global.output == OutputForm::Json
    }

    /// Whether nothing is said beside the output.
    pub(super) fn is_quiet(&self) -> bool {
        self.global.quiet
    }

    /// Loads the configuration, with settings that were given as flags.
    pub(super) fn load(&self, purpose: Purpose, flags: Vec<Flag>) -> Result<Loaded, CliError> {
        let sources = Sources {
            files: self.global.config.clone(),
            environment: self.environment.clone(),
            flags,
        };
        Ok(config::load(&sources, purpose)?)
    }

    /// The settings, for a command that works on the database.
    pub(super) fn settings(&self) -> Result<ServerSettings, CliError> {
        Ok(self.load(Purpose::Manage, Vec::new())?.settings)
    }

    /// Opens the database as it is.
    pub(super) async fn open(&self, settings: &ServerSettings) -> Result<Store, CliError> {
        let entropy = Arc::new(SystemEntropy);
        Ok(serve::connect(settings, entropy).await?)
    }

    /// Opens the database for a command that reads and writes rows: its schema must be this version's.
    pub(super) async fn core(&self) -> Result<Core, CliError> {
        let settings = self.settings()?;
        let store = self.open(&settings).await?;
        let pending = store.pending_migrations().await?;
        if !pending.is_empty() {
            return Err(CliError::Failed(format!(
                "the database lacks {} of this version's migrations\n  help: run `vestibule migrate up`",
                pending.len()
            )));
        }
        Ok(core_of(store, &settings))
    }

    /// Who acts, as the audit log names them: the user who sits at the command line.
    pub(super) fn operator(&self) -> Actor {
        let user = self.user().map_or_else(user_id, str::to_owned);
        Actor::Operator(format!("cli:{user}"))
    }

    /// The name of the user who sits at the command line.
    pub(super) fn user(&self) -> Option<&str> {
        ["SUDO_USER", "USER", "LOGNAME"]
            .into_iter()
            .find_map(|name| self.environment.get(name))
            .map(String::as_str)
            .filter(|name| !name.is_empty())
    }

    /// Prints the rows that were asked for.
    pub(super) fn rows<R: Row>(&self, rows: &[R]) -> Result<(), CliError> {
        if rows.is_empty() && !self.is_json() {
            self.remark(&format!("no {}", R::SEVERAL));
            return Ok(());
        }
        self.affected(rows)
    }

    /// Prints the rows that an act concerns, after it was said how many they are: nothing where there are none.
    pub(super) fn affected<R: Row>(&self, rows: &[R]) -> Result<(), CliError> {
        if self.is_json() {
            return output::print(&output::json(&rows)?);
        }
        if rows.is_empty() {
            return Ok(());
        }
        output::print(&output::table(rows))
    }

    /// Prints one thing: as JSON, or as names and values.
    pub(super) fn thing(&self, value: &impl Serialize, facts: &[(&str, String)]) -> Result<(), CliError> {
        if self.is_json() {
            return output::print(&output::json(value)?);
        }
        output::print(&output::facts(facts))
    }

    /// Says something beside the output, unless `-q` was given.
    pub(super) fn remark(&self, text: &str) {
        if !self.is_quiet() {
            output::say(text);
        }
    }

    /// Whether a person at a terminal says yes. Without one, and with `--yes`, which says yes to what was asked for, the answer is
    /// no.
    pub(super) fn offer(&self, question: &str) -> bool {
        !self.global.yes && std::io::stdin().is_terminal() && asked(question)
    }

    /// Whether to go on with something that ends sessions or cannot be undone: `--yes`, or the answer of a
    /// person at a terminal. Without a terminal the question is not asked.
    pub(super) fn confirm(&self, question: &str) -> Result<(), CliError> {
        if self.global.yes {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() {
            // Without a terminal the question is left out of the error text.
            let said = question.trim_end_matches("Go on?").trim_end();
            return Err(CliError::Usage(format!(
                "{said}\n  help: nothing was changed; add --yes to go on"
            )));
        }
        if asked(question) {
            Ok(())
        } else {
            Err(CliError::Failed("nothing was changed".into()))
        }
    }
}

fn asked(question: &str) -> bool {
    let mut err = std::io::stderr().lock();
    let _ = write!(err, "{question} [y/N] ").and_then(|()| err.flush());
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

/// Who runs the command, where nothing in the environment says so, as in a container or under cron.
fn user_id() -> String {
    #[cfg(unix)]
    return format!("uid-{}", rustix::process::getuid().as_raw());
    #[cfg(not(unix))]
    "unknown".to_owned()
}
