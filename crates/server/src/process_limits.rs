//! What the operating system lets this process do (prctl(2), setrlimit(2)).

/// The memory of this process holds keys and codes: when it crashes, none of it is written to a disk, nor read by others of this
/// user.
pub fn without_core_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        if let Err(error) = setrlimit(Resource::Core, none) {
            tracing::warn!(cause = %error, "core dumps cannot be switched off");
        }
    }
    // A dump that is piped to a program is not held back by the limit.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
    {
        tracing::warn!(cause = %error, "core dumps cannot be switched off");
    }
}

/// As many open files, and so connections, as the operating system allows at all: the usual limit, 1,024, is a reserve that a program
/// has to ask for.
pub fn with_all_open_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(cause = %error, "the limit of open files cannot be raised");
        }
    }
}
