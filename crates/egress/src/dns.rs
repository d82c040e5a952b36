//! Questions to name servers: what a domain's zone says of it.

use std::{net::SocketAddr, time::Duration};

use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::{DnsError, NetError, NoRecords, runtime::TokioRuntimeProvider},
    proto::{
        op::ResponseCode,
        rr::{Name, RData, RecordType},
    },
};

/// One name server gets so long to answer, and so often.
const ATTEMPT: Duration = Duration::from_secs(2);
const ATTEMPTS: usize = 2;
/// A question ends after so long, whatever servers and aliases there are.
const QUESTION: Duration = Duration::from_secs(8);

/// Why there is no answer. That a name or a record does not exist is an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDnsAnswer {
    /// The name server could not find out (SERVFAIL).
    #[error("the name server could not find out")]
    ServerFailure,
    /// Another refusal (REFUSED, NOTIMP …).
    #[error("the name server refused")]
    Refused,
    /// No name server answered in time.
    #[error("no name server answered in time")]
    Timeout,
    /// No name server could be reached, or this machine names none.
    #[error("no name server can be reached")]
    Unreachable,
    /// What came back was no answer.
    #[error("what the name server sent is no answer")]
    Garbage,
}

/// Asks the name servers of this machine, or those that the operator names: by UDP, and by TCP when an answer is
/// cut off. Nothing is kept between two questions.
pub struct Dns(TokioResolver);

impl std::fmt::Debug for Dns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Dns")
    }
}

impl Dns {
    /// Asks `servers`; without any, those that this machine's configuration names at this moment.
    pub fn new(servers: &[SocketAddr]) -> Result<Self, NoDnsAnswer> {
        let mut builder = if servers.is_empty() {
            TokioResolver::builder_tokio().map_err(|_| NoDnsAnswer::Unreachable)?
        } else {
            let servers = servers.iter().map(name_server).collect();
            let config = ResolverConfig::from_parts(None, Vec::new(), servers);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        };
        let options = builder.options_mut();
        options.timeout = ATTEMPT;
        options.attempts = ATTEMPTS;
        options.cache_size = 0;
        options.num_concurrent_reqs = 1;
        // A forged answer must guess the letters' case besides the port.
        options.case_randomization = true;
        options.preserve_intermediates = true;
        let resolver = builder.build().map_err(|_| NoDnsAnswer::Unreachable)?;
        Ok(Self(resolver))
    }

    /// The TXT records at `name` itself, not at what an alias leads to: each with its strings joined. Octets that
    /// are no UTF-8 are replaced.
    pub async fn texts(&self, name: &str) -> Result<Vec<String>, NoDnsAnswer> {
        let text = |data: &RData| match data {
            RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
            _ => None,
        };
        self.at(name, RecordType::TXT, text).await
    }

    /// Whether `name` is an alias (CNAME).
    pub async fn is_alias(&self, name: &str) -> Result<bool, NoDnsAnswer> {
        let alias = |data: &RData| matches!(data, RData::CNAME(_)).then_some(());
        Ok(!self.at(name, RecordType::CNAME, alias).await?.is_empty())
    }

    /// Who answers for the zone that holds `domain`: its name servers in order, and the primary of its SOA record.
    /// `None` when the name server says no zone.
    pub async fn authority(&self, domain: &str) -> Result<Option<String>, NoDnsAnswer> {
        let Some(name) = parse(domain) else {
            return Ok(None);
        };
        let (zone, primary) = match self.ask(name.clone(), RecordType::SOA).await? {
            FoundRecords::Records(records) => {
                let soa = records.into_iter().find_map(|(owner, data)| match data {
                    RData::SOA(soa) if owner == name => Some(soa.mname),
                    _ => None,
                });
                match soa {
                    Some(primary) => (name, primary),
                    None => return Ok(None),
                }
            }
            // The domain is within a zone: the answer says of whom.
            FoundRecords::None(none) => match none.soa {
                Some(soa) if soa.name.zone_of(&name) => (soa.name, soa.data.mname),
                _ => return Ok(None),
            },
        };
        let host = |data: &RData| match data {
            RData::NS(host) => Some(in_words(&host.0)),
            _ => None,
        };
        let mut hosts = self.at(&zone.to_ascii(), RecordType::NS, host).await?;
        hosts.sort();
        hosts.dedup();
        Ok(Some(format!(
            "{}; primary {}",
            hosts.join(" "),
            in_words(&primary)
        )))
    }

    /// What `read` makes of the records at `name` itself.
    async fn at<T>(
        &self,
        name: &str,
        kind: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Result<Vec<T>, NoDnsAnswer> {
        // At what is no name there is nothing.
        let Some(name) = parse(name) else {
            return Ok(Vec::new());
        };
        Ok(match self.ask(name.clone(), kind).await? {
            FoundRecords::Records(records) => records
                .iter()
                .filter(|(owner, _)| *owner == name)
                .filter_map(|(_, data)| read(data))
                .collect(),
            FoundRecords::None(_) => Vec::new(),
        })
    }

    async fn ask(&self, name: Name, kind: RecordType) -> Result<FoundRecords, NoDnsAnswer> {
        let asked = tokio::time::timeout(QUESTION, self.0.lookup(name, kind)).await;
        match asked.map_err(|_| NoDnsAnswer::Timeout)? {
            Ok(lookup) => Ok(FoundRecords::Records(
                lookup
                    .answers()
                    .iter()
                    .map(|record| (record.name.clone(), record.data.clone()))
                    .collect(),
            )),
            Err(NetError::Dns(DnsError::NoRecordsFound(none))) => match none.response_code {
                ResponseCode::NoError | ResponseCode::NXDomain => Ok(FoundRecords::None(none)),
                other => Err(said(other)),
            },
            Err(error) => Err(why(&error)),
        }
    }
}

enum FoundRecords {
    Records(Vec<(Name, RData)>),
    None(NoRecords),
}

fn name_server(address: &SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = address.port();
        connection
    });
    NameServerConfig::new(address.ip(), true, connections.into())
}

/// A whole name: this machine's search list has no part in it.
fn parse(name: &str) -> Option<Name> {
    let mut name = Name::from_ascii(name).ok()?;
    name.set_fqdn(true);
    Some(name)
}

fn in_words(name: &Name) -> String {
    let text = name.to_lowercase().to_ascii();
    text.strip_suffix('.').unwrap_or(&text).to_owned()
}

fn said(code: ResponseCode) -> NoDnsAnswer {
    match code {
        ResponseCode::ServFail => NoDnsAnswer::ServerFailure,
        ResponseCode::FormErr => NoDnsAnswer::Garbage,
        _ => NoDnsAnswer::Refused,
    }
}

fn why(error: &NetError) -> NoDnsAnswer {
    match error {
        NetError::Dns(DnsError::ResponseCode(code)) => said(*code),
        NetError::Timeout => NoDnsAnswer::Timeout,
        NetError::Io(_) | NetError::NoConnections | NetError::Busy => NoDnsAnswer::Unreachable,
        _ => NoDnsAnswer::Garbage,
    }
}

#[cfg(test)]
mod tests;
