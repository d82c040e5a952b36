//! Where a request came from, through trusted proxies only.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use http::{HeaderMap, request::Parts};
use ipnet::IpNet;

use crate::Core;

/// The client's address, canonical.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl ClientIp {
    /// The peer, or what trusted proxies say of it: the right-most address in `X-Forwarded-For` that is not a
    /// trusted proxy itself. A header that cannot be read leaves the peer.
    pub fn find(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let is_trusted = |ip: IpAddr| trusted.iter().any(|net| net.contains(&ip));
        let peer = canonical(peer);
        if !is_trusted(peer) {
            return Self(peer);
        }
        let hops: Option<Vec<IpAddr>> = headers
            .get_all("x-forwarded-for")
            .iter()
            .flat_map(|value| value.to_str().unwrap_or("?").split(','))
            .map(|hop| hop.trim().parse().ok().map(canonical))
            .collect();
        let found = hops
            .unwrap_or_default()
            .into_iter()
            .rev()
            .find(|hop| !is_trusted(*hop));
        Self(found.unwrap_or(peer))
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
    fn networks() {
        let network = |text: &str| ClientIp(text.parse().unwrap()).network();
        assert_eq!(network("198.51.100.1"), "198.51.100.1");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        let site = |text: &str| ClientIp(text.parse().unwrap()).site();
        assert_eq!(site("198.51.100.1"), None);
        assert_eq!(site("2001:db8:1:2:3:4:5:6").as_deref(), Some("2001:db8:1::/48"));
    }
}
