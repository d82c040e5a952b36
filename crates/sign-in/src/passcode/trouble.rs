//! Everything that can be wrong with a code that is typed or asked for.

use chrono::{DateTime, Utc};
use domain::{Id, sign_in::SignIn};
use serde::{Deserialize, Serialize};

use crate::in_text::{id, moment};

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeTrouble {
    /// Nothing was typed.
    Empty,
    /// The wrong number of digits or letters.
    Length(usize),
    /// A code and something else, or nothing of a code.
    OtherCharacters,
    /// Not a code of ours.
    Wrong {
        /// Tries that are left.
        left: u32,
    },
    /// The right code, too late; a new one was mailed.
    ExpiredSent,
    /// The right code, too late; a newer one was mailed before.
    ExpiredNewer {
        /// When it was mailed.
        #[serde(with = "moment")]
        sent_at: DateTime<Utc>,
    },
    /// The right code, too late; a new one can be asked for later.
    ExpiredLater {
        /// From when on.
        #[serde(with = "moment")]
        until: DateTime<Utc>,
    },
    /// The code of another tab.
    OtherTab {
        /// That sign-in.
        #[serde(with = "id")]
        sign_in: Id<SignIn>,
        /// When it began.
        #[serde(with = "moment")]
        started_at: DateTime<Utc>,
    },
    /// The right code, and it was used before.
    Used,
    /// Tries are over.
    Locked {
        /// Until when.
        #[serde(with = "moment")]
        until: DateTime<Utc>,
    },
    /// Another code was asked for too soon.
    TooSoon {
        /// Until when.
        #[serde(with = "moment")]
        until: DateTime<Utc>,
    },
    /// A limit of mails.
    TooManyMails {
        /// Until when.
        #[serde(with = "moment")]
        until: DateTime<Utc>,
    },
    /// A limit of mails that everybody behind one network shares.
    BusyNetwork {
        /// Until when.
        #[serde(with = "moment")]
        until: DateTime<Utc>,
    },
    /// A limit of wrong codes.
    TooManyWrong {
        /// Until when.
        #[serde(with = "moment")]
        until: DateTime<Utc>,
    },
    /// Too many wrong codes everywhere: new tries are turned away.
    Busy {
        /// Until when.
        #[serde(with = "moment")]
        until: DateTime<Utc>,
    },
    /// Too many wrong codes in a row: none is mailed or accepted for this address.
    CodesOff,
}
