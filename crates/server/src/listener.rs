//! The sockets: plain or TLS, with time limits, and an end that loses no request.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    path::Path,
    time::Duration,
};

use anyhow::{Context, Result};
use axum::Router;
use axum_server::{Handle, Server, tls_rustls::RustlsConfig};
use hyper_util::rt::TokioTimer;
use tokio_util::sync::CancellationToken;

/// A client that sends its request line and headers slower than this is cut off.
const HEADER_MAX: Duration = Duration::from_secs(10);
/// The largest request head, in bytes.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// How long requests under way may take to finish once the end has begun.
pub const DRAIN: Duration = Duration::from_secs(20);

/// Binds `address`.
pub fn bind(address: SocketAddr) -> Result<TcpListener> {
    let listener = TcpListener::bind(address).map_err(|error| {
        let hint = match error.kind() {
            io::ErrorKind::AddrInUse => {
                "\n  help: another program listens there: stop it, or choose another port"
            }
            io::ErrorKind::PermissionDenied => {
                "\n  help: ports below 1024 need a privilege: choose a higher one behind a proxy"
            }
            _ => "",
        };
        anyhow::anyhow!("cannot listen on {address}: {error}{hint}")
    })?;
    listener.set_nonblocking(true).context("preparing the socket")?;
    Ok(listener)
}

/// Reads a certificate chain and its key, both PEM.
pub async fn tls(certificate: &Path, key: &Path) -> Result<RustlsConfig> {
    RustlsConfig::from_pem_file(certificate, key)
        .await
        .with_context(|| {
            format!(
                "cannot use the TLS certificate {} with the key {}",
                certificate.display(),
                key.display()
            )
        })
}

/// How often the files of a certificate are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Reads the certificate and its key again when their files have changed, and whenever `ring` says so. Files that do not fit each
/// other are an error in the log, and the ones before go on: a renewal may be half done. Ends with `end`.
pub async fn renew(
    config: RustlsConfig,
    certificate: std::path::PathBuf,
    key: std::path::PathBuf,
    ring: std::sync::Arc<tokio::sync::Notify>,
    end: CancellationToken,
) {
    let stamp = || (changed_at(&certificate), changed_at(&key));
    let mut known = stamp();
    loop {
        let rung = tokio::select! {
            () = end.cancelled() => return,
            () = ring.notified() => true,
            () = tokio::time::sleep(LOOK_EVERY) => false,
        };
        let found = stamp();
        if found == known && !rung {
            continue;
        }
        match config.reload_from_pem_file(&certificate, &key).await {
            Ok(()) => {
                known = found;
                tracing::info!(certificate = %certificate.display(), "the TLS certificate was read again");
            }
            Err(error) => tracing::error!(
                cause = %error,
                certificate = %certificate.display(),
                "the TLS certificate cannot be read again: the one before goes on"
            ),
        }
    }
}

fn changed_at(path: &Path) -> Option<std::time::SystemTime> {
    std::fs::metadata(path)
        .and_then(|metadata| metadata.modified())
        .ok()
}

/// Serves until `shutdown`, then lets requests under way finish.
pub async fn serve(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    router: Router,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let handle = Handle::new();
    let drain = {
        let handle = handle.clone();
        async move {
            shutdown.cancelled().await;
            handle.graceful_shutdown(Some(DRAIN));
        }
    };
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = async move {
        if let Some(config) = tls {
            let mut server = axum_server::from_tcp_rustls(listener, config)?.handle(handle);
            limits(&mut server);
            server.serve(service).await
        } else {
            let mut server = axum_server::from_tcp(listener)?.handle(handle);
            limits(&mut server);
            server.serve(service).await
        }
    };
    tokio::pin!(server);
    tokio::select! {
        result = &mut server => result,
        () = drain => server.await,
    }
}

fn limits<A: axum_server::Address, Acceptor>(server: &mut Server<A, Acceptor>) {
    let builder = server.http_builder();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_MAX)
        .max_buf_size(HEAD_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(HEAD_BYTES_MAX).unwrap_or(u32::MAX));
}
