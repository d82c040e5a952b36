//! A name server of our own for tests: one zone's records, by UDP and TCP, and the ways in which others fail.
//! Written from RFC 1035, without the library that asks.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UdpSocket},
};

const TXT: u16 = 16;
const CNAME: u16 = 5;
const NS: u16 = 2;
const SOA: u16 = 6;

/// How a name server fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DnsFault {
    /// It says nothing.
    Silence,
    /// A response code: 2 is SERVFAIL, 5 is REFUSED.
    Code(u8),
    /// It says something that is no answer.
    Garbage,
}

#[derive(Default)]
struct Zone {
    records: BTreeMap<(String, u16), Vec<Vec<u8>>>,
    apex: Option<String>,
    fault: Option<DnsFault>,
    asked: Vec<String>,
}

/// A running name server. It ends with the test's runtime.
#[derive(Clone)]
pub struct NameServer {
    zone: Arc<Mutex<Zone>>,
    address: SocketAddr,
}

impl NameServer {
    /// Starts one that knows nothing.
    ///
    /// # Panics
    ///
    /// When there is no free port.
    #[expect(clippy::unwrap_used, reason = "a test without a port fails")]
    pub async fn start() -> Self {
        let (tcp, udp) = loop {
            let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
            // The same port for UDP may be somebody else's.
            if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
                break (tcp, udp);
            }
        };
        let server = Self {
            zone: Arc::default(),
            address: tcp.local_addr().unwrap(),
        };
        let by_udp = server.clone();
        tokio::spawn(async move {
            let mut query = [0; 4096];
            while let Ok((length, from)) = udp.recv_from(&mut query).await {
                if let Some(answer) = by_udp.answer(&query[..length], 512) {
                    let _ = udp.send_to(&answer, from).await;
                }
            }
        });
        let by_tcp = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = tcp.accept().await {
                let server = by_tcp.clone();
                tokio::spawn(async move { server.converse(stream).await });
            }
        });
        server
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Makes the TXT records at a name these, each of one string; none removes them.
    pub fn texts(&self, name: &str, texts: &[&str]) {
        let records = texts.iter().map(|text| strings(&[text.as_bytes()])).collect();
        self.set(name, TXT, records);
    }

    /// Makes the one TXT record at a name these strings.
    pub fn strings(&self, name: &str, parts: &[&[u8]]) {
        self.set(name, TXT, vec![strings(parts)]);
    }

    /// Makes a name an alias.
    pub fn alias(&self, name: &str, target: &str) {
        self.set(name, CNAME, vec![encoded(target)]);
    }

    /// Says who answers for the zone.
    pub fn authority(&self, apex: &str, hosts: &[&str], primary: &str) {
        self.set(apex, NS, hosts.iter().map(|host| encoded(host)).collect());
        let mut soa = encoded(primary);
        soa.extend(encoded("hostmaster.example"));
        soa.extend([0; 20]);
        self.set(apex, SOA, vec![soa]);
        self.zone().apex = Some(apex.to_owned());
    }

    /// Fails like this from now on; `None` answers again.
    pub fn fail(&self, fault: Option<DnsFault>) {
        self.zone().fault = fault;
    }

    /// The names that were asked for since the last call.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.zone().asked)
    }

    fn set(&self, name: &str, kind: u16, records: Vec<Vec<u8>>) {
        self.zone().records.insert((name.to_owned(), kind), records);
    }

    fn zone(&self) -> std::sync::MutexGuard<'_, Zone> {
        self.zone.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn converse(&self, mut stream: TcpStream) {
        while let Ok(length) = stream.read_u16().await {
            let mut query = vec![0; usize::from(length)];
            if stream.read_exact(&mut query).await.is_err() {
                return;
            }
            let Some(answer) = self.answer(&query, usize::from(u16::MAX)) else {
                return;
            };
            let length = u16::try_from(answer.len()).unwrap_or(u16::MAX);
            let _ = stream.write_all(&length.to_be_bytes()).await;
            let _ = stream.write_all(&answer).await;
        }
    }

    fn answer(&self, query: &[u8], max: usize) -> Option<Vec<u8>> {
        let mut zone = self.zone();
        let (name, end) = decoded(query)?;
        let kind = u16::from_be_bytes([*query.get(end)?, *query.get(end + 1)?]);
        zone.asked.push(name.clone());
        let code = match zone.fault {
            Some(DnsFault::Silence) => return None,
            Some(DnsFault::Garbage) => {
                return Some([&query[..2], b"\x81\x80\xff\xff\xff\xff and more"].concat());
            }
            Some(DnsFault::Code(code)) => code,
            None => 0,
        };
        let (mut answers, mut authorities, mut code) = (Vec::new(), Vec::new(), code);
        if code == 0 {
            let mut owner = name.clone();
            let alias = zone.records.get(&(owner.clone(), CNAME)).and_then(|a| a.first());
            if let Some(target) = alias.filter(|_| kind != CNAME) {
                answers.push(record(&owner, CNAME, target));
                owner = decoded(&[&[0; 12], target.as_slice()].concat())?.0;
            }
            let found = zone.records.get(&(owner.clone(), kind)).into_iter().flatten();
            answers.extend(found.map(|data| record(&owner, kind, data)));
            if answers.is_empty() {
                let exists = zone
                    .records
                    .iter()
                    .any(|((there, _), records)| *there == name && !records.is_empty());
                code = if exists { 0 } else { 3 };
                if let Some(apex) = zone.apex.as_ref().filter(|apex| name.ends_with(apex.as_str())) {
                    let soa = zone.records.get(&(apex.clone(), SOA)).into_iter().flatten();
                    authorities.extend(soa.map(|data| record(apex, SOA, data)));
                }
            }
        }
        // Recursion is there, and the answer is for this question.
        let message = |cut: u8, answers: &[Vec<u8>], authorities: &[Vec<u8>]| {
            let mut message = query[..2].to_vec();
            message.extend([0x85 | cut, 0x80 | code, 0, 1]);
            for section in [answers, authorities] {
                message.extend(u16::try_from(section.len()).unwrap_or(0).to_be_bytes());
            }
            message.extend([0, 0]);
            message.extend(&query[12..end + 4]);
            message.extend(answers.concat());
            message.extend(authorities.concat());
            message
        };
        let whole = message(0, &answers, &authorities);
        Some(if whole.len() > max {
            message(2, &[], &[])
        } else {
            whole
        })
    }
}

fn strings(parts: &[&[u8]]) -> Vec<u8> {
    let part = |part: &&[u8]| [&[u8::try_from(part.len()).unwrap_or(255)], *part].concat();
    parts.iter().flat_map(part).collect()
}

fn encoded(name: &str) -> Vec<u8> {
    let labels: Vec<&[u8]> = name.split('.').map(str::as_bytes).collect();
    let mut bytes = strings(&labels);
    bytes.push(0);
    bytes
}

/// The name behind the header, in lower case, and where it ends.
fn decoded(message: &[u8]) -> Option<(String, usize)> {
    let (mut labels, mut at) = (Vec::new(), 12);
    loop {
        let length = usize::from(*message.get(at)?);
        at += 1;
        if length == 0 {
            return Some((labels.join("."), at));
        }
        let label = message.get(at..at + length)?;
        labels.push(String::from_utf8_lossy(label).to_ascii_lowercase());
        at += length;
    }
}

fn record(owner: &str, kind: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = encoded(owner);
    bytes.extend(kind.to_be_bytes());
    bytes.extend([0, 1, 0, 0, 0, 60]);
    bytes.extend(u16::try_from(data.len()).unwrap_or(0).to_be_bytes());
    bytes.extend(data);
    bytes
}
