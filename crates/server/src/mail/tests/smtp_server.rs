//! A small mail server that speaks SMTP (RFC 5321, 3207, 4954), misbehaves on request and remembers everything.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use data_encoding::BASE64;
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// How long [`Conduct::Hang`] takes: longer than any client waits.
pub(crate) const HANGS: Duration = Duration::from_secs(20);

/// An authority, and certificates by it.
pub(crate) struct Authority {
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
    folder: tempfile::TempDir,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "Test authority");
        let key = rcgen::KeyPair::generate().unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("ca.pem"),
            params.self_signed(&key).unwrap().pem(),
        )
        .unwrap();
        Self {
            issuer: rcgen::Issuer::new(params, key),
            folder,
        }
    }

    /// For `ca_file`.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn server(&self, name: &str) -> Arc<ServerConfig> {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Arc::new(config)
    }
}

/// How the server protects its connections.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protection {
    Plain,
    StartTls,
    Implicit,
}

/// What the server does with one mail; the last of the list goes on for ever.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conduct {
    Accept,
    /// This answer to RCPT.
    Rcpt(&'static str),
    /// This answer to the final dot.
    Dot(&'static str),
    /// Takes the mail, and says nothing more.
    DropAfterDot,
    /// Falls silent at RCPT.
    Hang,
}

/// What the server is like.
#[derive(Clone)]
pub(crate) struct Manner {
    pub(crate) protection: Protection,
    /// The name in its certificate.
    pub(crate) name: &'static str,
    /// Before everything: `220 …`, or a refusal.
    pub(crate) banner: &'static str,
    /// A user and their password, when it asks for them.
    pub(crate) login: Option<(&'static str, &'static str)>,
    /// Before every answer.
    pub(crate) delay: Duration,
    pub(crate) conducts: Vec<Conduct>,
}

impl Manner {
    pub(crate) fn new(protection: Protection) -> Self {
        Self {
            protection,
            name: "localhost",
            banner: "220 mail.test ESMTP",
            login: None,
            delay: Duration::ZERO,
            conducts: vec![Conduct::Accept],
        }
    }
}

/// A mail that the server took.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) data: String,
    pub(crate) encrypted: bool,
    pub(crate) user: Option<String>,
}

#[derive(Default)]
struct Memory {
    /// Said instead of the banner while it is set.
    refusal: Mutex<Option<&'static str>>,
    taken: Mutex<Vec<Taken>>,
    /// Every command, and whether it came encrypted.
    heard: Mutex<Vec<(bool, String)>>,
    connections: AtomicUsize,
    transactions: AtomicUsize,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    memory: Arc<Memory>,
}

impl Server {
    pub(crate) fn start(authority: &Authority, manner: Manner) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let memory = Arc::new(Memory::default());
        let (tls, kept) = (authority.server(manner.name), Arc::clone(&memory));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (manner, tls, memory) = (manner.clone(), Arc::clone(&tls), Arc::clone(&kept));
                memory.connections.fetch_add(1, Ordering::SeqCst);
                thread::spawn(move || Conversation::hold(stream.ok()?, manner, &tls, memory));
            }
        });
        Self { address, memory }
    }

    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.memory.taken.lock().unwrap().clone()
    }

    /// The commands that came, `MAIL`, `AUTH` and so on, with whether they were encrypted.
    pub(crate) fn heard(&self) -> Vec<(bool, String)> {
        self.memory.heard.lock().unwrap().clone()
    }

    /// Turns every new connection away, or takes them again.
    pub(crate) fn refuse(&self, refusal: Option<&'static str>) {
        *self.memory.refusal.lock().unwrap() = refusal;
    }

    /// Mails that were begun.
    pub(crate) fn tries(&self) -> usize {
        self.memory.transactions.load(Ordering::SeqCst)
    }

    pub(crate) fn connections(&self) -> usize {
        self.memory.connections.load(Ordering::SeqCst)
    }
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Stream {
    fn encrypt(self, tls: Arc<ServerConfig>) -> Self {
        match self {
            Self::Plain(tcp) => Self::Tls(Box::new(StreamOwned::new(
                ServerConnection::new(tls).unwrap(),
                tcp,
            ))),
            encrypted @ Self::Tls(_) => encrypted,
        }
    }

    fn say(&mut self, text: &str) -> Option<()> {
        let line = format!("{text}\r\n");
        let written = match self {
            Self::Plain(stream) => stream.write_all(line.as_bytes()).and_then(|()| stream.flush()),
            Self::Tls(stream) => stream.write_all(line.as_bytes()).and_then(|()| stream.flush()),
        };
        written.ok()
    }

    /// One line; byte by byte, so that nothing of a TLS handshake is read ahead.
    fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        let mut byte = [0];
        while !line.ends_with(b"\r\n") {
            let read = match self {
                Self::Plain(stream) => stream.read(&mut byte),
                Self::Tls(stream) => stream.read(&mut byte),
            };
            if read.ok()? == 0 {
                return None;
            }
            line.push(byte[0]);
        }
        line.truncate(line.len() - 2);
        String::from_utf8(line).ok()
    }
}

