//! The page on which a guest's access request is answered, by whoever was asked by mail. Its link is the proof: it shows on GET and
//! acts on POST, and one answer must be chosen, because mail scanners open every link and send every form as it is (threat R14).

use axum::{
    Form as Body,
    extract::{Path, State, rejection::FormRejection},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Secret,
    access_request::{AccessAnswer, AccessRequest},
    app::App,
    audit::Actor,
    guest::Guest,
};
use http::{HeaderMap, StatusCode, Uri};
use serde::Deserialize;
use sign_in::{
    Core,
    access_request::{AnswerOutcome, answer, may_still_answer},
};
use web::{Failure, Frame, Page, csrf, routes, see_other};

mod page;

pub(crate) use page::AccessRequestPage;

/// What the form carries.
#[derive(Default, Deserialize)]
pub(crate) struct AnswerBody {
    #[serde(default)]
    csrf: String,
    /// Which answer was chosen: [`OfferedAnswer::value`].
    #[serde(default)]
    answer: String,
}

/// An answer that the page offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OfferedAnswer {
    Days(u16),
    WithoutEnd,
    Refuse,
    End,
}

impl OfferedAnswer {
    const ALL: [Self; 6] = [
        Self::Days(30),
        Self::Days(90),
        Self::Days(365),
        Self::WithoutEnd,
        Self::Refuse,
        Self::End,
    ];

    /// Those that answer the question.
    fn to(request: &AccessRequest) -> impl Iterator<Item = Self> {
        let renews = request.renews.is_some();
        Self::ALL
            .into_iter()
            .filter(move |offered| renews || *offered != Self::End)
    }

    fn value(self) -> String {
        match self {
            Self::Days(days) => days.to_string(),
            Self::WithoutEnd => "without_end".into(),
            Self::Refuse => "refuse".into(),
            Self::End => "end".into(),
        }
    }

    fn of(request: &AccessRequest, text: &str) -> Option<Self> {
        Self::to(request).find(|offered| offered.value() == text)
    }

    /// What it means at a moment. Access that goes on does so from its end.
    fn answer(self, request: &AccessRequest, now: DateTime<Utc>) -> AccessAnswer {
        let from = request.renews.unwrap_or(now);
        match self {
            Self::Days(days) => AccessAnswer::Approve(Some(from + TimeDelta::days(days.into()))),
            Self::WithoutEnd => AccessAnswer::Approve(None),
            Self::Refuse => AccessAnswer::Refuse,
            Self::End => AccessAnswer::End,
        }
    }
}

/// What a link leads to.
struct Question {
    frame: Frame,
    request: AccessRequest,
    guest: Guest,
    app: App,
}

/// `GET /access-request/{token}`.
pub(crate) async fn show(
    State(core): State<Core>,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let token = Secret::presented(token);
    Ok(match question(&core, &token, &uri, &headers).await? {
        Ok(question) => {
            Page::new(AccessRequestPage::new(question, &token, false, core.now())).into_response()
        }
        Err(unknown) => unknown,
    })
}

/// `POST /access-request/{token}`.
pub(crate) async fn submit(
    State(core): State<Core>,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Body<AnswerBody>, FormRejection>,
) -> Result<Response, Failure> {
    let token = Secret::presented(token);
    let question = match question(&core, &token, &uri, &headers).await? {
        Ok(question) => question,
        Err(unknown) => return Ok(unknown),
    };
    // What cannot be read has no token.
    let form = body.map(|Body(form)| form).unwrap_or_default();
    if let Err(forged) = csrf::check(&headers, &core.settings.issuer, [csrf::token(&token)], &form.csrf) {
        return Ok(forged.into_response());
    }
    let Some(chosen) = OfferedAnswer::of(&question.request, &form.answer) else {
        let page = AccessRequestPage::new(question, &token, true, core.now());
        return Ok(Page::new(page)
            .status(StatusCode::UNPROCESSABLE_ENTITY)
            .into_response());
    };
    let by = Actor::Sponsor(question.request.asked_of.clone());
    let said = chosen.answer(&question.request, core.now());
    let answered = answer(&core, by, &question.request, said).await?;
    Ok(match answered {
        // The page says what holds now, whoever answered first.
        AnswerOutcome::Now | AnswerOutcome::TooLate => see_other(&routes::access_request(&token)),
        AnswerOutcome::Changed => Page::new(AccessRequestPage::changed(question))
            .status(StatusCode::CONFLICT)
            .into_response(),
        AnswerOutcome::ShutOut => Page::new(AccessRequestPage::shut_out(question))
            .status(StatusCode::CONFLICT)
            .into_response(),
    })
}

/// The question of that token; else the page that says that there is none.
async fn question(
    core: &Core,
    token: &Secret,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Result<Question, Response>, Failure> {
    let reader = core.store.reader();
    let language = web::language::negotiate(uri.query(), headers, &[], core.settings.default_language);
    let frame = Frame::new(core, language);
    let unknown = |frame| {
        let page = AccessRequestPage::unknown(frame);
        Ok(Err(Page::new(page).status(StatusCode::NOT_FOUND).into_response()))
    };
    let Some(request) = reader.access_request_by_token(&token.hash()).await? else {
        return unknown(frame);
    };
    let (Some(guest), Some(app)) = (reader.guest(request.guest).await?, reader.app(request.app).await?)
    else {
        return unknown(frame);
    };
    // Somebody else is answerable by now: for who was asked it is closed, whenever the job hands it on.
    let now = core.now();
    let mut request = request;
    if request.is_open(now) && !may_still_answer(core, &reader, &request, (&guest, &app)).await? {
        request.expires_at = now;
    }
    Ok(Ok(Question {
        frame: frame.at(&app),
        request,
        guest,
        app,
    }))
}
