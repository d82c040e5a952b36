//! The vestibule binary: configuration, wiring, mail, jobs, command line. A library, so that tests can build it.

pub mod app;
pub mod cli;
pub mod config;
#[cfg(feature = "dev")]
pub mod demo;
pub mod edge;
pub mod health;
pub mod jobs;
pub mod life;
pub mod listener;
pub mod mail;
pub mod process_limits;
pub mod restore_marker;
pub mod serve;
pub mod steady_clock;
pub mod telemetry;
