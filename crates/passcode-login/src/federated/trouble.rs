//! A way to an upstream that did not end in a sign-in: recorded, and told in words.

mod page;

use axum::response::{IntoResponse, Response};
use domain::{
    EmailAddress,
    audit::{Actor, AuditEvent},
    rate::Limit,
    sign_in::{Offer, Step},
    upstream::{Arrival, Mismatch, Upstream, UpstreamKind},
};
use federation::UpstreamError;
use http::{HeaderValue, StatusCode, header};
use method_resolution::Decision;
use sign_in::{method, upstream::health};
use store::StoreError;
use web::{Failure, Page, routes};

pub(crate) use self::page::TroublePage;
use self::page::go_on_as;
use super::offer;
use crate::visit::PageVisit;

/// What went wrong.
#[derive(Clone, Debug)]
pub(crate) enum UpstreamTrouble {
    /// On the way there or back.
    Upstream(UpstreamError),
    /// It failed too often lately: no guest is sent there for a while.
    Down,
    /// The account that came back is not the guest who left.
    Mismatch(Mismatch, CameBack),
    /// It is, and they are not invited.
    NotInvited,
    /// They were away for too long.
    Late,
    /// It is not used any more: it was switched off while they were away.
    Off,
}

/// What is known of an account that is not the guest's.
#[derive(Clone, Debug, Default)]
pub(crate) struct CameBack {
    /// The address that it claims.
    pub(super) email: Option<EmailAddress>,
    /// The address of the guest whose account it is.
    pub(super) owner: Option<EmailAddress>,
    /// The names of the claims or attributes that came.
    pub(super) said: Vec<String>,
}

impl CameBack {
    /// What is known of this arrival.
    pub(super) fn of(arrival: &Arrival, owner: Option<EmailAddress>) -> Self {
        Self {
            email: arrival.email.clone(),
            owner,
            said: arrival.said.clone(),
        }
    }

    /// The address by which this person would come in here: whose account it is goes before what it claims.
    fn theirs(&self) -> Option<&EmailAddress> {
        self.owner.as_ref().or(self.email.as_ref())
    }
}

impl UpstreamTrouble {
    /// The word that the audit log uses.
    fn name(&self) -> &'static str {
        match self {
            Self::Upstream(error) => error.name(),
            Self::Down => "down",
            Self::Mismatch(mismatch, _) => mismatch.name(),
            Self::NotInvited => "not_invited",
            Self::Late => "late",
            Self::Off => "switched_off",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Upstream(UpstreamError::Unreachable(_) | UpstreamError::Busy(_)) | Self::Down => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Mismatch(Mismatch::NoAddress, _) => StatusCode::BAD_GATEWAY,
            Self::Upstream(UpstreamError::Refused(_)) | Self::Mismatch(..) | Self::NotInvited => {
                StatusCode::FORBIDDEN
            }
            Self::Late | Self::Off => StatusCode::CONFLICT,
            Self::Upstream(_) => StatusCode::BAD_GATEWAY,
        }
    }

    /// Whether trying again may end otherwise, and whether the upstream must ask anew for it.
    fn again(&self, upstream: &Upstream) -> Option<bool> {
        match self {
            Self::Upstream(_) | Self::Down | Self::Late => Some(false),
            // They may have another account, and pick that one.
            Self::Mismatch(Mismatch::SomebodyElse | Mismatch::NoAddress | Mismatch::ForeignDomain, _) => {
                Some(true)
            }
            // People have several accounts of their own, and picked another one.
            Self::Mismatch(Mismatch::AnotherAccount, _) if is_personal(upstream) => Some(true),
            Self::Mismatch(..) | Self::NotInvited | Self::Off => None,
        }
    }

    /// The event, with what an operator needs to mend it; a value of the account is the two addresses alone.
    fn note(&self, mut event: AuditEvent, typed: Option<&EmailAddress>) -> AuditEvent {
        match self {
            Self::Upstream(error) => event = event.detail("said", error.to_string()),
            Self::Mismatch(mismatch, came) => {
                if let Some(typed) = typed {
                    event = event.detail("expected", typed.as_str());
                }
                if let Some(email) = &came.email {
                    event = event.detail("asserted", email.as_str());
                }
                if let Some(owner) = &came.owner {
                    event = event
                        .detail("account_of", owner.as_str())
                        .detail("mend", mend(owner, typed));
                }
                if !came.said.is_empty() {
                    event = event.detail("claims", came.said.join(" "));
                }
                if let Some(setting) = setting(*mismatch) {
                    event = event.detail("setting", setting);
                }
            }
            Self::Down | Self::NotInvited | Self::Late | Self::Off => {}
        }
        event
    }

    /// One line for the operator.
    fn log(&self, upstream: &Upstream) {
        let name = upstream.name.as_str();
        match self {
            Self::Upstream(error) => {
                tracing::warn!(upstream = name, %error, "a sign-in at an upstream failed");
            }
            Self::Mismatch(mismatch, came) => tracing::warn!(
                upstream = name,
                reason = mismatch.name(),
                claims = came.said.join(" "),
                setting = setting(*mismatch).unwrap_or_default(),
                "the account that came back from an upstream signed nobody in"
            ),
            Self::Down | Self::NotInvited | Self::Late | Self::Off => {}
        }
    }
}

