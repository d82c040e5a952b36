//! As it looks: with the form, with what is wrong, after an invitation.

use askama::Template;
use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id, Language,
    invitation::{Invitation, Standing},
};
use http::StatusCode;
use web::{
    Frame,
    csrf::Form,
    routes,
    texts::{Markup, Part},
};

use super::{
    form::{InviteForm, InviteProblems},
    opened::Inviting,
};

/// An invitation that the page lists.
pub(crate) struct ListedInvitation {
    pub(super) invitation: Invitation,
    pub(super) guest: EmailAddress,
    pub(super) app: String,
}

/// What the page is shown for.
pub(crate) enum ShownFor {
    /// By itself, or after an invitation was made or taken back.
    About(Option<Id<Invitation>>),
    /// After a form.
    Wrong(InviteProblems),
}

/// `templates/sign_in/inviter.html`.
#[derive(Template)]
#[template(path = "sign_in/inviter.html")]
pub(crate) struct InviterPage {
    frame: Frame,
    lead: Markup,
    /// What was done just now.
    done: Option<Markup>,
    problems: InviteProblems,
    form: Form,
    filled: InviteForm,
    /// The `client_id` and the name of each, and whether it is chosen.
    apps: Vec<(String, String, bool)>,
    /// The tag and the name of each, and whether it is chosen.
    languages: Vec<(&'static str, &'static str, bool)>,
    take_back: Form,
    /// Those that can be taken back, by their ids.
    open: Vec<(String, Markup)>,
    /// The others.
    over: Vec<Markup>,
    end: Form,
}

impl InviterPage {
    pub(super) fn new(
        opened: Inviting,
        filled: InviteForm,
        shown: ShownFor,
        listed: &[ListedInvitation],
        now: DateTime<Utc>,
    ) -> Self {
        let Inviting {
            frame,
            link,
            token,
            apps,
        } = opened;
        let t = &frame.t.inviter;
        let (about, problems) = match shown {
            ShownFor::About(about) => (about, InviteProblems::none()),
            ShownFor::Wrong(problems) => (None, problems),
        };
        let done = listed.iter().find(|listed| Some(listed.invitation.id) == about);
        let done = done.and_then(|listed| match listed.invitation.standing(now) {
            Standing::Pending => Some(frame.mark(t.invited, &listed.parts())),
            Standing::Revoked => Some(frame.mark(t.taken_back, &[])),
            Standing::Redeemed | Standing::Declined | Standing::Expired => None,
        });
        let (mut open, mut over) = (Vec::new(), Vec::new());
        for listed in listed {
            let (text, is_open) = match listed.invitation.standing(now) {
                Standing::Pending => (t.pending, true),
                Standing::Redeemed => (t.redeemed, false),
                Standing::Declined => (t.declined, false),
                Standing::Expired => (t.expired, false),
                Standing::Revoked => (t.revoked, false),
            };
            let says = frame.mark(text, &listed.parts());
            if is_open {
                open.push((listed.invitation.id.to_string(), says));
            } else {
                over.push(says);
            }
        }
        let only = apps.len() == 1;
        let apps = apps.into_iter().map(|app| {
            let chosen = only || filled.names(&app);
            (app.client_id, app.name, chosen)
        });
        let languages = Language::ALL.into_iter().map(|language| {
            let chosen = language.tag() == filled.language;
            (language.tag(), language.name(), chosen)
        });
        Self {
            lead: frame.mark(t.lead, &[("email", Part::Address(link.inviter.as_str()))]),
            done,
            problems,
            form: Form::new(&token, routes::inviter(&token)),
            apps: apps.collect(),
            languages: languages.collect(),
            take_back: Form::new(&token, routes::take_back(&token)),
            end: Form::new(&token, routes::end_inviter_links(&token)),
            open,
            over,
            filled,
            frame,
        }
    }

    /// Whether something was not right.
    fn is_wrong(&self) -> bool {
        self.problems.general.is_some() || !self.problems.fields.is_empty()
    }

