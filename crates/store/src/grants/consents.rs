//! What guests agreed to give apps.

use domain::{Id, app::App, authorization::Scopes, grant::Consent, guest::Guest, time::from_millis};
use uuid::Uuid;

use crate::{Db, Reads, StoreError, Tx, columns::row, value};

row! {
    struct ConsentRow {
        scopes: String,
        granted_at: i64,
    }
}

pub(crate) const CONSENT: &str = "SELECT scopes, granted_at FROM consents WHERE guest = $1 AND app = $2";

impl<C: Reads> Db<C> {
    /// What the guest agreed to give the app.
    pub async fn consent(&self, guest: Id<Guest>, app: Id<App>) -> Result<Option<Consent>, StoreError> {
        let row = self
            .one::<ConsentRow>(CONSENT, [value::id(guest), value::id(app)])
            .await?;
        Ok(row.map(|row| Consent {
            guest,
            app,
            scopes: Scopes::parse(&row.scopes),
            granted_at: from_millis(row.granted_at),
        }))
    }

    /// What the guest agreed to give each app.
    pub async fn consents_of(&self, guest: Id<Guest>) -> Result<Vec<Consent>, StoreError> {
        row! {
            struct ConsentToRow {
                app: Uuid,
                scopes: String,
                granted_at: i64,
            }
        }
        let sql = "SELECT app, scopes, granted_at FROM consents WHERE guest = $1 ORDER BY app";
        let rows = self.all::<ConsentToRow>(sql, [value::id(guest)]).await?;
        let consents = rows.into_iter().map(|row| Consent {
            guest,
            app: Id::from_uuid(row.app),
            scopes: Scopes::parse(&row.scopes),
            granted_at: from_millis(row.granted_at),
        });
        Ok(consents.collect())
    }
}

impl Tx {
    /// Keeps what the guest agreed to, in the place of what was there.
    pub async fn put_consent(&self, consent: &Consent) -> Result<(), StoreError> {
        self.put(
            "consents",
            [
                ("guest", value::id(consent.guest)),
                ("app", value::id(consent.app)),
            ],
            [
                ("scopes", consent.scopes.to_string().into()),
                ("granted_at", value::at(consent.granted_at)),
            ],
        )
        .await
    }
}
