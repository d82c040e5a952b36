//! Which way of signing in an address gets, and why.
