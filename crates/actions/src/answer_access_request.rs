//! Answering a guest's access request in place of who was asked.

use domain::{
    Id,
    access_request::{AccessAnswer, AccessRequest},
    audit::Actor,
};
use sign_in::{
    Core,
    access_request::{AnswerOutcome, answer},
};

use super::ActionError;

/// Answers the request; the guest is told by mail.
///
/// # Errors
///
/// No such request; one that was answered before, or can no longer be; a guest who is shut out; an end that has come already.
pub async fn answer_access_request(
    core: &Core,
    by: Actor,
    id: Id<AccessRequest>,
    what: AccessAnswer,
) -> Result<(), ActionError> {
    let found = core.store.reader().access_request(id).await?;
    let request = found.ok_or_else(|| ActionError::NotFound {
        what: "access request",
        name: id.to_string(),
    })?;
    if let AccessAnswer::Approve(Some(until)) = what
        && until <= request.renews.unwrap_or_else(|| core.now())
    {
        return Err(ActionError::Invalid(vec![super::Fault {
            field: "until",
            message: "must lie ahead, and behind the end that access has".into(),
        }]));
    }
    let conflict = |text: &str| Err(ActionError::Conflict(text.into()));
    match answer(core, by, &request, what).await? {
        AnswerOutcome::Now => Ok(()),
        AnswerOutcome::TooLate => conflict("it was answered before, or its time is over"),
        AnswerOutcome::Changed => conflict("the guest's access was changed since it was asked about"),
        AnswerOutcome::ShutOut => conflict("the guest is shut out: let them in again first"),
    }
}
