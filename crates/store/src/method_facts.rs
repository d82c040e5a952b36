//! Gathers what method resolution may depend on: one loader for the sign-in page and for every explanation.

use chrono::{DateTime, Utc};
use domain::{EmailAddress, guest::Guest, method::Method};
use method_resolution::{Decision, Facts, Person, PersonalMatch, Policies};
use sea_orm::ConnectionTrait;

use crate::{Db, StoreError};

impl<C: ConnectionTrait> Db<C> {
    /// The facts about an address; `guest` is what the directory knows under it. The policy is that of its domain.
    pub async fn method_facts(
        &self,
        email: &EmailAddress,
        guest: Option<&Guest>,
        policies: &Policies,
        now: DateTime<Utc>,
    ) -> Result<Facts, StoreError> {
        let policy = policies.of(email);
        let tenant = self.tenant_of_domain(email.domain(), policy, now).await?;
        let person = match guest {
            Some(guest) => Some(self.person(guest, now).await?),
            None => None,
        };
        let unproven = match tenant {
            Some(_) => None,
            None => self.unproven(email.domain()).await?,
        };
        Ok(Facts {
            email: email.clone(),
            now,
            policy: policy.clone(),
            person,
            tenant,
            unproven,
            personal: self.personal(email, policy.webfinger, now).await?,
            open_providers: if policy.offers_any_provider() {
                self.open_providers(now).await?
            } else {
                Vec::new()
            },
            chosen: None,
        })
    }

    /// What the doors of a decision are called on pages; none for a code.
    pub async fn doors(&self, decision: &Decision) -> Result<Vec<String>, StoreError> {
        let methods = match decision {
            Decision::Use(method) => std::slice::from_ref(method),
            Decision::Ask(methods) => methods.as_slice(),
            Decision::Refuse(_) => &[],
        };
        let mut names = Vec::with_capacity(methods.len());
        for method in methods {
            names.extend(
                self.upstream(*method)
                    .await?
                    .map(|upstream| upstream.display_name),
            );
        }
        Ok(names)
    }

    async fn personal(
        &self,
        email: &EmailAddress,
        webfinger: bool,
        now: DateTime<Utc>,
    ) -> Result<Option<PersonalMatch>, StoreError> {
        if let Some(found) = self.provider_of_address(email, now).await? {
            return Ok(Some(found));
        }
        match self.provider_of_domain(email.domain(), now).await? {
            None if webfinger => self.provider_of_webfinger(email, now).await,
            found => Ok(found),
        }
    }

    async fn person(&self, guest: &Guest, now: DateTime<Utc>) -> Result<Person, StoreError> {
        let mut unavailable = Vec::new();
        for method in [guest.pinned_method, guest.method].into_iter().flatten() {
            if !unavailable.contains(&method) && !self.is_available(method).await? {
                unavailable.push(method);
            }
        }
        Ok(Person {
            status: guest.status,
            expired: guest.is_expired(now),
            pinned: guest.pinned_method,
            sticky: guest.method,
            unavailable,
        })
    }

    /// Whether the method's upstream is there and switched on. Whether codes are on is the policy's business.
    async fn is_available(&self, method: Method) -> Result<bool, StoreError> {
        Ok(match method {
            Method::Passcode => true,
            other => self
                .upstream(other)
                .await?
                .is_some_and(|upstream| upstream.enabled),
        })
    }
}
