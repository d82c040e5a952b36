//! `templates/sign_in/passcode.html`: the code page in all its states.

use askama::Template;
use chrono::{DateTime, Utc};
use domain::{
    app::AccessRule,
    authorization::Scope,
    passcode::{Alphabet, ChallengeState, PasscodeChallenge, Undelivered},
    sign_in::SignIn,
};
use sign_in::{passcode::trouble::CodeTrouble, secret_of_sign_in};
use web::{
    Frame,
    csrf::Form,
    routes,
    texts::{Markup, Part, duration, fill},
};

use super::Told;
#[cfg(test)]
use crate::gallery;
use crate::{passkey, visit::PageVisit};

/// What the guest typed, to show it again.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    code: String,
    shared: bool,
    passkey: bool,
}

impl Typed {
    pub(super) fn new(code: &str, shared: bool, passkey: bool) -> Self {
        let code = code.to_owned();
        Self {
            code,
            shared,
            passkey,
        }
    }
}

/// The page.
#[derive(Template)]
#[template(path = "sign_in/passcode.html")]
pub(crate) struct CodePage {
    frame: Frame,
    app: String,
    form: Form,
    resend: String,
    other_address: String,
    problem: Option<CodeProblem>,
    /// «New code sent at …», for as long as the page lives.
    sent_again: Option<Markup>,
    /// What the mail server said, in a sentence.
    undelivered: Option<Markup>,
    /// Whether no mail leaves at all: then that is what the page says, and nothing of an email to look for.
    mail_down: bool,
    heading: &'static str,
    /// Tries are over: when another code can be asked for. Then the page says only that.
    locked: Option<Markup>,
    help: Markup,
    lead: Markup,
    hint: &'static str,
    /// Which keyboard a phone shows (HTML, `inputmode`).
    keyboard: &'static str,
    subject: String,
    reference: Markup,
    valid_until: Option<Markup>,
    /// Seconds until the newest code ends, for the script that says so.
    ends_in: Option<i64>,
    /// Whether a code can be typed at all.
    takes_code: bool,
    typed: Typed,
    /// How long a session lasts, where the box is offered.
    shared_hint: Option<String>,
    /// Where to sign in with a passkey; then one can be made here as well.
    passkey: Option<String>,
    sees_email: Option<Markup>,
    stuck: Markup,
}

/// What is wrong, at the top of the page.
struct CodeProblem {
    message: Markup,
    at_field: bool,
    /// The form that takes the code to the tab it belongs to.
    other_tab: Option<Form>,
    offers_new: bool,
}

/// Until when nothing can be typed or asked for, in words.
fn locked(frame: &Frame, trouble: Option<&CodeTrouble>, now: DateTime<Utc>) -> Option<Markup> {
    let Some(CodeTrouble::Locked { until }) = trouble else {
        return None;
    };
    let minutes = Part::Plain(duration(frame.t, *until - now));
    let parts = [("time", Part::ClockFrom(*until)), ("minutes", minutes)];
    Some(frame.mark(frame.t.passcode.locked_until, &parts))
}

/// What became of the mail, where that is known and not of all mails.
fn undelivered(frame: &Frame, mail: Option<Undelivered>, email: &str) -> Option<Markup> {
    let t = &frame.t.passcode;
    let text = match mail? {
        Undelivered::Down => return None,
        Undelivered::Deferred => t.mail_deferred,
        Undelivered::Refused => t.mail_refused,
    };
    Some(frame.mark(text, &[("email", Part::Address(email))]))
}

fn heading(frame: &Frame, is_locked: bool, mail_down: bool) -> &'static str {
    let t = &frame.t.passcode;
    if is_locked {
        t.locked_heading
    } else if mail_down {
        t.mail_down_heading
    } else {
        t.heading
    }
}

