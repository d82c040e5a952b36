//! The certificate of the server itself: checked before it serves, and read again while it does.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use rustls::pki_types::ServerName;

use super::Operator;

/// A certificate for localhost with its key, written where `serve` reads them; gives the certificate in DER.
fn write_pair(folder: &Path, certificate: &str, key: &str) -> Vec<u8> {
    let pair = rcgen::KeyPair::generate().unwrap_or_else(|error| panic!("{error}"));
    let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]);
    let made = params
        .and_then(|params| params.self_signed(&pair))
        .unwrap_or_else(|error| panic!("{error}"));
    for (name, text) in [(certificate, made.pem()), (key, pair.serialize_pem())] {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap_or_else(|error| panic!("{error}"));
        let owner = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(path, owner).unwrap_or_else(|error| panic!("{error}"));
    }
    made.der().to_vec()
}

fn with_tls() -> Operator {
    let operator = Operator::ready();
    operator.edit(
        "[database]",
        "[server.tls]\ncert = \"tls.pem\"\nkey = \"tls.key\"\n\n[database]",
    );
    operator
}

/// What `serve` would refuse, `check` refuses.
#[test]
fn check_loads_what_serve_loads() {
    let operator = with_tls();
    let folder = operator.folder.path();
    write_pair(folder, "tls.pem", "tls.key");
    let said = operator.run(&["check"]);
    assert_eq!(said.code, 0, "{}", said.err);
    // The key of another certificate; then no PEM at all.
    write_pair(folder, "other.pem", "tls.key");
    let said = operator.run(&["check"]);
    assert_ne!(said.code, 0, "{}", said.out);
    assert!(
        said.err.contains("tls.pem") && said.err.contains("KeyMismatch"),
        "{}",
        said.err
    );
    std::fs::write(folder.join("tls.pem"), [0x30, 0x82, 1, 2]).unwrap_or_else(|error| panic!("{error}"));
    assert_ne!(operator.run(&["check"]).code, 0);

    write_pair(folder, "tls.pem", "tls.key");
    assert_eq!(operator.run(&["check", "--database"]).code, 0);
    operator.append("\n[egress]\nca_file = \"our-ca.pem\"\n");
    let said = operator.run(&["check"]);
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("reading egress.ca_file"), "{}", said.err);
    std::fs::copy(folder.join("tls.pem"), folder.join("our-ca.pem"))
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(operator.run(&["check"]).code, 0);
    operator.edit("sqlite:", "sqlite:nowhere/at/all/");
    let said = operator.run(&["check", "--database"]);
    assert_eq!(
        said.code, 0,
        "a file that is not there yet is made by serve: {}",
        said.err
    );
    assert!(!folder.join("nowhere").exists());
}

/// The certificate that is presented, whoever signed it.
#[derive(Debug)]
struct Whoever(Arc<rustls::crypto::CryptoProvider>);

impl rustls::client::danger::ServerCertVerifier for Whoever {
    fn verify_server_cert(
        &self,
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &[rustls::pki_types::CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &rustls::pki_types::CertificateDer<'_>,
        signature: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &rustls::pki_types::CertificateDer<'_>,
        signature: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// The certificate at an address; `None` where nothing answers.
fn presented(port: u16) -> Option<Vec<u8>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .ok()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Whoever(provider)))
        .with_no_client_auth();
    let mut socket = TcpStream::connect(("127.0.0.1", port)).ok()?;
    socket.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let name = ServerName::try_from("localhost").ok()?;
    let mut connection = rustls::ClientConnection::new(Arc::new(config), name).ok()?;
    let mut stream = rustls::Stream::new(&mut connection, &mut socket);
    stream
        .write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .ok()?;
    let _ = stream.read(&mut [0; 64]);
    Some(connection.peer_certificates()?.first()?.to_vec())
}

struct Serving(Child);

impl Serving {
    fn told(&self, signal: &str) {
        let id = self.0.id().to_string();
        let told = Command::new("kill").args([signal, &id]).status();
        assert!(told.is_ok_and(|status| status.success()));
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until the server presents that certificate.
fn until_presented(port: u16, certificate: &[u8]) {
    for _ in 0..200 {
        if presented(port).as_deref() == Some(certificate) {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the certificate is not presented");
}

/// SIGHUP reads a renewed certificate, a broken one leaves the one before, and neither ends the server.
#[test]
fn a_renewed_certificate_is_read_on_sighup() {
    let operator = with_tls();
    let folder = operator.folder.path();
    let first = write_pair(folder, "tls.pem", "tls.key");
    let socket = TcpListener::bind("127.0.0.1:0").unwrap_or_else(|error| panic!("{error}"));
    let port = socket
        .local_addr()
        .unwrap_or_else(|error| panic!("{error}"))
        .port();
    drop(socket);
    let child = Command::new(env!("CARGO_BIN_EXE_vestibule"))
        .args([
            "serve",
            "-c",
            "vestibule.toml",
            "--listen",
            &format!("127.0.0.1:{port}"),
        ])
        .current_dir(folder)
        .env_clear()
        .env("SMTP_PASSWORD", "hunter2")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut serving = Serving(child.unwrap_or_else(|error| panic!("{error}")));
    until_presented(port, &first);

    std::fs::write(folder.join("tls.pem"), "no certificate").unwrap_or_else(|error| panic!("{error}"));
    serving.told("-HUP");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(presented(port), Some(first), "the one before goes on");
    let second = write_pair(folder, "tls.pem", "tls.key");
    serving.told("-HUP");
    until_presented(port, &second);
    assert!(matches!(serving.0.try_wait(), Ok(None)), "it goes on");
}
