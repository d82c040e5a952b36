//! A guest's life: which act leads from which status to which, and what each act cuts off.

use chrono::{DateTime, Utc};

use crate::{
    guest::{Guest, GuestStatus},
    method::Method,
};

/// What can be done to a guest as a whole. Access to one app is [`crate::access`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuestAct {
    /// They enter an app.
    Enter,
    /// An operator shuts them out.
    Block,
    /// An operator lets them in again.
    Unblock,
    /// Their access is over by a date that has come.
    Expire,
    /// How they signed in is forgotten.
    ResetMethod,
    /// They are taken out of the directory, and can be restored for a while.
    Remove,
    /// They work for the organisation from now on, and sign in as its people do.
    Convert,
    /// A removed or converted guest is a guest again.
    Restore,
    /// Everything that is known of a removed guest goes, for ever.
    Erase,
}

impl GuestAct {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Enter,
        Self::Block,
        Self::Unblock,
        Self::Expire,
        Self::ResetMethod,
        Self::Remove,
        Self::Convert,
        Self::Restore,
        Self::Erase,
    ];

    /// What the act ends at once, wherever it holds: the one list of it.
    pub fn cuts_off(self) -> CutOff {
        let nothing = CutOff::default();
        let holdings = CutOff::HOLDINGS;
        match self {
            Self::Enter => nothing,
            // Who comes back proves themselves anew: also one who has signed in meanwhile, and was refused.
            Self::Block | Self::Expire | Self::Unblock | Self::Restore => holdings,
            Self::ResetMethod => CutOff {
                proofs: true,
                ..holdings
            },
            // Proofs stay, for a restored guest signs in as before.
            Self::Remove | Self::Convert => CutOff {
                invitations: true,
                ..holdings
            },
            Self::Erase => CutOff {
                proofs: true,
                invitations: true,
                ..holdings
            },
        }
    }
}

/// What an act ends. Assignments stay, for a guest who comes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CutOff {
    /// Every session of the guest, and every grant: authorization codes in flight, access tokens and refresh tokens.
    pub holdings: bool,
    /// Invitations that wait for the guest.
    pub invitations: bool,
    /// Accounts at upstreams, and passkeys.
    pub proofs: bool,
}

impl CutOff {
    /// What browsers and apps hold of a guest, and nothing else.
    pub const HOLDINGS: Self = Self {
        holdings: true,
        invitations: false,
        proofs: false,
    };

    /// Whether a guest is no longer asked if another one is the same person: who is out is not, and a yes may have been somebody else's
    /// where the proof behind it is gone.
    pub fn merges(self) -> bool {
        self.invitations || self.proofs
    }
}

/// What an act means for a guest's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStatus {
    /// They have this status from now on, which may be the one that they had.
    To(GuestStatus),
    /// Their row goes; their `sub` is never given to anybody else.
    Gone,
    /// It was done before: there is nothing to do.
    Already,
    /// It is not for a guest of their status.
    No,
}

/// Where an act leads a guest: the drawing of a guest's life.
pub fn next_status(guest: &Guest, act: GuestAct) -> NextStatus {
    use GuestStatus::{Active, Blocked, Converted, Invited, Removed};
    let is_guest = if guest.redeemed_at.is_some() {
        Active
    } else {
        Invited
    };
    match (act, guest.status) {
        (GuestAct::Enter, Invited | Active) => NextStatus::To(Active),
        (GuestAct::Block, Invited | Active) => NextStatus::To(Blocked),
        (GuestAct::Unblock, Blocked) | (GuestAct::Restore, Converted) => NextStatus::To(is_guest),
        (GuestAct::Convert, Invited | Active) => NextStatus::To(Converted),
        (GuestAct::Remove, Invited | Active | Blocked | Converted) => NextStatus::To(Removed),
        // Who was blocked is blocked again.
        (GuestAct::Restore, Removed) => NextStatus::To(guest.former_status.unwrap_or(is_guest)),
        (GuestAct::Erase, Removed) => NextStatus::Gone,
        (GuestAct::Expire | GuestAct::ResetMethod, Invited | Active | Blocked) => {
            NextStatus::To(guest.status)
        }

        (GuestAct::Block, Blocked)
        | (GuestAct::Remove, Removed)
        | (GuestAct::Convert, Converted)
        | (GuestAct::Unblock | GuestAct::Restore, Invited | Active) => NextStatus::Already,

        (GuestAct::Enter, Blocked | Converted | Removed)
        | (
            GuestAct::Block | GuestAct::Unblock | GuestAct::Expire | GuestAct::ResetMethod,
            Converted | Removed,
        )
        | (GuestAct::Convert, Blocked | Removed)
        | (GuestAct::Restore, Blocked)
        | (GuestAct::Erase, Invited | Active | Blocked | Converted) => NextStatus::No,
    }
}

impl Guest {
    /// Enters an app: notes it, redeems a guest who was only invited, and fixes the method that was `proven` unless one is fixed
    /// already. `fixes`: it is a method of theirs, and not one that only stood in for another.
    pub fn enter(&mut self, proven: Method, fixes: bool, now: DateTime<Utc>) {
        self.last_sign_in_at = Some(now);
        self.undergo(GuestAct::Enter, now);
        self.redeemed_at = self.redeemed_at.or(Some(now));
        self.method = self.method.or(Some(proven).filter(|_| fixes));
    }

    /// Does what [`next_status`] says to the record: whether it was, or may be, done.
    pub fn undergo(&mut self, act: GuestAct, now: DateTime<Utc>) -> NextStatus {
        let next = next_status(self, act);
        if let NextStatus::To(status) = next
            && status != self.status
        {
            self.former_status = (status == GuestStatus::Removed).then_some(self.status);
            self.status = status;
            self.status_since = now;
            self.updated_at = now;
        }
        next
    }
}

#[cfg(test)]
mod tests;
