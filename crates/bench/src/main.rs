//! `bench run`: what each operation costs, beside the ceiling. See the crate's README.
#![expect(clippy::print_stdout, reason = "a benchmark says what it measured")]

mod ceiling;
mod http;
mod mail;
mod measure;
mod process;
mod report;
mod run;
mod scenario;
mod target;
mod vestibule;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

/// Measures Vestibule beside the ceiling.
#[derive(Parser)]
struct BenchArguments {
    #[command(subcommand)]
    command: BenchCommand,
}

#[derive(Subcommand)]
enum BenchCommand {
    /// Measure, and print the table
    Run(RunArguments),
    /// Serve as the ceiling; started by `run`
    Ceiling(ceiling::CeilingArguments),
}

/// What to measure, and for how long.
#[derive(Args)]
struct RunArguments {
    /// The server to measure
    #[arg(long, default_value = "target/release/vestibule")]
    vestibule: PathBuf,
    /// An empty PostgreSQL database to measure it on as well
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// Seconds of one window
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// How often every window is measured, by turns
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// How many clients at once, one window for each
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 32])]
    clients: Vec<usize>,
    /// How ID tokens are signed
    #[arg(long, default_value = "RS256", value_parser = ["RS256", "ES256"])]
    alg: String,
    /// Only operations whose name contains this
    #[arg(long)]
    only: Option<String>,
}

fn main() -> Result<()> {
    match BenchArguments::parse().command {
        // One thread, so that the driver takes one core at most.
        BenchCommand::Run(arguments) => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(run::run(&arguments)),
        BenchCommand::Ceiling(arguments) => tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?
            .block_on(ceiling::serve(&arguments)),
    }
}
