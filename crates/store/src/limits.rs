//! Counters of limits.
