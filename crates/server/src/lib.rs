//! The vestibule binary: configuration, wiring, mail, jobs, command line.
