//! Whether the mail with a code has a trouble that its guest may be told of.

use chrono::TimeDelta;
use domain::{
    access::may_say_undelivered,
    passcode::{PasscodeChallenge, Undelivered},
};
use store::StoreError;

use crate::visit::Visit;

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
    let reader = visit.core.store.reader();
    let (rule, email) = (&visit.app.access, &challenge.email);
    let may = may_say_undelivered(rule, email, false)
        || match &visit.browser.device {
            Some(device) => {
                let knows = reader.knows_device(&device.hash(), email, visit.now).await?;
                may_say_undelivered(rule, email, knows)
            }
            None => false,
        };
    if may {
        reader.undelivered(challenge.id).await
    } else {
        Ok(None)
    }
}
