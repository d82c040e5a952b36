//! A proxy before PostgreSQL that cuts a connection at its COMMIT: before the server has heard it, or after.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
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
    armed: Arc<AtomicBool>,
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
        let armed = Arc::new(AtomicBool::new(false));
        let (proxy_armed, name) = (Arc::clone(&armed), target);
        tokio::task::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (armed, name) = (Arc::clone(&proxy_armed), name.clone());
                tokio::task::spawn(async move {
                    if let Ok(server) = TcpStream::connect(name).await {
                        forward(client, server, fault, &armed).await;
                    }
                });
            }
        });
        Self { url, armed }
    }

    /// The URL to connect to in place of the server's.
    pub fn url(&self) -> String {
        self.url.to_string()
    }

    /// The next COMMIT is cut, once.
    pub fn arm(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }
}

/// Forwards both ways until one side closes, or the fault happens; then both connections are dropped.
async fn forward(mut client: TcpStream, mut server: TcpStream, fault: CommitFault, armed: &AtomicBool) {
    let (mut from_client, mut from_server) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    let mut cut_at_answer = false;
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let Ok(length @ 1..) = read else { return };
                let sent = &from_client[..length];
                let commits = sent.windows(6).any(|word| word == b"COMMIT");
                if commits && armed.swap(false, Ordering::SeqCst) {
                    match fault {
                        CommitFault::Before => return,
                        CommitFault::After => cut_at_answer = true,
                    }
                }
                if server.write_all(sent).await.is_err() { return }
            }
            read = server.read(&mut from_server) => {
                let Ok(length @ 1..) = read else { return };
                if cut_at_answer || client.write_all(&from_server[..length]).await.is_err() { return }
            }
        }
    }
}
