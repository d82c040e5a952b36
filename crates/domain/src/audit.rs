//! The audit log: one event for every fact worth keeping, written in the transaction of the change itself.

use chrono::{DateTime, Utc};

use crate::{EmailAddress, Id, app::App, guest::Guest, sign_in::SignIn};

/// What happened. Built where the change is made, completed by the store with an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// What happened.
    pub action: Action,
    /// By whom.
    pub actor: Actor,
    /// Concerning which guest.
    pub guest: Option<Id<Guest>>,
    /// Concerning which app.
    pub app: Option<Id<App>>,
    /// Within which sign-in.
    pub sign_in: Option<Id<SignIn>>,
    /// The mailbox that somebody typed. The store keeps a keyed hash of it: a guest who calls the help desk can be found by
    /// their address, and no address can be read.
    pub mailbox: Option<EmailAddress>,
    /// Why, or why not: a word such as `not_invited`.
    pub reason: Option<String>,
    /// More, by name. Never a code, a token or a secret.
    pub details: Vec<(&'static str, String)>,
}

impl AuditEvent {
    /// An event by `actor`.
    pub fn new(action: Action, actor: Actor) -> Self {
        Self {
            action,
            actor,
            guest: None,
            app: None,
            sign_in: None,
            mailbox: None,
            reason: None,
            details: Vec::new(),
        }
    }

    /// Concerning `guest`.
    #[must_use]
    pub fn guest(mut self, guest: Id<Guest>) -> Self {
        self.guest = Some(guest);
        self
    }

    /// Concerning `app`.
    #[must_use]
    pub fn app(mut self, app: Id<App>) -> Self {
        self.app = Some(app);
        self
    }

    /// Within `sign_in`.
    #[must_use]
    pub fn sign_in(mut self, sign_in: Id<SignIn>) -> Self {
        self.sign_in = Some(sign_in);
        self
    }

    /// Concerning the visitor who typed this address.
    #[must_use]
    pub fn mailbox(mut self, email: &EmailAddress) -> Self {
        self.mailbox = Some(email.clone());
        self
    }

    /// Because of `reason`.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// With a detail.
    #[must_use]
    pub fn detail(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.details.push((name, value.into()));
        self
    }
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody in a browser who has proven nothing yet.
    Visitor,
    /// A guest.
    Guest(Id<Guest>),
    /// An app, at the back channel.
    App(Id<App>),
    /// An operator, by the name of the command line's user or of the API token.
    Operator(String),
    /// The person answerable for a guest's access, who was asked by mail at this address.
    Sponsor(EmailAddress),
    /// Vestibule itself: jobs.
    System,
}

impl Actor {
    /// The word that rows and exports use.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Guest(_) => "guest",
            Self::App(_) => "app",
            Self::Operator(_) => "operator",
            Self::Sponsor(_) => "sponsor",
            Self::System => "system",
        }
    }

    /// Which one, as text.
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Visitor | Self::System => None,
            Self::Guest(id) => Some(id.to_string()),
            Self::App(id) => Some(id.to_string()),
            Self::Operator(name) => Some(name.clone()),
            Self::Sponsor(email) => Some(email.as_str().to_owned()),
        }
    }
}