/// The command that lets a guest in whose address was changed at the upstream.
fn mend(owner: &EmailAddress, typed: Option<&EmailAddress>) -> String {
    let new = typed.map_or("ADDRESS", EmailAddress::as_str);
    format!(
        "vestibule guest reset-method {} --new-address {new}",
        owner.as_str()
    )
}

/// The setting of the tenant that may mend it.
fn setting(mismatch: Mismatch) -> Option<&'static str> {
    match mismatch {
        Mismatch::NoAddress => Some("email_claim, or email_attribute where it speaks SAML"),
        Mismatch::ForeignDomain => Some("domains"),
        Mismatch::Unverified => Some("trust_email"),
        Mismatch::SomebodyElse | Mismatch::AnotherAccount => None,
    }
}

fn is_personal(upstream: &Upstream) -> bool {
    upstream.kind == UpstreamKind::Provider
}

/// How many troubles of one network are recorded.
const NOTED: Limit = Limit::per_hour(100);

/// Records the trouble and shows its page.
pub(super) async fn answer(
    visit: &PageVisit,
    upstream: &Upstream,
    email: Option<&EmailAddress>,
    trouble: UpstreamTrouble,
) -> Result<Response, Failure> {
    let sign_in = &visit.sign_in;
    let event = AuditEvent::new(upstream.kind.actions().failed, Actor::Visitor)
        .app(sign_in.app)
        .sign_in(sign_in.id)
        .reason(trouble.name())
        .detail(upstream.kind.name(), upstream.name.as_str());
    let mut event = trouble.note(event, email);
    event.mailbox = email.cloned();
    trouble.log(upstream);
    let onward = Onward::find(visit, upstream, &trouble).await?;
    let tx = visit.core.store.begin().await?;
    // Anybody can leave and come back as often as they like: one network fills no log.
    let noted = tx
        .take("federation.trouble", &visit.browser.network, NOTED, visit.now)
        .await?;
    if noted.is_allowed() {
        tx.record(event, visit.now).await?;
    }
    if matches!(
        trouble,
        UpstreamTrouble::Mismatch(..) | UpstreamTrouble::NotInvited
    ) {
        health::up(&tx, upstream, visit).await?;
    }
    // Only what we have seen ourselves counts: what a browser brings, anybody can make up.
    if let UpstreamTrouble::Upstream(UpstreamError::Unreachable(_)) = trouble {
        health::failed(&tx, upstream, visit).await?;
    }
    tx.commit().await?;

    let email = email.map_or_else(String::new, |email| sign_in.shown(email));
    let links = (
        visit.form(routes::unavailable(sign_in.id)),
        routes::identify(sign_in.id),
    );
    let page = TroublePage::new(visit.frame(), links, &visit.app.name, upstream, &email, &trouble);
    let page = TroublePage {
        again: trouble.again(upstream).map(|anew| {
            let away = routes::away(sign_in.id);
            if anew { format!("{away}?again=1") } else { away }
        }),
        keep: onward.keep.map(|text| (text, routes::offer(sign_in.id))),
        go_on_as: onward
            .theirs
            .map(|email| go_on_as(visit.frame().t, email.as_str())),
        resume: matches!(trouble, UpstreamTrouble::Off).then(|| routes::resume(sign_in.id)),
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

/// The ways on from a page about trouble that depend on where the guest stands.
struct Onward {
    /// What going on as before is called, where they have proven that, and only tried the offer of another way.
    keep: Option<&'static str>,
    /// The address that the account stands for, where it would lead in by this upstream.
    theirs: Option<EmailAddress>,
}

impl Onward {
    async fn find(
        visit: &PageVisit,
        upstream: &Upstream,
        trouble: &UpstreamTrouble,
    ) -> Result<Self, StoreError> {
        let situation = visit.situation().await?;
        let may_keep = situation.step(&visit.sign_in, visit.now) == Step::Move
            && situation.offer == Some((upstream.method(), Offer::May));
        let keep = may_keep.then(|| offer::decline_text(&visit.frame(), offer::came_by_code(&situation)));
        let theirs = match trouble {
            UpstreamTrouble::Mismatch(Mismatch::SomebodyElse, came) if keep.is_none() => {
                came.theirs().cloned()
            }
            _ => None,
        };
        let theirs = match theirs {
            Some(email) => {
                let found = method::find(visit, &visit.core.store.reader(), &email).await?;
                Some(email).filter(|_| found.resolution.decision == Decision::Use(upstream.method()))
            }
            None => None,
        };
        Ok(Self { keep, theirs })
    }
}
