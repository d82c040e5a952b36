//! As it looks: open, answered, over, unknown.

use askama::Template;
use chrono::{DateTime, Utc};
use domain::{Secret, access_request::AccessRequestState};
use web::{
    Frame,
    csrf::Form,
    routes,
    texts::{Markup, Part, fill},
};

use super::{OfferedAnswer, Question};

/// `templates/sign_in/access_request.html`.
#[derive(Template)]
#[template(path = "sign_in/access_request.html")]
pub(crate) struct AccessRequestPage {
    frame: Frame,
    app: Option<String>,
    title: String,
    heading: String,
    /// What there is to say, one paragraph each.
    says: Vec<Markup>,
    /// Where there is something to answer.
    answer: Option<AnswerForm>,
}

struct AnswerForm {
    form: Form,
    /// The question.
    asks: &'static str,
    /// The value and the words of each.
    choices: Vec<(String, String)>,
    error: Option<&'static str>,
}

impl AccessRequestPage {
    pub(super) fn unknown(frame: Frame) -> Self {
        let t = &frame.t.access_request;
        Self {
            app: None,
            title: t.unknown_title.to_owned(),
            heading: t.unknown_title.to_owned(),
            says: vec![frame.mark(t.unknown, &[])],
            answer: None,
            frame,
        }
    }

    /// For somebody whom only an operator can let in.
    pub(super) fn shut_out(question: Question) -> Self {
        let text = question.frame.t.access_request.shut_out;
        Self::saying(question, &[text])
    }

    /// Access was changed since it was asked about.
    pub(super) fn changed(question: Question) -> Self {
        let text = question.frame.t.access_request.changed;
        Self::saying(question, &[text])
    }

    pub(super) fn new(question: Question, token: &Secret, is_unchosen: bool, now: DateTime<Utc>) -> Self {
        let t = &question.frame.t.access_request;
        let is_open = question.request.is_open(now);
        let renews = question.request.renews.is_some();
        match question.request.state {
            AccessRequestState::Approved if renews => return Self::saying(question, &[t.renewed]),
            AccessRequestState::Approved => return Self::saying(question, &[t.approved]),
            AccessRequestState::Refused if renews => return Self::saying(question, &[t.not_renewed]),
            AccessRequestState::Refused => return Self::saying(question, &[t.refused]),
            AccessRequestState::Pending if !is_open && renews => {
                return Self::saying(question, &[t.renewal_lapsed]);
            }
            AccessRequestState::Pending if !is_open => return Self::saying(question, &[t.lapsed]),
            AccessRequestState::Pending => {}
        }
        let (says, asks) = match (renews, question.request.proven) {
            (true, _) => (vec![t.renewal_lead], t.renewal_question),
            (false, true) => (vec![t.lead, t.until], t.question),
            (false, false) => (vec![t.lead_unproven, t.until], t.question),
        };
        let choices = OfferedAnswer::to(&question.request).map(|offered| {
            let words = match offered {
                OfferedAnswer::Days(days) => {
                    let text = if renews { t.days_longer } else { t.for_days };
                    fill(text, &[("days", &days.to_string())])
                }
                OfferedAnswer::WithoutEnd => t.without_end.to_owned(),
                OfferedAnswer::Refuse if renews => t.let_it_end.to_owned(),
                OfferedAnswer::Refuse => t.refuse.to_owned(),
                OfferedAnswer::End => t.end_now.to_owned(),
            };
            (offered.value(), words)
        });
        let answer = AnswerForm {
            form: Form::new(token, routes::access_request(token)),
            asks,
            choices: choices.collect(),
            error: is_unchosen.then_some(t.unchosen),
        };
        Self {
            answer: Some(answer),
            ..Self::saying(question, &says)
        }
    }

    fn saying(question: Question, texts: &[&str]) -> Self {
        let Question {
            frame,
            request,
            guest,
            app,
        } = question;
        let t = &frame.t.access_request;
        let parts = [
            ("guest", Part::Address(guest.email.as_str())),
            ("app", Part::Text(&app.name)),
            ("organisation", Part::Text(&frame.organisation)),
            ("asked", Part::Date(request.created_at)),
            ("date", Part::Date(request.renews.unwrap_or(request.expires_at))),
            ("contact", frame.contact()),
        ];
        let named = |text| fill(text, &[("app", &app.name)]);
        Self {
            title: named(t.title),
            heading: named(t.title),
            says: texts.iter().map(|text| frame.mark(text, &parts)).collect(),
            answer: None,
            app: Some(app.name),
            frame,
        }
    }
}

#[cfg(test)]
impl AccessRequestPage {
    /// Open, sent without an answer, approved, refused, over, of one who is shut out, unknown; and the same about access that ends.
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        use domain::access_request::AccessRequest;
        use test_support::samples;

        let (app, guest) = (samples::app(), samples::guest("anna@contoso.test"));
        let now = samples::now();
        let ask = |state, days, renews| Question {
            frame: frame.clone(),
            request: AccessRequest {
                id: samples::id(),
                guest: guest.id,
                app: app.id,
                renews,
                asked_of: samples::email("lee@acme.test"),
                proven: state == AccessRequestState::Pending,
                state,
                created_at: now,
                expires_at: now + chrono::TimeDelta::days(days),
            },
            guest: guest.clone(),
            app: app.clone(),
        };
        let question = |state, days| ask(state, days, None);
        let token = Secret::presented("token");
        let of = |state, days, is_unchosen| Self::new(question(state, days), &token, is_unchosen, now);
        let renewal = |state, days| Self::new(ask(state, days, Some(now)), &token, false, now);
        vec![
            of(AccessRequestState::Pending, 14, false),
            of(AccessRequestState::Pending, 14, true),
            of(AccessRequestState::Approved, 14, false),
            of(AccessRequestState::Refused, 14, false),
            of(AccessRequestState::Pending, 0, false),
            Self::shut_out(question(AccessRequestState::Pending, 14)),
            Self::unknown(frame.clone()),
            renewal(AccessRequestState::Pending, 14),
            renewal(AccessRequestState::Approved, 14),
            renewal(AccessRequestState::Refused, 14),
            renewal(AccessRequestState::Pending, 0),
            Self::changed(ask(AccessRequestState::Pending, 14, Some(now))),
        ]
    }
}
