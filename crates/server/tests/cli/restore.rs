//! A database that was put back from a copy: `serve` says so, and goes on when it is told to.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use super::Operator;

/// `serve` in the operator's folder, until it is dropped.
struct Serving(Child);

impl Serving {
    fn start(operator: &Operator, more: &[&str]) -> Self {
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

    /// SIGTERM, as a service manager ends it.
    fn stop(mut self) {
        let id = self.0.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &id]).status();
        assert!(killed.is_ok_and(|status| status.success()));
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
