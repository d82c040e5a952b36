//! Whether the mail with a code has a trouble that its guest may be told of.

use chrono::TimeDelta;
use domain::{
    access::everybody_is_mailed,
    method::Method,
    passcode::{PasscodeChallenge, Undelivered},
};
use method_resolution::Decision;
use store::StoreError;

use crate::{method, visit::Visit};

/// So long no mail server takes to answer, usually: before that nothing is looked for.
const ANSWERED_AFTER: TimeDelta = TimeDelta::seconds(3);

/// What is known of the challenge's newest mail, for whoever may know it.
///
/// # Errors
///
/// When the database does not answer.
pub async fn undelivered(
    visit: &Visit,
    challenge: &PasscodeChallenge,
) -> Result<Option<Undelivered>, StoreError> {
    let asked = challenge.sends.first().map(|send| send.issued_at);
    if asked.is_none_or(|asked| visit.now - asked < ANSWERED_AFTER) {
        return Ok(None);
    }
    let (reader, email) = (visit.core.store.reader(), &challenge.email);
    let knows_browser = match &visit.browser.device {
        Some(device) => reader.knows_device(&device.hash(), email, visit.now).await?,
        None => false,
    };
    // A stranger reads it where they would read the same of any address.
    let may = knows_browser
        || everybody_is_mailed(&visit.app.access, email, true) && {
            let told = method::find(visit, &reader, email).await?.told;
            everybody_is_mailed(&visit.app.access, email, told == Decision::Use(Method::Passcode))
        };
    if may {
        reader.undelivered(challenge.id).await
    } else {
        Ok(None)
    }
}
