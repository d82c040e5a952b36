//! Passcode challenges and their sends.
