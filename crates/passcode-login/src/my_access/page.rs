//! As it looks.

use askama::Template;
use chrono::{DateTime, Utc};
use domain::{Id, guest::Guest, method::Method, my_access::Reach, session::Session};
use web::{
    Frame,
    csrf::Form,
    routes,
    texts::{Markup, Part, fill},
};

use super::{Holdings, Reached, device};

/// `templates/sign_in/my_access.html`.
#[derive(Template)]
#[template(path = "sign_in/my_access.html")]
pub(crate) struct MyAccessPage {
    frame: Frame,
    signed_in_as: Markup,
    /// What waits for their answer.
    asked: Option<Markup>,
    apps: Vec<AppHere>,
    no_apps: Markup,
    method: Markup,
    /// What a better method would be: a sentence, and the button's words.
    better: Option<(Markup, String)>,
    change_method: Form,
    passkeys: Vec<PasskeyHere>,
    sessions: Vec<SessionHere>,
    end_session: Form,
    remove_passkey: Form,
    add_passkey: Option<Form>,
    happened: Vec<(Markup, String)>,
    dispute: Form,
    not_me: Markup,
    invitations: Markup,
    /// What the form about them asks for: the value, and the button's words.
    invitations_wish: (&'static str, &'static str),
    set_invitations: Form,
    data: Markup,
    leave: String,
}

/// An app, and what there is to say of it.
struct AppHere {
    name: String,
    says: Vec<Markup>,
    /// The way there: words and address.
    link: Option<(String, String)>,
    /// The way to give it up, unless an invitation waits: words and address.
    leave: Option<(String, String)>,
}

struct PasskeyHere {
    id: String,
    says: Markup,
}

struct SessionHere {
    id: String,
    name: String,
    says: Markup,
    is_here: bool,
}

impl MyAccessPage {
    pub(super) fn new(
        frame: Frame,
        (guest, session_here): (&Guest, Id<Session>),
        form: &dyn Fn(&str) -> Form,
        holdings: Holdings,
    ) -> Self {
        let t = &frame.t.my_access;
        let email = || ("email", Part::Address(guest.email.as_str()));
        let organisation = || ("organisation", Part::Text(&frame.organisation));
        let apps = holdings.apps.into_iter().map(|reached| app(&frame, reached));
        let method = match (&holdings.upstream, guest.pinned_method.or(guest.method)) {
            (Some(upstream), _) => {
                frame.mark(t.by_upstream, &[("upstream", Part::Text(&upstream.display_name))])
            }
            (None, Some(Method::Passcode)) => frame.mark(t.by_code, &[email()]),
            (None, _) => frame.mark(t.not_fixed, &[]),
        };
        let better = holdings.better.as_ref().map(|upstream| {
            let name = &upstream.display_name;
            (
                frame.mark(t.better_method, &[("upstream", Part::Text(name))]),
                fill(frame.t.federation.offer_accept, &[("upstream", name)]),
            )
        });
        let passkeys = holdings.passkeys.iter().map(|passkey| PasskeyHere {
            id: passkey.id.to_string(),
            says: match passkey.used_at {
                Some(used) => frame.mark(
                    t.passkey_used,
                    &[
                        ("date", Part::Date(passkey.created_at)),
                        ("used", Part::Date(used)),
                    ],
                ),
                None => frame.mark(t.passkey, &[("date", Part::Date(passkey.created_at))]),
            },
        });
        let sessions = holdings.sessions.iter().map(|(session, seen)| {
            let known = seen.user_agent.as_deref().and_then(device::named);
            SessionHere {
                id: session.id.to_string(),
                name: known.map_or_else(
                    || t.session_unknown.to_owned(),
                    |(browser, system)| fill(t.session, &[("browser", browser), ("system", system)]),
                ),
                says: moment(&frame, t.since, session.authentication.at),
                is_here: session.id == session_here,
            }
        });
        let happened = holdings.happened.into_iter();
        let happened = happened.map(|happened| (moment(&frame, t.at, happened.at), happened.what));
        Self {
            signed_in_as: frame.mark(t.signed_in_as, &[email(), organisation()]),
            no_apps: frame.mark(t.no_apps, &[organisation(), ("contact", frame.contact())]),
            asked: holdings.same_as.as_ref().map(|other| {
                let other = ("other", Part::Address(other.as_str()));
                frame.mark(frame.t.merge.waits, &[organisation(), other])
            }),
            apps: apps.collect(),
            method,
            better,
            change_method: form(routes::MY_METHOD),
            passkeys: passkeys.collect(),
            sessions: sessions.collect(),
            end_session: form(routes::MY_SESSIONS),
            remove_passkey: form(routes::MY_PASSKEYS),
            add_passkey: holdings.may_add_passkey.then(|| form(routes::MY_NEW_PASSKEY)),
            happened: happened.collect(),
            dispute: form(routes::MY_ACTIVITY),
            not_me: frame.mark(t.not_me_lead, &[organisation()]),
            invitations: frame.mark(
                if holdings.are_invitations_blocked {
                    t.invitations_blocked
                } else {
                    t.invitations_allowed
                },
                &[organisation()],
            ),
            invitations_wish: if holdings.are_invitations_blocked {
                ("no", t.allow_invitations)
            } else {
                ("yes", t.block_invitations)
            },
            set_invitations: form(routes::MY_INVITATIONS),
            data: frame.mark(t.data_lead, &[organisation()]),
            leave: fill(t.leave, &[("organisation", &frame.organisation)]),
            frame,
        }
    }
}

