//! Keys and signatures.

pub(crate) mod jose;
mod key_ring;
mod rotation;

pub(crate) use jose::{Signer, half_hash};
pub use key_ring::KeyRing;
pub(crate) use key_ring::{Document, Hint};
pub use rotation::{Rotated, revoke, rotate, rotate_now};
