//! Browsers that an address was proven in.
