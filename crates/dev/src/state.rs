//! What all of `/dev` shares.

use std::sync::Arc;

use sign_in::Core;

use crate::{captured::Inbox, clock::ShiftedClock, faults::FaultSwitches};

/// What the pages and the API of `/dev` work on.
#[derive(Clone)]
pub struct DevState {
    pub(super) core: Core,
    pub(super) inbox: Arc<Inbox>,
    pub(super) clock: Arc<ShiftedClock>,
    pub(super) faults: Arc<FaultSwitches>,
}

impl DevState {
    /// The state. `clock` is the one that `core` reads, and `inbox` where its mail is kept.
    pub fn new(core: Core, inbox: Arc<Inbox>, clock: Arc<ShiftedClock>, faults: Arc<FaultSwitches>) -> Self {
        Self {
            core,
            inbox,
            clock,
            faults,
        }
    }
}
