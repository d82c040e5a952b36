//! How many mails and how many wrong codes: for the address, its mail domain, the network, everywhere; and the
//! lane of a device that proved the mailbox before, so that nobody can use up a guest's own tries (E09).
//!
//! Rows are taken in a fixed order, so that two requests never wait for each other.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    EmailAddress,
    access::NetworkBudget,
    audit::{Action, Actor, AuditEvent},
    passcode::Alphabet,
    rate::{Limit, Taken, WRONG_IN_A_ROW},
};
use store::{StoreError, Tx};

use super::trouble::CodeTrouble;
use crate::{settings, visit::Visit};

const MAILS_ADDRESS_HOUR: &str = "mails_per_address_hour";
const MAILS_ADDRESS_DAY: &str = "mails_per_address_day";
const MAILS_NETWORK: &str = "mails_per_network_hour";
const MAILS_SITE: &str = "mails_per_site_hour";
/// The same in apps that are not for everybody.
const MAILS_GUESTS_NETWORK: &str = "mails_of_guests_per_network_hour";
const MAILS_GUESTS_SITE: &str = "mails_of_guests_per_site_hour";
const MAILS_DOMAIN: &str = "mails_per_domain_hour";
const MAILS_EVERYWHERE: &str = "mails_everywhere_hour";
const MAILS_DEVICE: &str = "mails_per_device_hour";
const WRONG_ADDRESS_HOUR: &str = "wrong_per_address_hour";
const WRONG_ADDRESS_DAY: &str = "wrong_per_address_day";
const WRONG_NETWORK: &str = "wrong_per_network_hour";
const WRONG_SITE: &str = "wrong_per_site_hour";
const WRONG_DEVICE: &str = "wrong_per_device_hour";
const WRONG_EVERYWHERE: &str = "wrong_everywhere_hour";

/// The window of the count that never forgets: only a right code or an operator resets it.
const FOR_EVER: TimeDelta = TimeDelta::days(36_500);

/// Whom a request counts for.
pub(crate) struct CodeLimits<'a> {
    visit: &'a Visit,
    tx: &'a Tx,
    address: String,
    domain: &'a str,
    /// The lane of a device that is known for this mailbox.
    device: Option<String>,
}

