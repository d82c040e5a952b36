//! A disk that is full again and again under load: requests that must write answer 503, nothing that was
//! acknowledged is missing after `kill -9`, nothing is consumed twice, and no restart is needed.

use std::{
    fs::File,
    io::{BufRead, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::{
    crash::{Process, free_port},
    ledger::Ledger,
};

/// A small file system of its own, in a mount namespace: no root is needed where user namespaces are allowed.
struct SmallDisk {
    holder: Child,
    folder: PathBuf,
    mount_point: tempfile::TempDir,
}

impl SmallDisk {
    fn mount(megabytes: u32) -> Self {
        let mount_point = tempfile::tempdir().unwrap();
        let script =
            format!("mount -t tmpfs -o size={megabytes}m none \"$0\" && echo mounted && exec sleep 900");
        let mut holder = Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-c", &script])
            .arg(mount_point.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, "mounted\n", "this test needs user namespaces, or root");
        let inside = mount_point.path().strip_prefix("/").unwrap();
        let root = PathBuf::from(format!("/proc/{}/root", holder.id()));
        Self {
            folder: root.join(inside),
            holder,
            mount_point,
        }
    }

    /// Runs `command` in the folder of the small disk.
    fn command(&self) -> Command {
        let mut command = Command::new("nsenter");
        command
            .args(["--user", "--mount", "--preserve-credentials", "--target"])
            .arg(self.holder.id().to_string())
            .args(["sh", "-c", "cd \"$0\" && exec \"$@\""])
            .arg(self.mount_point.path())
            .arg(env!("CARGO_BIN_EXE_vestibule"));
        command
    }

    /// Fills the disk up to `spare` bytes.
    fn fill(&self, spare: u64) {
        let mut ballast = File::create(self.ballast()).unwrap();
        let mut length = 0;
        while let Ok(written @ 1..) = ballast.write(&[1; 4096]) {
            length += written as u64;
        }
        ballast.set_len(length.saturating_sub(spare)).unwrap();
    }

    fn free(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

#[tokio::test]
async fn a_disk_that_fills_up_loses_nothing_that_was_acknowledged() {
    let disk = SmallDisk::mount(12);
    let port = free_port();
    let mut process = Process::start_by(disk.command(), Path::new("."), port).await;
    let mut ledger = Ledger::open(&process, || disk.command()).await;
    for round in 0..20_u64 {
        // Some page boundaries are left, so that each round fails at another write.
        disk.fill(round * 7 % 20 * 4096);
        ledger.load_until_refused(round).await;
        disk.free();
        ledger.load(round).await;
    }
    process.kill();
    let _process = Process::start_by(disk.command(), Path::new("."), port).await;
    ledger.check().await;
}
