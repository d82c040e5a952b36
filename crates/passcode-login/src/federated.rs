//! The guest's own organisation: the way there, the way back, and what may go wrong on it.
//!
//! The way there writes nothing: what binds the answer to this browser, sign-in, tenant and address stands in the
//! `state` parameter under a MAC that only the browser's secret makes (`trip`). The way back spends it, once.

pub(crate) mod arrive;
mod arrived;
pub(crate) mod away;
mod hinted;
pub(crate) mod kept;
pub(crate) mod leave;
pub(crate) mod logout;
pub(crate) mod offer;
#[cfg(feature = "saml")]
pub(crate) mod saml;
#[cfg(feature = "saml")]
pub(crate) mod saml_logout;
mod service;
pub(crate) mod test;
mod trip;
pub(crate) mod trouble;

/// A tenant and a provider of personal accounts, for the gallery.
#[cfg(test)]
fn sample_upstreams() -> [domain::upstream::Upstream; 2] {
    use domain::upstream::{Provider, Tenant};
    use test_support::samples;

    let contoso = Tenant {
        display_name: "Contoso".into(),
        ..samples::tenant("contoso", &["contoso.test"])
    };
    let google = Provider {
        display_name: "Google".into(),
        ..samples::provider("google", &["gmail.com"])
    };
    [contoso.into(), google.into()]
}
