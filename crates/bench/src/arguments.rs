//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::ceiling::CeilingArguments;

/// Measures Vestibule beside the ceiling.
#[derive(Parser)]
pub(crate) struct BenchArguments {
    #[command(subcommand)]
    pub(crate) command: BenchCommand,
}

#[derive(Subcommand)]
pub(crate) enum BenchCommand {
    /// Measure, and print the table
    Run(RunArguments),
    /// Make up guests, for `run --on`
    Seed(SeedArguments),
    /// Serve as the ceiling; started by `run`
    Ceiling(CeilingArguments),
}

/// What to measure, and for how long.
#[derive(Args)]
pub(crate) struct RunArguments {
    /// The server to measure
    #[arg(long, default_value = "target/release/vestibule")]
    pub(crate) vestibule: PathBuf,
    /// An empty PostgreSQL database to measure it on as well
    #[arg(long, value_name = "URL")]
    pub(crate) postgres: Option<String>,
    /// The `node_modules` in which npm has installed oidc-provider, to measure it as well
    #[arg(long, value_name = "FOLDER")]
    pub(crate) node_oidc_provider: Option<PathBuf>,
    /// Folders that `seed` has made, to be measured instead of new databases; the first is what the others are compared with
    #[arg(long, value_name = "FOLDER", conflicts_with = "postgres")]
    pub(crate) on: Vec<PathBuf>,
    /// How many processes share each database of `--on`, one server for each number
    #[arg(long, value_delimiter = ',', default_values_t = [1], requires = "on")]
    pub(crate) processes: Vec<usize>,
    /// Seconds of one window
    #[arg(long, default_value_t = 2.0)]
    pub(crate) seconds: f64,
    /// How often every window is measured, by turns
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: u32,
    /// How many clients at once, one window for each
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 32])]
    pub(crate) clients: Vec<usize>,
    /// How ID tokens are signed
    #[arg(long, default_value = "RS256", value_parser = ["RS256", "ES256"])]
    pub(crate) alg: String,
    /// Only operations whose name contains this
    #[arg(long)]
    pub(crate) only: Option<String>,
}

/// Whom to make up, and where.
#[derive(Args)]
pub(crate) struct SeedArguments {
    /// The folder; one that was made before gets those who are missing
    pub(crate) directory: PathBuf,
    /// How many guests it has in the end, one in ten of them signed in
    #[arg(long)]
    pub(crate) guests: u32,
    /// An empty PostgreSQL database for them, instead of SQLite in the folder
    #[arg(long, value_name = "URL")]
    pub(crate) postgres: Option<String>,
    /// The program that prepares the folder
    #[arg(long, default_value = "target/release/vestibule")]
    pub(crate) vestibule: PathBuf,
    /// How the app's ID tokens are signed, in a new folder
    #[arg(long, default_value = "RS256", value_parser = ["RS256", "ES256"])]
    pub(crate) alg: String,
}