/// An event as it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its row.
    pub id: Id<AuditRecord>,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The action's name.
    pub action: String,
    /// The actor's kind.
    pub actor_kind: String,
    /// Which actor.
    pub actor: Option<String>,
    /// Concerning which guest.
    pub guest: Option<Id<Guest>>,
    /// Concerning which app.
    pub app: Option<Id<App>>,
    /// Within which sign-in.
    pub sign_in: Option<Id<SignIn>>,
    /// What the guest's page and mail call it.
    pub reference: Option<String>,
    /// The code of the reason why it failed or was refused.
    pub reason: Option<String>,
    /// More, as a JSON object.
    pub details: String,
}

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// The kinds of events, by the names that searches and exports use.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action { $($(#[$doc])* $variant,)* }

        impl Action {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

actions! {
    /// An app was registered.
    AppAdded = "app.added",
    /// An app was changed; the details name the fields, what they were and what they are.
    AppChanged = "app.changed",
    /// An app was switched off.
    AppDisabled = "app.disabled",
    /// An app was switched on again.
    AppEnabled = "app.enabled",
    /// An app was removed.
    AppRemoved = "app.removed",
    /// An app was given another secret.
    AppSecretAdded = "app.secret_added",
    /// A secret of an app was taken away.
    AppSecretRemoved = "app.secret_removed",
    /// A guest was invited.
    InvitationCreated = "invitation.created",
    /// The mail of an invitation was asked for again.
    InvitationResent = "invitation.resent",
    /// An invitation was given more time.
    InvitationExtended = "invitation.extended",
    /// An invitation was taken back before the guest came.
    InvitationRevoked = "invitation.revoked",
    /// A tenant was added, by an operator or by the configuration.
    TenantAdded = "tenant.added",
    /// A tenant was changed; the details name the fields, what they were and what they are.
    TenantChanged = "tenant.changed",
    /// A tenant is switched off: the configuration no longer declares it.
    TenantDropped = "tenant.dropped",
    /// A round trip to a tenant or a provider was tried out; no session began.
    UpstreamTested = "upstream.tested",
    /// The key of the SAML service provider was made.
    ServiceKeyMade = "saml.key_made",
    /// A tenant was removed.
    TenantRemoved = "tenant.removed",
    /// A tenant failed too often: no guest is sent there for a while.
    TenantDown = "tenant.down",
    /// A tenant that had been down signed somebody in.
    TenantUp = "tenant.up",
    /// A tenant's domain was proven for the first time.
    DomainProven = "domain.proven",
    /// The proof of a tenant's domain was not there; the domain leads to the tenant still.
    DomainFailing = "domain.failing",
    /// A tenant's domain leads nowhere any more: its proof lapsed, or another tenant has proven it.
    DomainSuspended = "domain.suspended",
    /// The proof of a tenant's domain is there again.
    DomainRestored = "domain.restored",
    /// Other name servers answer for a tenant's domain than before: it may have another owner.
    DomainAuthorityChanged = "domain.authority_changed",
    /// A provider was added, by an operator or by the configuration.
    ProviderAdded = "provider.added",
    /// A provider was changed; the details name the fields, what they were and what they are.
    ProviderChanged = "provider.changed",
    /// A provider is switched off: the configuration no longer declares it.
    ProviderDropped = "provider.dropped",
    /// A provider was removed.
    ProviderRemoved = "provider.removed",
    /// A provider failed too often: no guest is sent there for a while.
    ProviderDown = "provider.down",
    /// A provider that had been down signed somebody in.
    ProviderUp = "provider.up",
    /// An invitation mail was handed to the mail server.
    InvitationMailed = "invitation.mailed",
    /// Somebody began to sign in by the link of an invitation, for the first time.
    InvitationOpened = "invitation.opened",
    /// An invitation was turned down on its page.
    InvitationDeclined = "invitation.declined",
    /// An invitation was redeemed.
    InvitationRedeemed = "invitation.redeemed",
    /// A guest entered the directory.
    GuestAdded = "guest.added",
    /// A guest was blocked.
    GuestBlocked = "guest.blocked",
    /// A guest was unblocked.
    GuestUnblocked = "guest.unblocked",
    /// A guest was given an end of their access, or it was taken away.
    GuestExpirySet = "guest.expiry_set",
    /// A guest is to be told that a rule will block or remove them.
    GuestNoticed = "guest.noticed",
    /// The mail about it was handed to the mail server.
    GuestNoticeMailed = "guest.notice_mailed",
    /// A guest was taken out of the directory.
    GuestRemoved = "guest.removed",
    /// A guest does not want to be invited to anything any more.
    InvitationsBlocked = "guest.invitations_blocked",
    /// A guest may be invited again.
    InvitationsAllowed = "guest.invitations_allowed",
    /// A guest left the organisation.
    GuestLeft = "guest.left",
    /// A guest says that something in their activity was not them: every session has ended, and their passkeys are gone.
    ActivityDisputed = "guest.activity_disputed",
    /// A guest took a copy of their data.
    DataTaken = "guest.data_taken",
    /// An operator asks two guests whether they are one person; the details name the other.
    MergeAsked = "guest.merge_asked",
    /// The question was handed to the mail server.
    MergeAskedMailed = "guest.merge_asked_mailed",
    /// A guest says that the other is them as well.
    MergeAgreed = "guest.merge_agreed",
    /// A guest says that the other is not them.
    MergeDeclined = "guest.merge_declined",
    /// An operator took the question back.
    MergeWithdrawn = "guest.merge_withdrawn",
    /// A guest may open what the other might, who was removed.
    GuestMerged = "guest.merged",
    /// The mail that two guests are one was handed to the mail server.
    GuestMergedMailed = "guest.merged_mailed",
    /// That was taken back: what the guest got of the other is gone, and the other is restored.
    GuestUnmerged = "guest.unmerged",
    /// The mail that two guests are two again was handed to the mail server.
    GuestUnmergedMailed = "guest.unmerged_mailed",
    /// A guest works for the organisation from now on.
    GuestConverted = "guest.converted",
    /// A removed or converted guest is a guest again.
    GuestRestored = "guest.restored",
    /// Everything that was known of a removed guest is gone.
    GuestErased = "guest.erased",
    /// Wrong codes in a row were forgotten: an address gets codes again.
    CodesReset = "guest.codes_reset",
    /// A guest was assigned to an app, or to a group that the details name; or the times of that were changed.
    AssignmentAdded = "assignment.added",
    /// A guest's access to an app, or their assignment to a group that the details name, was ended.
    AssignmentEnded = "assignment.ended",
    /// A group was added.
    GroupAdded = "group.added",
    /// A group got another name, or other apps.
    GroupChanged = "group.changed",
    /// A group was removed, with who was in it.
    GroupRemoved = "group.removed",
    /// A guest asked for access to an app.
    AccessRequested = "access.requested",
    /// The question was handed to the mail server.
    AccessRequestMailed = "access.request_mailed",
    /// Somebody asked for the link with which one invites without an operator account; the reason says why none was sent.
    InviterLinkAsked = "inviter.link_asked",
    /// Somebody who invites ended all their links.
    InviterLinksEnded = "inviter.links_ended",
    /// The link was handed to the mail server.
    InviterLinkMailed = "inviter.link_mailed",
    /// A guest who asked was given access.
    AccessApproved = "access.request_approved",
    /// A guest who asked was not given access.
    AccessNotApproved = "access.request_refused",
    /// The answer was handed to the mail server.
    AccessAnswerMailed = "access.answer_mailed",
    /// Who was asked cannot answer any more: somebody else is asked, where there is anybody.
    AccessRequestHandedOn = "access.request_handed_on",
    /// Somebody is a sponsor no more: nobody asks them.
    SponsorRemoved = "sponsor.removed",
    /// Somebody may be a sponsor again.
    SponsorRestored = "sponsor.restored",
    /// Somebody else answers for all that a sponsor answered for.
    SponsorHandedOver = "sponsor.handed_over",
    /// Somebody was asked whether a guest's access to an app goes on beyond its end.
    RenewalRequested = "access.renewal_requested",
    /// A guest's access to an app goes on.
    AccessRenewed = "access.renewed",
    /// A guest's access to an app does not go on beyond its end.
    AccessNotRenewed = "access.not_renewed",
    /// A method was chosen for an address; the details carry the trace.
    MethodChosen = "guest.signin.method",
    /// A code was asked for.
    CodeRequested = "guest.signin.code.requested",
    /// A code mail was handed to the mail server.
    CodeMailed = "guest.signin.code.mailed",
    /// A letter that says why there is no code was handed to the mail server.
    LetterMailed = "guest.signin.letter.mailed",
    /// A mail could not be delivered and is given up.
    MailFailed = "mail.failed",
    /// The right code.
    CodeOk = "guest.signin.code.ok",
    /// A wrong code.
    CodeWrong = "guest.signin.code.wrong",
    /// A right code, too late.
    CodeExpired = "guest.signin.code.expired",
    /// Tries are over for this sign-in.
    CodeLocked = "guest.signin.code.locked",
    /// A tenant said who somebody is, and it was the guest who left; the details carry the trace.
    FederationOk = "guest.signin.federation.ok",
    /// Somebody came back from a tenant, or did not get there, and was not signed in.
    FederationFailed = "guest.signin.federation.failed",
    /// A provider of personal accounts said who somebody is, and it was the guest who left; the details carry the trace.
    PersonalAccountOk = "guest.signin.personal_account.ok",
    /// Somebody came back from a provider, or did not get there, and was not signed in.
    PersonalAccountFailed = "guest.signin.personal_account.failed",
    /// An operator holds a guest to a method.
    MethodPinned = "guest.method.pinned",
    /// A guest is held to no method any more.
    MethodUnpinned = "guest.method.unpinned",
    /// A guest was given another address; how they signed in was forgotten.
    AddressChanged = "guest.address.changed",
    /// How a guest signs in was forgotten; the next time decides anew.
    MethodReset = "guest.method.reset",
    /// The mail about another method was handed to the mail server.
    MethodMailed = "guest.method.mailed",
    /// A guest moved to a better method, having proven the old and the new one.
    MethodMoved = "guest.method.moved",
    /// A guest registered a passkey.
    PasskeyAdded = "guest.passkey.added",
    /// A passkey signed its guest in.
    PasskeyUsed = "guest.passkey.used",
    /// A passkey was removed.
    PasskeyRemoved = "guest.passkey.removed",
    /// A passkey was not registered, or did not sign in.
    PasskeyRefused = "guest.passkey.refused",
    /// An account at an upstream became a guest's.
    AccountLinked = "guest.account.linked",
    /// A guest opened My access.
    MyAccessEntered = "my_access.entered",
    /// A limit refused a mail or a try.
    LimitReached = "limit.reached",
    /// A session began.
    SessionStarted = "session.started",
    /// A session ended before its time.
    SessionEnded = "session.ended",
    /// A proven guest was refused.
    AccessRefused = "access.refused",
    /// A guest agreed to what an app asks for.
    ConsentGiven = "consent.given",
    /// A guest did not agree.
    ConsentDenied = "consent.denied",
    /// An app was given an authorization code.
    CodeIssued = "grant.issued",
    /// An app exchanged its code for tokens.
    TokenIssued = "token.issued",
    /// An app refreshed its tokens.
    TokenRefreshed = "token.refreshed",
    /// A grant was refused at the token endpoint.
    GrantRefused = "grant.refused",
    /// A code or refresh token was used twice, and its family revoked.
    GrantReused = "grant.reused",
    /// A grant was revoked.
    GrantRevoked = "grant.revoked",
    /// The database was restored from a backup, and what people and apps held has ended.
    DatabaseRestored = "database.restored",
    /// Events were removed whose time is over.
    EventsRemoved = "audit.removed",
    /// A signing key was made.
    KeyCreated = "key.created",
    /// A signing key began to sign.
    KeyActivated = "key.activated",
    /// A signing key stopped signing and is still published.
    KeyRetiring = "key.retiring",
    /// A signing key is no longer published.
    KeyRetired = "key.retired",
    /// A signing key that may be known to others was withdrawn.
    KeyRevoked = "key.revoked",
    /// An API token was made.
    ApiTokenCreated = "api_token.created",
    /// An API token was revoked.
    ApiTokenRevoked = "api_token.revoked",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct() {
        let names: std::collections::BTreeSet<_> = Action::ALL.iter().map(|action| action.name()).collect();
        assert_eq!(names.len(), Action::ALL.len());
    }
}