#[cfg(test)]
impl CodePage {
    /// The page where the mail server has not taken the mail.
    pub(crate) fn undelivered(frame: Frame, mail: Undelivered, now: DateTime<Utc>) -> Self {
        Self {
            undelivered: undelivered(&frame, Some(mail), "anna@contoso.test"),
            ..Self::sample(frame, None, now)
        }
    }

    /// The page while no mail leaves.
    pub(crate) fn without_mail(frame: Frame, now: DateTime<Utc>) -> Self {
        let t = &frame.t.passcode;
        let lead = frame.mark(t.mail_down, &[("email", Part::Address("anna@contoso.test"))]);
        Self {
            mail_down: true,
            heading: t.mail_down_heading,
            lead,
            sent_again: None,
            ..Self::sample(frame, None, now)
        }
    }

    /// The page with that trouble, or none.
    pub(crate) fn sample(frame: Frame, trouble: Option<&CodeTrouble>, now: DateTime<Utc>) -> Self {
        let t = &frame.t.passcode;
        let reference = || Part::Reference("K7QF");
        let locked = locked(&frame, trouble, now);
        Self {
            app: "Acme Notes".into(),
            form: gallery::form("/signin/0/code"),
            resend: "/signin/0/resend".into(),
            other_address: "/signin/0/email".into(),
            problem: trouble
                .filter(|trouble| !matches!(trouble, CodeTrouble::Locked { .. }))
                .map(|trouble| CodeProblem {
                    message: trouble.message(&frame, Alphabet::Digits, now),
                    at_field: trouble.is_at_field(),
                    other_tab: matches!(trouble, CodeTrouble::OtherTab { .. })
                        .then(|| gallery::form("/signin/1/code")),
                    offers_new: *trouble == CodeTrouble::Used,
                }),
            sent_again: Some(frame.mark(t.sent_again, &[("time", Part::Clock(now))])),
            undelivered: None,
            mail_down: false,
            heading: heading(&frame, locked.is_some(), false),
            help: frame.mark(
                t.help,
                &[("contact", frame.contact()), ("reference", reference())],
            ),
            locked,
            lead: frame.mark(
                frame.t.digits.lead,
                &[("email", Part::Address("anna@contoso.test"))],
            ),
            hint: frame.t.digits.hint,
            keyboard: keyboard(Alphabet::Digits),
            subject: fill(t.subject, &[("organisation", "Acme")]),
            reference: frame.mark(t.reference, &[("reference", reference())]),
            valid_until: Some(frame.mark(
                t.valid_until,
                &[("time", Part::Clock(now)), ("minutes", Part::Plain("30".into()))],
            )),
            ends_in: Some(1800),
            takes_code: !matches!(trouble, Some(CodeTrouble::Locked { .. })),
            typed: Typed::new("\"><script>", true, true),
            shared_hint: Some(fill(t.shared_computer_hint, &[("duration", "24 hours")])),
            passkey: Some("/signin/0/passkey".into()),
            sees_email: Some(frame.mark(t.app_sees_email, &[("app", Part::Text("Acme Notes"))])),
            stuck: frame.mark(
                t.stuck,
                &[("contact", frame.contact()), ("reference", reference())],
            ),
            frame,
        }
    }
}

