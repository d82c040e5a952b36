//! The way to the guest's own organisation, or to their personal account. After a form there is a page between, because Chrome applies
//! `form-action` to redirects; an address that an app or an invitation gave goes there at once.

use askama::Template;
use axum::{
    Extension,
    extract::Query,
    response::{IntoResponse, Response},
};
use domain::{
    Secret,
    upstream::{Connection, Upstream, UpstreamKind},
};
use federation::{Departure, Upstreams};
use serde::Deserialize;
use sign_in::{Core, method};
use url::Url;
use web::{
    Failure, Frame, Page, routes, see_other,
    texts::{Markup, Part, fill},
};

use super::{
    away, hinted, offer, service,
    trip::{Bound, Trip},
    trouble::{self, UpstreamTrouble},
};
use crate::visit::{PageVisit, UnderWay, onward};

/// `templates/sign_in/leave.html`.
#[derive(Template)]
#[template(path = "sign_in/leave.html")]
pub(crate) struct LeavePage {
    frame: Frame,
    app: String,
    heading: String,
    lead: Markup,
    button: String,
    away: String,
    other_address: String,
}

impl LeavePage {
    fn new(
        frame: Frame,
        (away, other_address): (String, String),
        app: &str,
        upstream: &Upstream,
        email: &str,
    ) -> Self {
        let t = &frame.t.federation;
        let name = upstream.display_name.as_str();
        let lead = match upstream.kind {
            UpstreamKind::Provider => frame.t.personal.leave_lead,
            UpstreamKind::Tenant => t.leave_lead,
        };
        Self {
            heading: fill(t.leave_heading, &[("upstream", name)]),
            lead: frame.mark(
                lead,
                &[
                    ("email", Part::Address(email)),
                    ("upstream", Part::Text(name)),
                    ("app", Part::Text(app)),
                ],
            ),
            button: fill(t.leave_button, &[("upstream", name)]),
            away,
            other_address,
            app: app.to_owned(),
            frame,
        }
    }

    #[cfg(test)]
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        super::sample_upstreams()
            .map(|upstream| {
                let links = ("/signin/0/away".into(), "/signin/0/email".into());
                Self::new(frame.clone(), links, "Acme Notes", &upstream, "anna@contoso.test")
            })
            .into()
    }
}

