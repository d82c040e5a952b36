//! What may be the issuer of an upstream.

use url::Url;

/// Why a text is no issuer. Reads as a sentence's end, after the text's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnIssuer {
    /// No address at all.
    #[error("is not an address with a host, as in https://login.contoso.example")]
    NotAnAddress,
    /// Anyone on the way could answer in its name.
    #[error("is not https")]
    NotHttps,
    /// OpenID Connect Discovery §3 forbids both.
    #[error("has a query or a fragment, which issuers have not")]
    HasParameters,
}

/// Checks an issuer as an operator writes it. `plain_here` says whether http to this machine is fine: development only.
pub fn check_issuer(written: &str, plain_here: bool) -> Result<(), NotAnIssuer> {
    let url = Url::parse(written).ok().filter(Url::has_host);
    let url = url.ok_or(NotAnIssuer::NotAnAddress)?;
    let plain = plain_here && url.scheme() == "http" && is_loopback(&url);
    if url.scheme() != "https" && !plain {
        return Err(NotAnIssuer::NotHttps);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(NotAnIssuer::HasParameters);
    }
    Ok(())
}

/// Whether a host is this machine by its name or its number.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// Whether a partner's metadata may be fetched there: like an issuer; but a query is fine.
///
/// # Errors
///
/// Why not.
pub fn metadata_address(written: &str, plain_here: bool) -> Result<(), NotAnIssuer> {
    let mut url = Url::parse(written).map_err(|_| NotAnIssuer::NotAnAddress)?;
    url.set_query(None);
    check_issuer(url.as_str(), plain_here)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_issuer_may_be() {
        let fine = Ok(());
        let not_https = Err(NotAnIssuer::NotHttps);
        let table = [
            ("https://login.contoso.example", fine, fine),
            ("https://login.contoso.example/tenant/v2.0", fine, fine),
            ("http://login.contoso.example", not_https, not_https),
            ("http://127.0.0.1:4400", not_https, fine),
            ("http://localhost:4400/realm", not_https, fine),
            ("http://localhost.contoso.example", not_https, not_https),
            ("ftp://127.0.0.1", not_https, not_https),
        ];
        for (written, in_service, in_development) in table {
            assert_eq!(check_issuer(written, false), in_service, "{written}");
            assert_eq!(check_issuer(written, true), in_development, "{written}");
        }
        for (written, why) in [
            ("login.contoso.example", NotAnIssuer::NotAnAddress),
            ("mailto:a@b.example", NotAnIssuer::NotAnAddress),
            ("https://a.example/?x", NotAnIssuer::HasParameters),
            ("https://a.example/#x", NotAnIssuer::HasParameters),
        ] {
            assert_eq!(check_issuer(written, true), Err(why), "{written}");
        }
    }
}
