//! Logos of apps: the pictures themselves. Their names stand with the apps.

use domain::{Id, app::App, app::logo::Logo};

use crate::{Db, Reads, StoreError, Tx, columns::row, value};

row! {
    struct LogoRow {
        bytes: Vec<u8>,
    }
}

const OF_APP: &str = "SELECT bytes FROM app_logos WHERE app = $1";

impl<C: Reads> Db<C> {
    /// The logo of an app.
    pub async fn app_logo(&self, app: Id<App>) -> Result<Option<Logo>, StoreError> {
        let row = self.one::<LogoRow>(OF_APP, [value::id(app)]).await?;
        let place = value::Place::new("app_logos", app.uuid());
        row.map(|row| place.require("bytes", Logo::parse(row.bytes).ok()))
            .transpose()
    }
}

impl Tx {
    /// Gives an app a logo, in place of the one that it has; `None`: takes that away. The app's row names it.
    pub async fn put_app_logo(&self, app: Id<App>, logo: Option<Logo>) -> Result<(), StoreError> {
        let Some(logo) = logo else {
            self.run("DELETE FROM app_logos WHERE app = $1", [value::id(app)])
                .await?;
            return Ok(());
        };
        let bytes = logo.into_bytes();
        self.put("app_logos", [("app", value::id(app))], [("bytes", bytes.into())])
            .await
    }
}
