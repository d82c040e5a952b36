//! The vestibule binary.

use std::{io::Write as _, process::ExitCode};

use clap::Parser as _;
use server::cli::{self, Cli};

/// glibc's allocator keeps the memory of a burst of connections for good; this one gives it back within seconds.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    // First of all: whatever opens a TLS connection takes its cryptography from here. It fails only when it was
    // done before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cli = Cli::parse();
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(cli::run(cli)),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}
