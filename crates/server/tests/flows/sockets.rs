//! The listener: TLS, an orderly end, and clients that send too slowly or too much.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use axum::{Router, routing::get};
use server::listener;
use tokio_util::sync::CancellationToken;

use crate::{
    crash::{Process, free_port},
    world::World,
};

#[tokio::test]
async fn tls_is_served_and_requests_under_way_finish() {
    World::install_tls();
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&cert, certified.cert.pem()).unwrap();
    std::fs::write(&key, certified.signing_key.serialize_pem()).unwrap();
    let socket = listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let port = socket.local_addr().unwrap().port();
    let router = Router::new().route(
        "/slow",
        get(|| async {
            tokio::time::sleep(Duration::from_millis(400)).await;
            "done"
        }),
    );
    let end = CancellationToken::new();
    let tls = listener::tls(&cert, &key).await.unwrap();
    let server = tokio::spawn(listener::serve(socket, Some(tls), router, end.clone()));

    let root = reqwest::Certificate::from_pem(certified.cert.pem().as_bytes()).unwrap();
    let http = reqwest::Client::builder().tls_certs_only([root]).build().unwrap();
    let url = format!("https://localhost:{port}/slow");
    let under_way = tokio::spawn(http.get(&url).send());
    tokio::time::sleep(Duration::from_millis(150)).await;
    end.cancel();
    assert_eq!(under_way.await.unwrap().unwrap().text().await.unwrap(), "done");
    server.await.unwrap().unwrap();
    assert!(http.get(&url).send().await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_foreign_host_and_a_huge_head_are_turned_away() {
    let world = World::sqlite().await;
    let authority = world.core.settings.issuer.authority().to_owned();
    let authority_again = authority.clone();
    let ask = move |head: String| {
        let mut socket = TcpStream::connect(authority.replace("localhost", "127.0.0.1")).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        socket.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        let _ = socket.read_to_string(&mut answer);
        answer.lines().next().unwrap_or_default().to_owned()
    };
    let answers = tokio::task::spawn_blocking(move || {
        let request = |host: &str, more: &str| {
            format!("GET /authorize HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n")
        };
        (
            ask(request("evil.example", "")),
            ask(request("localhost", &format!("X: {}\r\n", "x".repeat(20_000)))),
            ask(request(&authority_again, "Host: evil.example\r\n")),
        )
    })
    .await
    .unwrap();
    assert!(answers.0.contains(" 421 "), "{}", answers.0);
    assert!(answers.1.contains(" 431 "), "{}", answers.1);
    assert!(answers.2.contains(" 400 "), "{}: two Host headers", answers.2);
}

/// A flood of sockets that never finish a request costs memory while it lasts, and not for good.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[tokio::test]
async fn sockets_that_are_closed_give_their_memory_back() {
    server::process_limits::with_all_open_files();
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let process = Process::start(folder.path(), port).await;
    let before = process.resident_bytes();
    let mut sockets = Vec::new();
    for _ in 0..2_000 {
        let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        socket
            .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: a")
            .unwrap();
        sockets.push(socket);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let taken = process.resident_bytes().saturating_sub(before);
    drop(sockets);
    for _ in 0..120 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        if process.resident_bytes() < before + taken / 4 {
            return;
        }
    }
    panic!(
        "{before} bytes before, {taken} more, {} left",
        process.resident_bytes()
    );
}
