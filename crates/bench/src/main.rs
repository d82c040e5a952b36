//! `bench run`: what each operation costs, beside the ceiling; `bench seed`: guests to measure it with. See the crate's README.
#![expect(clippy::print_stdout, reason = "a benchmark says what it measured")]

mod arguments;
mod ceiling;
mod guest_browser;
mod http;
mod installation;
mod mail;
mod measure;
mod peers;
mod pgbench;
mod process;
mod report;
mod run;
mod scenario;
mod seed;
mod target;

use anyhow::Result;
use clap::Parser;

use crate::arguments::{BenchArguments, BenchCommand};

fn main() -> Result<()> {
    match BenchArguments::parse().command {
        // One thread, so that the driver takes one core at most.
        BenchCommand::Run(arguments) => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(run::run(&arguments)),
        BenchCommand::Seed(arguments) => tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?
            .block_on(seed::seed(&arguments)),
        BenchCommand::Ceiling(arguments) => tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?
            .block_on(ceiling::serve(&arguments)),
    }
}
