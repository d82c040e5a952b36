//! How many mails and how many wrong codes: for the address, its mail domain, the network, everywhere; and the
//! lane of a device that proved the mailbox before, so that a stranger cannot use up a guest's own tries (E09).
//!
//! What they come to is decided in [`super::charge`].

use domain::{
    EmailAddress,
    access::NetworkBudget,
    audit::{Action, Actor, AuditEvent},
    limits::LimitName,
    passcode::Alphabet,
    rate::{Limit, Taken},
};
use store::{StoreError, Tx};

use super::{
    charge::{Charge, Counted, Hit, comparison, hit, in_order},
    trouble::CodeTrouble,
};
use crate::visit::Visit;

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
pub(crate) struct ChargedTry(Vec<Charge>);

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

    /// One more mail; what its code is written in. All is looked at before anything is counted, so that who is turned away holds no
    /// row that others wait for, that of everyone above all (threat E08).
    ///
    /// While there are too many wrong codes everywhere, somebody is guessing: codes get longer then (guard mode, E04), and no
    /// guest is turned away.
    pub(crate) async fn mail(
        &self,
        budget: NetworkBudget,
    ) -> Result<Result<Alphabet, CodeTrouble>, StoreError> {
        let everywhere = self.charge(LimitName::MailsEverywhereHour, "");
        let mut mails = self.mails_of_networks(budget);
        mails.extend([
            self.charge(LimitName::MailsPerDomainHour, self.domain),
            self.charge(LimitName::MailsPerAddressHour, &self.address),
            self.charge(LimitName::MailsPerAddressDay, &self.address),
        ]);
        let own = [
            self.charge(LimitName::WrongInARow, &self.address),
            self.charge(LimitName::WrongEverywhereHour, ""),
        ];
        let all = own.iter().chain([&everywhere]).chain(&mails);
        let looked_at = self.peek(all.cloned().collect()).await?;
        let (own, of_mails) = looked_at.split_at(own.len());
        let refused = |name: LimitName| own.iter().find(|(charge, _)| charge.name == name).and_then(hit);
        if refused(LimitName::WrongInARow).is_some() {
            return Ok(Err(CodeTrouble::CodesOff));
        }
        let alphabet = match refused(LimitName::WrongEverywhereHour) {
            Some(_) => Alphabet::Letters,
            None => Alphabet::Digits,
        };
        let hit = match of_mails.iter().find_map(hit) {
            None => {
                let charges = mails.iter().chain([&everywhere]).cloned().collect();
                let mut counted = self.take(charges).await?;
                // Of everyone it is enough that they were looked at.
                counted.pop();
                let mut plan = in_order(&counted);
                if plan.refused.is_some() {
                    plan.give_back.push(everywhere.clone());
                }
                self.give_back(plan.give_back).await?;
                plan.refused
            }
            hit => hit,
        };
        let Some(hit) = hit else {
            return Ok(Ok(alphabet));
        };
        let lane = self.take_lane(LimitName::MailsPerDeviceHour).await?;
        if lane.is_some_and(Taken::is_allowed) {
            // It leaves all the same, and counts.
            self.take(mails.into_iter().chain([everywhere]).collect()).await?;
            return Ok(Ok(alphabet));
        }
        self.note(&hit).await?;
        let until = hit.until;
        Ok(Err(match hit.charge.name {
            LimitName::MailsEverywhereHour => CodeTrouble::Busy { until },
            name if name.is_of_networks() => CodeTrouble::BusyNetwork { until },
            _ => CodeTrouble::TooManyMails { until },
        }))
    }

    /// The counters of mails that the guests of one network share. Apps that are not for everybody have a budget of their own.
    fn mails_of_networks(&self, budget: NetworkBudget) -> Vec<Charge> {
        let of = match budget {
            NetworkBudget::Everybody => "",
            NetworkBudget::Guests => GUESTS,
        };
        self.of_networks(LimitName::MailsPerSiteHour, LimitName::MailsPerNetworkHour, of)
    }

    /// One more comparison. The address is charged before it is made, so that racers cannot make more of them
    /// than the limit allows (threat E02). The network is only looked at: what it refuses does not count for the address,
    /// and [`Self::wrong`] charges it, so that no row is shared by everyone's right codes.
    pub(crate) async fn charge_try(&self) -> Result<Result<ChargedTry, CodeTrouble>, StoreError> {
        let network = self.turned_away().await?;
        let own = if network.is_none() || self.device.is_some() {
            let names = [
                LimitName::WrongPerAddressHour,
                LimitName::WrongPerAddressDay,
                LimitName::WrongInARow,
            ];
            self.take(names.map(|name| self.charge(name, &self.address)).into())
                .await?
        } else {
            Vec::new()
        };
        let mut charged: Vec<Charge> = own.iter().map(|(charge, _)| charge.clone()).collect();
        // A device that is known is asked only when there is need; then the plan is made anew.
        let mut plan = comparison(network.clone(), &own, None);
        let is_window = plan
            .refused
            .as_ref()
            .is_some_and(|hit| hit.charge.name != LimitName::WrongInARow);
        if is_window && let Some(lane) = self.take_lane(LimitName::WrongPerDeviceHour).await? {
            plan = comparison(network, &own, Some(lane));
            charged.extend(self.lane(LimitName::WrongPerDeviceHour));
        }
        self.give_back(plan.give_back).await?;
        let Some(hit) = plan.refused else {
            return Ok(Ok(ChargedTry(charged)));
        };
        self.note(&hit).await?;
        Ok(Err(match hit.charge.name {
            LimitName::WrongInARow => CodeTrouble::CodesOff,
            _ => CodeTrouble::TooManyWrong { until: hit.until },
        }))
    }

    /// Whether the network has sent too many wrong codes.
    async fn turned_away(&self) -> Result<Option<Hit>, StoreError> {
        let counted = self.peek(self.networks()).await?;
        Ok(counted.iter().find_map(hit))
    }

    /// The counters of wrong codes that the guests of one network share.
    fn networks(&self) -> Vec<Charge> {
        self.of_networks(LimitName::WrongPerSiteHour, LimitName::WrongPerNetworkHour, "")
    }

    /// A subscriber's other networks, if this is one of several, and the network itself.
    fn of_networks(&self, site: LimitName, network: LimitName, of: &str) -> Vec<Charge> {
        let browser = &self.visit.browser;
        let site = browser.site.as_deref().map(|subject| (site, subject));
        let both = site.into_iter().chain([(network, &*browser.network)]);
        both.map(|(name, subject)| self.charge(name, &format!("{of}{subject}")))
            .collect()
    }

    fn charge(&self, name: LimitName, subject: &str) -> Charge {
        Charge {
            name,
            subject: subject.to_owned(),
            limit: self.visit.core.settings.limits[name],
        }
    }

    /// The lane of the device, where it is known for the mailbox.
    fn lane(&self, name: LimitName) -> Option<Charge> {
        self.device.as_deref().map(|device| self.charge(name, device))
    }

    async fn take_lane(&self, name: LimitName) -> Result<Option<Taken>, StoreError> {
        let lane = self.lane(name).into_iter().collect();
        let taken = self.take(lane).await?;
        Ok(taken.first().map(|(_, taken)| *taken))
    }

    async fn take(&self, charges: Vec<Charge>) -> Result<Vec<Counted>, StoreError> {
        let rows: Vec<_> = charges
            .iter()
            .map(|charge| (charge.name.name(), &*charge.subject, charge.limit))
            .collect();
        let taken = self.tx.take_all(&rows, self.visit.now).await?;
        Ok(charges.into_iter().zip(taken).collect())
    }

    /// The same without counting.
    async fn peek(&self, charges: Vec<Charge>) -> Result<Vec<Counted>, StoreError> {
        let rows: Vec<_> = charges
            .iter()
            .map(|charge| (charge.name.name(), &*charge.subject, charge.limit))
            .collect();
        let next = self.tx.peek_all(&rows, self.visit.now).await?;
        Ok(charges.into_iter().zip(next).collect())
    }

    /// The code was wrong: what was charged stays, and the network and everyone are charged too.
    pub(crate) async fn wrong(&self) -> Result<(), StoreError> {
        self.take(self.networks()).await?;
        let everywhere = self.charge(LimitName::WrongEverywhereHour, "");
        for hit in self.take(vec![everywhere]).await?.iter().filter_map(hit) {
            if self.note(&hit).await? {
                tracing::warn!(
                    until = %hit.until,
                    setting = format!("limits.{}", hit.charge.name.name()),
                    "too many wrong codes: somebody may be guessing. New codes have ten letters until then"
                );
            }
        }
        Ok(())
    }

    /// The code was not wrong: nothing was meant to be charged.
    pub(crate) async fn not_wrong(&self, charged: ChargedTry) -> Result<(), StoreError> {
        self.give_back(charged.0).await
    }

    /// The code was right: the row of wrong ones is broken.
    pub(crate) async fn right(&self, charged: ChargedTry) -> Result<(), StoreError> {
        let rows: Vec<_> = charged
            .0
            .iter()
            .map(|charge| (charge.name.name(), &*charge.subject))
            .collect();
        let in_a_row = (LimitName::WrongInARow.name(), &*self.address);
        self.tx.give_back_and_reset(&rows, in_a_row).await
    }

    async fn give_back(&self, charges: Vec<Charge>) -> Result<(), StoreError> {
        let rows: Vec<_> = charges
            .iter()
            .map(|charge| (charge.name.name(), &*charge.subject))
            .collect();
        self.tx.give_back(&rows).await
    }

    async fn are_codes_off(&self) -> Result<bool, StoreError> {
        let in_a_row = self.charge(LimitName::WrongInARow, &self.address);
        Ok(self
            .peek(vec![in_a_row])
            .await?
            .iter()
            .any(|counted| hit(counted).is_some()))
    }

    /// Audits that a limit was reached, once for each of its windows; says whether this was that once.
    async fn note(&self, hit: &Hit) -> Result<bool, StoreError> {
        let Charge { name, subject, limit } = &hit.charge;
        let window = format!("{} {subject} {}", name.name(), hit.until.timestamp_millis());
        let once = Limit {
            max: 1,
            per: limit.per,
        };
        let taken = self.tx.take("noted", &window, once, self.visit.now).await?;
        if taken.is_allowed() {
            let sign_in = &self.visit.sign_in;
            let mut event = AuditEvent::new(Action::LimitReached, Actor::Visitor)
                .app(sign_in.app)
                .sign_in(sign_in.id)
                .reason(name.name())
                .detail("until", hit.until.to_rfc3339())
                .detail("limit", limit.max.to_string());
            // A network is what an operator can act on; an address is personal data and is left out.
            if name.is_of_networks() {
                let of_guests = subject.strip_prefix(GUESTS);
                let (network, budget) = match of_guests {
                    Some(network) => (network, "guests"),
                    None => (subject.as_str(), "everybody"),
                };
                event = event.detail("network", network).detail("budget", budget);
                tracing::warn!(
                    network,
                    budget,
                    limit = limit.max,
                    until = %hit.until,
                    setting = format!("limits.{}", name.name()),
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

/// What the networks of apps that are not for everybody are counted under.
const GUESTS: &str = "guests of ";
