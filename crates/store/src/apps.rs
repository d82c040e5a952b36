//! Apps: the clients of this provider.

use domain::{
    EmailAddress, Id,
    app::{AccessRule, App, AppAuthentication, Pkce, SigningAlgorithm},
    inviter::Inviters,
    time::from_millis,
};
use url::Url;
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    row::{Cell, Sql, select},
    value::{self, Place},
};

row! {
    pub(crate) struct AppRow {
        id: Uuid,
        client_id: String,
        name: String,
        authentication: String,
        jwks: Option<String>,
        redirect_uris: String,
        post_logout_redirect_uris: String,
        home: Option<String>,
        owner: Option<String>,
        contact: Option<String>,
        logo: Option<String>,
        access: String,
        access_domains: String,
        inviters: String,
        asks_consent: bool,
        offline_access: bool,
        signing_algorithm: String,
        pkce: String,
        id_token_claims: bool,
        strict_assertions: bool,
        dev: bool,
        disabled_at: Option<i64>,
        created_at: i64,
    }
}

static BY_ID: Sql = Sql::new(|| select(AppRow::COLUMNS, "apps WHERE id = $1"));
/// Hot: asked by every authorization and every token request.
pub(crate) static BY_CLIENT_ID: Sql = Sql::new(|| {
    select(
        AppRow::COLUMNS,
        "apps WHERE client_id = $1 AND access <> 'in-directory'",
    )
});
static ALL: Sql = Sql::new(|| {
    select(
        AppRow::COLUMNS,
        "apps WHERE access <> 'in-directory' ORDER BY name, client_id",
    )
});
static WITH_INVITERS: Sql = Sql::new(|| {
    select(
        AppRow::COLUMNS,
        "apps WHERE inviters <> 'operators' AND disabled_at IS NULL ORDER BY name, client_id",
    )
});

impl<C: Reads> Db<C> {
    /// The app of that row.
    pub async fn app(&self, id: Id<App>) -> Result<Option<App>, StoreError> {
        let row = self.one::<AppRow>(&BY_ID, [value::id(id)]).await?;
        row.map(to_domain).transpose()
    }

    /// The app that calls itself `client_id`. My access is no client: it is found by its row alone.
    pub async fn app_by_client_id(&self, client_id: &str) -> Result<Option<App>, StoreError> {
        if !value::is_text(client_id) {
            return Ok(None);
        }
        let row = self.one::<AppRow>(&BY_CLIENT_ID, [client_id.into()]).await?;
        row.map(to_domain).transpose()
    }

    /// The apps to which others than operators may invite, but for those that are switched off, by name.
    pub async fn apps_with_inviters(&self) -> Result<Vec<App>, StoreError> {
        let rows = self.all::<AppRow>(&WITH_INVITERS, []).await?;
        rows.into_iter().map(to_domain).collect()
    }

    /// All apps that were registered, by name.
    pub async fn apps(&self) -> Result<Vec<App>, StoreError> {
        let rows = self.all::<AppRow>(&ALL, []).await?;
        rows.into_iter().map(to_domain).collect()
    }
}

impl Tx {
    /// Registers an app. A `client_id` that is taken is a conflict.
    pub async fn insert_app(&self, app: &App) -> Result<(), StoreError> {
        self.connection.change_apps();
        self.insert("apps", cells(app)).await
    }

    /// Keeps the row that sign-ins to My access refer to, unless it is there.
    pub async fn keep_my_access(&self, app: &App) -> Result<(), StoreError> {
        let cells = cells(app);
        let (columns, places) = cells
            .iter()
            .enumerate()
            .map(|(at, (column, _))| (*column, format!("${}", at + 1)))
            .unzip::<_, _, Vec<_>, Vec<_>>();
        let sql = format!(
            "INSERT INTO apps ({}) VALUES ({}) ON CONFLICT (id) DO NOTHING",
            columns.join(", "),
            places.join(", ")
        );
        self.run(&sql, cells.map(|(_, value)| value)).await?;
        Ok(())
    }

    /// Changes an app; its `client_id` may change as well.
    pub async fn update_app(&self, app: &App) -> Result<(), StoreError> {
        self.connection.change_apps();
        self.update("apps", cells(app)).await
    }
}

