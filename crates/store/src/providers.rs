//! Personal-account providers, and the domains and addresses that lead to them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{EmailAddress, Id, time::from_millis, upstream::Provider};
use method_resolution::{MatchedBy, OpenProvider, PersonalMatch};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use crate::{
    Db, StoreError, Tx,
    connections::Columns,
    entity::{provider, provider_domain},
    value::{self, Place},
};

impl<C: ConnectionTrait> Db<C> {
    /// All providers, by name.
    pub async fn providers(&self) -> Result<Vec<Provider>, StoreError> {
        let rows = provider::Entity::find()
            .order_by_asc(provider::Column::Name)
            .all(&self.connection)
            .await?;
        let mut domains: HashMap<Uuid, Vec<String>> = HashMap::new();
        let of_providers = provider_domain::Entity::find().order_by_asc(provider_domain::Column::Domain);
        for row in of_providers.all(&self.connection).await? {
            domains.entry(row.provider).or_default().push(row.domain);
        }
        let mut addresses: HashMap<Uuid, Vec<EmailAddress>> = HashMap::new();
        let sql = "SELECT email_key, provider FROM provider_addresses ORDER BY email_key";
        for row in self.all::<AddressRow>(sql, []).await? {
            addresses.entry(row.provider).or_default().push(row.address()?);
        }
        rows.into_iter()
            .map(|row| {
                let domains = domains.remove(&row.id).unwrap_or_default();
                let addresses = addresses.remove(&row.id).unwrap_or_default();
                self.to_provider(row, domains, addresses)
            })
            .collect()
    }

    /// The provider of that row.
    pub async fn provider(&self, id: Id<Provider>) -> Result<Option<Provider>, StoreError> {
        let row = provider::Entity::find_by_id(id.uuid())
            .one(&self.connection)
            .await?;
        self.with_leading(row).await
    }

    /// The provider of that name.
    pub async fn provider_by_name(&self, name: &str) -> Result<Option<Provider>, StoreError> {
        if !value::is_text(name) {
            return Ok(None);
        }
        let row = provider::Entity::find()
            .filter(provider::Column::Name.eq(name))
            .one(&self.connection)
            .await?;
        self.with_leading(row).await
    }

    async fn with_leading(&self, row: Option<provider::Model>) -> Result<Option<Provider>, StoreError> {
        let Some(row) = row else {
            return Ok(None);
        };
        let domains = provider_domain::Entity::find()
            .filter(provider_domain::Column::Provider.eq(row.id))
            .order_by_asc(provider_domain::Column::Domain)
            .all(&self.connection)
            .await?;
        let sql = "SELECT email_key, provider FROM provider_addresses WHERE provider = $1 ORDER BY email_key";
        let addresses = self.all::<AddressRow>(sql, [row.id.into()]).await?;
        let provider = self.to_provider(
            row,
            domains.into_iter().map(|row| row.domain).collect(),
            addresses
                .into_iter()
                .map(AddressRow::address)
                .collect::<Result<_, _>>()?,
        );
        provider.map(Some)
    }

    fn to_provider(
        &self,
        row: provider::Model,
        domains: Vec<String>,
        addresses: Vec<EmailAddress>,
    ) -> Result<Provider, StoreError> {
        let place = Place::new("providers", row.id);
        let columns = Columns {
            connection: row.connection,
            client_secret: row.client_secret,
            sealed_by: row.sealed_by,
        };
        Ok(Provider {
            id: Id::from_uuid(row.id),
            name: row.name,
            display_name: row.display_name,
            enabled: row.enabled,
            declared: row.declared,
            domains,
            addresses,
            connection: self.to_connection(&place, columns)?,
            created_at: from_millis(row.created_at),
        })
    }

    /// The enabled provider that a rule names for this address.
    pub(crate) async fn provider_of_address(
        &self,
        email: &EmailAddress,
        now: DateTime<Utc>,
    ) -> Result<Option<PersonalMatch>, StoreError> {
        let row = self
            .one::<Found>(PROVIDER_OF_ADDRESS, [email.key().into()])
            .await?;
        Ok(row.map(|row| row.matched(MatchedBy::Address, now)))
    }

    /// The providers that are switched on and connected, by name.
    pub(crate) async fn open_providers(&self, now: DateTime<Utc>) -> Result<Vec<OpenProvider>, StoreError> {
        let rows = self.all::<Found>(SWITCHED_ON, []).await?;
        let matched = rows.into_iter().map(|row| row.matched(MatchedBy::Domain, now));
        Ok(matched
            .filter(|found| found.connected)
            .map(|found| OpenProvider {
                provider: found.provider,
                down: found.down,
            })
            .collect())
    }

