//! Whether an address is easily taken for one of somebody who is known here (threat E17).

use domain::{EmailAddress, upstream::registrable};
use sign_in::Core;
use store::StoreError;

/// The domain for which a person would take the address's: a tenant's, a provider's, the organisation's own, or a large mail
/// provider's.
pub async fn look_alike(core: &Core, email: &EmailAddress) -> Result<Option<String>, StoreError> {
    // `login.acme.example` is where `acme.example` signs in its guests.
    let own = registrable(core.settings.issuer.host());
    let upstreams = core.store.reader().known_domains().await?;
    let upstreams = upstreams.iter().map(String::as_str);
    Ok(email.looks_like(upstreams.chain(own)))
}
