//! Apps: the clients of this provider.

use domain::{
    Id,
    app::{AccessRule, App, AppAuthentication, Pkce, SigningAlgorithm},
    time::from_millis,
};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryOrder};
use url::Url;

use crate::{
    Db, StoreError, Tx,
    entity::app::{ActiveModel, Column, Entity, Model},
    value::{self, Place},
};

impl<C: ConnectionTrait> Db<C> {
    /// The app of that row.
    pub async fn app(&self, id: Id<App>) -> Result<Option<App>, StoreError> {
        let row = Entity::find_by_id(id.uuid()).one(&self.connection).await?;
        row.map(to_domain).transpose()
    }

    /// The app that calls itself `client_id`.
    pub async fn app_by_client_id(&self, client_id: &str) -> Result<Option<App>, StoreError> {
        if !value::is_text(client_id) {
            return Ok(None);
        }
        let row = self.one::<Model>(BY_CLIENT_ID, [client_id.into()]).await?;
        row.map(to_domain).transpose()
    }

    /// All apps, by name.
    pub async fn apps(&self) -> Result<Vec<App>, StoreError> {
        let rows = Entity::find()
            .order_by_asc(Column::Name)
            .order_by_asc(Column::ClientId)
            .all(&self.connection)
            .await?;
        rows.into_iter().map(to_domain).collect()
    }
}

impl Tx {
    /// Registers an app. A `client_id` that is taken is a conflict.
    pub async fn insert_app(&self, app: &App) -> Result<(), StoreError> {
        Entity::insert(to_row(app))
            .exec_without_returning(&self.connection)
            .await?;
        Ok(())
    }

    /// Changes an app; its `client_id` may change as well.
    pub async fn update_app(&self, app: &App) -> Result<(), StoreError> {
        Entity::update(to_row(app).reset_all())
            .exec(&self.connection)
            .await?;
        Ok(())
    }
}

/// What refers to an app, in an order in which it can go.
const REMOVE: [&str; 6] = [
    "DELETE FROM grants WHERE app = $1",
    "DELETE FROM consents WHERE app = $1",
    "DELETE FROM sign_ins WHERE app = $1",
    "DELETE FROM invitations WHERE app = $1",
    "DELETE FROM assignments WHERE app = $1",
    "DELETE FROM apps WHERE id = $1",
];

impl Tx {
    /// Removes an app with everything that refers to it, but what the audit log says of it.
    pub async fn remove_app(&self, id: Id<App>) -> Result<(), StoreError> {
        for statement in REMOVE {
            self.run(statement, [value::id(id)]).await?;
        }
        Ok(())
    }
}

/// Hot: asked by every authorization and every token request.
pub(crate) const BY_CLIENT_ID: &str = "SELECT id, client_id, name, authentication, jwks, redirect_uris, \
     post_logout_redirect_uris, home, access, access_domains, asks_consent, offline_access, signing_algorithm, \
     pkce, id_token_claims, strict_assertions, dev, disabled_at, created_at FROM apps WHERE client_id = $1";

fn to_row(app: &App) -> ActiveModel {
    let jwks = match &app.authentication {
        AppAuthentication::PrivateKeyJwt { jwks, .. } => Some(jwks.clone()),
        AppAuthentication::Secret(_) | AppAuthentication::None => None,
    };
    let access_domains = match &app.access {
        AccessRule::Domain(domains) => domains.as_slice(),
        AccessRule::Invited | AccessRule::AnyGuest => &[],
    };
    Model {
        id: app.id.uuid(),
        client_id: app.client_id.clone(),
        name: app.name.clone(),
        authentication: app.authentication.name().to_owned(),
        jwks,
        redirect_uris: value::json(&app.redirect_uris),
        post_logout_redirect_uris: value::json(&app.post_logout_redirect_uris),
        home: app.home.as_ref().map(ToString::to_string),
        access: app.access.name().to_owned(),
        access_domains: value::json(access_domains),
        asks_consent: app.asks_consent,
        offline_access: app.offline_access,
        signing_algorithm: app.signing_algorithm.name().to_owned(),
        pkce: app.pkce.name().to_owned(),
        id_token_claims: app.id_token_claims,
        strict_assertions: app.authentication.is_strict(),
        dev: app.dev,
        disabled_at: value::opt_millis(app.disabled_at),
        created_at: value::millis(app.created_at),
    }
    .into_active_model()
}

fn to_domain(row: Model) -> Result<App, StoreError> {
    let place = Place::new("apps", row.id);
    let authentication = match (row.authentication.as_str(), row.jwks) {
        ("private_key_jwt", None) => return Err(place.corrupt("jwks")),
        (name, jwks) => {
            let found = AppAuthentication::of(name, jwks, row.strict_assertions);
            place.require("authentication", found)?
        }
    };
    let access = match row.access.as_str() {
        "invited" => AccessRule::Invited,
        "domain" => AccessRule::Domain(place.texts("access_domains", &row.access_domains)?),
        "any-guest" => AccessRule::AnyGuest,
        _ => return Err(place.corrupt("access")),
    };
    let home = row
        .home
        .map(|home| place.require("home", Url::parse(&home).ok()))
        .transpose()?;
    Ok(App {
        id: Id::from_uuid(row.id),
        authentication,
        redirect_uris: place.texts("redirect_uris", &row.redirect_uris)?,
        post_logout_redirect_uris: place
            .texts("post_logout_redirect_uris", &row.post_logout_redirect_uris)?,
        home,
        access,
        asks_consent: row.asks_consent,
        offline_access: row.offline_access,
        signing_algorithm: place.require(
            "signing_algorithm",
            SigningAlgorithm::parse(&row.signing_algorithm),
        )?,
        pkce: place.require("pkce", Pkce::parse(&row.pkce))?,
        id_token_claims: row.id_token_claims,
        dev: row.dev,
        disabled_at: value::opt_from_millis(row.disabled_at),
        created_at: from_millis(row.created_at),
        client_id: row.client_id,
        name: row.name,
    })
}
