//! A database that was put back from a copy: `serve` says so, and goes on when it is told to.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use super::Operator;

/// `serve` in the operator's folder, until it is dropped.
pub(crate) struct Serving(Child);

impl Serving {
    pub(crate) fn start(operator: &Operator, more: &[&str]) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap_or_else(|error| panic!("{error}"));
        let address = socket.local_addr().unwrap_or_else(|error| panic!("{error}"));
        drop(socket);
        let address = address.to_string();
        let child = Command::new(env!("CARGO_BIN_EXE_vestibule"))
            .args(["serve", "-c", "vestibule.toml", "--listen", &address])
            .args(more)
            .current_dir(operator.folder.path())
            .env_clear()
            .env("SMTP_PASSWORD", "hunter2")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let serving = Self(child.unwrap_or_else(|error| panic!("{error}")));
        let url = format!("http://{address}/readyz");
        for _ in 0..200 {
            if operator.run(&["healthcheck", "--url", &url]).code == 0 {
                return serving;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("serve is not ready");
    }

    fn signal(&self, name: &str) {
        let id = self.0.id().to_string();
        let killed = Command::new("kill").args([name, &id]).status();
        assert!(killed.is_ok_and(|status| status.success()));
    }

    /// SIGHUP: what may change while it runs is read again.
    pub(crate) fn hang_up(&self) {
        self.signal("-HUP");
    }

    /// What Linux says of the process.
    pub(crate) fn proc(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.0.id()))
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// SIGTERM, as a service manager ends it.
    pub(crate) fn stop(mut self) {
        self.signal("-TERM");
        let status = self.0.wait().unwrap_or_else(|error| panic!("{error}"));
        assert!(status.success(), "{status}");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What `serve` says when it does not start.
fn refusal(operator: &Operator) -> String {
    let mut command = Command::new("timeout");
    command.args([
        "20",
        env!("CARGO_BIN_EXE_vestibule"),
        "serve",
        "-c",
        "vestibule.toml",
    ]);
    command
        .args(["--listen", "127.0.0.1:0"])
        .current_dir(operator.folder.path());
    let output = command.env("SMTP_PASSWORD", "hunter2").output();
    let output = output.unwrap_or_else(|error| panic!("{error}"));
    let status = output.status.code();
    assert!(!matches!(status, Some(0 | 124)), "it serves: {status:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_database_put_back_from_a_copy_is_noticed() {
    let operator = Operator::ready();
    Serving::start(&operator, &[]).stop();
    let path = |name: &str| operator.folder.path().join(name);
    let copied = std::fs::copy(path("vestibule.db"), path("backup.db"));
    assert!(copied.is_ok_and(|bytes| bytes > 0));
    Serving::start(&operator, &[]).stop();

    for companion in ["vestibule.db-wal", "vestibule.db-shm"] {
        let _ = std::fs::remove_file(path(companion));
    }
    std::fs::copy(path("backup.db"), path("vestibule.db")).unwrap_or_else(|error| panic!("{error}"));
    let refused = refusal(&operator);
    assert!(refused.contains("restored from a backup"), "{refused}");
    assert!(refused.contains("serve --accept-restore"), "{refused}");

    Serving::start(&operator, &["--accept-restore"]).stop();
    let events = operator.json(&["audit", "search", "--limit", "20"]);
    let restored = events.as_array().map(|events| {
        let restored = |event: &&serde_json::Value| event["action"] == "database.restored";
        events.iter().filter(restored).count()
    });
    assert_eq!(restored, Some(1), "{events}");
    Serving::start(&operator, &[]).stop();
}

#[test]
fn a_backup_made_under_way_is_put_back_and_the_server_starts() {
    let operator = Operator::ready();
    let add = [
        "app",
        "add",
        "notes",
        "--redirect-uri",
        "https://notes.example/cb",
    ];
    operator.json(&add);
    let invite = |email: &str| operator.json(&["invite", "send", email, "--app", "notes"]);
    invite("anna@contoso.test");
    operator.json(&["token", "create", "ci", "--scope", "guests:read"]);
    let serving = Serving::start(&operator, &[]);
    let made = operator.json(&["backup", "create", "backup.db"]);
    assert_eq!(made["guests"], 1);
    assert_eq!(operator.run(&["backup", "create", "backup.db"]).code, 1);
    invite("bob@contoso.test");
    let asked = operator.run(&["backup", "restore", "backup.db"]);
    assert_eq!(asked.code, 2, "{}", asked.err);
    let running = operator.run(&["backup", "restore", "backup.db", "--yes"]);
    assert_eq!(running.code, 1, "{}", running.err);
    assert!(running.err.contains("stop it first"), "{}", running.err);
    assert!(!operator.folder.path().join("vestibule.db.restoring").exists());
    assert_eq!(
        operator.json(&["guest", "list"]).as_array().map(Vec::len),
        Some(2)
    );
    serving.stop();

    let restored = operator.run(&["backup", "restore", "backup.db", "--yes"]);
    assert_eq!(restored.code, 0, "{}", restored.err);
    assert!(restored.err.contains(".before-restore-"), "{}", restored.err);
    assert_eq!(
        operator.json(&["guest", "list"]).as_array().map(Vec::len),
        Some(1)
    );
    let token = operator.json(&["token", "list"]);
    assert!(token[0]["revoked_at"].is_string(), "{token}");
    let events = operator.json(&["audit", "search", "--action", "database.restored"]);
    assert_eq!(events.as_array().map(Vec::len), Some(1), "{events}");
    // It was told already: nothing more to accept.
    Serving::start(&operator, &[]).stop();
    let wrong = operator.run(&["backup", "verify", "vestibule.toml"]);
    assert_eq!(wrong.code, 1, "{}", wrong.err);
}
