//! Sign-in codes: asked for, typed, counted, and what each comes to.

pub mod attempt;
mod charge;
pub mod limits;
pub mod mailing;
mod siblings;
mod tries;
pub mod trouble;
pub mod undelivered;
