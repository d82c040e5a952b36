//! Asking for access: a guest who is refused asks, and the person answerable decides by mail.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    EmailAddress, Id, access::AccessRefusal, app::App, assignment::Assignment, guest::Guest,
    invitation::Invitation,
};

/// How long somebody who was asked may answer.
pub const ANSWERABLE_FOR: TimeDelta = TimeDelta::days(14);

/// How long a guest waits until they may ask for the same app again.
const AGAIN_AFTER: TimeDelta = TimeDelta::days(1);

/// A guest asks whether they may use an app, or it is asked whether they still may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRequest {
    /// Its row.
    pub id: Id<AccessRequest>,
    /// Who asks.
    pub guest: Id<Guest>,
    /// For what.
    pub app: Id<App>,
    /// The end of their access, where it is asked whether it goes on beyond that.
    pub renews: Option<DateTime<Utc>>,
    /// Whether the guest had proven who they are; else somebody had the link of their invitation.
    pub proven: bool,
    /// Who was asked, by mail.
    pub asked_of: EmailAddress,
    /// Where it stands.
    pub state: AccessRequestState,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it can no longer be answered.
    pub expires_at: DateTime<Utc>,
}

/// Where an access request stands. Lapsing needs no change of state: `expires_at` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessRequestState {
    /// Nobody has answered yet.
    Pending,
    /// The guest was given access.
    Approved,
    /// The guest was not given access.
    Refused,
}

impl AccessRequestState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Approved, Self::Refused];

    /// The word that rows, the command line and the API use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Refused => "refused",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl AccessRequest {
    /// Whether it can be answered.
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.state == AccessRequestState::Pending && now < self.expires_at
    }

    /// How it stands, in the words of lists: `expired` where it can no longer be answered.
    pub fn standing(&self, now: DateTime<Utc>) -> &'static str {
        if self.state == AccessRequestState::Pending && !self.is_open(now) {
            "expired"
        } else {
            self.state.name()
        }
    }

    /// When the guest may ask for the same app again.
    fn again_at(&self) -> DateTime<Utc> {
        self.created_at + AGAIN_AFTER
    }
}

/// What a guest who is refused can do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asking {
    /// They can ask this person.
    Of(EmailAddress),
    /// They have asked, at that time, and may not ask again yet.
    Asked(DateTime<Utc>),
    /// The request of that time was answered with no, and they may not ask again yet.
    TurnedDown(DateTime<Utc>),
    /// Nobody can be asked, or it would not help.
    Nobody,
}

/// Whether a guest who is refused so can ask for access now, and of whom. `newest` is what they asked last of this app.
pub fn asking(
    refusal: AccessRefusal,
    answerable: &Answerable<'_>,
    newest: Option<&AccessRequest>,
    now: DateTime<Utc>,
) -> Asking {
    if !may_ask(refusal) {
        return Asking::Nobody;
    }
    if let Some(newest) = newest.filter(|newest| newest.renews.is_none() && now < newest.again_at()) {
        match newest.state {
            AccessRequestState::Pending if newest.is_open(now) => return Asking::Asked(newest.created_at),
            AccessRequestState::Refused => return Asking::TurnedDown(newest.created_at),
            // It was approved, and has ended since; or it was closed, and nobody else could be asked then.
            AccessRequestState::Approved | AccessRequestState::Pending => {}
        }
    }
    asked_of(answerable).map_or(Asking::Nobody, Asking::Of)
}

/// Whether asking can help a guest who is refused so. Who was shut out themselves learns whom to turn to, and no one is mailed.
fn may_ask(refusal: AccessRefusal) -> bool {
    match refusal {
        AccessRefusal::NotInvited | AccessRefusal::InvitationLapsed | AccessRefusal::AssignmentEnded => true,
        AccessRefusal::Blocked
        | AccessRefusal::Converted
        | AccessRefusal::Removed
        | AccessRefusal::Expired
        | AccessRefusal::AppDisabled
        | AccessRefusal::AssignmentNotBegun => false,
    }
}

/// Whether it is to be asked now if a guest's access to an app goes on: until when it lasts, and who is asked. Once for each end, and
/// not of one who is shut out.
pub fn asked_to_renew(
    guest: &Guest,
    app: &App,
    answerable: &Answerable<'_>,
    newest: Option<&AccessRequest>,
    now: DateTime<Utc>,
) -> Option<(DateTime<Utc>, EmailAddress)> {
    let assignment = answerable
        .assignment
        .filter(|assignment| assignment.is_active(now))?;
    let ends = assignment.ends_at?;
    // Of access that is short anyway it is asked when half of it is over.
    let notice = answerable.notice.min((ends - assignment.starts_at) / 2);
    if now < ends - notice {
        return None;
    }
    let is_in = guest.status.is_in() && !guest.is_expired(now) && app.disabled_at.is_none();
    // One that was closed, because nobody could be asked then, is asked anew.
    let asked_before = newest
        .filter(|newest| newest.renews == Some(ends))
        .is_some_and(|newest| newest.state != AccessRequestState::Pending || newest.is_open(now));
    if !is_in || asked_before {
        return None;
    }
    Some((ends, asked_of(answerable)?))
}