impl CodePage {
    pub(super) fn new(
        visit: &PageVisit,
        sign_in: &SignIn,
        challenge: &PasscodeChallenge,
        typed: &Typed,
        trouble: Option<&CodeTrouble>,
        mail: Option<Undelivered>,
    ) -> Self {
        let frame = visit.frame();
        let mail_down = mail == Some(Undelivered::Down);
        let app = &visit.app;
        let t = &frame.t.passcode;
        let facts = CodeFacts::of(visit, sign_in, challenge);
        let words = frame.t.of_alphabet(facts.alphabet);
        let shown = sign_in.shown(&challenge.email);
        let lead = if mail_down {
            t.mail_down
        } else if app.access == AccessRule::AnyGuest {
            words.lead
        } else {
            words.lead_invited
        };
        let reference = || Part::Reference(sign_in.reference.as_str());
        let settings = &visit.core.settings;
        let locked = locked(&frame, trouble, visit.now);
        let hours = duration(frame.t, settings.session.lifetime);
        Self {
            app: app.name.clone(),
            form: visit.form(routes::passcode(sign_in.id)),
            resend: routes::resend(sign_in.id),
            other_address: routes::identify(sign_in.id),
            problem: trouble
                .filter(|trouble| !matches!(trouble, CodeTrouble::Locked { .. }))
                .map(|trouble| CodeProblem {
                    message: trouble.message(&frame, facts.alphabet, visit.now),
                    at_field: trouble.is_at_field(),
                    other_tab: other_tab(visit, trouble),
                    offers_new: *trouble == CodeTrouble::Used,
                }),
            sent_again: facts
                .sent_again
                .map(|at| frame.mark(t.sent_again, &[("time", Part::Clock(at))])),
            mail_down,
            heading: heading(&frame, locked.is_some(), mail_down),
            help: frame.mark(
                t.help,
                &[("contact", frame.contact()), ("reference", reference())],
            ),
            locked,
            lead: frame.mark(lead, &[("email", Part::Address(&shown))]),
            undelivered: undelivered(&frame, mail, &shown),
            hint: words.hint,
            keyboard: keyboard(facts.alphabet),
            subject: fill(t.subject, &[("organisation", &settings.organisation)]),
            reference: frame.mark(t.reference, &[("reference", reference())]),
            valid_until: facts.ends_at.map(|at| {
                let minutes = Part::Plain(duration(frame.t, at - visit.now));
                frame.mark(t.valid_until, &[("time", Part::Clock(at)), ("minutes", minutes)])
            }),
            ends_in: facts.ends_at.map(|at| (at - visit.now).num_seconds()),
            takes_code: facts.takes_code,
            typed: Typed {
                code: typed.code.chars().take(400).collect(),
                ..typed.clone()
            },
            shared_hint: settings
                .session
                .shared_computer_box
                .then(|| fill(t.shared_computer_hint, &[("duration", &hours)])),
            passkey: passkey::way_in(&visit.core, sign_in),
            sees_email: (!app.asks_consent && sign_in.request.scopes.contains(Scope::Email))
                .then(|| frame.mark(t.app_sees_email, &[("app", Part::Text(&app.name))])),
            stuck: frame.mark(
                t.stuck,
                &[("contact", frame.contact()), ("reference", reference())],
            ),
            frame,
        }
    }
}

/// What the page says of the challenge.
struct CodeFacts {
    sent_again: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
    takes_code: bool,
    /// Of the newest code.
    alphabet: Alphabet,
}

impl CodeFacts {
    fn of(visit: &PageVisit, sign_in: &SignIn, challenge: &PasscodeChallenge) -> Self {
        let locked = sign_in.locked_until.is_some_and(|until| visit.now < until);
        let takes_code = challenge.state != ChallengeState::Dead && !locked;
        let live = challenge.live(visit.now).last().filter(|_| takes_code);
        Self {
            sent_again: live.filter(|send| send.number > 1).map(|send| send.issued_at),
            ends_at: live.map(|send| challenge.ends_at(send)),
            takes_code,
            alphabet: challenge
                .last_send()
                .map(|send| send.alphabet)
                .unwrap_or_default(),
        }
    }
}

fn keyboard(alphabet: Alphabet) -> &'static str {
    match alphabet {
        Alphabet::Digits => "numeric",
        Alphabet::Letters => "text",
    }
}

/// Both tabs are this browser's, so the form goes to the other one directly, with that one's token.
fn other_tab(visit: &PageVisit, trouble: &CodeTrouble) -> Option<Form> {
    let CodeTrouble::OtherTab { sign_in, .. } = trouble else {
        return None;
    };
    let action = routes::passcode(*sign_in);
    let key = visit.core.store.master_keys().current();
    Some(Form::new(&secret_of_sign_in(key, *sign_in), action))
}