struct Conversation {
    stream: Stream,
    manner: Manner,
    memory: Arc<Memory>,
    mail: Taken,
    conduct: Conduct,
}

impl Conversation {
    fn hold(tcp: TcpStream, manner: Manner, tls: &Arc<ServerConfig>, memory: Arc<Memory>) -> Option<()> {
        let mut stream = Stream::Plain(tcp);
        if manner.protection == Protection::Implicit {
            stream = stream.encrypt(Arc::clone(tls));
        }
        thread::sleep(manner.delay);
        let refusal = *memory.refusal.lock().unwrap();
        stream.say(refusal.unwrap_or(manner.banner))?;
        if refusal.is_some() {
            return None;
        }
        let mut this = Self {
            stream,
            manner,
            memory,
            mail: Taken::default(),
            conduct: Conduct::Accept,
        };
        loop {
            let line = this.stream.line()?;
            let verb = line
                .split([' ', ':'])
                .next()
                .unwrap_or_default()
                .to_ascii_uppercase();
            let encrypted = matches!(this.stream, Stream::Tls(_));
            this.memory.heard.lock().unwrap().push((encrypted, verb.clone()));
            thread::sleep(this.manner.delay);
            if verb == "STARTTLS" {
                this.stream.say("220 go ahead")?;
                this.stream = this.stream.encrypt(Arc::clone(tls));
                continue;
            }
            this.answer(&verb, &line)?;
        }
    }

    fn answer(&mut self, verb: &str, line: &str) -> Option<()> {
        match verb {
            "EHLO" => self.greet(),
            "AUTH" => self.log_in(line),
            "MAIL" => {
                let count = self.memory.transactions.fetch_add(1, Ordering::SeqCst);
                self.conduct = self.manner.conducts[count.min(self.manner.conducts.len() - 1)];
                self.mail = Taken {
                    from: path(line),
                    encrypted: matches!(self.stream, Stream::Tls(_)),
                    user: self.mail.user.take(),
                    ..Taken::default()
                };
                if self.manner.login.is_some() && self.mail.user.is_none() {
                    return self.stream.say("530 5.7.0 Authentication required");
                }
                self.stream.say("250 2.1.0 ok")
            }
            "RCPT" => match self.conduct {
                Conduct::Rcpt(answer) => self.stream.say(answer),
                Conduct::Hang => {
                    thread::sleep(HANGS);
                    None
                }
                _ => {
                    self.mail.to.push(path(line));
                    self.stream.say("250 2.1.5 ok")
                }
            },
            "DATA" => self.data(),
            "QUIT" => {
                self.stream.say("221 bye")?;
                None
            }
            "NOOP" | "RSET" => self.stream.say("250 ok"),
            _ => self.stream.say("502 5.5.2 what?"),
        }
    }

    fn greet(&mut self) -> Option<()> {
        let mut lines = vec!["mail.test", "PIPELINING", "SIZE 1000000"];
        if self.manner.protection == Protection::StartTls && matches!(self.stream, Stream::Plain(_)) {
            lines.push("STARTTLS");
        } else if self.manner.login.is_some() {
            lines.push("AUTH PLAIN LOGIN");
        }
        let last = lines.len() - 1;
        for (n, line) in lines.into_iter().enumerate() {
            let mark = if n == last { ' ' } else { '-' };
            self.stream.say(&format!("250{mark}{line}"))?;
        }
        Some(())
    }

    /// AUTH PLAIN (RFC 4616).
    fn log_in(&mut self, line: &str) -> Option<()> {
        let response = BASE64.decode(line.rsplit(' ').next()?.as_bytes()).ok()?;
        let parts: Vec<&[u8]> = response.split(|byte| *byte == 0).collect();
        let (user, password) = self.manner.login?;
        if parts == [&b""[..], user.as_bytes(), password.as_bytes()] {
            self.mail.user = Some(user.to_owned());
            self.stream.say("235 2.7.0 welcome")
        } else {
            self.stream.say("535 5.7.8 wrong user or password")
        }
    }

    fn data(&mut self) -> Option<()> {
        self.stream.say("354 go on")?;
        let mut data = String::new();
        loop {
            let line = self.stream.line()?;
            if line == "." {
                break;
            }
            // RFC 5321 §4.5.2.
            data.push_str(line.strip_prefix('.').unwrap_or(&line));
            data.push_str("\r\n");
        }
        if let Conduct::Dot(answer) = self.conduct {
            return self.stream.say(answer);
        }
        let user = self.mail.user.clone();
        let mail = std::mem::replace(
            &mut self.mail,
            Taken {
                user,
                ..Taken::default()
            },
        );
        self.memory.taken.lock().unwrap().push(Taken { data, ..mail });
        if self.conduct == Conduct::DropAfterDot {
            return None;
        }
        self.stream.say("250 2.0.0 taken")
    }
}

/// `MAIL FROM:<a@b>` → `a@b`.
fn path(line: &str) -> String {
    let path = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    path.map_or_else(String::new, |(path, _)| path.to_owned())
}
