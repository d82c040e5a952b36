//! The vestibule binary: configuration, wiring, mail, jobs, command line.

pub mod config;
pub mod edge;
pub mod telemetry;
