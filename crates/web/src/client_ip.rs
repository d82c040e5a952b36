//! Where a request came from, through trusted proxies only.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Once,
};

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use http::{HeaderMap, request::Parts};
use ipnet::IpNet;

use sign_in::Core;

/// The client's address, canonical.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl ClientIp {
    /// The peer, or what trusted proxies say of it: the right-most address of `X-Forwarded-For`, or of `Forwarded` (RFC
    /// 7239), that is not a trusted proxy itself. A header that cannot be read that far leaves the peer, and so do two
    /// headers that disagree: the proxy has passed one of them on from the client.
    pub fn find(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let is_trusted = |ip: IpAddr| trusted.iter().any(|net| net.contains(&ip));
        let peer = canonical(peer);
        if !is_trusted(peer) {
            return Self(peer);
        }
        let found = |list: Vec<&str>| {
            let hops = list.into_iter().rev().map(hop);
            // Stops at the first that is unreadable or no proxy of ours.
            hops.take_while(Option::is_some)
                .flatten()
                .find(|hop| !is_trusted(*hop))
        };
        let (simple, standard) = (forwarded_for(headers), forwarded(headers));
        let ip = match (simple.is_empty(), standard.is_empty()) {
            (true, true) => return Self(peer),
            (false, true) => found(simple),
            (true, false) => found(standard),
            (false, false) => found(simple).filter(|ip| found(standard) == Some(*ip)),
        };
        if ip.is_none() {
            warn_once(headers, is_trusted);
        }
        Self(ip.unwrap_or(peer))
    }

    /// The network that limits count under: an IPv4 address, or an IPv6 /64.
    pub fn network(self) -> String {
        match self.0 {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        }
    }

    /// What one subscriber may hold besides: an IPv6 /48, with its 65,536 networks. None over IPv4.
    pub fn site(self) -> Option<String> {
        match self.0 {
            IpAddr::V4(_) => None,
            IpAddr::V6(ip) => {
                let [a, b, c, ..] = ip.segments();
                Some(format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)))
            }
        }
    }
}

/// The elements of `X-Forwarded-For`.
fn forwarded_for(headers: &HeaderMap) -> Vec<&str> {
    let values = headers.get_all("x-forwarded-for").iter();
    values
        .flat_map(|value| value.to_str().unwrap_or("?").split(','))
        .collect()
}

/// The `for` of each element of `Forwarded`; an element without one is unreadable.
fn forwarded(headers: &HeaderMap) -> Vec<&str> {
    let values = headers.get_all(http::header::FORWARDED).iter();
    let elements = values.flat_map(|value| value.to_str().unwrap_or("?").split(','));
    elements.map(|element| node_of(element).unwrap_or("?")).collect()
}

fn node_of(element: &str) -> Option<&str> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for").then_some(value)
    })
}

/// An address as proxies write it: bare, with a port (Azure Application Gateway), in brackets, in quotes.
fn hop(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let ip = text
        .parse::<IpAddr>()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .or_else(|| text.strip_prefix('[')?.strip_suffix(']')?.parse().ok());
    ip.map(canonical)
}

/// Says once what a trusted proxy sent that names no client: every guest counts as the proxy then.
fn warn_once(headers: &HeaderMap, is_trusted: impl Fn(IpAddr) -> bool) {
    static TOLD: Once = Once::new();
    let elements = [forwarded_for(headers), forwarded(headers)].concat();
    // Only proxies of ours: a health check, say.
    if elements
        .iter()
        .all(|element| hop(element).is_some_and(&is_trusted))
    {
        return;
    }
    TOLD.call_once(|| {
        let came: String = elements.join(", ").chars().take(200).collect();
        tracing::warn!(
            came,
            "a trusted proxy's X-Forwarded-For or Forwarded names no client, so all guests behind it share its limits"
        );
    });
}

fn canonical(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}

impl<S: Send + Sync> FromRequestParts<S> for ClientIp
where
    Core: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| {
                address.ip()
            });
        Ok(Self::find(
            peer,
            &parts.headers,
            &Core::from_ref(state).settings.trusted_proxies,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted: Vec<IpNet> = vec!["127.0.0.1/32".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        for (peer, header, found) in [
            ("203.0.113.9", Some("198.51.100.1"), "203.0.113.9"),
            ("127.0.0.1", Some("198.51.100.1"), "198.51.100.1"),
            (
                "127.0.0.1",
                Some("6.6.6.6, 198.51.100.1, 10.1.1.1"),
                "198.51.100.1",
            ),
            ("127.0.0.1", Some("198.51.100.1, nonsense"), "127.0.0.1"),
            ("127.0.0.1", Some("10.1.1.1"), "127.0.0.1"),
            ("127.0.0.1", None, "127.0.0.1"),
            ("::ffff:127.0.0.1", Some("::ffff:198.51.100.1"), "198.51.100.1"),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(header) = header {
                headers.insert("x-forwarded-for", header.parse().unwrap());
            }
            let ip = ClientIp::find(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(ip.0.to_string(), found, "{peer} {header:?}");
        }
    }

    #[test]
    fn what_proxies_write_is_read() {
        let trusted: Vec<IpNet> = vec!["127.0.0.1/32".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        let none = None::<&str>;
        for (simple, standard, found) in [
            (Some("198.51.100.1:4711"), none, "198.51.100.1"),
            (Some("[2001:db8::1]:4711"), none, "2001:db8::1"),
            (Some("[2001:db8::1]"), none, "2001:db8::1"),
            (Some("2001:db8::1"), none, "2001:db8::1"),
            // What the client claims stands on the left, and is not looked at.
            (Some("nonsense, 198.51.100.1:1, 10.1.1.1:2"), none, "198.51.100.1"),
            (Some("198.51.100.1, unknown, 10.1.1.1"), none, "127.0.0.1"),
            (none, Some("for=198.51.100.1;proto=https"), "198.51.100.1"),
            (none, Some("For=\"[2001:db8::1]:4711\""), "2001:db8::1"),
            (
                none,
                Some("for=6.6.6.6, proto=https;for=198.51.100.1, for=10.1.1.1"),
                "198.51.100.1",
            ),
            (none, Some("for=_hidden"), "127.0.0.1"),
            (none, Some("by=10.1.1.1"), "127.0.0.1"),
            (Some("198.51.100.1"), Some("for=198.51.100.1"), "198.51.100.1"),
            (Some("6.6.6.6"), Some("for=198.51.100.1"), "127.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [("x-forwarded-for", simple), ("forwarded", standard)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            let ip = ClientIp::find("127.0.0.1".parse().unwrap(), &headers, &trusted);
            assert_eq!(ip.0.to_string(), found, "{simple:?} {standard:?}");
        }
    }

    #[test]
    fn networks() {
        let network = |text: &str| ClientIp(text.parse().unwrap()).network();
        assert_eq!(network("198.51.100.1"), "198.51.100.1");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        let site = |text: &str| ClientIp(text.parse().unwrap()).site();
        assert_eq!(site("198.51.100.1"), None);
        assert_eq!(site("2001:db8:1:2:3:4:5:6").as_deref(), Some("2001:db8:1::/48"));
    }
}
