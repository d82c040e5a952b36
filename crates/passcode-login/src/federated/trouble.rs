//! A way to an upstream that did not end in a sign-in: recorded, and told in words.

use askama::Template;
use axum::response::{IntoResponse, Response};
use domain::{
    EmailAddress,
    audit::{Action, Actor, AuditEvent},
    method::Method,
    rate::Limit,
    upstream::{Mismatch, Upstream},
};
use federation::UpstreamError;
use http::{HeaderValue, StatusCode, header};
use store::{StoreError, Tx};
use web::{
    Failure, Frame, Page, routes,
    texts::{Markup, Part, fill},
};

use crate::visit::Visit;

/// What went wrong.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// On the way there or back.
    Upstream(UpstreamError),
    /// It failed too often lately: nobody is sent there for a while.
    Down,
    /// The account that came back is not the guest who left.
    Mismatch(Mismatch),
    /// It is, and nobody has invited them.
    NotInvited,
}

impl Trouble {
    /// The word that the audit log uses.
    fn name(&self) -> &'static str {
        match self {
            Self::Upstream(error) => error.name(),
            Self::Down => "down",
            Self::Mismatch(mismatch) => mismatch.name(),
            Self::NotInvited => "not_invited",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Upstream(UpstreamError::Unreachable(_) | UpstreamError::Busy(_)) | Self::Down => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Mismatch(Mismatch::NoAddress) => StatusCode::BAD_GATEWAY,
            Self::Upstream(UpstreamError::Refused(_)) | Self::Mismatch(_) | Self::NotInvited => {
                StatusCode::FORBIDDEN
            }
            Self::Upstream(_) => StatusCode::BAD_GATEWAY,
        }
    }

    /// Whether trying again may end otherwise, and whether the upstream must ask anew for it.
    fn again(&self, upstream: &Upstream) -> Option<bool> {
        match self {
            Self::Upstream(_) | Self::Down => Some(false),
            Self::Mismatch(Mismatch::SomebodyElse) => Some(true),
            // People have several accounts of their own, and picked another one.
            Self::Mismatch(Mismatch::AnotherAccount) if is_personal(upstream) => Some(true),
            Self::Mismatch(_) | Self::NotInvited => None,
        }
    }
}

fn is_personal(upstream: &Upstream) -> bool {
    matches!(upstream.method, Method::PersonalAccount(_))
}

/// How many troubles of one network are recorded.
const NOTED: Limit = Limit::per_hour(100);

/// What kind of upstream it is, as the audit log's details name it.
pub(super) fn what(upstream: &Upstream) -> &'static str {
    match upstream.method {
        Method::PersonalAccount(_) => "provider",
        Method::Federation(_) | Method::Passcode => "tenant",
    }
}

/// Somebody came back with a good answer, whoever they are: the upstream is up.
pub(super) async fn up(tx: &Tx, upstream: &Upstream, visit: &Visit) -> Result<(), StoreError> {
    let Some(row) = upstream.method.upstream() else {
        return Ok(());
    };
    if tx.note_success(row).await? {
        let action = match upstream.method {
            Method::PersonalAccount(_) => Action::ProviderUp,
            Method::Federation(_) | Method::Passcode => Action::TenantUp,
        };
        let event = AuditEvent::new(action, Actor::System).detail("name", upstream.name.as_str());
        tx.record(event, visit.now).await?;
    }
    Ok(())
}

/// It failed to answer us: after a few times nobody is sent there for a while.
async fn failed(tx: &Tx, upstream: &Upstream, visit: &Visit) -> Result<(), StoreError> {
    let Some(row) = upstream.method.upstream() else {
        return Ok(());
    };
    if tx.note_failure(row, visit.now).await?.has_opened() {
        let action = match upstream.method {
            Method::PersonalAccount(_) => Action::ProviderDown,
            Method::Federation(_) | Method::Passcode => Action::TenantDown,
        };
        let down = AuditEvent::new(action, Actor::System).detail("name", upstream.name.as_str());
        tx.record(down, visit.now).await?;
        tracing::error!(
            upstream = upstream.name,
            "an upstream failed several times in a row"
        );
    }
    Ok(())
}