fn app(frame: &Frame, reached: Reached) -> AppHere {
    let t = &frame.t.my_access;
    let Reached {
        app,
        reach,
        invitation,
    } = reached;
    let named = |text| fill(text, &[("app", &app.name)]);
    AppHere {
        says: said_of(frame, &reach),
        link: match (invitation, &app.home) {
            (Some(token), _) => Some((named(t.accept), routes::invitation(&token))),
            (None, Some(home)) if reach.from.is_none() => Some((named(t.open), home.to_string())),
            (None, _) => None,
        },
        leave: (!reach.is_invited).then(|| (named(t.leave_app), routes::leave_app(&app.client_id))),
        name: app.name,
    }
}

/// Until when, and by whom.
fn said_of(frame: &Frame, reach: &Reach) -> Vec<Markup> {
    let t = &frame.t.my_access;
    let dated = |text, date| frame.mark(text, &[("date", Part::Date(date))]);
    let mut says: Vec<Markup> = reach.from.map(|from| dated(t.from, from)).into_iter().collect();
    says.push(match reach.until {
        Some(until) if reach.is_invited => dated(t.invited_until, until),
        Some(until) => dated(t.until, until),
        None => frame.mark(t.without_end, &[]),
    });
    if let Some(by) = &reach.by {
        let text = if reach.is_invited { t.invited_by } else { t.by };
        says.push(frame.mark(text, &[("person", Part::Text(by))]));
    }
    says
}

/// A text with a date and a time.
fn moment(frame: &Frame, text: &str, at: DateTime<Utc>) -> Markup {
    frame.mark(text, &[("date", Part::Date(at)), ("time", Part::Clock(at))])
}

#[cfg(test)]
impl MyAccessPage {
    /// Of a guest with everything, and of one with nothing.
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        use domain::Secret;
        use test_support::samples;

        let mut guest = samples::active_guest("anna@contoso.test");
        let session = samples::session(&guest);
        let mut elsewhere = session.clone();
        elsewhere.id = Id::from_uuid(uuid::Uuid::from_u128(9));
        let seen = store::SeenAs {
            user_agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".into()),
            network: None,
        };
        let reach = |until, from, is_invited| Reach {
            from,
            until,
            is_invited,
            by: Some("Lee".into()),
        };
        let now = samples::now();
        let mut app = samples::app();
        app.home = url::Url::parse("https://notes.acme.test/").ok();
        let of = |reach, invitation| Reached {
            app: app.clone(),
            reach,
            invitation,
        };
        let form = |action: &str| Form::of_session(&samples::secret(), action);
        let all = Holdings {
            apps: vec![
                of(reach(Some(now), None, false), None),
                of(reach(None, Some(now), false), None),
                of(reach(Some(now), None, true), Some(Secret::presented("token"))),
            ],
            upstream: None,
            same_as: Some(samples::email("anna@new.test")),
            better: Some(samples::tenant("contoso", &["contoso.test"])),
            passkeys: vec![samples::passkey(&guest)],
            may_add_passkey: true,
            are_invitations_blocked: false,
            happened: vec![super::Happened {
                at: now,
                what: "You signed in".into(),
            }],
            sessions: vec![(session.clone(), seen), (elsewhere, store::SeenAs::default())],
        };
        let none = Holdings {
            apps: Vec::new(),
            upstream: Some(samples::tenant("contoso", &["contoso.test"])),
            same_as: None,
            better: None,
            passkeys: Vec::new(),
            may_add_passkey: false,
            are_invitations_blocked: true,
            happened: Vec::new(),
            sessions: vec![(session.clone(), store::SeenAs::default())],
        };
        let nothing = Self::new(frame.clone(), (&guest, session.id), &form, none);
        guest.method = Some(Method::Passcode);
        vec![
            Self::new(frame.clone(), (&guest, session.id), &form, all),
            nothing,
        ]
    }
}
