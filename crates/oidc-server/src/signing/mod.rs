//! Keys and signatures.

pub(crate) mod jose;
mod key_ring;
mod rotation;

pub(crate) use jose::{Signer, half_hash};
pub(crate) use key_ring::Document;
pub use key_ring::KeyRing;
pub use rotation::{Rotated, rotate, rotate_now};
