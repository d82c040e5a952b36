//! Mail over SMTP (RFC 5321) to one server, with TLS or not at all.
//!
//! The transport is lettre's blocking one, on threads for blocking work: its asynchronous one stops watching the
//! clock once it is connected, and puts a connection that hung back into the pool.

use std::{net::IpAddr, pin::Pin, time::Duration};

use anyhow::{Context, Result, bail};
use lettre::{
    SmtpTransport, Transport,
    address::Envelope,
    transport::smtp::{
        Error as SmtpError, PoolConfig,
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
    },
};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};

use super::{Mail, MailError, Mailer, mailer::redact, sender::address};
use crate::config::settings::{Encryption, SmtpSettings};

/// How long the server may take to connect, and to answer each command.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections that are kept, and how long.
const CONNECTIONS: u32 = 4;
const IDLE: Duration = Duration::from_secs(30);

/// A mail server.
pub struct Smtp {
    transport: SmtpTransport,
}

impl Smtp {
    /// The server of the settings. Connects when there is mail.
    pub fn new(settings: &SmtpSettings) -> Result<Self> {
        Self::with_patience(settings, PATIENCE)
    }

    /// As [`Self::new`], with another time-out.
    pub(super) fn with_patience(settings: &SmtpSettings, patience: Duration) -> Result<Self> {
        let mut builder = SmtpTransport::builder_dangerous(&settings.host)
            .port(settings.port)
            .tls(encryption(settings)?)
            .timeout(Some(patience))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS).idle_timeout(IDLE));
        if let Some((user, password)) = &settings.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        Ok(Self {
            transport: builder.build(),
        })
    }
}

/// STARTTLS is required where it is used: a server, or somebody on the way, that does not offer it gets nothing.
fn encryption(settings: &SmtpSettings) -> Result<Tls> {
    match settings.encryption {
        Encryption::StartTls => Ok(Tls::Required(trust(settings)?)),
        Encryption::Implicit => Ok(Tls::Wrapper(trust(settings)?)),
        Encryption::None if is_loopback(&settings.host) => Ok(Tls::None),
        Encryption::None => bail!("mail to {} would cross the network in the clear", settings.host),
    }
}

/// The public authorities, or those of `ca_file` in their place.
fn trust(settings: &SmtpSettings) -> Result<TlsParameters> {
    let mut parameters = TlsParameters::builder(settings.host.clone());
    if let Some(path) = &settings.ca_file {
        let pem = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        // lettre takes a file without certificates for a list of none.
        let first = CertificateDer::pem_slice_iter(&pem).next().and_then(Result::ok);
        let certificate = first.and_then(|_| Certificate::from_pem(&pem).ok());
        let certificate =
            certificate.with_context(|| format!("{} holds no certificate (PEM)", path.display()))?;
        parameters = parameters
            .certificate_store(CertificateStore::None)
            .add_root_certificate(certificate);
    } else {
        parameters = parameters.certificate_store(CertificateStore::WebpkiRoots);
    }
    parameters
        .build_rustls()
        .context("the TLS settings of the mail server cannot be used")
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl Mailer for Smtp {
    fn probe(&self) -> Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + '_>> {
        Box::pin(async move {
            let transport = self.transport.clone();
            on_a_thread(move || connect(&transport)).await
        })
    }

    fn send<'a>(
        &'a self,
        mail: &'a Mail,
    ) -> Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>> {
        Box::pin(async move {
            let envelope = envelope(mail)?;
            let (transport, raw) = (self.transport.clone(), mail.raw.clone());
            let sent = tokio::task::spawn_blocking(move || converse(&transport, &envelope, &raw));
            sent.await
                .unwrap_or_else(|_| Err(MailError::Transient("the sending thread ended".into())))
        })
    }
}

async fn on_a_thread(work: impl FnOnce() -> Result<(), MailError> + Send + 'static) -> Result<(), MailError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(MailError::Transient("the sending thread ended".into())))
}

/// Opens a connection that answers, or finds one in the pool.
fn connect(transport: &SmtpTransport) -> Result<(), MailError> {
    match transport.test_connection() {
        Ok(_) => Ok(()),
        Err(error) => Err(MailError::Transport(told(&error))),
    }
}

fn envelope(mail: &Mail) -> Result<Envelope, MailError> {
    let refused = |_| MailError::Permanent("an address that SMTP cannot carry".to_owned());
    let from = address("From", &mail.from.address).map_err(refused)?;
    let to = address("To", &mail.to).map_err(refused)?;
    Envelope::new(Some(from), vec![to]).map_err(|_| MailError::Permanent("no recipient".into()))
}

/// First a connection that answers, then the mail: whatever fails before the mail is on its way concerns every mail,
/// and what fails afterwards this one. The connection goes through the pool in between.
fn converse(transport: &SmtpTransport, envelope: &Envelope, raw: &[u8]) -> Result<(), MailError> {
    connect(transport)?;
    match transport.send_raw(envelope, raw) {
        Ok(_) => Ok(()),
        // 530, 534, 535, 538: «authenticate first», RFC 4954 §6. That is not about this mail.
        Err(error)
            if error
                .status()
                .is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538)) =>
        {
            Err(MailError::Transport(told(&error)))
        }
        Err(error) if error.is_permanent() => Err(MailError::Permanent(told(&error))),
        // lettre does not know every time-out as one, so that everything else counts as passing.
        Err(error) => Err(MailError::Transient(told(&error))),
    }
}

fn told(error: &SmtpError) -> String {
    redact(&error.to_string())
}
