use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;

fn client(policy: EgressPolicy) -> Client {
    // The second of two tests finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new(policy).unwrap()
}

fn development() -> EgressPolicy {
    EgressPolicy {
        http_on_loopback: true,
        ..EgressPolicy::default()
    }
}

/// A server that answers every request with `answer`; its port.
async fn server(answer: impl Into<Vec<u8>>) -> u16 {
    let answer = answer.into();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = socket.read(&mut request).await;
            let _ = socket.write_all(&answer).await;
        }
    });
    port
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[tokio::test]
async fn an_answer_comes_whole_and_a_redirect_is_an_answer() {
    let client = client(development());
    let port = server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi").await;
    for host in ["127.0.0.1", "localhost"] {
        let answer = client
            .get(&url(&format!("http://{host}:{port}/x")))
            .await
            .unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.body().as_slice()),
            (200, &b"hi"[..])
        );
    }
    let away = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let port = server(away).await;
    let answer = client
        .get(&url(&format!("http://127.0.0.1:{port}/")))
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 302);
}

#[tokio::test]
async fn what_is_not_public_is_never_asked() {
    let strict = client(EgressPolicy::default());
    for address in [
        "https://127.0.0.1/",
        "https://0x7f.1/",
        "https://2130706433/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/",
    ] {
        let refused = strict.get(&url(address)).await.unwrap_err();
        assert!(matches!(refused, Error::NotPublic(_)), "{address}: {refused}");
    }
    for address in [
        "http://8.8.8.8/",
        "http://localhost/",
        "ftp://example.com/",
        "data:x",
    ] {
        let refused = strict.get(&url(address)).await.unwrap_err();
        assert!(matches!(refused, Error::NotHttps(_)), "{address}: {refused}");
    }
    let development = client(development());
    for address in [
        "http://10.0.0.1/",
        "http://example.com/",
        "http://localhost.example.com/",
    ] {
        let refused = development.get(&url(address)).await.unwrap_err();
        assert!(matches!(refused, Error::NotHttps(_)), "{address}: {refused}");
    }
}

#[tokio::test]
async fn an_answer_that_never_ends_is_cut_off() {
    let client = client(development());
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n".to_vec();
    answer.resize(answer.len() + ANSWER_MAX + 1, b'x');
    let port = server(answer).await;
    let refused = client.get(&url(&format!("http://127.0.0.1:{port}/"))).await;
    assert!(matches!(refused, Err(Error::TooLong(_))), "{refused:?}");
}

#[tokio::test]
async fn a_failure_names_the_host_and_keeps_the_query_to_itself() {
    let client = client(development());
    let refused = client
        .get(&url("http://127.0.0.1:1/?secret=x"))
        .await
        .unwrap_err();
    let text = format!("{refused} {refused:?}");
    assert!(text.contains("127.0.0.1"), "{text}");
    assert!(!text.contains("secret"), "{text}");
}

#[tokio::test]
async fn hosts_that_nobody_asks_any_more_are_forgotten() {
    let client = client(development());
    let busy = client.places_at("busy.test");
    let _one = busy.acquire().await.unwrap();
    for number in 0..10_000 {
        client.places_at(&format!("{number}.test"));
    }
    assert!(client.at_once.lock().unwrap().len() <= HOSTS_MAX);
    // Whoever asks the busy one is counted with those who do already.
    assert_eq!(client.places_at("busy.test").available_permits(), AT_ONCE - 1);
}

/// An https server whose certificate is signed by itself; its port and the certificate.
fn tls_server() -> (u16, String) {
    use std::io::{Read as _, Write as _};

    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = made.cert.pem();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut tls = rustls::StreamOwned::new(session, stream);
            let mut request = [0; 4096];
            // A client that does not trust us goes away.
            if tls.read(&mut request).is_ok() {
                let _ = tls.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi");
                let _ = tls.flush();
            }
        }
    });
    (port, pem)
}

#[tokio::test]
async fn the_organisations_own_authority_is_trusted_where_it_is_named() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (port, pem) = tls_server();
    let url = url(&format!("https://localhost:{port}/"));
    let with = |authorities| {
        client(EgressPolicy {
            http_on_loopback: true,
            authorities,
            ..EgressPolicy::default()
        })
    };
    let unknown = with(None).get(&url).await;
    assert!(matches!(unknown, Err(Error::Transport { .. })), "{unknown:?}");
    let answer = with(Some(pem)).get(&url).await.unwrap();
    assert_eq!(answer.body().as_slice(), b"hi");
    for nonsense in ["", "no certificate"] {
        let policy = EgressPolicy {
            authorities: Some(nonsense.into()),
            ..EgressPolicy::default()
        };
        let refused = Client::new(policy);
        assert!(matches!(refused, Err(Unbuilt::NoCertificate)), "{refused:?}");
    }
}
