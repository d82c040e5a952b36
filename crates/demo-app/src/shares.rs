//! Who may read what.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

/// Who may read which note, by verified address. In memory: the demo starts anew each time.
#[derive(Default)]
pub(crate) struct Shares(Mutex<BTreeMap<&'static str, BTreeSet<String>>>);

impl Shares {
    pub(crate) fn add(&self, note: &'static str, email: &str) {
        let mut shares = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shares.entry(note).or_default().insert(email.to_lowercase());
    }

    /// Nothing is shared with that address any more.
    pub(crate) fn remove(&self, email: &str) {
        let mut shares = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for emails in shares.values_mut() {
            emails.remove(&email.to_lowercase());
        }
    }

    /// Whether a note was shared with an address.
    pub(crate) fn with(&self, note: &str, email: &str) -> bool {
        let shares = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shares
            .get(note)
            .is_some_and(|emails| emails.contains(&email.to_lowercase()))
    }

    /// With whom a note was shared.
    pub(crate) fn of(&self, note: &str) -> Vec<String> {
        let shares = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shares.get(note).into_iter().flatten().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_found_in_whatever_case() {
        let shares = Shares::default();
        shares.add("site-visit", "Anna@contoso.test");
        assert!(shares.with("site-visit", "anna@Contoso.test"));
        assert!(!shares.with("audit-walkthrough", "anna@contoso.test"));
        assert!(!shares.with("site-visit", "bob@contoso.test"));
        assert_eq!(shares.of("site-visit"), ["anna@contoso.test"]);
        shares.add("site-visit", "bob@contoso.test");
        shares.remove("ANNA@contoso.test");
        assert_eq!(shares.of("site-visit"), ["bob@contoso.test"]);
    }
}