    /// The enabled provider whose consumer domain this is.
    pub(crate) async fn provider_of_domain(
        &self,
        domain: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<PersonalMatch>, StoreError> {
        let row = self.one::<Found>(PROVIDER_OF_DOMAIN, [domain.into()]).await?;
        Ok(row.map(|row| row.matched(MatchedBy::Domain, now)))
    }
}

impl Tx {
    /// Adds a provider with its domains and addresses. A name, a domain or an address that is taken is a conflict.
    pub async fn insert_provider(&self, provider: &Provider) -> Result<(), StoreError> {
        let columns = self.provider_columns(provider)?;
        let row = provider::Model {
            id: provider.id.uuid(),
            name: provider.name.clone(),
            display_name: provider.display_name.clone(),
            enabled: provider.enabled,
            declared: provider.declared,
            connection: columns.connection,
            client_secret: columns.client_secret,
            sealed_by: columns.sealed_by,
            created_at: value::millis(provider.created_at),
        };
        provider::Entity::insert(row.into_active_model())
            .exec_without_returning(&self.connection)
            .await?;
        self.claim_provider_domains(provider).await
    }

    /// Makes the row, its domains and its addresses what the provider says. What is taken is a conflict.
    pub async fn save_provider(&self, provider: &Provider) -> Result<(), StoreError> {
        let columns = self.provider_columns(provider)?;
        self.run(
            "UPDATE providers SET display_name = $2, enabled = $3, declared = $4, connection = $5, \
             client_secret = $6, sealed_by = $7 WHERE id = $1",
            [
                value::id(provider.id),
                provider.display_name.as_str().into(),
                provider.enabled.into(),
                provider.declared.into(),
                columns.connection.into(),
                columns.client_secret.into(),
                columns.sealed_by.into(),
            ],
        )
        .await?;
        self.release_provider(provider.id).await?;
        self.claim_provider_domains(provider).await
    }

    /// Removes a provider and the accounts there. Guests who are held to it have no way in until they are reset.
    pub async fn remove_provider(&self, id: Id<Provider>) -> Result<(), StoreError> {
        self.release_provider(id).await?;
        for sql in [
            "DELETE FROM accounts WHERE upstream = $1",
            "DELETE FROM upstream_health WHERE upstream = $1",
            "DELETE FROM providers WHERE id = $1",
        ] {
            self.run(sql, [value::id(id)]).await?;
        }
        Ok(())
    }

    /// Lets go of a provider's domains and addresses, so that another one may have them.
    pub async fn release_provider(&self, id: Id<Provider>) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM provider_domains WHERE provider = $1",
            "DELETE FROM provider_addresses WHERE provider = $1",
        ] {
            self.run(sql, [value::id(id)]).await?;
        }
        Ok(())
    }

    fn provider_columns(&self, provider: &Provider) -> Result<Columns, StoreError> {
        let place = Place::new("providers", provider.id.uuid());
        self.connection_columns(&place, provider.connection.as_ref())
    }

    async fn claim_provider_domains(&self, provider: &Provider) -> Result<(), StoreError> {
        for domain in &provider.domains {
            let sql = "INSERT INTO provider_domains (domain, provider) VALUES ($1, $2)";
            self.run(sql, [domain.as_str().into(), value::id(provider.id)])
                .await?;
        }
        for address in &provider.addresses {
            let sql = "INSERT INTO provider_addresses (email_key, provider) VALUES ($1, $2)";
            self.run(sql, [address.key().into(), value::id(provider.id)])
                .await?;
        }
        Ok(())
    }
}

#[derive(FromQueryResult)]
pub(crate) struct Found {
    id: Uuid,
    connected: bool,
    down_until: Option<i64>,
}

impl Found {
    pub(crate) fn matched(&self, by: MatchedBy, now: DateTime<Utc>) -> PersonalMatch {
        PersonalMatch {
            provider: Id::from_uuid(self.id),
            by,
            down: self.down_until.is_some_and(|until| now < from_millis(until)),
            connected: self.connected,
        }
    }
}

#[derive(FromQueryResult)]
struct AddressRow {
    email_key: String,
    provider: Uuid,
}

impl AddressRow {
    fn address(self) -> Result<EmailAddress, StoreError> {
        let place = Place::new("provider_addresses", self.provider);
        place.require("email_key", EmailAddress::stored(&self.email_key).ok())
    }
}

const SWITCHED_ON: &str = "SELECT providers.id, providers.connection IS NOT NULL AS connected, \
     upstream_health.down_until FROM providers LEFT JOIN upstream_health ON upstream_health.upstream = providers.id \
     WHERE providers.enabled ORDER BY providers.name";
pub(crate) const PROVIDER_OF_DOMAIN: &str = "SELECT providers.id, \
     providers.connection IS NOT NULL AS connected, upstream_health.down_until FROM provider_domains \
     JOIN providers ON providers.id = provider_domains.provider \
     LEFT JOIN upstream_health ON upstream_health.upstream = providers.id \
     WHERE provider_domains.domain = $1 AND providers.enabled";
pub(crate) const PROVIDER_OF_ADDRESS: &str = "SELECT providers.id, \
     providers.connection IS NOT NULL AS connected, upstream_health.down_until FROM provider_addresses \
     JOIN providers ON providers.id = provider_addresses.provider \
     LEFT JOIN upstream_health ON upstream_health.upstream = providers.id \
     WHERE provider_addresses.email_key = $1 AND providers.enabled";
