//! Mails: the sign-in code, the explanation in its place, the invitation, access requests and their answers, access that will end, and the news that the
//! method has changed. Subjects first, then what they say from top to bottom.

/// The texts of mails.
#[derive(Debug)]
pub struct MailTexts {
    /// The subject of a code mail: the code comes first, where a list of mails and a lock screen show it.
    pub code_subject: &'static str,
    /// The same where the code must not stand in the subject.
    pub code_subject_without: &'static str,
    /// The first words that a list of mails shows behind the subject.
    pub code_preheader: &'static str,
    /// The first sentence.
    pub code_lead: &'static str,
    /// The first sentence where the code comes at the end.
    pub code_lead_without: &'static str,
    /// Where to type it, and until when.
    pub code_enter: &'static str,
    /// What tells the guest which page the mail belongs to.
    pub code_reference: &'static str,
    /// Why the mail came.
    pub code_why: &'static str,
    /// What the organisation will never do.
    pub code_never: &'static str,
    /// What to do with a mail that looks wrong.
    pub code_suspicious: &'static str,
    /// One minute.
    pub minute: &'static str,
    /// Several minutes, with their number.
    pub minutes: &'static str,

    /// The subject of an invitation.
    pub invitation_subject: &'static str,
    /// The first words that a list of mails shows behind the subject.
    pub invitation_preheader: &'static str,
    /// The same for a guest who signs in elsewhere.
    pub invitation_preheader_upstream: &'static str,
    /// Why it came.
    pub invitation_why: &'static str,
    /// How not to get another.
    pub invitation_stop: &'static str,
    /// What to, where the inviter says what it is about.
    pub invitation_what_about: &'static str,
    /// Where, unless it is the organisation itself who invites.
    pub invitation_at: &'static str,
    /// Who invites to what, when it is the app.
    pub invitation_lead: &'static str,
    /// What stands before the inviter's own words.
    pub invitation_message: &'static str,
    /// The link's words.
    pub invitation_open: &'static str,
    /// Where the link leads.
    pub invitation_host: &'static str,
    /// What will be asked.
    pub invitation_proof: &'static str,
    /// The same for a guest who signs in elsewhere.
    pub invitation_proof_upstream: &'static str,
    /// When the invitation lapses.
    pub invitation_lapses: &'static str,
    /// When the access it gives ends.
    pub invitation_access: &'static str,
    /// Whom an answer reaches.
    pub invitation_answer: &'static str,
    /// Where the privacy statement is.
    pub invitation_privacy: &'static str,

    /// Subject of the mail that asks somebody to give a guest access.
    pub access_request_subject: &'static str,
    /// Who asks for what.
    pub access_request_lead: &'static str,
    /// The same where nobody has proven anything.
    pub access_request_lead_unproven: &'static str,
    /// The link's words.
    pub access_request_open: &'static str,
    /// Where the link leads.
    pub access_request_host: &'static str,
    /// Why they are asked.
    pub access_request_why: &'static str,
    /// How long they may answer.
    pub access_request_until: &'static str,
    /// Subject of the answer yes.
    pub access_approved_subject: &'static str,
    /// The guest may.
    pub access_approved: &'static str,
    /// The link's words.
    pub access_approved_open: &'static str,
    /// Subject of the answer no.
    pub access_refused_subject: &'static str,
    /// The guest may not.
    pub access_refused: &'static str,
    /// Whom to ask.
    pub access_refused_ask: &'static str,

    /// Subject of the mail with an inviter's link.
    pub inviter_subject: &'static str,
    /// What it is for.
    pub inviter_lead: &'static str,
    /// The link's words.
    pub inviter_open: &'static str,
    /// Where the link leads.
    pub inviter_host: &'static str,
    /// Why they get it.
    pub inviter_why: &'static str,
    /// Who must not get it.
    pub inviter_secret: &'static str,

