//! What all of `/dev` shares.

use std::sync::Arc;

use sign_in::Core;

use super::{clock::ShiftedClock, faults::Faults};
use crate::mail::Mailbox;

/// What the pages and the API of `/dev` work on.
#[derive(Clone)]
pub struct DevState {
    pub(super) core: Core,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) clock: Arc<ShiftedClock>,
    pub(super) faults: Arc<Faults>,
}

impl DevState {
    /// The state. `clock` is the one that `core` reads, and `mailbox` the one that its mail goes to.
    pub fn new(core: Core, mailbox: Arc<Mailbox>, clock: Arc<ShiftedClock>, faults: Arc<Faults>) -> Self {
        Self {
            core,
            mailbox,
            clock,
            faults,
        }
    }
}
