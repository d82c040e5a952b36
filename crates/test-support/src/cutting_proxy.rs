//! A proxy before PostgreSQL that cuts a connection at its COMMIT: before the server has heard it, or after.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// When the connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitFault {
    /// The server never hears the COMMIT.
    Before,
    /// The server commits, and its answer is lost.
    After,
}

/// A running proxy; it ends with the runtime of the test.
#[derive(Debug)]
pub struct CuttingProxy {
    url: url::Url,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    armed: AtomicBool,
    /// Milliseconds for which no connection gets through once the fault has happened.
    away: AtomicU64,
    is_away: watch::Sender<bool>,
}

impl CuttingProxy {
    /// Starts one before the server of a `postgres://` URL, without TLS.
    ///
    /// # Panics
    ///
    /// When the URL names no server, or no port is free.
    pub async fn start(server: &str, fault: CommitFault) -> Self {
        let mut url = url::Url::parse(server).unwrap_or_else(|error| panic!("{error}"));
        let host = url.host_str().unwrap_or("127.0.0.1").to_owned();
        let target = (host, url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        let address = listener.local_addr().unwrap_or_else(|error| panic!("{error}"));
        url.set_ip_host(address.ip())
            .and_then(|()| url.set_port(Some(address.port())))
            .unwrap_or_else(|()| panic!("the URL takes no address"));
        let state = Arc::new(State {
            armed: AtomicBool::new(false),
            away: AtomicU64::new(0),
            is_away: watch::Sender::new(false),
        });
        let shared = Arc::clone(&state);
        tokio::task::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (state, target) = (Arc::clone(&shared), target.clone());
                tokio::task::spawn(async move {
                    let mut away = state.is_away.subscribe();
                    let Ok(server) = TcpStream::connect(target).await else {
                        return;
                    };
                    let fell = tokio::select! {
                        fell = forward(client, server, fault, &state.armed) => fell,
                        _ = away.wait_for(|away| *away) => false,
                    };
                    let pause = if fell {
                        state.away.swap(0, Ordering::SeqCst)
                    } else {
                        0
                    };
                    if pause > 0 {
                        state.is_away.send_replace(true);
                        tokio::time::sleep(Duration::from_millis(pause)).await;
                        state.is_away.send_replace(false);
                    }
                });
            }
        });
        Self { url, state }
    }

    /// The URL to connect to in place of the server's.
    pub fn url(&self) -> String {
        self.url.to_string()
    }

    /// The next COMMIT is cut, once.
    pub fn arm(&self) {
        self.state.armed.store(true, Ordering::SeqCst);
    }

    /// The next COMMIT is cut, once, and so is every other connection; no connection gets through for that many milliseconds.
    pub fn arm_and_go_away(&self, milliseconds: u64) {
        self.state.away.store(milliseconds, Ordering::SeqCst);
        self.arm();
    }
}

/// Forwards both ways until one side closes, or the fault happens, which it says; then both connections are dropped.
async fn forward(
    mut client: TcpStream,
    mut server: TcpStream,
    fault: CommitFault,
    armed: &AtomicBool,
) -> bool {
    let (mut from_client, mut from_server) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    let mut cut_at_answer = false;
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let Ok(length @ 1..) = read else { return false };
                let sent = &from_client[..length];
                let commits = sent.windows(6).any(|word| word == b"COMMIT");
                if commits && armed.swap(false, Ordering::SeqCst) {
                    match fault {
                        CommitFault::Before => return true,
                        CommitFault::After => cut_at_answer = true,
                    }
                }
                if server.write_all(sent).await.is_err() { return false }
            }
            read = server.read(&mut from_server) => {
                let Ok(length @ 1..) = read else { return cut_at_answer };
                if cut_at_answer { return true }
                if client.write_all(&from_server[..length]).await.is_err() { return false }
            }
        }
    }
}
