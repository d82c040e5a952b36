//! The guest's own organisation: the way there, the way back, and what may go wrong on it.
//!
//! The way there writes nothing: what binds the answer to this sign-in, upstream and address stands in the `state` parameter under
//! a MAC that only we can make (`trip`); the sign-in belongs to one browser. The way back spends it, once. Whose account came back
//! is decided in `sign_in::upstream`.

pub(crate) mod arrive;
pub(crate) mod away;
mod hinted;
pub(crate) mod leave;
pub(crate) mod logout;
pub(crate) mod offer;
#[cfg(feature = "saml")]
pub(crate) mod saml;
#[cfg(feature = "saml")]
pub(crate) mod saml_logout;
mod service;
pub(crate) mod test_sign_in;
mod trip;
pub(crate) mod trouble;

/// A tenant and a provider of personal accounts, for the gallery.
#[cfg(test)]
fn sample_upstreams() -> [domain::upstream::Upstream; 2] {
    use domain::upstream::Upstream;
    use test_support::samples;

    let contoso = Upstream {
        display_name: "Contoso".into(),
        ..samples::tenant("contoso", &["contoso.test"])
    };
    let google = Upstream {
        display_name: "Google".into(),
        ..samples::provider("google", &["gmail.com"])
    };
    [contoso, google]
}
