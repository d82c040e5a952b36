//! A disk that is full again and again under load (F-05): requests that must write answer 503, nothing that was
//! acknowledged is missing after `kill -9`, nothing is consumed twice, and no restart is needed.

use std::{
    fs::File,
    io::{BufRead, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use http::{StatusCode, header::RETRY_AFTER};
use serde_json::{Value, json};
use server::demo::browser::Visit;
use url::Url;

use crate::{
    crash::{Process, free_port, manage},
    rp::{Rp, answered_at, param},
    world::browser,
};

const ANNA: &str = "anna@contoso.test";
const REDIRECT_URI: &str = "https://notes.example/callback";

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

/// What was answered with success, and so must be there after a crash.
struct Ledger {
    sign_ins: Vec<Url>,
    /// The newest refresh token, and its predecessors, which are spent.
    refresh: String,
    spent: Vec<String>,
}

#[tokio::test]
async fn a_disk_that_fills_up_loses_nothing_that_was_acknowledged() {
    let mut guest = browser();
    let disk = SmallDisk::mount(12);
    let port = free_port();
    let mut process = Process::start_by(disk.command(), Path::new("."), port).await;
    let manage = |arguments: &[&str]| manage(disk.command(), arguments);
    let app = manage(&[
        "app",
        "add",
        "notes",
        "--redirect-uri",
        REDIRECT_URI,
        "--offline-access",
    ]);
    manage(&["invite", "send", ANNA, "--app", "notes"]);
    let rp = Rp {
        issuer: process.issuer.clone(),
        client_id: "notes".into(),
        secret: app["client_secret"].as_str().map(str::to_owned),
        redirect_uri: REDIRECT_URI.into(),
        http: reqwest::Client::new(),
    };
    let (code, refresh) = first_tokens(&process, &rp).await;
    let mut ledger = Ledger {
        sign_ins: Vec::new(),
        refresh,
        spent: Vec::new(),
    };

    let authorize = Url::parse(&rp.authorize(&[])).unwrap();
    let mut start = async |ledger: &mut Ledger| {
        let answer = guest.once(&authorize, None).await.unwrap();
        if answer.status == 303 {
            let location = answer.headers["location"].to_str().unwrap();
            ledger.sign_ins.push(authorize.join(location).unwrap());
            return true;
        }
        assert_busy(&answer);
        false
    };
    for round in 0..20_u64 {
        // Some page boundaries are left, so that each round fails at another write.
        disk.fill(round * 7 % 20 * 4096);
        let (mut refused, mut asked) = (0, 0);
        while refused < 3 {
            asked += 1;
            assert!(
                asked < 2_000,
                "round {round}: the disk is full and everything succeeds"
            );
            if !start(&mut ledger).await {
                refused += 1;
            }
            if asked % 7 == 0 || refused > 0 {
                refresh_once(&rp, &mut ledger).await;
            }
        }
        let ready = reqwest::get(format!("{}/readyz", rp.issuer)).await.unwrap();
        assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE, "round {round}");
        disk.free();
        assert!(start(&mut ledger).await, "round {round}: there is room again");
        assert!(refresh_once(&rp, &mut ledger).await, "round {round}");
    }

    process.kill();
    process = Process::start_by(disk.command(), Path::new("."), port).await;
    for url in &ledger.sign_ins {
        let page = guest.once(url, None).await.unwrap();
        assert_eq!(page.status, 200, "an acknowledged sign-in is gone: {url}");
    }
    let newest = rp.refresh(&ledger.refresh).await;
    assert_eq!(newest.status, 200, "{newest:?}");
    for (consumed, again) in [
        ("authorization code", rp.exchange(&code).await),
        ("refresh token", rp.refresh(&ledger.spent[0]).await),
    ] {
        assert_eq!(again.body["error"], json!("invalid_grant"), "{consumed} twice");
    }
    drop(process);
}

/// A whole sign-in while there is room: the authorization code, spent, and the refresh token.
async fn first_tokens(process: &Process, rp: &Rp) -> (String, String) {
    let mut anna = browser();
    let scope = [
        ("scope", Some("openid offline_access")),
        ("prompt", Some("consent")),
    ];
    let page = anna.get(&rp.authorize(&scope)).await.unwrap();
    let page = anna.submit(&page, "email", &[("email", ANNA)]).await.unwrap();
    let passcode = process.code(ANNA).await;
    let page = anna.submit(&page, "code", &[("code", &passcode)]).await.unwrap();
    let page = anna.submit(&page, "Continue", &[]).await.unwrap();
    let code = param(&answered_at(&page, REDIRECT_URI), "code").unwrap();
    let tokens = rp.exchange(&code).await;
    let refresh = tokens.body["refresh_token"].as_str();
    let refresh = refresh.unwrap_or_else(|| panic!("{tokens:?}")).to_owned();
    (code, refresh)
}

/// Whether the newest refresh token was exchanged; one that was refused for now stays usable.
async fn refresh_once(rp: &Rp, ledger: &mut Ledger) -> bool {
    let answer = rp.refresh(&ledger.refresh).await;
    if answer.status == 200 {
        let Some(Value::String(next)) = answer.body.get("refresh_token") else {
            panic!("{answer:?}");
        };
        ledger
            .spent
            .push(std::mem::replace(&mut ledger.refresh, next.clone()));
        return true;
    }
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.headers.contains_key(RETRY_AFTER), "{answer:?}");
    false
}

#[track_caller]
fn assert_busy(answer: &Visit) {
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert!(answer.headers.contains_key(RETRY_AFTER), "{:?}", answer.headers);
}