/// What was charged before a comparison, to be given back unless the code was wrong.
#[derive(Default)]
pub(crate) struct ChargedTry(Vec<(&'static str, String)>);

impl<'a> CodeLimits<'a> {
    pub(crate) async fn of(
        visit: &'a Visit,
        tx: &'a Tx,
        email: &'a EmailAddress,
    ) -> Result<Self, StoreError> {
        let device = match &visit.browser.device {
            Some(device) if tx.knows_device(&device.hash(), email, visit.now).await? => {
                let lane = device.derive("limits", email.counting_key().as_bytes());
                Some(lane.expose().to_owned())
            }
            _ => None,
        };
        Ok(Self {
            visit,
            tx,
            address: email.counting_key(),
            domain: email.domain(),
            device,
        })
    }

    /// One more mail. What is shared comes first: what it refuses does not count for the address. The row of
    /// everyone is looked at first and charged last, so that no request waits long for it (E08).
    pub(crate) async fn mail(&self, budget: NetworkBudget) -> Result<Result<(), CodeTrouble>, StoreError> {
        let limits = &self.visit.core.settings.limits;
        if self.are_codes_off().await? {
            return Ok(Err(CodeTrouble::CodesOff));
        }
        let everywhere = (MAILS_EVERYWHERE, "", limits.sends_everywhere_hour);
        let hit = match self.refusal(everywhere).await? {
            None => self.mail_counted(limits, budget).await?,
            hit => hit,
        };
        if let Some(hit) = hit
            && !self.by_device(MAILS_DEVICE, limits.sends_per_device_hour).await?
        {
            self.note(&hit).await?;
            let until = hit.until;
            return Ok(Err(match hit.kind {
                MAILS_EVERYWHERE => CodeTrouble::Busy { until },
                MAILS_NETWORK | MAILS_SITE | MAILS_GUESTS_NETWORK | MAILS_GUESTS_SITE => {
                    CodeTrouble::BusyNetwork { until }
                }
                _ => CodeTrouble::TooManyMails { until },
            }));
        }
        let (kind, subject, limit) = everywhere;
        self.tx.take(kind, subject, limit, self.visit.now).await?;
        Ok(Ok(()))
    }

    /// Counts one more mail for the network, the domain and the address, up to the first that refuses it.
    async fn mail_counted(
        &self,
        limits: &settings::Limits,
        budget: NetworkBudget,
    ) -> Result<Option<Hit<'_>>, StoreError> {
        let (site, network) = match budget {
            NetworkBudget::Everybody => (MAILS_SITE, MAILS_NETWORK),
            NetworkBudget::Guests => (MAILS_GUESTS_SITE, MAILS_GUESTS_NETWORK),
        };
        let limit = limits.sends_per_prefix_hour;
        for (kind, subject, limit) in self.of_site(site, limit).into_iter().chain([
            (network, &*self.visit.browser.network, limit),
            (MAILS_DOMAIN, self.domain, limits.sends_per_domain_hour),
            (MAILS_ADDRESS_HOUR, &*self.address, limits.sends_per_address_hour),
            (MAILS_ADDRESS_DAY, &*self.address, limits.sends_per_address_day),
        ]) {
            if let Taken::Refused { until } = self.tx.take(kind, subject, limit, self.visit.now).await? {
                return Ok(Some(Hit {
                    kind,
                    subject,
                    limit,
                    until,
                }));
            }
        }
        Ok(None)
    }

    /// What a new code is written in. While there are too many wrong codes everywhere, somebody is guessing: codes get
    /// longer then (guard mode, E04), and no guest is turned away.
    pub(crate) async fn alphabet(&self) -> Result<Alphabet, StoreError> {
        let limit = self.visit.core.settings.limits.wrong_everywhere_hour;
        Ok(match self.refusal((WRONG_EVERYWHERE, "", limit)).await? {
            Some(_) => Alphabet::Letters,
            None => Alphabet::Digits,
        })
    }

    /// One more comparison. The address is charged before it is made, so that racers cannot make more of them
    /// than the limit allows (E02). The network is only looked at: what it refuses does not count for the address,
    /// and [`Self::wrong`] charges it, so that no row is shared by everyone's right codes.
    pub(crate) async fn charge_try(&self) -> Result<Result<ChargedTry, CodeTrouble>, StoreError> {
        let limits = &self.visit.core.settings.limits;
        let now = self.visit.now;
        let mut charged = ChargedTry::default();
        let mut hit = self.turned_away().await?;
        if hit.is_none() || self.device.is_some() {
            for (kind, limit) in [
                (WRONG_ADDRESS_HOUR, limits.wrong_per_address_hour),
                (WRONG_ADDRESS_DAY, limits.wrong_per_address_day),
            ] {
                charged.0.push((kind, self.address.clone()));
                if let Taken::Refused { until } = self.tx.take(kind, &self.address, limit, now).await? {
                    let subject = &*self.address;
                    hit = hit.or(Some(Hit {
                        kind,
                        subject,
                        limit,
                        until,
                    }));
                }
            }
        }
        if let Some(hit) = hit {
            if !self.by_device(WRONG_DEVICE, limits.wrong_per_device_hour).await? {
                self.note(&hit).await?;
                return Ok(Err(CodeTrouble::TooManyWrong { until: hit.until }));
            }
            charged
                .0
                .extend(self.device.clone().map(|device| (WRONG_DEVICE, device)));
        }
        charged.0.push((WRONG_IN_A_ROW, self.address.clone()));
        let limit = self.in_a_row();
        if let Taken::Refused { until } = self.tx.take(WRONG_IN_A_ROW, &self.address, limit, now).await? {
            let subject = &*self.address;
            self.note(&Hit {
                kind: WRONG_IN_A_ROW,
                subject,
                limit,
                until,
            })
            .await?;
            return Ok(Err(CodeTrouble::CodesOff));
        }
        Ok(Ok(charged))
    }

    /// Whether the network has sent too many wrong codes.
    async fn turned_away(&self) -> Result<Option<Hit<'_>>, StoreError> {
        for counted in self.networks() {
            if let Some(hit) = self.refusal(counted).await? {
                return Ok(Some(hit));
            }
        }
        Ok(None)
    }

    /// Whether one more would be refused, without counting it.
    async fn refusal<'b>(&self, (kind, subject, limit): Counted<'b>) -> Result<Option<Hit<'b>>, StoreError> {
        let next = self.tx.peek(kind, subject, limit, self.visit.now).await?;
        Ok(match next {
            Taken::Refused { until } => Some(Hit {
                kind,
                subject,
                limit,
                until,
            }),
            Taken::Allowed { .. } => None,
        })
    }

    /// The counters of wrong codes that the guests of one network share.
    fn networks(&self) -> impl Iterator<Item = Counted<'_>> {
        let limit = self.visit.core.settings.limits.wrong_per_prefix_hour;
        let site = self.of_site(WRONG_SITE, limit);
        site.into_iter()
            .chain([(WRONG_NETWORK, &*self.visit.browser.network, limit)])
    }

    /// A subscriber's other networks: together they may do eight times as much as one (E04).
    fn of_site(&self, kind: &'static str, network: Limit) -> Option<Counted<'_>> {
        let limit = Limit {
            max: network.max.saturating_mul(8),
            ..network
        };
        self.visit.browser.site.as_deref().map(|site| (kind, site, limit))
    }

    /// The code was wrong: what was charged stays, and the network and everyone are charged too.
    pub(crate) async fn wrong(&self) -> Result<(), StoreError> {
        for (kind, subject, limit) in self.networks() {
            self.tx.take(kind, subject, limit, self.visit.now).await?;
        }
        let limit = self.visit.core.settings.limits.wrong_everywhere_hour;
        let taken = self.tx.take(WRONG_EVERYWHERE, "", limit, self.visit.now).await?;
        if let Taken::Refused { until } = taken {
            let hit = Hit {
                kind: WRONG_EVERYWHERE,
                subject: "",
                limit,
                until,
            };
            if self.note(&hit).await? {
                tracing::warn!(
                    until = %until,
                    setting = "limits.wrong_everywhere_hour",
                    "too many wrong codes: somebody may be guessing. New codes have ten letters until then"
                );
            }
        }
        Ok(())
    }

    /// The code was not wrong: nothing was meant to be charged.
    pub(crate) async fn give_back(&self, charged: ChargedTry) -> Result<(), StoreError> {
        for (kind, subject) in charged.0 {
            self.tx.give_back(kind, &subject).await?;
        }
        Ok(())
    }

    /// The code was right: the row of wrong ones is broken.
    pub(crate) async fn right(&self, charged: ChargedTry) -> Result<(), StoreError> {
        self.give_back(charged).await?;
        self.tx.reset_limit(WRONG_IN_A_ROW, &self.address).await?;
        Ok(())
    }

    async fn are_codes_off(&self) -> Result<bool, StoreError> {
        let next = self
            .tx
            .peek(WRONG_IN_A_ROW, &self.address, self.in_a_row(), self.visit.now)
            .await?;
        Ok(!next.is_allowed())
    }

    fn in_a_row(&self) -> Limit {
        Limit {
            max: self.visit.core.settings.limits.wrong_in_a_row,
            per: FOR_EVER,
        }
    }

    async fn by_device(&self, kind: &str, limit: Limit) -> Result<bool, StoreError> {
        match &self.device {
            Some(device) => Ok(self
                .tx
                .take(kind, device, limit, self.visit.now)
                .await?
                .is_allowed()),
            None => Ok(false),
        }
    }

    /// Audits that a limit was reached, once for each of its windows; says whether this was that once.
    async fn note(&self, hit: &Hit<'_>) -> Result<bool, StoreError> {
        let window = format!("{} {} {}", hit.kind, hit.subject, hit.until.timestamp_millis());
        let once = Limit {
            max: 1,
            per: hit.limit.per,
        };
        let taken = self.tx.take("noted", &window, once, self.visit.now).await?;
        if taken.is_allowed() {
            let sign_in = &self.visit.sign_in;
            let mut event = AuditEvent::new(Action::LimitReached, Actor::Visitor)
                .app(sign_in.app)
                .sign_in(sign_in.id)
                .reason(hit.kind)
                .detail("until", hit.until.to_rfc3339())
                .detail("limit", hit.limit.max.to_string());
            // A network is what an operator can do something about; an address is nobody's business here.
            if let Some(setting) = hit.setting_of_network() {
                event = event.detail("network", hit.subject).detail("setting", setting);
                tracing::warn!(
                    network = hit.subject,
                    limit = hit.limit.max,
                    until = %hit.until,
                    setting,
                    "a network has reached a limit: everybody behind it waits"
                );
            }
            self.tx.record(event, self.visit.now).await?;
        }
        Ok(taken.is_allowed())
    }
}

/// Whether codes are off for an address after too many wrong ones in a row.
pub(crate) async fn are_codes_off(visit: &Visit, tx: &Tx, email: &EmailAddress) -> Result<bool, StoreError> {
    CodeLimits::of(visit, tx, email).await?.are_codes_off().await
}

/// What is counted, for whom, and how much of it is allowed.
type Counted<'a> = (&'static str, &'a str, Limit);

/// A limit that refused something.
struct Hit<'a> {
    kind: &'static str,
    subject: &'a str,
    limit: Limit,
    until: DateTime<Utc>,
}

impl Hit<'_> {
    /// The setting of a limit that everybody behind one network shares.
    fn setting_of_network(&self) -> Option<&'static str> {
        match self.kind {
            MAILS_NETWORK | MAILS_SITE | MAILS_GUESTS_NETWORK | MAILS_GUESTS_SITE => {
                Some("limits.sends_per_prefix_hour")
            }
            WRONG_NETWORK | WRONG_SITE => Some("limits.wrong_per_prefix_hour"),
            _ => None,
        }
    }
}
