//! A file system that the kernel remounts read-only under load, as it does after an error of the disk: what a full disk must not
//! lose, this must not lose either. An open file cannot be made read-only from outside, so a library stands before the C library's
//! writes.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    crash::{Process, free_port},
    ledger::Ledger,
};

struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    fn new() -> Self {
        let disk = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flows/disk_read_only.c");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(disk.library())
            .arg(source)
            .arg("-ldl")
            .status()
            .unwrap();
        assert!(built.success(), "the linker that Rust needs compiles C as well");
        disk
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("disk_read_only.so")
    }

    fn switch(&self) -> PathBuf {
        self.folder.path().join("read-only")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command
            .current_dir(self.folder.path())
            .env("LD_PRELOAD", self.library())
            .env("READ_ONLY_AFTER", self.switch());
        command
    }
}

#[tokio::test]
async fn a_disk_that_becomes_read_only_loses_nothing_that_was_acknowledged() {
    let disk = Disk::new();
    let port = free_port();
    let mut process = Process::start_by(disk.command(), Path::new("."), port).await;
    let mut ledger = Ledger::open(&process, || disk.command()).await;
    for round in 0..20_u64 {
        // Each round fails at another write of a commit.
        fs::write(disk.switch(), (round * 7 % 20).to_string()).unwrap();
        ledger.load_until_refused(round).await;
        fs::remove_file(disk.switch()).unwrap();
        ledger.load(round).await;
    }
    process.kill();
    let _process = Process::start_by(disk.command(), Path::new("."), port).await;
    ledger.check().await;
}
