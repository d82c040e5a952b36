//! Leases: which replica does a job.
