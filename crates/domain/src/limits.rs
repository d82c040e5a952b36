//! The limits that operators set. A limit is called the same as a setting, as a counter, and wherever it is recorded.

use std::ops::{Index, IndexMut};

use chrono::TimeDelta;

use crate::rate::Limit;

macro_rules! limits {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $usual:expr;)*) => {
        /// The limits, by the words that settings, counters and the audit log use.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum LimitName { $($(#[$doc])* $variant,)* }

        impl LimitName {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Its default.
            pub const fn usual(self) -> Limit {
                match self { $(Self::$variant => $usual,)* }
            }
        }
    };
}

limits! {
    /// Code mails to one mailbox in an hour.
    MailsPerAddressHour = "mails_per_address_hour", Limit::per_hour(5);
    /// Code mails to one mailbox in a day.
    MailsPerAddressDay = "mails_per_address_day", Limit::per_day(10);
    /// Code mails that are asked for from one network in an hour.
    MailsPerNetworkHour = "mails_per_network_hour", Limit::per_hour(200);
    /// The same from all networks of one subscriber (threat E04).
    MailsPerSiteHour = "mails_per_site_hour", Limit::per_hour(200 * NETWORKS_OF_A_SITE);
    /// Code mails to one mail domain in an hour.
    MailsPerDomainHour = "mails_per_domain_hour", Limit::per_hour(1000);
    /// Code mails that are asked for altogether in an hour, before new ones are turned away; those that a stranger would
    /// not get count too, or the limit would tell who is one.
    MailsEverywhereHour = "mails_everywhere_hour", Limit::per_hour(5000);
    /// Code mails that one known device asks for in an hour, when the mailbox's own are used up.
    MailsPerDeviceHour = "mails_per_device_hour", Limit::per_hour(2);
    /// Wrong codes for one mailbox in an hour.
    WrongPerAddressHour = "wrong_per_address_hour", Limit::per_hour(10);
    /// Wrong codes for one mailbox in a day.
    WrongPerAddressDay = "wrong_per_address_day", Limit::per_day(30);
    /// Wrong codes for one mailbox in a row, by [`crate::EmailAddress::counting_key`], whenever; then codes are off for it.
    /// Only a right code resets the count, or an operator.
    WrongInARow = "wrong_in_a_row", Limit { max: 100, per: TimeDelta::days(36_500) };
    /// Wrong codes, and as many refused passkeys, from one network in an hour.
    WrongPerNetworkHour = "wrong_per_network_hour", Limit::per_hour(30);
    /// The same from all networks of one subscriber (threat E04).
    WrongPerSiteHour = "wrong_per_site_hour", Limit::per_hour(30 * NETWORKS_OF_A_SITE);
    /// Wrong codes from one known device in an hour, when the mailbox's own are used up.
    WrongPerDeviceHour = "wrong_per_device_hour", Limit::per_hour(10);
    /// Wrong codes altogether in an hour: from then on new codes are longer.
    WrongEverywhereHour = "wrong_everywhere_hour", Limit::per_hour(2000);
    /// Invitations by one inviter in a day.
    InvitationsPerInviterDay = "invitations_per_inviter_day", Limit::per_day(50);
    /// Sign-ins that are begun from one network in an hour.
    SignInsPerNetworkHour = "sign_ins_per_network_hour", Limit::per_hour(2000);
}

/// All networks of one subscriber together may do so many times as much as one of them, unless they are given a limit of
/// their own.
const NETWORKS_OF_A_SITE: u32 = 8;

impl LimitName {
    /// Whether everybody behind one network shares it: that is what an operator can do something about.
    pub fn is_of_networks(self) -> bool {
        matches!(
            self,
            Self::MailsPerNetworkHour
                | Self::MailsPerSiteHour
                | Self::WrongPerNetworkHour
                | Self::WrongPerSiteHour
        )
    }

    /// The limit of one network, for one of all networks of a subscriber.
    fn of_one_network(self) -> Option<Self> {
        match self {
            Self::MailsPerSiteHour => Some(Self::MailsPerNetworkHour),
            Self::WrongPerSiteHour => Some(Self::WrongPerNetworkHour),
            _ => None,
        }
    }
}

/// How much of each is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits([Limit; LimitName::ALL.len()]);

impl Default for Limits {
    fn default() -> Self {
        let mut limits = Self([Limit::per_hour(0); LimitName::ALL.len()]);
        for name in LimitName::ALL {
            limits[*name] = name.usual();
        }
        limits
    }
}

impl Limits {
    /// The usual limits, but for those of which `given` says how many. What a subscriber's networks may do together
    /// follows what one may.
    pub fn with(given: impl Fn(LimitName) -> Option<u32>) -> Self {
        let mut limits = Self::default();
        for &name in LimitName::ALL {
            let of_network = name.of_one_network().and_then(&given);
            let follows = of_network.map(|max| max.saturating_mul(NETWORKS_OF_A_SITE));
            if let Some(max) = given(name).or(follows) {
                limits[name].max = max;
            }
        }
        limits
    }
}

impl Index<LimitName> for Limits {
    type Output = Limit;

    fn index(&self, name: LimitName) -> &Limit {
        &self.0[name as usize]
    }
}

impl IndexMut<LimitName> for Limits {
    fn index_mut(&mut self, name: LimitName) -> &mut Limit {
        &mut self.0[name as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_has_its_own_word_and_place() {
        let words: std::collections::BTreeSet<_> = LimitName::ALL.iter().map(|limit| limit.name()).collect();
        assert_eq!(words.len(), LimitName::ALL.len());
        let limits = Limits::default();
        for name in LimitName::ALL {
            assert_eq!(limits[*name], name.usual(), "{}", name.name());
        }
    }

    #[test]
    fn what_a_site_may_do_follows_what_a_network_may() {
        let with = |given: &[(LimitName, u32)]| {
            let find = |name| given.iter().find(|(its, _)| *its == name).map(|(_, max)| *max);
            let limits = Limits::with(find);
            [
                LimitName::WrongPerNetworkHour,
                LimitName::WrongPerSiteHour,
                LimitName::MailsPerSiteHour,
            ]
            .map(|name| limits[name].max)
        };
        let mails = LimitName::MailsPerNetworkHour;
        assert_eq!(with(&[(mails, 7)]), [30, 240, 56]);
        let (network, site) = (LimitName::WrongPerNetworkHour, LimitName::WrongPerSiteHour);
        assert_eq!(with(&[]), [30, 240, 1600]);
        assert_eq!(with(&[(network, 3)]), [3, 24, 1600]);
        assert_eq!(with(&[(network, 3), (site, 5)]), [3, 5, 1600]);
        assert_eq!(with(&[(network, u32::MAX)]), [u32::MAX, u32::MAX, 1600]);
    }

    #[test]
    fn which_limits_are_those_of_networks() {
        let found: Vec<&str> = LimitName::ALL
            .iter()
            .filter(|name| name.is_of_networks())
            .map(|name| name.name())
            .collect();
        assert_eq!(
            found,
            [
                "mails_per_network_hour",
                "mails_per_site_hour",
                "wrong_per_network_hour",
                "wrong_per_site_hour"
            ]
        );
    }
}
