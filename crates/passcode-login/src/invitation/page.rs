//! As it looks: open, redeemed, lapsed, revoked, declined, unknown.

use askama::Template;
use chrono::{DateTime, Utc};
use domain::{
    Secret,
    access_request::Asking,
    app::App,
    guest::Guest,
    invitation::{self, Invitation, InvitationState},
};
use web::{
    Frame, routes,
    texts::{Markup, Part, fill},
};

/// `templates/sign_in/invitation.html`.
#[derive(Template)]
#[template(path = "sign_in/invitation.html")]
pub(crate) struct InvitationPage {
    frame: Frame,
    app: Option<String>,
    title: String,
    heading: String,
    /// What there is to say, one paragraph each.
    says: Vec<Markup>,
    /// The inviter's own words.
    message: Option<(Markup, String)>,
    /// The way on: what it is called, and where it leads.
    onward: Option<(String, String)>,
    /// Where to turn it down.
    decline: Option<String>,
    /// Where to ask for another one.
    again: Option<String>,
    /// Where to allow invitations again.
    allow: Option<String>,
}

impl InvitationPage {
    pub(super) fn unknown(frame: Frame) -> Self {
        let t = &frame.t.invitation;
        Self {
            app: None,
            title: t.unknown_title.to_owned(),
            heading: t.unknown_title.to_owned(),
            says: vec![frame.mark(t.unknown, &[])],
            message: None,
            onward: None,
            decline: None,
            again: None,
            allow: None,
            frame,
        }
    }

    /// The same for a guest who does not want to be invited any more.
    pub(super) fn blocked(mut self, token: &Secret) -> Self {
        let parts = [("organisation", Part::Text(&self.frame.organisation))];
        self.says
            .push(self.frame.mark(self.frame.t.invitation.blocked, &parts));
        self.allow = Some(routes::allow_invitations(token));
        self
    }

    pub(super) fn new(
        frame: Frame,
        invitation: &Invitation,
        guest: &Guest,
        app: &App,
        (upstreams, asking, is_let_in): (&[String], &Asking, bool),
        (token, issuer): (&Secret, &str),
        now: DateTime<Utc>,
    ) -> Self {
        let t = &frame.t.invitation;
        let inviter = &invitation.terms.invited_by;
        let parts = |date: DateTime<Utc>| {
            [
                ("inviter", Part::Text(inviter)),
                ("app", Part::Text(&app.name)),
                ("date", Part::Date(date)),
            ]
        };
        let ended = |heading: &str, text: &str| Self {
            app: Some(app.name.clone()),
            title: heading.to_owned(),
            heading: heading.to_owned(),
            says: vec![
                frame.mark(text, &parts(invitation.expires_at)),
                frame.mark(t.ask_inviter, &parts(now)),
            ],
            message: None,
            onward: None,
            decline: None,
            again: None,
            allow: None,
            frame: frame.clone(),
        };
        match invitation.state {
            InvitationState::Revoked => return ended(t.revoked_title, t.revoked),
            InvitationState::Declined => return ended(t.declined_title, t.declined),
            InvitationState::Pending if !invitation.is_open(now) && !is_let_in => {
                let (text, at) = match asking {
                    Asking::Asked(at) => (t.again_asked, *at),
                    Asking::TurnedDown(at) => (t.again_turned_down, *at),
                    Asking::Of(_) | Asking::Nobody => (t.ask_inviter, now),
                };
                let lapsed = frame.mark(t.lapsed, &parts(invitation.expires_at));
                return Self {
                    says: vec![lapsed, frame.mark(text, &parts(at))],
                    again: matches!(asking, Asking::Of(_)).then(|| routes::ask_for_invitation(token)),
                    ..ended(t.lapsed_title, t.lapsed)
                };
            }
            InvitationState::Pending | InvitationState::Redeemed => {}
        }
        let masked = guest.email.masked();
        let onward = onward(app, token, issuer);
        let mut says = Vec::new();
        if invitation.state == InvitationState::Redeemed {
            says.push(frame.mark(t.redeemed, &[]));
        }
        if is_let_in {
            says.push(frame.mark(t.again_given, &parts(now)));
        }
        says.push(frame.mark(t.for_address, &[("email", Part::Address(&masked))]));
        let upstream = upstreams.join(", ");
        says.push(if onward.is_some() && upstreams.is_empty() {
            frame.mark(t.next, &[])
        } else if onward.is_some() {
            frame.mark(t.next_upstream, &[("upstream", Part::Text(&upstream))])
        } else {
            frame.mark(t.no_link, &parts(now))
        });
        if invitation.is_open(now) {
            says.push(frame.mark(t.until, &parts(invitation.expires_at)));
        }
        says.extend(
            invitation
                .terms
                .access_until
                .filter(|_| !is_let_in)
                .map(|until| frame.mark(t.access_until, &parts(until))),
        );
        let named = |text: &str| {
            let about = invitation.terms.about.as_deref().unwrap_or_default();
            fill(
                text,
                &[("inviter", inviter), ("app", &app.name), ("about", about)],
            )
        };
        Self {
            app: Some(app.name.clone()),
            title: named(t.title),
            heading: named(if invitation.terms.about.is_some() {
                t.heading_about
            } else {
                t.heading
            }),
            message: invitation
                .terms
                .message
                .clone()
                .map(|message| (frame.mark(t.message, &parts(now)), message)),
            onward: onward.map(|link| (named(t.button), link)),
            decline: invitation.is_open(now).then(|| routes::decline_invitation(token)),
            again: None,
            allow: None,
            says,
            frame,
        }
    }
}

#[cfg(test)]
impl InvitationPage {
    /// Open, redeemed, lapsed, revoked, declined, unknown.
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        use test_support::samples;

        let app = samples::app();
        let guest = samples::guest("anna@contoso.test");
        let open = samples::invitation(&guest, &app);
        let upstream = ["Contoso".to_owned()];
        let sample = |state, now, asking: &Asking, is_let_in| {
            let invitation = Invitation {
                state,
                ..open.clone()
            };
            Self::new(
                frame.clone(),
                &invitation,
                &guest,
                &app,
                if state == InvitationState::Redeemed {
                    (&upstream, asking, false)
                } else {
                    (&[], asking, is_let_in)
                },
                (&Secret::presented("token"), "https://login.acme.example"),
                now,
            )
        };
        let at = |state, now| sample(state, now, &Asking::Nobody, false);
        let lapsed = |asking| sample(InvitationState::Pending, open.expires_at, &asking, false);
        vec![
            lapsed(Asking::Of(samples::email("lee@acme.test"))),
            lapsed(Asking::Asked(samples::now())),
            lapsed(Asking::TurnedDown(samples::now())),
            sample(InvitationState::Pending, open.expires_at, &Asking::Nobody, true),
            at(InvitationState::Pending, samples::now()),
            at(InvitationState::Redeemed, samples::now()),
            at(InvitationState::Pending, open.expires_at),
            at(InvitationState::Revoked, samples::now()),
            at(InvitationState::Declined, samples::now()),
            Self::unknown(frame.clone()),
        ]
    }
}

/// The app's front page, told who comes: a sign-in begun by us (OpenID Connect Core §4).
pub(super) fn onward(app: &App, token: &Secret, issuer: &str) -> Option<String> {
    let mut link = app.home.clone().filter(|_| app.disabled_at.is_none())?;
    link.query_pairs_mut()
        .append_pair("iss", issuer)
        .append_pair("login_hint", &invitation::login_hint(token));
    Some(link.into())
}
