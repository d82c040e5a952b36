//! How far a sign-in has come. What a guest says on the way belongs to the session they said it in, and counts in no other one.

use chrono::{DateTime, Utc};

use crate::{Id, session::Session};

/// How far a sign-in has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    /// No guest has proven the address yet.
    #[default]
    Begun,
    /// A guest goes on here.
    InSession(InSession),
    /// They said no.
    Denied {
        /// The session they had here, if any.
        session: Option<Id<Session>>,
        /// When the app was told.
        answered_at: Option<DateTime<Utc>>,
    },
}

/// A guest goes on: with a session that this sign-in made, or with one of before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InSession {
    /// The session that goes on here.
    pub session: Id<Session>,
    /// Whether they keep their method this time, although a better one was offered.
    pub keeps_method: bool,
    /// Whether they asked for a passkey with their code, and neither have it nor thought better of it.
    pub makes_passkey: bool,
    /// When the code for the app was minted: the browser takes it there next.
    pub answered_at: Option<DateTime<Utc>>,
}

impl InSession {
    /// One in which nothing was said yet.
    pub fn new(session: Id<Session>) -> Self {
        Self {
            session,
            keeps_method: false,
            makes_passkey: false,
            answered_at: None,
        }
    }
}

impl Progress {
    /// The session that the sign-in made, or was continued with.
    pub fn session(&self) -> Option<Id<Session>> {
        match self {
            Self::Begun => None,
            Self::InSession(within) => Some(within.session),
            Self::Denied { session, .. } => *session,
        }
    }

    /// When the answer for the app was ready.
    pub fn answered_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Begun => None,
            Self::InSession(within) => within.answered_at,
            Self::Denied { answered_at, .. } => *answered_at,
        }
    }

    /// Whether the answer for the app is ready, and the browser on its way with it or past it.
    pub fn is_answered(&self) -> bool {
        self.answered_at().is_some()
    }

    /// Whether they said no.
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Denied { .. })
    }

    /// How far it has come in that session; `None` where it goes on in none, or in another one.
    pub fn within(&self, session: Id<Session>) -> Option<&InSession> {
        match self {
            Self::InSession(within) if within.session == session => Some(within),
            _ => None,
        }
    }

    /// They go on with that session. What they said in it stands; what was said in another one may have been somebody else's
    /// word, and is forgotten. A no stands: then there is nothing to go on with.
    pub fn go_on_with(&mut self, session: Id<Session>) -> Option<&mut InSession> {
        if let Self::Denied { session: had, .. } = self {
            *had = Some(session);
            return None;
        }
        if self.within(session).is_none() {
            *self = Self::InSession(InSession::new(session));
        }
        match self {
            Self::InSession(within) => Some(within),
            _ => None,
        }
    }

    /// They say no, or go back.
    pub fn deny(&mut self) {
        *self = Self::Denied {
            session: self.session(),
            answered_at: self.answered_at(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::from_millis;

    fn id(n: u128) -> Id<Session> {
        Id::from_uuid(uuid::Uuid::from_u128(n))
    }

    fn within(session: u128, change: impl FnOnce(&mut InSession)) -> Progress {
        let mut within = InSession::new(id(session));
        change(&mut within);
        Progress::InSession(within)
    }

    fn denied(session: Option<u128>) -> Progress {
        Progress::Denied {
            session: session.map(id),
            answered_at: None,
        }
    }

    #[test]
    fn a_word_counts_in_the_session_it_was_said_in() {
        let said = within(1, |said| {
            (said.keeps_method, said.makes_passkey) = (true, true);
            said.answered_at = Some(from_millis(5));
        });
        for (before, session, after) in [
            (Progress::Begun, 1, within(1, |_| ())),
            (said, 1, said),
            (said, 2, within(2, |_| ())),
            (denied(None), 1, denied(Some(1))),
            (denied(Some(1)), 2, denied(Some(2))),
        ] {
            let mut progress = before;
            let goes_on = progress.go_on_with(id(session)).is_some();
            assert_eq!(progress, after, "{before:?} with {session}");
            assert_eq!(goes_on, !before.is_denied(), "{before:?}");
            assert_eq!(progress.session(), Some(id(session)));
            assert_eq!(progress.within(id(session)).is_some(), goes_on);
            assert_eq!(progress.within(id(9)), None);
        }
    }

    #[test]
    fn a_no_ends_every_sign_in() {
        let at = Some(from_millis(5));
        for (before, session, answered) in [
            (Progress::Begun, None, None),
            (within(1, |said| said.keeps_method = true), Some(id(1)), None),
            (within(1, |said| said.answered_at = at), Some(id(1)), at),
            (denied(Some(1)), Some(id(1)), None),
        ] {
            let mut progress = before;
            progress.deny();
            assert!(progress.is_denied(), "{before:?}");
            assert_eq!((progress.session(), progress.answered_at()), (session, answered));
            assert_eq!(progress.is_answered(), answered.is_some());
        }
        assert_eq!(
            (Progress::Begun.session(), Progress::Begun.answered_at()),
            (None, None)
        );
        assert!(!Progress::Begun.is_denied());
    }
}
