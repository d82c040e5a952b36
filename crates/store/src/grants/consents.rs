//! What guests agreed to give apps.

use domain::{Id, app::App, authorization::Scopes, grant::Consent, guest::Guest, time::from_millis};

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