/// Records the trouble and shows its page.
pub(super) async fn answer(
    visit: &Visit,
    upstream: &Upstream,
    email: Option<&EmailAddress>,
    trouble: Trouble,
) -> Result<Response, Failure> {
    let sign_in = &visit.current.sign_in;
    let action = match upstream.method {
        Method::PersonalAccount(_) => Action::PersonalAccountFailed,
        Method::Federation(_) | Method::Passcode => Action::FederationFailed,
    };
    let mut event = AuditEvent::new(action, Actor::Visitor)
        .app(sign_in.app)
        .sign_in(sign_in.id)
        .reason(trouble.name())
        .detail(what(upstream), upstream.name.as_str());
    if let Trouble::Upstream(error) = &trouble {
        tracing::warn!(upstream = upstream.name, %error, "a sign-in at an upstream failed");
        event = event.detail("said", error.to_string());
    }
    let tx = visit.core.store.begin().await?;
    // Anybody can leave and come back as often as they like: one network fills no log.
    let noted = tx
        .take("federation.trouble", &visit.network, NOTED, visit.now)
        .await?;
    if noted.is_allowed() {
        tx.record(event, visit.now).await?;
    }
    if matches!(trouble, Trouble::Mismatch(_) | Trouble::NotInvited) {
        up(&tx, upstream, visit).await?;
    }
    // Only what we have seen ourselves counts: what a browser brings, anybody can make up.
    if let Trouble::Upstream(UpstreamError::Unreachable(_)) = trouble {
        failed(&tx, upstream, visit).await?;
    }
    tx.commit().await?;

    let email = email.map_or("", EmailAddress::as_str);
    let page = TroublePage::new(visit.frame(), &visit.current.app.name, upstream, email, &trouble);
    let page = TroublePage {
        csrf: visit.current.csrf_token(),
        action: routes::unavailable(sign_in.id),
        other_address: routes::identify(sign_in.id),
        again: trouble.again(upstream).map(|anew| {
            let away = routes::away(sign_in.id);
            if anew { format!("{away}?again=1") } else { away }
        }),
        ..page
    };
    let mut response = Page::new(page).status(trouble.status()).into_response();
    if trouble.status() == StatusCode::SERVICE_UNAVAILABLE {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
    Ok(response)
}

/// `templates/sign_in/federation_trouble.html`.
#[derive(Template)]
#[template(path = "sign_in/federation_trouble.html")]
pub(crate) struct TroublePage {
    frame: Frame,
    app: String,
    title: String,
    heading: Markup,
    lead: Markup,
    advice: Markup,
    /// Where trying again begins.
    again: Option<String>,
    csrf: String,
    action: String,
    back: String,
    other_address: String,
}

impl TroublePage {
    fn new(frame: Frame, app: &str, upstream: &Upstream, email: &str, trouble: &Trouble) -> Self {
        let t = &frame.t.federation;
        let (heading, lead, advice) = match trouble {
            Trouble::Upstream(UpstreamError::Unreachable(_) | UpstreamError::Busy(_)) | Trouble::Down => {
                (t.down_heading, t.down_lead, t.down_advice)
            }
            Trouble::Upstream(UpstreamError::Refused(_)) => (t.refused_heading, t.refused_lead, t.ask),
            // No address was typed, and none came back that could be named.
            Trouble::Mismatch(_) if email.is_empty() => (t.invalid_heading, t.invalid_lead, t.invalid_advice),
            Trouble::Upstream(UpstreamError::Misconfigured(_) | UpstreamError::Invalid(_))
            | Trouble::Mismatch(Mismatch::NoAddress) => (t.invalid_heading, t.invalid_lead, t.invalid_advice),
            Trouble::Mismatch(Mismatch::SomebodyElse) => (
                t.somebody_else_heading,
                t.somebody_else_lead,
                t.somebody_else_advice,
            ),
            Trouble::Mismatch(Mismatch::AnotherAccount) if is_personal(upstream) => (
                t.somebody_else_heading,
                t.other_account_lead,
                t.other_account_advice,
            ),
            Trouble::Mismatch(Mismatch::AnotherAccount) => {
                (t.another_account_heading, t.another_account_lead, t.ask)
            }
            Trouble::Mismatch(Mismatch::ForeignDomain | Mismatch::Unverified) => {
                (t.unverified_heading, t.unverified_lead, t.ask)
            }
            Trouble::NotInvited => (t.not_invited_heading, t.not_invited_lead, t.not_invited_advice),
        };
        let door = upstream.display_name.as_str();
        let parts = [
            ("door", Part::Text(door)),
            ("app", Part::Text(app)),
            ("email", Part::Address(email)),
            ("organisation", Part::Text(&frame.organisation)),
            ("contact", frame.contact()),
        ];
        Self {
            title: fill(heading, &[("door", door), ("app", app), ("email", email)]),
            heading: frame.mark(heading, &parts),
            lead: frame.mark(lead, &parts),
            advice: frame.mark(advice, &parts),
            again: None,
            csrf: String::new(),
            action: String::new(),
            back: fill(frame.t.common.back_to_app, &[("app", app)]),
            other_address: String::new(),
            app: app.to_owned(),
            frame,
        }
    }

    #[cfg(test)]
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        let [contoso, google] = super::sample_upstreams();
        let text = String::new;
        [
            (&contoso, Trouble::Upstream(UpstreamError::Unreachable(text()))),
            (&contoso, Trouble::Upstream(UpstreamError::Busy(text()))),
            (&contoso, Trouble::Down),
            (&contoso, Trouble::Upstream(UpstreamError::Misconfigured(text()))),
            (&contoso, Trouble::Upstream(UpstreamError::Refused(text()))),
            (&contoso, Trouble::Upstream(UpstreamError::Invalid(text()))),
            (&contoso, Trouble::Mismatch(Mismatch::SomebodyElse)),
            (&contoso, Trouble::Mismatch(Mismatch::AnotherAccount)),
            (&google, Trouble::Mismatch(Mismatch::AnotherAccount)),
            (&contoso, Trouble::Mismatch(Mismatch::NoAddress)),
            (&contoso, Trouble::Mismatch(Mismatch::ForeignDomain)),
            (&contoso, Trouble::Mismatch(Mismatch::Unverified)),
            (&contoso, Trouble::NotInvited),
        ]
        .iter()
        .map(|(upstream, trouble)| {
            let page = Self::new(
                frame.clone(),
                "Acme Notes",
                upstream,
                "anna@contoso.test",
                trouble,
            );
            Self {
                again: trouble.again(upstream).map(|_| "/signin/0/away".to_owned()),
                ..page
            }
        })
        .collect()
    }
}
