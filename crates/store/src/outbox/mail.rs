//! What a mail of the outbox is about, and where it stands.

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id,
    access_request::AccessRequest,
    guest::Guest,
    guest_rule::RuleCondition,
    invitation::Invitation,
    inviter::InviterLink,
    merge::{Merge, MergeRole},
    passcode::PasscodeChallenge,
};

/// One mail, from the request that wants it until it is sent or given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxMail {
    /// Its row; its Message-ID follows from it.
    pub id: Id<OutboxMail>,
    /// What it is about.
    pub kind: MailKind,
    /// The language it was asked for in, BCP 47.
    pub language: Option<String>,
    /// Where it stands.
    pub state: MailState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next: of a claimed one, when the claim ends.
    pub due_at: DateTime<Utc>,
    /// After this it is worth nothing to the reader, and not sent.
    pub deadline: DateTime<Utc>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// Where it goes, when that is not the address which the guest has now.
    pub recipient: Option<EmailAddress>,
}

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailKind {
    /// A sign-in code.
    Passcode {
        /// Of which challenge.
        challenge: Id<PasscodeChallenge>,
        /// Of which send.
        send: u32,
    },
    /// In place of a sign-in code: that a guest cannot sign in, because the way they sign in is off.
    NoCode {
        /// Of which challenge.
        challenge: Id<PasscodeChallenge>,
        /// Of which send.
        send: u32,
    },
    /// An invitation.
    Invitation {
        /// The invitation that it tells of.
        invitation: Id<Invitation>,
    },
    /// A guest's access request, to who is answerable.
    AccessRequest {
        /// The question.
        request: Id<AccessRequest>,
    },
    /// The answer to it, to the guest.
    AccessAnswer {
        /// The question.
        request: Id<AccessRequest>,
    },
    /// The link of the page on which somebody invites, to them.
    InviterLink {
        /// The link.
        link: Id<InviterLink>,
    },
    /// Whether two guests are one person.
    MergeAsked {
        /// The merge.
        merge: Id<Merge>,
        /// To which of the two.
        to: MergeRole,
    },
    /// That they are one from now on.
    GuestMerged {
        /// The merge.
        merge: Id<Merge>,
        /// To which of the two.
        to: MergeRole,
    },
    /// That they are two again.
    GuestUnmerged {
        /// The merge.
        merge: Id<Merge>,
        /// To which of the two.
        to: MergeRole,
    },
    /// That a rule will block or remove a guest.
    GuestNotice {
        /// The guest who is told.
        guest: Id<Guest>,
        /// Of which rule.
        rule: RuleCondition,
    },
    /// How a guest signs in has changed.
    MethodChanged {
        /// The guest who is told.
        guest: Id<Guest>,
        /// In which way.
        change: MethodChange,
    },
}

impl MailKind {
    /// The word that rows, the command line and the audit log use.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Passcode { .. } => "passcode",
            Self::NoCode { .. } => "no_code",
            Self::Invitation { .. } => "invitation",
            Self::AccessRequest { .. } => "access_request",
            Self::AccessAnswer { .. } => "access_answer",
            Self::InviterLink { .. } => "inviter_link",
            Self::MergeAsked { .. } => "merge_asked",
            Self::GuestMerged { .. } => "guest_merged",
            Self::GuestUnmerged { .. } => "guest_unmerged",
            Self::GuestNotice { .. } => "guest_notice",
            Self::MethodChanged { .. } => "method_changed",
        }
    }
}

/// What changed about how a guest signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MethodChange {
    /// An operator reset it.
    Reset,
    /// The guest moved to a better method.
    Moved,
    /// An operator gave the guest this address in place of another one.
    NewAddress,
    /// An operator gave the guest another address in place of this one.
    FormerAddress,
    /// The guest registered a passkey.
    PasskeyAdded,
}

impl MethodChange {
    pub(super) const ALL: [Self; 5] = [
        Self::Reset,
        Self::Moved,
        Self::NewAddress,
        Self::FormerAddress,
        Self::PasskeyAdded,
    ];

    pub(super) fn number(self) -> u32 {
        match self {
            Self::Reset => 0,
            Self::Moved => 1,
            Self::NewAddress => 2,
            Self::FormerAddress => 3,
            Self::PasskeyAdded => 4,
        }
    }
}

/// Where a mail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailState {
    /// Waiting for its time.
    Pending,
    /// Accepted by the mail server.
    Sent,
    /// Given up.
    GivenUp,
    /// Never to be sent: the row of a suppressed challenge, which costs what a real one costs.
    Suppressed,
}

impl MailState {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::GivenUp => "given_up",
            Self::Suppressed => "suppressed",
        }
    }
}

impl OutboxMail {
    /// A mail that is due at once.
    pub fn new(
        id: Id<OutboxMail>,
        kind: MailKind,
        language: Option<String>,
        now: DateTime<Utc>,
        deadline: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            kind,
            language,
            state: MailState::Pending,
            attempts: 0,
            due_at: now,
            deadline,
            created_at: now,
            recipient: None,
        }
    }
}

/// That a process holds a mail from the moment in which it is asked for: nobody else sends it meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailLease {
    /// What the process is called, where the system says.
    pub holder: Option<String>,
    /// When the mail comes back if the process has not said what became of it.
    pub until: DateTime<Utc>,
}
