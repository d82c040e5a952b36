//! Asking for access: a guest who is refused asks, and the person answerable decides by mail.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    EmailAddress, Id, access::AccessRefusal, app::App, assignment::Assignment, audit::Actor, guest::Guest,
    invitation::Invitation,
};

/// How long somebody who was asked may answer.
pub const ANSWERABLE_FOR: TimeDelta = TimeDelta::days(14);

/// How long a guest waits until they may ask for the same app again.
const AGAIN_AFTER: TimeDelta = TimeDelta::days(1);

/// A guest's question whether they may use an app.
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

/// Where a question for access stands. Lapsing needs no change of state: `expires_at` says it.
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
    /// The question of that time was answered with no, and they may not ask again yet.
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
            AccessRequestState::Pending => return Asking::Asked(newest.created_at),
            AccessRequestState::Refused => return Asking::TurnedDown(newest.created_at),
            // It was approved, and has ended since.
            AccessRequestState::Approved => {}
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
    let is_in = guest.status.is_in() && !guest.is_expired(now) && app.disabled_at.is_none();
    if !is_in || newest.is_some_and(|newest| newest.renews == Some(ends)) {
        return None;
    }
    Some((ends, asked_of(answerable)?))
}

/// The assignment that goes on; `None` where its end was changed since it was asked about.
pub fn renewed(
    request: &AccessRequest,
    held: &Assignment,
    until: Option<DateTime<Utc>>,
    by: &Actor,
) -> Option<Assignment> {
    (request.renews.is_some() && held.ends_at == request.renews).then(|| Assignment {
        ends_at: until,
        sponsor: by.name(),
        ..held.clone()
    })
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
}