/// The assignment that goes on; `None` where its end was changed since it was asked about. What the guest has through a group becomes
/// their own; `own`, which may be theirs beside it and has not begun, is not shortened by that.
pub fn renewed(
    request: &AccessRequest,
    held: &Assignment,
    own: Option<&Assignment>,
    until: Option<DateTime<Utc>>,
) -> Option<Assignment> {
    let later = own.filter(|own| own.starts_at > held.starts_at && held.group.is_some());
    let ends_at = match later.map(|own| own.ends_at) {
        Some(end) => until.zip(end).map(|(until, end)| until.max(end)),
        None => until,
    };
    still_ends(request, Some(held)).then(|| Assignment {
        ends_at,
        sponsor: Some(request.asked_of.as_str().to_owned()),
        group: None,
        ..held.clone()
    })
}

/// Whether access still ends when it was to end as it was asked about: else it was changed, or taken away, since.
pub fn still_ends(request: &AccessRequest, held: Option<&Assignment>) -> bool {
    request.renews.is_some() && held.is_some_and(|held| held.ends_at == request.renews)
}

/// What it depends on who is asked.
#[derive(Clone, Copy, Debug)]
pub struct Answerable<'a> {
    /// The guest's assignment to the app, also one that is over.
    pub assignment: Option<&'a Assignment>,
    /// The guest's newest invitation to the app.
    pub invitation: Option<&'a Invitation>,
    /// The app's owner.
    pub owner: Option<&'a EmailAddress>,
    /// The guest's own address: nobody answers for themselves.
    pub guest: &'a EmailAddress,
    /// The keys of addresses whose owners answer for nobody any more.
    pub unanswerable: &'a [String],
    /// How long before an end it is asked whether access goes on.
    pub notice: TimeDelta,
}

impl Answerable<'_> {
    /// Whoever is answerable and whose address is known, the first before the others: the sponsor of the guest's access, who invited
    /// them to the app, the app's owner.
    pub fn named(&self) -> impl Iterator<Item = EmailAddress> {
        let sponsor = self
            .assignment
            .and_then(|assignment| assignment.sponsor.as_deref());
        let inviter = self.invitation.map(|invitation| invitation.terms.sponsor());
        let address = |text: Option<&str>| text.and_then(|text| EmailAddress::parse(text).ok());
        [address(sponsor), address(inviter), self.owner.cloned()]
            .into_iter()
            .flatten()
    }

    /// Those of them who can be asked: not the guest, and nobody who has left.
    fn able(&self) -> impl Iterator<Item = EmailAddress> {
        self.named()
            .filter(|asked| asked.key() != self.guest.key() && !self.unanswerable.contains(&asked.key()))
    }
}

/// Who is asked.
fn asked_of(answerable: &Answerable<'_>) -> Option<EmailAddress> {
    answerable.able().next()
}

/// Whether the person who was asked may still answer: somebody else may be answerable by now.
pub fn may_answer(request: &AccessRequest, answerable: &Answerable<'_>) -> bool {
    answerable
        .able()
        .any(|asked| asked.key() == request.asked_of.key())
}

/// The request that is put to somebody else, in place of one whose person may not answer any more. They have as long as anybody; of
/// access that ends they are asked until then.
pub fn handed_on(
    request: &AccessRequest,
    answerable: &Answerable<'_>,
    id: Id<AccessRequest>,
    now: DateTime<Utc>,
) -> Option<AccessRequest> {
    let asked_of = asked_of(answerable).filter(|asked| asked.key() != request.asked_of.key())?;
    Some(AccessRequest {
        id,
        asked_of,
        created_at: now,
        expires_at: request.renews.unwrap_or(now + ANSWERABLE_FOR),
        ..request.clone()
    })
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessAnswer {
    /// They may, until then; `None` is «until someone ends it».
    Approve(Option<DateTime<Utc>>),
    /// They may not; access that they have lasts until its end.
    Refuse,
    /// Access that they have ends at once.
    End,
}

/// The assignment that an approval makes. Who was asked is the sponsor from now on, also where an operator answered for them.
pub fn approved(request: &AccessRequest, until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Assignment {
    Assignment {
        guest: request.guest,
        app: request.app,
        starts_at: now,
        ends_at: until,
        reason: Some(format!("access request {}", request.id)),
        sponsor: Some(request.asked_of.as_str().to_owned()),
        stands_alone: false,
        group: None,
    }
}

#[cfg(test)]
mod tests;
