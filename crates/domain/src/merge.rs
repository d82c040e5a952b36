//! Two guests who are one person become one: an operator asks, both say yes behind a sign-in of their own, and it can be taken back
//! while the guest who went can be restored.

mod gift;

use chrono::{DateTime, TimeDelta, Utc};

pub use gift::{Gift, Given, MergeGround, MergeSide, gift};

use crate::{Id, guest::Guest};

/// How long both have to say yes.
pub const ASKED_FOR: TimeDelta = TimeDelta::days(7);

/// One guest becomes part of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// Its row.
    pub id: Id<Merge>,
    /// The guest who stays, with their `sub` and their address.
    pub kept: Id<Guest>,
    /// The guest who is removed; what they may open, the other may open as well.
    pub other: Id<Guest>,
    /// How far it came.
    pub state: MergeState,
    /// Since when.
    pub state_since: DateTime<Utc>,
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
    /// Until when both can say yes.
    pub expires_at: DateTime<Utc>,
    /// When the guest who stays said yes.
    pub kept_agreed_at: Option<DateTime<Utc>>,
    /// When the other said yes.
    pub other_agreed_at: Option<DateTime<Utc>>,
}

/// Which of the two a guest is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeRole {
    /// The guest who stays.
    Kept,
    /// The guest who is removed.
    Other,
}

impl MergeRole {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Kept, Self::Other];
}

/// How far a merge came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeState {
    /// Both are asked.
    Asked,
    /// One of them said no.
    Declined,
    /// An operator took it back before both had said yes.
    Withdrawn,
    /// They are one.
    Merged,
    /// An operator took it back after that.
    Undone,
}

impl MergeState {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Asked,
        Self::Declined,
        Self::Withdrawn,
        Self::Merged,
        Self::Undone,
    ];

    /// The word that rows, the command line and the API use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Merged => "merged",
            Self::Undone => "undone",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// What was done to a merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeAct {
    /// One of the two says yes.
    Agree(MergeRole),
    /// One of the two says no.
    Decline,
    /// An operator takes it back.
    TakeBack,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeStep {
    /// It is in this state now, or it is still asked of the other guest.
    To(MergeState),
    /// It was done before.
    Already,
    /// It is too late for that.
    No,
}

impl Merge {
    /// One that is asked for now.
    pub fn asked(id: Id<Merge>, kept: Id<Guest>, other: Id<Guest>, now: DateTime<Utc>) -> Self {
        Self {
            id,
            kept,
            other,
            state: MergeState::Asked,
            state_since: now,
            asked_at: now,
            expires_at: now + ASKED_FOR,
            kept_agreed_at: None,
            other_agreed_at: None,
        }
    }

    /// Whether both can still say yes.
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.state == MergeState::Asked && now < self.expires_at
    }

    /// The word for how it stands: its state, or that its time is over.
    pub fn standing(&self, now: DateTime<Utc>) -> &'static str {
        if self.state == MergeState::Asked && !self.is_open(now) {
            return "expired";
        }
        self.state.name()
    }

    /// Which of the two that guest is; `None`: it is about others.
    pub fn role(&self, guest: Id<Guest>) -> Option<MergeRole> {
        MergeRole::ALL.into_iter().find(|role| self.guest(*role) == guest)
    }

    /// The guest in that role.
    pub fn guest(&self, role: MergeRole) -> Id<Guest> {
        match role {
            MergeRole::Kept => self.kept,
            MergeRole::Other => self.other,
        }
    }

    /// Whether that guest is part of the other by now.
    pub fn has_taken(&self, guest: Id<Guest>) -> bool {
        self.state == MergeState::Merged && self.other == guest
    }

    /// When they said yes.
    pub fn agreed_at(&self, role: MergeRole) -> Option<DateTime<Utc>> {
        match role {
            MergeRole::Kept => self.kept_agreed_at,
            MergeRole::Other => self.other_agreed_at,
        }
    }

    /// Does `act`. The second yes merges.
    pub fn undergo(&mut self, act: MergeAct, now: DateTime<Utc>) -> MergeStep {
        let is_open = self.is_open(now);
        let next = match act {
            MergeAct::Agree(role) if is_open => {
                let agreed = match role {
                    MergeRole::Kept => &mut self.kept_agreed_at,
                    MergeRole::Other => &mut self.other_agreed_at,
                };
                if agreed.is_some() {
                    return MergeStep::Already;
                }
                *agreed = Some(now);
                if self.kept_agreed_at.is_none() || self.other_agreed_at.is_none() {
                    return MergeStep::To(MergeState::Asked);
                }
                MergeState::Merged
            }
            MergeAct::Decline if is_open => MergeState::Declined,
            MergeAct::TakeBack => match self.state {
                MergeState::Asked => MergeState::Withdrawn,
                MergeState::Merged => MergeState::Undone,
                MergeState::Withdrawn | MergeState::Undone => return MergeStep::Already,
                MergeState::Declined => return MergeStep::No,
            },
            MergeAct::Agree(_) | MergeAct::Decline => return MergeStep::No,
        };
        self.state = next;
        self.state_since = now;
        MergeStep::To(next)
    }
}

/// Why two guests cannot become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmergeable {
    /// It is one guest.
    Same,
    /// The guest who would stay is blocked, removed, converted or expired.
    KeptIsOut,
    /// The other guest is: whoever was shut out does not come in by way of another.
    OtherIsOut,
}

/// Whether two guests can become one: asked when an operator asks, and again when both have said yes.
///
/// # Errors
///
/// Why they cannot.
pub fn may_merge(kept: &Guest, other: &Guest, now: DateTime<Utc>) -> Result<(), Unmergeable> {
    let is_in = |guest: &Guest| guest.status.is_in() && !guest.is_expired(now);
    if kept.id == other.id {
        Err(Unmergeable::Same)
    } else if !is_in(kept) {
        Err(Unmergeable::KeptIsOut)
    } else if !is_in(other) {
        Err(Unmergeable::OtherIsOut)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
