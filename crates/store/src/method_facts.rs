//! What method resolution may depend on.