/// What refers to an app, in an order in which it can go.
const REMOVE: [&str; 9] = [
    "DELETE FROM access_requests WHERE app = $1",
    "DELETE FROM grants WHERE app = $1",
    "DELETE FROM consents WHERE app = $1",
    "DELETE FROM sign_ins WHERE app = $1",
    "DELETE FROM invitations WHERE app = $1",
    "DELETE FROM assignments WHERE app = $1",
    "DELETE FROM group_apps WHERE app = $1",
    "DELETE FROM app_logos WHERE app = $1",
    "DELETE FROM apps WHERE id = $1",
];

impl Tx {
    /// Removes an app with everything that refers to it, but what the audit log says of it.
    pub async fn remove_app(&self, id: Id<App>) -> Result<(), StoreError> {
        self.connection.change_apps();
        for statement in REMOVE {
            self.run(statement, [value::id(id)]).await?;
        }
        Ok(())
    }
}

fn cells(app: &App) -> [Cell; 23] {
    let jwks = match &app.authentication {
        AppAuthentication::PrivateKeyJwt { jwks, .. } => Some(jwks.clone()),
        AppAuthentication::Secret(_) | AppAuthentication::None => None,
    };
    let access_domains = match &app.access {
        AccessRule::Domain(domains) => domains.as_slice(),
        AccessRule::Invited | AccessRule::AnyGuest | AccessRule::InDirectory => &[],
    };
    let address = |email: Option<&EmailAddress>| email.map(|email| email.as_str().to_owned());
    [
        ("id", value::id(app.id)),
        ("client_id", app.client_id.as_str().into()),
        ("name", app.name.as_str().into()),
        ("authentication", app.authentication.name().into()),
        ("jwks", jwks.into()),
        ("redirect_uris", value::json(&app.redirect_uris).into()),
        (
            "post_logout_redirect_uris",
            value::json(&app.post_logout_redirect_uris).into(),
        ),
        ("home", app.home.as_ref().map(ToString::to_string).into()),
        ("owner", address(app.owner.as_ref()).into()),
        ("contact", address(app.contact.as_ref()).into()),
        ("logo", app.logo.clone().into()),
        ("access", app.access.name().into()),
        ("access_domains", value::json(access_domains).into()),
        ("inviters", app.inviters.name().into()),
        ("asks_consent", app.asks_consent.into()),
        ("offline_access", app.offline_access.into()),
        ("signing_algorithm", app.signing_algorithm.name().into()),
        ("pkce", app.pkce.name().into()),
        ("id_token_claims", app.id_token_claims.into()),
        ("strict_assertions", app.authentication.is_strict().into()),
        ("dev", app.dev.into()),
        ("disabled_at", value::opt_millis(app.disabled_at).into()),
        ("created_at", value::at(app.created_at)),
    ]
}

/// Whom an app is for, from its two columns.
pub(crate) fn access_rule(place: &Place, access: &str, domains: &str) -> Result<AccessRule, StoreError> {
    match access {
        "invited" => Ok(AccessRule::Invited),
        "domain" => Ok(AccessRule::Domain(place.texts("access_domains", domains)?)),
        "any-guest" => Ok(AccessRule::AnyGuest),
        "in-directory" => Ok(AccessRule::InDirectory),
        _ => Err(place.corrupt("access")),
    }
}

fn to_domain(row: AppRow) -> Result<App, StoreError> {
    let place = Place::new("apps", row.id);
    let authentication = match (row.authentication.as_str(), row.jwks) {
        ("private_key_jwt", None) => return Err(place.corrupt("jwks")),
        (name, jwks) => {
            let found = AppAuthentication::of(name, jwks, row.strict_assertions);
            place.require("authentication", found)?
        }
    };
    let access = access_rule(&place, &row.access, &row.access_domains)?;
    let home = row
        .home
        .map(|home| place.require("home", Url::parse(&home).ok()))
        .transpose()?;
    let address = |column: &'static str, text: Option<String>| {
        text.map(|text| place.require(column, EmailAddress::stored(&text).ok()))
            .transpose()
    };
    let owner = address("owner", row.owner)?;
    let contact = address("contact", row.contact)?;
    Ok(App {
        id: Id::from_uuid(row.id),
        authentication,
        redirect_uris: place.texts("redirect_uris", &row.redirect_uris)?,
        post_logout_redirect_uris: place
            .texts("post_logout_redirect_uris", &row.post_logout_redirect_uris)?,
        home,
        owner,
        contact,
        logo: row.logo,
        access,
        inviters: place.require("inviters", Inviters::parse(&row.inviters))?,
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
