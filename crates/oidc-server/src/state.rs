//! What the handlers share.

use std::sync::Arc;

use axum::extract::FromRef;
use sign_in::Core;

use crate::signing::{Document, KeyRing};

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) core: Core,
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) metadata: Arc<Document>,
}

impl FromRef<State> for Core {
    fn from_ref(state: &State) -> Self {
        state.core.clone()
    }
}
