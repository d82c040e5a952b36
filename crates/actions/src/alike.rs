//! Decisions of a preview: made once for all guests of a domain who are alike, since there are few kinds of them and many guests.

use std::collections::{HashMap, HashSet};

use domain::{guest::Guest, upstream::Upstream};
use method_resolution::{Leads, Likeness, Policies};
use store::{KnownLeads, Reader, StoreError};

/// Asks a question about many guests.
pub(super) struct Alike<'a> {
    reader: &'a Reader,
    policies: &'a Policies,
    known: &'a KnownLeads,
    /// Addresses that a planned change names.
    named: HashSet<String>,
    /// By domain.
    decided: HashMap<String, Vec<(Likeness, bool)>>,
}

impl<'a> Alike<'a> {
    /// For a change after which these are the upstreams; none where it names no addresses.
    pub(super) fn new(
        reader: &'a Reader,
        policies: &'a Policies,
        known: &'a KnownLeads,
        planned: &[Upstream],
    ) -> Self {
        let named = planned.iter().flat_map(|upstream| &upstream.addresses);
        Self {
            reader,
            policies,
            known,
            named: named.map(domain::EmailAddress::key).collect(),
            decided: HashMap::new(),
        }
    }

    /// Those of the guests of whom `is` says yes, which may depend on their facts alone.
    pub(super) async fn those(
        &mut self,
        guests: Vec<Guest>,
        is: impl Fn(&Leads) -> bool,
    ) -> Result<Vec<Guest>, StoreError> {
        let (mut those, mut open) = (Vec::new(), Vec::new());
        for guest in guests {
            match self.decided(&guest) {
                Some(true) => those.push(guest),
                Some(false) => {}
                None => open.push(guest),
            }
        }
        // A few of those who are alike are asked about twice: the first page decides for the rest.
        for leads in self.reader.leads_of(open, self.known, self.policies).await? {
            let answer = is(&leads);
            let Some(guest) = leads.guest else { continue };
            if self.decided(&guest).is_none() && !self.is_named(&guest) {
                let likeness = Likeness::of(&guest, self.known.now());
                let decided = self.decided.entry(guest.email.domain().to_owned());
                decided.or_default().push((likeness, answer));
            }
            if answer {
                those.push(guest);
            }
        }
        Ok(those)
    }

    fn decided(&self, guest: &Guest) -> Option<bool> {
        let decided = self.decided.get(guest.email.domain())?;
        if self.is_named(guest) {
            return None;
        }
        let likeness = Likeness::of(guest, self.known.now());
        let found = decided.iter().find(|(other, _)| *other == likeness);
        found.map(|(_, answer)| *answer)
    }

    fn is_named(&self, guest: &Guest) -> bool {
        self.known.names(&guest.email) || (!self.named.is_empty() && self.named.contains(&guest.email.key()))
    }
}