/// `GET /signin/{sign_in}/leave`.
pub(crate) async fn show(UnderWay(visit): UnderWay<PageVisit>) -> Result<Response, Failure> {
    let upstream = match way_out(&visit).await? {
        Ok(way_out) => way_out.upstream,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let sign_in = &visit.sign_in;
    let Some(email) = &sign_in.email else {
        return Ok(see_other(&routes::away(sign_in.id)));
    };
    let links = (routes::away(sign_in.id), routes::identify(sign_in.id));
    let email = sign_in.shown(email);
    let page = LeavePage::new(visit.frame(), links, &visit.app.name, &upstream, &email);
    Ok(Page::new(page).into_response())
}

/// What the way there may be asked for.
#[derive(Deserialize)]
pub(crate) struct AwayQuery {
    /// Present when the account that came back was not the guest's: the upstream asks anew.
    again: Option<String>,
}

/// `GET /signin/{sign_in}/away`: to the upstream. Writes nothing, unless it cannot be asked, or the first SAML request of all
/// needs a key.
pub(crate) async fn go(
    UnderWay(visit): UnderWay<PageVisit>,
    Extension(upstreams): Extension<Upstreams>,
    Query(wish): Query<AwayQuery>,
) -> Result<Response, Failure> {
    let WayOut {
        upstream,
        connection,
        down,
    } = match way_out(&visit).await? {
        Ok(way_out) => way_out,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let sign_in = &visit.sign_in;
    let email = sign_in.email.as_ref();
    if down {
        return trouble::answer(&visit, &upstream, email, UpstreamTrouble::Down).await;
    }
    if matches!(connection, Connection::Saml(_)) && !upstreams.speaks_saml() {
        return trouble::answer(&visit, &upstream, email, UpstreamTrouble::Off).await;
    }
    let seal = visit.sign_in_secret();
    let bound = Bound {
        seal: &seal,
        upstream: upstream.id,
        email,
    };
    let trip = Trip::begin(sign_in.id, &bound, visit.now, visit.core.entropy.as_ref());
    let mut departure = departure(&visit, &upstream, &connection, &trip, &seal).await?;
    departure.ask_anew = wish.again.is_some();
    match upstreams.depart(&connection, &departure, visit.now).await {
        Ok(way) => Ok(away::by(way, visit.frame(), &upstream.display_name)),
        Err(error) => trouble::answer(&visit, &upstream, email, UpstreamTrouble::Upstream(error)).await,
    }
}

/// What goes along, and is needed again on the way back.
pub(super) async fn departure(
    visit: &PageVisit,
    upstream: &Upstream,
    connection: &Connection,
    trip: &Trip,
    seal: &Secret,
) -> Result<Departure, Failure> {
    let sign_in = &visit.sign_in;
    Ok(Departure {
        redirect_uri: redirect_uri(&visit.core, upstream, connection)?,
        service_key: service::key_for(&visit.core, connection).await?,
        state: trip.state().clone(),
        nonce: trip.derive(seal, "federation nonce"),
        verifier: trip.derive(seal, "federation pkce"),
        expected: sign_in.email.as_ref().map(|email| email.as_str().to_owned()),
        // Nor is an address that is not shown here put into the address bar.
        login_hint: sign_in
            .email
            .as_ref()
            .filter(|email| sign_in.shown(email) == email.as_str())
            .map(|email| email.as_str().to_owned()),
        // What the app asked of us we ask of the upstream: only the upstream can prove it (threat R12).
        max_age: sign_in.request.max_age,
        left_at: trip.left_at(),
        prompt_login: sign_in.request.prompt.login,
        ask_anew: false,
    })
}

/// Where an upstream sends browsers back to.
pub(super) fn redirect_uri(
    core: &Core,
    upstream: &Upstream,
    connection: &Connection,
) -> Result<Url, Failure> {
    let path = match upstream.kind {
        _ if matches!(connection, Connection::Saml(_)) => routes::federation_acs(&upstream.name),
        UpstreamKind::Provider => routes::personal_account_callback(&upstream.name),
        UpstreamKind::Tenant => routes::federation_callback(&upstream.name),
    };
    let address = format!("{}{path}", core.settings.issuer.as_str());
    Url::parse(&address).map_err(Failure::internal)
}

/// Where somebody leaves to.
pub(super) struct WayOut {
    pub(super) upstream: Upstream,
    pub(super) connection: Connection,
    pub(super) down: bool,
}

/// The upstream that the address of this sign-in is sent to, or where the browser belongs instead.
async fn way_out(visit: &PageVisit) -> Result<Result<WayOut, Response>, Failure> {
    let sign_in = &visit.sign_in;
    let Some(email) = &sign_in.email else {
        return Ok(hinted::way_out(visit)
            .await?
            .ok_or_else(|| see_other(&routes::identify(sign_in.id))));
    };
    let found = method::find(visit, &visit.core.store.reader(), email).await?;
    let upstream = match found.upstream.clone() {
        Some(upstream) => Some(upstream),
        // The account that came back waits for a code; they may bring another one instead.
        None if found.waiting.is_some() => match &found.waiting {
            Some(waiting) => visit.core.store.reader().upstream(waiting.upstream).await?,
            None => None,
        },
        // Somebody who has just proven the method that sticks, and moves to this one.
        None => offer::offered(visit, &visit.situation().await?)
            .await?
            .map(|(upstream, _)| upstream),
    };
    let connected = upstream.and_then(|upstream| {
        let connection = upstream.connection.clone()?;
        Some(WayOut {
            down: found.is_down(upstream.id),
            upstream,
            connection,
        })
    });
    // Its method may have changed since.
    Ok(connected.ok_or_else(|| onward(sign_in, found.way(), true)))
}
