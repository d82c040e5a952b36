//! `/dev/contoso`: a partner's identity provider, as small as one can be, to see a federated tenant with. It knows
//! everybody at contoso.test and asks for no password; it is as strict about the protocol as a real one.

mod codes;
mod key;
mod pages;
mod protocol;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};
use domain::{
    Secret,
    domain_claim::Proof,
    entropy::Entropy,
    upstream::{ClientAuthentication, Connection, Declaration, Declared, OidcConnection},
};
use sign_in::Core;
use web::routes;

use codes::Codes;
use key::ContosoKey;

/// The tenant's short name, and Vestibule's client id there.
const TENANT: &str = "contoso";
const CLIENT_ID: &str = "acme";
/// Whose people it knows.
const DOMAIN: &str = "contoso.test";

/// The provider.
#[derive(Clone)]
pub(super) struct Contoso {
    core: Core,
    key: Arc<ContosoKey>,
    codes: Codes,
    client_secret: Secret,
}

impl Contoso {
    pub(super) fn new(core: Core) -> Self {
        let entropy: &dyn Entropy = core.entropy.as_ref();
        Self {
            key: Arc::new(ContosoKey::generate(entropy)),
            client_secret: Secret::generate(entropy),
            codes: Codes::default(),
            core,
        }
    }

    /// Its issuer.
    fn issuer(&self) -> String {
        self.at("")
    }

    fn at(&self, path: &str) -> String {
        format!("{}/dev/contoso{path}", self.core.settings.issuer.as_str())
    }

    /// The only address that it sends anybody back to.
    fn redirect_uri(&self) -> String {
        let path = routes::federation_callback(TENANT);
        format!("{}{path}", self.core.settings.issuer.as_str())
    }

    /// What an operator would write into the configuration for it.
    fn declared(&self) -> Declared {
        Declared {
            tenants: vec![Declaration {
                name: TENANT.into(),
                display_name: "Contoso".into(),
                enabled: true,
                domains: vec![DOMAIN.into()],
                domain_proof: Proof::Operator,
                addresses: Vec::new(),
                connection: Some(Connection::Oidc(OidcConnection::usual(
                    self.issuer(),
                    CLIENT_ID,
                    ClientAuthentication::SecretBasic(self.client_secret.clone()),
                ))),
            }],
            providers: Vec::new(),
        }
    }
}

/// The routes.
pub(super) fn router(contoso: Contoso) -> Router {
    Router::new()
        .route("/dev/contoso", get(pages::front).post(pages::connect))
        .route(
            "/dev/contoso/.well-known/openid-configuration",
            get(protocol::discovery),
        )
        .route("/dev/contoso/jwks", get(protocol::jwks))
        .route("/dev/contoso/authorize", get(pages::choose).post(pages::sign_in))
        .route("/dev/contoso/token", post(protocol::token))
        .with_state(contoso)
}
