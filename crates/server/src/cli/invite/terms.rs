//! What an inviter says, as flags of the commands that invite.

use chrono::{DateTime, Utc};
use clap::Args;
use domain::invitation::InvitationTerms;
use sign_in::Core;

use crate::cli::audit;

#[derive(Debug, Args)]
pub(super) struct TermsArgs {
    /// Name of the inviter shown in the email [default: the organisation's name]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Reply-to address of the email
    #[arg(long, value_name = "EMAIL")]
    reply_to: Option<String>,
    /// Subject of the invitation, for example a document title
    #[arg(long, value_name = "TEXT")]
    about: Option<String>,
    /// Message in the email: plain text, at most 500 characters
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
    /// Language of the email, such as `de`
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// End of the guest's access to the app
    #[arg(long, value_name = "TIME", value_parser = audit::parse_moment)]
    until: Option<DateTime<Utc>>,
}

impl TermsArgs {
    pub(super) fn terms(self, core: &Core) -> InvitationTerms {
        let mut terms = self.said();
        name_inviter(&mut terms, core);
        terms
    }

    /// Without an inviter where none was named: a file may name one.
    pub(super) fn said(self) -> InvitationTerms {
        InvitationTerms {
            invited_by: self.by.unwrap_or_default(),
            reply_to: self.reply_to,
            about: self.about,
            message: self.message,
            language: self.language,
            access_until: self.until,
        }
    }
}

/// The name of the operating system's user, such as root, would look like phishing.
pub(super) fn name_inviter(terms: &mut InvitationTerms, core: &Core) {
    if terms.invited_by.is_empty() {
        terms.invited_by.clone_from(&core.settings.organisation);
    }
}
