//! The address of a sign-in for which the app named the upstream: the account that came back says it.

use domain::{
    EmailAddress,
    upstream::{Arrival, Mismatch, Upstream},
};
use store::StoreError;

use crate::visit::Visit;

/// Gives the sign-in the address of the account that came back: the guest's whose account it is, or the one that the
/// upstream asserts and may assert. From here on it is as if the app had sent that address.
///
/// # Errors
///
/// When the database does not answer.
pub async fn adopt(
    visit: &Visit,
    upstream: &Upstream,
    arrival: &Arrival,
) -> Result<Result<EmailAddress, Mismatch>, StoreError> {
    let Some((tx, mut sign_in)) = visit.begin().await? else {
        return Ok(Err(Mismatch::SomebodyElse));
    };
    let owner = match tx.owner_of_account(upstream.id, &arrival.account).await? {
        Some(owner) => tx.guest(owner).await?,
        None => None,
    };
    let email = match owner {
        Some(guest) => guest.email,
        None => match arrival.asserts(upstream) {
            Ok(email) => email.clone(),
            Err(mismatch) => return Ok(Err(mismatch)),
        },
    };
    // Another tab may have been given an address meanwhile: that one stands, and this answer is not to its question.
    if sign_in.email.is_none() {
        sign_in.email = Some(email.clone());
        tx.save_sign_in(&sign_in).await?;
        tx.commit().await?;
    }
    Ok(Ok(email))
}
