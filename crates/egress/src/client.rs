//! The client.

use std::{
    collections::HashMap,
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::{
    dns::{Addrs, Name, Resolve, Resolving},
    redirect,
};
use tokio::sync::Semaphore;
use url::{Host, Url};

use crate::EgressPolicy;

/// The longest answer that is read, in bytes.
pub const ANSWER_MAX: usize = 256 * 1024;

/// How many hosts without requests are remembered.
const HOSTS_MAX: usize = 256;

/// How many requests to one host may be under way at once in this process: a slow one does not delay requests to others.
const AT_ONCE: usize = 8;
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
const ANSWER_WITHIN: Duration = Duration::from_secs(8);

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not https.
    #[error("{0} is not https")]
    NotHttps(String),
    /// The host is, or leads to, an address that may not be connected to.
    #[error("{0} leads to an address that is not public; allow its network in egress.allow if it is yours")]
    NotPublic(String),
    /// No connection, no answer in time, or a broken one.
    #[error("{host} did not answer: {cause}")]
    Transport {
        /// The host that was asked.
        host: String,
        /// Why, without the address that was asked for.
        cause: String,
    },
    /// An answer that says that there is none (5xx).
    #[error("{host} answered with {status}")]
    Failing {
        /// The host that was asked.
        host: String,
        /// The HTTP status of its answer.
        status: http::StatusCode,
    },
    /// More than [`ANSWER_MAX`] bytes.
    #[error("{0} answered with more than {ANSWER_MAX} bytes")]
    TooLong(String),
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum Unbuilt {
    /// TLS, or a certificate that is none.
    #[error("TLS cannot be set up")]
    Tls(#[from] reqwest::Error),
    /// The authorities that are to be trusted as well are none.
    #[error("there is no certificate (PEM) among the authorities that are to be trusted as well")]
    NoCertificate,
}

/// The client. Cheap to clone: all clones share their connections and limits.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    policy: Arc<EgressPolicy>,
    at_once: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
}

impl Client {
    /// A client that keeps to `policy`.
    ///
    /// # Errors
    ///
    /// TLS cannot be set up, or the further authorities are none.
    pub fn new(policy: EgressPolicy) -> Result<Self, Unbuilt> {
        let policy = Arc::new(policy);
        let further = match &policy.authorities {
            Some(pem) => reqwest::Certificate::from_pem_bundle(pem.as_bytes())?,
            None => Vec::new(),
        };
        if policy.authorities.is_some() && further.is_empty() {
            return Err(Unbuilt::NoCertificate);
        }
        let http = reqwest::Client::builder()
            .tls_certs_merge(further)
            // An answer must not choose whom we talk to next, with our secret in hand.
            .redirect(redirect::Policy::none())
            // A proxy would resolve the name again, and connect where it likes.
            .no_proxy()
            .dns_resolver(Guard(Arc::clone(&policy)))
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .user_agent("vestibule")
            .build()?;
        Ok(Self {
            http,
            policy,
            at_once: Arc::default(),
        })
    }

    /// Whether an address may be fetched, as far as it says itself; names are looked at when they are resolved.
    pub fn check(&self, url: &Url) -> Result<(), Error> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) => None,
            None => return Err(Error::NotHttps(url.scheme().to_owned())),
        };
        let this_machine = literal.is_some_and(|address| address.is_loopback())
            || host == "localhost"
            || host.ends_with(".localhost");
        let plain = url.scheme() == "http" && self.policy.http_on_loopback && this_machine;
        if url.scheme() != "https" && !plain {
            return Err(Error::NotHttps(host));
        }
        if literal.is_some_and(|address| !self.policy.admits(address)) {
            return Err(Error::NotPublic(host));
        }
        Ok(())
    }

    /// Fetches an address. An answer of 5xx is an error, any other an answer.
    pub async fn get(&self, url: &Url) -> Result<HttpResponse, Error> {
        self.check(url)?;
        self.send(self.http.get(url.clone()).build(), url).await
    }

    /// The places of one host. Those without requests are forgotten when there are many.
    fn places_at(&self, host: &str) -> Arc<Semaphore> {
        let mut all = self.at_once.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= HOSTS_MAX {
            // A request that holds a place, or waits for one, holds the semaphore.
            all.retain(|_, places| Arc::strong_count(places) > 1);
        }
        let places = all.entry(host.to_owned());
        Arc::clone(places.or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE))))
    }

    async fn send(
        &self,
        request: Result<reqwest::Request, reqwest::Error>,
        url: &Url,
    ) -> Result<HttpResponse, Error> {
        let host = url.host_str().unwrap_or_default();
        let failed = |error: reqwest::Error| transport(host, &error);
        let places = self.places_at(host);
        // Never closed; a request that waits longer than an answer may take gives up.
        let Ok(_one) = tokio::time::timeout(ANSWER_WITHIN, places.acquire()).await else {
            return Err(Error::Transport {
                host: host.to_owned(),
                cause: "too many requests wait for it".to_owned(),
            });
        };
        let mut response = self
            .http
            .execute(request.map_err(failed)?)
            .await
            .map_err(failed)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > ANSWER_MAX {
                return Err(Error::TooLong(host.to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        if response.status().is_server_error() {
            return Err(Error::Failing {
                host: host.to_owned(),
                status: response.status(),
            });
        }
        let mut answer = HttpResponse::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }
}

/// What `openidconnect` asks for.
impl<'c> AsyncHttpClient<'c> for Client {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let text = request.uri().to_string();
            let url = Url::parse(&text).map_err(|_| Error::NotHttps(text))?;
            self.check(&url)?;
            self.send(request.try_into(), &url).await
        })
    }
}

/// The last cause alone: the others repeat the whole address, and a query may hold a secret.
fn transport(host: &str, error: &reqwest::Error) -> Error {
    let mut cause: &dyn std::error::Error = error;
    while let Some(below) = cause.source() {
        cause = below;
    }
    if cause.downcast_ref::<Forbidden>().is_some() {
        return Error::NotPublic(host.to_owned());
    }
    let cause = if error.is_timeout() {
        "not in time".to_owned()
    } else if std::ptr::eq(cause, error as &dyn std::error::Error) {
        "the connection failed".to_owned()
    } else {
        cause.to_string()
    };
    Error::Transport {
        host: host.to_owned(),
        cause,
    }
}

/// Every address of the name is forbidden.
#[derive(Debug, thiserror::Error)]
#[error("no public address")]
struct Forbidden;

/// Resolves names to the addresses that may be connected to: the connection is made to one of these.
struct Guard(Arc<EgressPolicy>);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = Arc::clone(&self.0);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let all: Vec<SocketAddr> = found.collect();
            let admitted: Vec<SocketAddr> = all
                .iter()
                .copied()
                .filter(|address| policy.admits(address.ip()))
                .collect();
            if admitted.is_empty() {
                return Err(if all.is_empty() {
                    io::Error::from(io::ErrorKind::NotFound).into()
                } else {
                    Forbidden.into()
                });
            }
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests;