    /// What is wrong with the field of that id.
    fn error(&self, id: &str) -> Option<&Markup> {
        let mut fields = self.problems.fields.iter();
        fields.find_map(|(field, says)| (field.id() == id).then_some(says))
    }
}

impl InviteProblems {
    fn none() -> Self {
        Self {
            fields: Vec::new(),
            general: None,
            status: StatusCode::OK,
            until: None,
        }
    }
}

impl ListedInvitation {
    fn parts(&self) -> [(&'static str, Part<'_>); 3] {
        [
            ("email", Part::Address(self.guest.as_str())),
            ("app", Part::Text(&self.app)),
            ("date", Part::Date(self.invitation.expires_at)),
        ]
    }
}

#[cfg(test)]
impl InviterPage {
    /// Empty with one app, after an invitation and after one was taken back with two, and with everything that can be wrong.
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        use domain::{app::App, inviter::InviterLink};
        use test_support::samples;

        use crate::inviter::form::InviteField;

        let now = samples::now();
        let opened = |apps| Inviting {
            frame: frame.clone(),
            link: InviterLink::new(samples::id(), samples::email("lee@acme.test"), now),
            token: domain::Secret::presented("token"),
            apps,
        };
        let files = App {
            client_id: "files".into(),
            name: "Acme Files".into(),
            ..samples::app()
        };
        let listed = |standing| {
            let invitation = samples::invitation(&samples::guest("anna@contoso.test"), &samples::app());
            let state = match standing {
                Standing::Pending | Standing::Expired => domain::invitation::InvitationState::Pending,
                Standing::Redeemed => domain::invitation::InvitationState::Redeemed,
                Standing::Revoked => domain::invitation::InvitationState::Revoked,
                Standing::Declined => domain::invitation::InvitationState::Declined,
            };
            let expires_at = match standing {
                Standing::Expired => now,
                _ => now + chrono::TimeDelta::days(14),
            };
            ListedInvitation {
                invitation: Invitation {
                    state,
                    expires_at,
                    ..invitation
                },
                guest: samples::email("anna@contoso.test"),
                app: "Acme Notes".into(),
            }
        };
        let all = || Standing::ALL.into_iter().map(listed).collect::<Vec<_>>();
        let about = |standing| {
            let of_one = listed(standing);
            let id = Some(of_one.invitation.id);
            let two = vec![samples::app(), files.clone()];
            Self::new(
                opened(two),
                InviteForm::default(),
                ShownFor::About(id),
                &[of_one],
                now,
            )
        };
        let t = &frame.t.inviter;
        let says = |text: &str| {
            frame.mark(
                text,
                &[("of", Part::Text("contoso.test")), ("max", Part::Text("500"))],
            )
        };
        let problems = InviteProblems {
            fields: vec![
                (InviteField::App, says(t.app_missing)),
                (InviteField::Guest, says(t.own_address)),
                (InviteField::LookAlike, says(t.look_alike)),
                (InviteField::Name, says(t.name_wrong)),
                (InviteField::YourName, says(t.your_name_wrong)),
                (InviteField::Until, says(t.until_wrong)),
                (InviteField::Message, says(t.message_wrong)),
                (InviteField::Invitation, says(t.take_back_none)),
            ],
            general: Some(frame.mark(t.cannot, &[("contact", frame.contact())])),
            status: StatusCode::UNPROCESSABLE_ENTITY,
            until: None,
        };
        let typed = InviteForm {
            guest: "<script>@contoso.test".into(),
            message: "</textarea><script>".into(),
            language: frame.language.tag().into(),
            ..InviteForm::default()
        };
        vec![
            Self::new(
                opened(vec![samples::app()]),
                InviteForm::default(),
                ShownFor::About(None),
                &[],
                now,
            ),
            about(Standing::Pending),
            about(Standing::Revoked),
            Self::new(
                opened(vec![samples::app(), files.clone()]),
                typed,
                ShownFor::Wrong(problems),
                &all(),
                now,
            ),
        ]
    }
}