/// Who is asked: the sponsor of the guest's access, who invited them to the app, the app's owner; the first of them whose
/// address is known.
fn asked_of(answerable: &Answerable<'_>) -> Option<EmailAddress> {
    let sponsor = answerable
        .assignment
        .and_then(|assignment| assignment.sponsor.as_deref());
    let inviter = answerable
        .invitation
        .and_then(|invitation| invitation.terms.reply_to.as_deref());
    let address = |text: Option<&str>| text.and_then(|text| EmailAddress::parse(text).ok());
    address(sponsor)
        .or_else(|| address(inviter))
        .or_else(|| answerable.owner.cloned())
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

/// The assignment that an approval makes. Who answered is the sponsor from now on, by their address.
pub fn approved(
    request: &AccessRequest,
    until: Option<DateTime<Utc>>,
    by: &Actor,
    now: DateTime<Utc>,
) -> Assignment {
    Assignment {
        guest: request.guest,
        app: request.app,
        starts_at: now,
        ends_at: until,
        reason: Some(format!("access request {}", request.id)),
        sponsor: by.name(),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        app::{AccessRule, AppAuthentication, Pkce, SigningAlgorithm},
        guest::GuestStatus,
        invitation::{InvitationState, InvitationTerms},
    };

    fn email(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    #[test]
    fn the_first_whose_address_is_known_is_asked() {
        let start = DateTime::UNIX_EPOCH;
        let assignment = |sponsor: &str| Assignment {
            guest: Id::from_uuid(Uuid::nil()),
            app: Id::from_uuid(Uuid::nil()),
            starts_at: start,
            ends_at: Some(start),
            reason: None,
            sponsor: Some(sponsor.into()),
        };
        let invitation = |reply_to: Option<&str>| Invitation {
            id: Id::from_uuid(Uuid::nil()),
            guest: Id::from_uuid(Uuid::nil()),
            app: Id::from_uuid(Uuid::nil()),
            terms: InvitationTerms {
                reply_to: reply_to.map(Into::into),
                ..InvitationTerms::by("Lee")
            },
            state: InvitationState::Revoked,
            created_at: start,
            expires_at: start,
        };
        let (sponsor, named) = (assignment("kim@acme.test"), assignment("Kim"));
        let (inviter, silent) = (invitation(Some("lee@acme.test")), invitation(None));
        let owner = email("owner@acme.test");
        for (assignment, invitation, owner, wanted) in [
            (
                Some(&sponsor),
                Some(&inviter),
                Some(&owner),
                Some("kim@acme.test"),
            ),
            (Some(&named), Some(&inviter), Some(&owner), Some("lee@acme.test")),
            (Some(&named), Some(&silent), Some(&owner), Some("owner@acme.test")),
            (None, Some(&inviter), None, Some("lee@acme.test")),
            (None, None, Some(&owner), Some("owner@acme.test")),
            (Some(&named), Some(&silent), None, None),
            (None, None, None, None),
        ] {
            let answerable = Answerable {
                assignment,
                invitation,
                owner,
            };
            assert_eq!(asked_of(&answerable), wanted.map(email), "{answerable:?}");
        }
    }

    #[test]
    fn who_is_shut_out_themselves_does_not_ask() {
        use AccessRefusal::{
            AppDisabled, AssignmentEnded, AssignmentNotBegun, Blocked, Converted, Expired, InvitationLapsed,
            NotInvited, Removed,
        };
        for (refusal, may) in [
            (NotInvited, true),
            (InvitationLapsed, true),
            (AssignmentEnded, true),
            (AssignmentNotBegun, false),
            (AppDisabled, false),
            (Expired, false),
            (Blocked, false),
            (Converted, false),
            (Removed, false),
        ] {
            assert_eq!(may_ask(refusal), may, "{refusal:?}");
        }
    }

    #[test]
    fn one_asks_once_a_day() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(9);
        let owner = email("owner@acme.test");
        let answerable = Answerable {
            assignment: None,
            invitation: None,
            owner: Some(&owner),
        };
        let before = |state, hours| {
            let created_at = now - TimeDelta::hours(hours);
            AccessRequest {
                state,
                created_at,
                ..request(created_at + ANSWERABLE_FOR)
            }
        };
        let may = || Asking::Of(owner.clone());
        let (pending, refused) = (AccessRequestState::Pending, AccessRequestState::Refused);
        for (newest, wanted) in [
            (None, may()),
            (
                Some(before(pending, 23)),
                Asking::Asked(now - TimeDelta::hours(23)),
            ),
            (Some(before(pending, 24)), may()),
            (
                Some(before(refused, 1)),
                Asking::TurnedDown(now - TimeDelta::hours(1)),
            ),
            (Some(before(refused, 24)), may()),
            (Some(before(AccessRequestState::Approved, 1)), may()),
        ] {
            let got = asking(AccessRefusal::NotInvited, &answerable, newest.as_ref(), now);
            assert_eq!(got, wanted, "{newest:?}");
        }
        let shut_out = asking(AccessRefusal::Blocked, &answerable, None, now);
        assert_eq!(shut_out, Asking::Nobody);
    }

    fn request(expires_at: DateTime<Utc>) -> AccessRequest {
        AccessRequest {
            id: Id::from_uuid(Uuid::nil()),
            guest: Id::from_uuid(Uuid::nil()),
            app: Id::from_uuid(Uuid::nil()),
            renews: None,
            proven: true,
            asked_of: email("lee@acme.test"),
            state: AccessRequestState::Pending,
            created_at: DateTime::UNIX_EPOCH,
            expires_at,
        }
    }

    #[test]
    fn who_is_asked_whether_access_goes_on() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(9);
        let ends = now + TimeDelta::days(3);
        let held = |ends_at| Assignment {
            guest: Id::from_uuid(Uuid::nil()),
            app: Id::from_uuid(Uuid::nil()),
            starts_at: DateTime::UNIX_EPOCH,
            ends_at,
            reason: None,
            sponsor: Some("kim@acme.test".into()),
        };
        let asked_before = |renews| AccessRequest {
            renews,
            ..request(ends)
        };
        let guest = Guest {
            status: GuestStatus::Active,
            ..Guest::invited(email("anna@contoso.test"), None, now, &Zeros)
        };
        let blocked = Guest {
            status: GuestStatus::Blocked,
            ..guest.clone()
        };
        let (on, off) = (app(None), app(Some(now)));
        let kim = || Some((ends, email("kim@acme.test")));
        for (name, guest, app, held, newest, wanted) in [
            ("ends", &guest, &on, held(Some(ends)), None, kim()),
            ("does not end", &guest, &on, held(None), None, None),
            ("is over", &guest, &on, held(Some(now)), None, None),
            (
                "asked",
                &guest,
                &on,
                held(Some(ends)),
                Some(asked_before(Some(ends))),
                None,
            ),
            (
                "of another end",
                &guest,
                &on,
                held(Some(ends)),
                Some(asked_before(Some(now))),
                kim(),
            ),
            (
                "another question",
                &guest,
                &on,
                held(Some(ends)),
                Some(asked_before(None)),
                kim(),
            ),
            ("blocked", &blocked, &on, held(Some(ends)), None, None),
            ("app is off", &guest, &off, held(Some(ends)), None, None),
        ] {
            let answerable = Answerable {
                assignment: Some(&held),
                invitation: None,
                owner: None,
            };
            let got = asked_to_renew(guest, app, &answerable, newest.as_ref(), now);
            assert_eq!(got, wanted, "{name}");
        }

        let by = Actor::Sponsor(email("lee@acme.test"));
        let question = asked_before(Some(ends));
        let longer = renewed(&question, &held(Some(ends)), None, &by).unwrap();
        assert_eq!(
            (longer.ends_at, longer.sponsor.as_deref()),
            (None, Some("lee@acme.test"))
        );
        assert_eq!(
            renewed(&question, &held(Some(now)), None, &by),
            None,
            "changed since"
        );
        assert_eq!(renewed(&request(ends), &held(None), None, &by), None, "not asked");
    }

    struct Zeros;

    impl crate::entropy::Entropy for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    fn app(disabled_at: Option<DateTime<Utc>>) -> App {
        App {
            id: Id::from_uuid(Uuid::nil()),
            client_id: "notes".into(),
            name: "Acme Notes".into(),
            authentication: AppAuthentication::None,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            home: None,
            owner: None,
            access: AccessRule::Invited,
            asks_consent: false,
            offline_access: false,
            signing_algorithm: SigningAlgorithm::Rs256,
            pkce: Pkce::Required,
            id_token_claims: false,
            dev: false,
            disabled_at,
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn an_answer_counts_once_and_in_time_and_makes_who_gave_it_the_sponsor() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(9);
        let later = now + TimeDelta::milliseconds(1);
        for (state, expires_at, open) in [
            (AccessRequestState::Pending, later, true),
            (AccessRequestState::Pending, now, false),
            (AccessRequestState::Approved, later, false),
            (AccessRequestState::Refused, later, false),
        ] {
            let request = AccessRequest {
                state,
                ..request(expires_at)
            };
            assert_eq!(request.is_open(now), open, "{state:?}");
            assert_eq!(AccessRequestState::parse(state.name()), Some(state));
        }
        let made = approved(
            &request(later),
            Some(later),
            &Actor::Sponsor(email("lee@acme.test")),
            now,
        );
        assert_eq!(made.sponsor.as_deref(), Some("lee@acme.test"));
        assert_eq!((made.starts_at, made.ends_at), (now, Some(later)));
        assert!(made.is_active(now) && !made.is_active(later));
    }
}
