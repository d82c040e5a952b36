//! Options that every command has.

use std::path::PathBuf;

use clap::Args;

use super::output::OutputForm;

/// What every command understands.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// Configuration file; can be given more than once; later files override earlier ones
    #[arg(
        short,
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Global options"
    )]
    pub(super) config: Vec<PathBuf>,
    /// Output format
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        default_value_t,
        help_heading = "Global options"
    )]
    pub(super) output: OutputForm,
    /// Print only the result
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(super) quiet: bool,
    /// Don't ask for confirmation
    #[arg(long, global = true, help_heading = "Global options")]
    pub(super) yes: bool,
}
