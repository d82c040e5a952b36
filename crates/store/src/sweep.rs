//! Removes what has ended.
