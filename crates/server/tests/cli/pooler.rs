//! `PgBouncer`, as Debian has it, before PostgreSQL: with the settings that the message names everything works, and without them the
//! message names them.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use test_support::databases;
use url::Url;

use crate::operator::Operator;

struct Pooler {
    process: Child,
    _folder: tempfile::TempDir,
    url: String,
}

impl Pooler {
    /// One before the server of a `postgres://` URL.
    fn start(server: &str, settings: &str) -> Self {
        let mut url = Url::parse(server).unwrap_or_else(|error| panic!("{error}"));
        let database = url.path().trim_start_matches('/').to_owned();
        let socket = TcpListener::bind("127.0.0.1:0").unwrap_or_else(|error| panic!("{error}"));
        let port = socket
            .local_addr()
            .unwrap_or_else(|error| panic!("{error}"))
            .port();
        drop(socket);
        let to = format!(
            "host={} port={} user={} password={}",
            url.host_str().unwrap_or("127.0.0.1"),
            url.port().unwrap_or(5432),
            url.username(),
            url.password().unwrap_or_default()
        );
        let ini = format!(
            "[databases]\n{database} = {to}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = any\n{settings}\n"
        );
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
        let file = folder.path().join("pgbouncer.ini");
        std::fs::write(&file, ini).unwrap_or_else(|error| panic!("{error}"));
        let mut command = Command::new("pgbouncer");
        if is_root() {
            // It does not run as root, and may read what root wrote.
            make_readable(folder.path(), 0o755);
            make_readable(&file, 0o644);
            command.args(["-u", "postgres"]);
        }
        let process = command
            .arg(&file)
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("pgbouncer: {error}"));
        url.set_port(Some(port))
            .unwrap_or_else(|()| panic!("the URL takes no port"));
        for _ in 0..100 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Self {
            process,
            _folder: folder,
            url: url.to_string(),
        }
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn is_root() -> bool {
    rustix::process::getuid().is_root()
}

fn make_readable(path: &std::path::Path, mode: u32) {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
    std::fs::set_permissions(path, mode).unwrap_or_else(|error| panic!("{error}"));
}

const NEEDED: &str = "ignore_startup_parameters = extra_float_digits,options";

#[tokio::test]
async fn behind_pgbouncer_it_works_or_says_what_to_set() {
    for db in databases().await {
        let server = db.settings().url.clone();
        if !server.starts_with("postgres") {
            continue;
        }
        let operator = Operator::new();
        let at = |pooler: &Pooler| operator.set_database(&pooler.url);
        // It becomes this operator's, with another master key.
        db.store
            .run_raw("DELETE FROM instance")
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        let whole = Pooler::start(&server, &format!("pool_mode = session\n{NEEDED}"));
        at(&whole);
        let said = operator.run(&["migrate", "up"]);
        assert_eq!(said.code, 0, "{}", said.err);
        for name in ["notes", "wiki"] {
            let callback = "https://notes.example/callback";
            operator.json(&["app", "add", name, "--redirect-uri", callback]);
        }
        assert_eq!(operator.json(&["app", "list"]).as_array().map(Vec::len), Some(2));
        drop(whole);

        let plain = Pooler::start(&server, "pool_mode = session");
        at(&plain);
        let refused = operator.run(&["app", "list"]);
        assert_ne!(refused.code, 0, "{}", refused.out);
        assert!(refused.err.contains(NEEDED), "{}", refused.err);
        drop(plain);

        // One connection of PostgreSQL's for everybody: what one has prepared is there for the next.
        let shared =
            format!("pool_mode = transaction\ndefault_pool_size = 1\nmax_prepared_statements = 0\n{NEEDED}");
        let shared = Pooler::start(&server, &without_unknown(&shared));
        at(&shared);
        let refused = (0..5)
            .map(|_| operator.run(&["app", "list"]))
            .find(|said| said.code != 0);
        let refused = refused.unwrap_or_else(|| panic!("prepared statements survive"));
        assert!(refused.err.contains("pool_mode = session"), "{}", refused.err);
    }
}

/// From 1.21 on `PgBouncer` keeps prepared statements apart, unless it is told not to; before, it does not know the setting.
fn without_unknown(settings: &str) -> String {
    let output = Command::new("pgbouncer")
        .arg("--version")
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .output()
        .unwrap_or_else(|error| panic!("pgbouncer: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = said.split_whitespace().nth(1).unwrap_or_default();
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let is_new = (parts.next(), parts.next()) >= (Some(1), Some(21));
    let known = |line: &&str| is_new || !line.starts_with("max_prepared_statements");
    settings.lines().filter(known).collect::<Vec<_>>().join("\n")
}
