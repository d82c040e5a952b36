//! What people see of it.

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
};
use data_encoding::BASE64URL_NOPAD;
use domain::{EmailAddress, Secret, upstream::UpstreamKind};
use http::{StatusCode, header};
use serde::Deserialize;
use url::Url;
use web::{Failure, see_other};

use super::{CLIENT_ID, Contoso, DOMAIN, TENANT, codes::ContosoGrant};
use crate::problem::problem;

/// The pages' own policy: forms to this very server.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";

#[derive(Template)]
#[template(path = "dev/contoso.html")]
struct Front {
    domain: &'static str,
    connected: bool,
}

/// `GET /dev/contoso`.
pub(super) async fn front(State(contoso): State<Contoso>) -> Result<Response, Failure> {
    let found = contoso
        .core
        .store
        .reader()
        .upstream_named(UpstreamKind::Tenant, TENANT)
        .await?;
    let page = Front {
        domain: DOMAIN,
        connected: found.is_some_and(|tenant| tenant.enabled),
    };
    Ok(page_of(page.render()?))
}

/// `POST /dev/contoso`: what an operator does by a `[[tenant]]` section.
pub(super) async fn connect(State(contoso): State<Contoso>) -> Response {
    match actions::declare_upstreams(&contoso.core, &contoso.declared()).await {
        Ok(_) => see_other("/dev/contoso"),
        Err(error) => problem(StatusCode::CONFLICT, error.to_string()),
    }
}

/// An authorization request (RFC 6749 §4.1.1).
#[derive(Deserialize)]
pub(super) struct AskedToSignIn {
    client_id: String,
    redirect_uri: String,
    response_type: String,
    state: String,
    code_challenge: String,
    code_challenge_method: String,
    nonce: Option<String>,
    #[serde(default)]
    login_hint: String,
}

#[derive(Template)]
#[template(path = "dev/contoso_sign_in.html")]
struct Choose {
    people: Vec<String>,
    /// The request, carried through the form.
    fields: Vec<(&'static str, String)>,
}

/// `GET /dev/contoso/authorize`: who is there?
pub(super) async fn choose(
    State(contoso): State<Contoso>,
    Query(asked): Query<AskedToSignIn>,
) -> Result<Response, Failure> {
    if let Err(refused) = check(&contoso, &asked) {
        return Ok(refused);
    }
    let mut people = vec![format!("anna@{DOMAIN}"), format!("ben@{DOMAIN}")];
    if let Some(hint) = employee(&asked.login_hint) {
        people.retain(|other| *other != hint);
        people.insert(0, hint);
    }
    let fields = vec![
        ("client_id", asked.client_id),
        ("redirect_uri", asked.redirect_uri),
        ("response_type", asked.response_type),
        ("state", asked.state),
        ("code_challenge", asked.code_challenge),
        ("code_challenge_method", asked.code_challenge_method),
        ("nonce", asked.nonce.unwrap_or_default()),
    ];
    Ok(page_of(Choose { people, fields }.render()?))
}

/// Somebody said who they are.
#[derive(Deserialize)]
pub(super) struct Chosen {
    who: String,
    #[serde(flatten)]
    asked: AskedToSignIn,
}

/// `POST /dev/contoso/authorize`: back, with a code.
pub(super) async fn sign_in(State(contoso): State<Contoso>, Form(chosen): Form<Chosen>) -> Response {
    let back = match check(&contoso, &chosen.asked) {
        Ok(back) => back,
        Err(refused) => return refused,
    };
    let Some(email) = employee(&chosen.who) else {
        return problem(
            StatusCode::BAD_REQUEST,
            format!("nobody here is called {}", chosen.who),
        );
    };
    let code = Secret::generate(contoso.core.entropy.as_ref());
    let grant = ContosoGrant {
        email,
        challenge: chosen.asked.code_challenge,
        nonce: chosen.asked.nonce.filter(|nonce| !nonce.is_empty()),
        at: contoso.core.now(),
    };
    contoso.codes.keep(&code, grant);
    let mut back = back;
    back.query_pairs_mut()
        .append_pair("code", code.expose())
        .append_pair("state", &chosen.asked.state)
        .append_pair("iss", &contoso.issuer());
    see_other(back.as_str())
}

/// A request of the one client, to be answered at its one address; anything else gets no redirect.
fn check(contoso: &Contoso, asked: &AskedToSignIn) -> Result<Url, Response> {
    let hash = BASE64URL_NOPAD.decode(asked.code_challenge.as_bytes());
    let good = asked.client_id == CLIENT_ID
        && asked.redirect_uri == contoso.redirect_uri()
        && asked.response_type == "code"
        && asked.code_challenge_method == "S256"
        && hash.is_ok_and(|hash| hash.len() == 32);
    let back = Url::parse(&asked.redirect_uri).ok().filter(|_| good);
    back.ok_or_else(|| {
        let detail =
            "not an authorization request of Contoso's one client: code, PKCE by S256, its redirect URI";
        problem(StatusCode::BAD_REQUEST, detail)
    })
}

/// An address of Contoso's.
fn employee(address: &str) -> Option<String> {
    let email = EmailAddress::parse(address).ok()?;
    (email.domain() == DOMAIN).then(|| email.key())
}

fn page_of(body: String) -> Response {
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(body)).into_response()
}