    /// Subject of the mail that asks whether a guest's access goes on.
    pub renewal_subject: &'static str,
    /// Whose access to what ends.
    pub renewal_lead: &'static str,
    /// Why they are asked.
    pub renewal_why: &'static str,
    /// What comes of no answer.
    pub renewal_until: &'static str,
    /// Subject: access goes on.
    pub renewed_subject: &'static str,
    /// It does.
    pub renewed: &'static str,
    /// Subject: access will end.
    pub not_renewed_subject: &'static str,
    /// It will.
    pub not_renewed: &'static str,
    /// Subject: access has ended.
    pub access_ended_subject: &'static str,
    /// It has.
    pub access_ended: &'static str,

    /// Subject of the mail that access will end by a rule.
    pub notice_subject: &'static str,
    /// They have not signed in for long.
    pub notice_inactive: &'static str,
    /// How to keep it.
    pub notice_inactive_keep: &'static str,
    /// They never signed in.
    pub notice_never_redeemed: &'static str,
    /// How to keep it.
    pub notice_never_redeemed_keep: &'static str,
    /// They may use no app any more.
    pub notice_unassigned: &'static str,
    /// How to keep it.
    pub notice_unassigned_keep: &'static str,
    /// Who answered for them has left.
    pub notice_sponsor_gone: &'static str,
    /// How to keep it.
    pub notice_sponsor_gone_keep: &'static str,
    /// Whom to ask.
    pub notice_ask: &'static str,

    /// Subject of the mail that asks whether two guests are one person.
    pub merge_subject: &'static str,
    /// What is asked.
    pub merge_lead: &'static str,
    /// The words of the link.
    pub merge_open: &'static str,
    /// How it is answered, and until when.
    pub merge_how: &'static str,
    /// What comes of it.
    pub merge_then: &'static str,
    /// Where one of the addresses is another person's.
    pub merge_why: &'static str,

    /// Subject of the mail that two guests are one.
    pub merged_subject: &'static str,
    /// What has changed.
    pub merged_lead: &'static str,
    /// What has not.
    pub merged_apps: &'static str,
    /// Whom to ask when it was not them.
    pub merged_ask: &'static str,

    /// Subject of the mail that two guests are two again.
    pub unmerged_subject: &'static str,
    /// What has changed.
    pub unmerged_lead: &'static str,
    /// What each of them opens.
    pub unmerged_apps: &'static str,
    /// Whom to ask about it.
    pub unmerged_ask: &'static str,

    /// Subject of the mail about a new address.
    pub address_subject: &'static str,
    /// To the new address.
    pub address_new: &'static str,
    /// To the former address; the new one is not its business.
    pub address_former: &'static str,
    /// What the former address opens now.
    pub address_former_now: &'static str,
    /// The subject of the mail about another method.
    pub method_subject: &'static str,
    /// The guest moved.
    pub method_moved: &'static str,
    /// An operator reset it.
    pub method_reset: &'static str,
    /// By which method from now on: a code.
    pub method_now_code: &'static str,
    /// By which method from now on: elsewhere.
    pub method_now_upstream: &'static str,
    /// What has ended.
    pub method_ended: &'static str,
    /// Whom to ask when it was not expected.
    pub method_suspicious: &'static str,

    /// The subject of the mail about a new passkey.
    pub passkey_subject: &'static str,
    /// It was registered.
    pub passkey_added: &'static str,
    /// What it does.
    pub passkey_now: &'static str,

    /// Subject of the mail that explains why there is no code.
    pub no_code_subject: &'static str,
    /// What they asked for.
    pub no_code_lead: &'static str,
    /// The way they sign in is off.
    pub no_code_off: &'static str,
    /// Their domain is refused.
    pub no_code_refused: &'static str,
    /// Whom to ask.
    pub no_code_ask: &'static str,
    /// The same where no inviter is named.
    pub no_code_ask_nobody: &'static str,

    /// Subject of a test mail.
    pub test_subject: &'static str,
    /// What it shows.
    pub test_lead: &'static str,
    /// What to look at.
    pub test_headers: &'static str,

    /// A time of day, on pages that no script changes to the visitor's.
    pub time: &'static str,
    /// A day.
    pub date: &'static str,
    /// The months.
    pub months: [&'static str; 12],
}
