//! Who does something, and to what they have seen of it.

use std::hash::{Hash, Hasher};

use data_encoding::HEXLOWER;
use domain::audit::Actor;
use sha2::{Digest as _, Sha256};

use super::ActionError;

/// What something is at a moment, as a short text: the same text is the same thing, in this release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(String);

/// Feeds what is hashed to SHA-256, so that it is the same in every process.
struct Digesting(Sha256);

impl Hasher for Digesting {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Asked by nobody: 64 bits are too few.
    fn finish(&self) -> u64 {
        0
    }
}

impl Version {
    /// Of something whose `Hash` sees all of it.
    pub fn of(thing: &impl Hash) -> Self {
        let mut digesting = Digesting(Sha256::new());
        env!("CARGO_PKG_VERSION").hash(&mut digesting);
        thing.hash(&mut digesting);
        Self(HEXLOWER.encode(&digesting.0.finalize()[..16]))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who does something; where they say so, only to what they have seen.
#[derive(Clone, Debug)]
pub struct By {
    /// Who.
    pub(super) actor: Actor,
    seen: Option<Seen>,
}

/// What somebody has seen of a thing.
#[derive(Clone, Debug)]
enum Seen {
    /// That it is there.
    It,
    /// One of these versions of it.
    AsOneOf(Vec<String>),
}

impl From<Actor> for By {
    fn from(actor: Actor) -> Self {
        Self { actor, seen: None }
    }
}

impl By {
    /// Somebody who has seen one of these versions. Another one is not changed.
    pub fn who_saw(actor: Actor, versions: Vec<String>) -> Self {
        Self {
            actor,
            seen: Some(Seen::AsOneOf(versions)),
        }
    }

    /// Somebody who has seen that it is there, whatever it is. Nothing is made anew.
    pub fn who_saw_any(actor: Actor) -> Self {
        Self {
            actor,
            seen: Some(Seen::It),
        }
    }

    /// Whether it is what they have seen: asked of what the transaction has locked.
    ///
    /// # Errors
    ///
    /// [`ActionError::Changed`].
    pub fn check(&self, thing: &impl Hash) -> Result<(), ActionError> {
        if self.has_seen() {
            self.check_version(&Version::of(thing))
        } else {
            Ok(())
        }
    }

    /// Whether they say what they have seen.
    pub(super) fn has_seen(&self) -> bool {
        self.seen.is_some()
    }

    /// The same of a version that was worked out already.
    pub(super) fn check_version(&self, version: &Version) -> Result<(), ActionError> {
        match &self.seen {
            Some(Seen::AsOneOf(seen)) if !seen.iter().any(|seen| seen == version.as_str()) => {
                Err(ActionError::Changed)
            }
            _ => Ok(()),
        }
    }

    /// The same of what may not be there.
    pub(super) fn check_maybe(&self, version: Option<Version>) -> Result<(), ActionError> {
        match version {
            Some(version) => self.check_version(&version),
            None if self.has_seen() => Err(ActionError::Changed),
            None => Ok(()),
        }
    }
}
