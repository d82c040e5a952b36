//! The mail that brings an invitation. Its link authenticates nothing.

use askama::Template;
use chrono::{DateTime, Utc};
use domain::{EmailAddress, Language, invitation::InvitationTerms};
use web::texts::fill;

use super::{
    field::{self, FieldError, line, lines},
    messages::{Content, House, contact, content},
};

/// What it says.
#[derive(Clone, Copy, Debug)]
pub struct InvitationMail<'a> {
    /// Who writes.
    pub house: House<'a>,
    /// Whom it is for.
    pub address: &'a EmailAddress,
    /// The app's name.
    pub app: &'a str,
    /// Hosts that an inviter's own words may link to.
    pub known_hosts: &'a [&'a str],
    /// What the inviter says.
    pub terms: &'a InvitationTerms,
    /// The invitation's page.
    pub link: &'a str,
    /// Where the guest signs in, by the names of the upstreams; none means by a code.
    pub upstreams: &'a [String],
    /// When it lapses.
    pub expires_at: DateTime<Utc>,
}

#[derive(Template)]
#[template(path = "mail/invitation.txt")]
struct InvitationText<'a> {
    m: &'a InvitationParts<'a>,
}

#[derive(Template)]
#[template(path = "mail/invitation.html")]
struct InvitationHtml<'a> {
    m: &'a InvitationParts<'a>,
}

struct InvitationParts<'a> {
    language: Language,
    organisation: &'a str,
    subject: String,
    preheader: String,
    lead: String,
    writes: String,
    message: Option<String>,
    open: &'static str,
    link: &'a str,
    link_host: String,
    proof: String,
    lapses: String,
    access: Option<String>,
    answer: Option<String>,
    why: String,
    stop: Option<String>,
    privacy: String,
    privacy_url: Option<&'a str>,
}

impl InvitationMail<'_> {
    /// What it says. Everything that an inviter wrote is plain text, and leads nowhere.
    pub fn content(&self) -> Result<Content, FieldError> {
        let House {
            language,
            organisation,
            help,
            host,
        } = self.house;
        let (t, terms) = (self.house.texts(), self.terms);
        let organisation = line("organisation", organisation)?;
        let outside = |field, text| Ok(field::defang(line(field, text)?, self.known_hosts));
        let inviter = outside("inviter", &terms.invited_by)?;
        let about = terms
            .about
            .as_deref()
            .map(|about| outside("about", about))
            .transpose()?;
        let app = line("app", self.app)?;
        let upstream = self.upstreams.join(", ");
        let (preheader, proof) = if self.upstreams.is_empty() {
            (t.invitation_preheader, t.invitation_proof)
        } else {
            (t.invitation_preheader_upstream, t.invitation_proof_upstream)
        };
        let what = about.as_deref().map_or_else(
            || app.to_owned(),
            |about| fill(t.invitation_what_about, &[("about", about), ("app", app)]),
        );
        // The organisation itself may invite: then once is enough.
        let at = if terms.invited_by == organisation {
            String::new()
        } else {
            fill(t.invitation_at, &[("organisation", organisation)])
        };
        let values = [
            ("upstream", line("upstream", &upstream)?),
            ("inviter", inviter.as_str()),
            ("what", &what),
            ("at", &at),
            ("app", app),
            ("organisation", organisation),
            ("address", self.address.as_str()),
            ("host", line("host", host)?),
        ];
        let message = terms
            .message
            .as_deref()
            .map(|text| lines("message", text))
            .transpose()?;
        let message = message.map(|text| field::defang(text, self.known_hosts));
        let on = |text, at| fill(text, &[("date", &self.house.date(at))]);
        let parts = InvitationParts {
            language,
            organisation: self.house.organisation,
            subject: fill(t.invitation_subject, &values),
            preheader: fill(preheader, &values),
            lead: fill(t.invitation_lead, &values),
            writes: fill(t.invitation_message, &values),
            message,
            open: t.invitation_open,
            link: line("link", self.link)?,
            link_host: fill(t.invitation_host, &values),
            proof: fill(proof, &values),
            lapses: on(t.invitation_lapses, self.expires_at),
            access: terms.access_until.map(|until| on(t.invitation_access, until)),
            answer: terms
                .reply_to
                .is_some()
                .then(|| fill(t.invitation_answer, &values)),
            why: fill(t.invitation_why, &values),
            stop: contact(help)?.map(|contact| fill(t.invitation_stop, &[("help", contact)])),
            privacy: fill(t.invitation_privacy, &values),
            privacy_url: help.privacy_url.as_ref().map(url::Url::as_str),
        };
        content(
            language,
            parts.subject.clone(),
            &InvitationText { m: &parts },
            &InvitationHtml { m: &parts },
        )
    }
}
