//! `kill -9` between any two steps: the guest repeats the last request at the process that took its place, and
//! comes in.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use dev::browser::TextBrowser;
use serde_json::Value;

use crate::{
    rp::{Rp, answered_at, claims, param},
    world::{World, browser},
};

const ANNA: &str = "anna@contoso.test";

/// A real process of the built binary, on one folder and one port.
pub(crate) struct Process {
    child: Child,
    pub(crate) issuer: String,
}

impl Process {
    pub(crate) async fn start(folder: &Path, port: u16) -> Self {
        Self::start_by(vestibule(folder), folder, port).await
    }

    /// Starts the binary by a command of the caller, with its data in `folder`.
    pub(crate) async fn start_by(mut vestibule: Command, folder: &Path, port: u16) -> Self {
        World::install_tls();
        let child = vestibule
            .args(["dev", "--port", &port.to_string(), "--data-dir"])
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let process = Self {
            child,
            issuer: format!("http://localhost:{port}"),
        };
        let ready = format!("{}/readyz", process.issuer);
        for _ in 0..200 {
            if reqwest::get(&ready)
                .await
                .is_ok_and(|answer| answer.status().is_success())
            {
                return process;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the process did not come up");
    }

    /// How many bytes of memory it occupies (proc(5), `VmRSS`).
    #[cfg(target_os = "linux")]
    pub(crate) fn resident_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    /// SIGKILL: nothing is finished, nothing is flushed.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) async fn code(&self, to: &str) -> String {
        for _ in 0..100 {
            let answer = reqwest::get(format!("{}/dev/api/code?to={to}", self.issuer))
                .await
                .unwrap();
            if answer.status().is_success() {
                let body: Value = answer.json().await.unwrap();
                return body["code"].as_str().unwrap().to_owned();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no code came");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn vestibule(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command.current_dir(folder);
    command
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap().port()
}

/// The output of a management command on the same folder.
pub(crate) fn manage(mut vestibule: Command, arguments: &[&str]) -> Value {
    let output = vestibule
        .args(["-c", "vestibule.toml", "-o", "json"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn a_killed_process_loses_no_sign_in() {
    let mut anna: TextBrowser = browser();
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut process = Process::start(folder.path(), port).await;
    let redirect_uri = "https://notes.example/callback";
    let manage = |arguments: &[&str]| manage(vestibule(folder.path()), arguments);
    let app = manage(&["app", "add", "notes", "--redirect-uri", redirect_uri]);
    manage(&["invite", "send", ANNA, "--app", "notes"]);
    let rp = Rp {
        issuer: process.issuer.clone(),
        client_id: "notes".into(),
        secret: app["client_secret"].as_str().map(str::to_owned),
        redirect_uri: redirect_uri.into(),
        http: reqwest::Client::new(),
    };

    let page = anna.get(&rp.authorize(&[])).await.unwrap();
    process.kill();
    process = Process::start(folder.path(), port).await;

    let page = anna.submit(&page, "email", &[("email", ANNA)]).await.unwrap();
    let code = process.code(ANNA).await;
    process.kill();
    process = Process::start(folder.path(), port).await;

    let form = page.form("code").unwrap().with(&[("code", code.as_str())]);
    let first = anna.once(&form.action.clone(), Some(&form.fields)).await.unwrap();
    assert_eq!(first.status, 303);
    process.kill();
    process = Process::start(folder.path(), port).await;

    // The same form once more, as a guest does who saw no answer.
    let page = anna.send(form).await.unwrap();
    process.kill();
    process = Process::start(folder.path(), port).await;

    let page = anna.get(page.url.as_str()).await.unwrap();
    let answer = answered_at(&page, redirect_uri);
    process.kill();
    process = Process::start(folder.path(), port).await;

    let tokens = rp.exchange(&param(&answer, "code").unwrap()).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    assert_eq!(claims(tokens.body["id_token"].as_str().unwrap())["aud"], "notes");
    process.kill();
    process = Process::start(folder.path(), port).await;
    let info = rp.userinfo(tokens.body["access_token"].as_str().unwrap()).await;
    assert_eq!(info.body["email"], ANNA);

    let events = manage(&["audit", "search", "--limit", "100"]);
    let count = |action: &str| {
        events
            .as_array()
            .unwrap()
            .iter()
            .filter(|event| event["action"] == action)
            .count()
    };
    assert_eq!((count("session.started"), count("guest.signin.code.ok")), (1, 1));
    drop(process);
}
