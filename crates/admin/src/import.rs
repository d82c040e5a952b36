//! Guests to invite, from a file: whoever is on it, and every fault with its line. Pure; `actions::invite_listed` invites.

mod calendar;
mod csv_list;
mod decoded;
mod list;
mod meeting;

pub use csv_list::write_faults;
pub use list::{GuestList, ListedGuest, RowFault, UnreadableList};

use actions::Invite;

/// The longest file that is read, in bytes.
pub const FILE_MAX: u64 = 64 * 1024 * 1024;

/// Reads a file: a CSV list, or a meeting as calendars save it (RFC 5545). What it does not say is taken from `usual`. Of a meeting,
/// people at the domains `own` are no guests; where none are named, those at its organiser's.
///
/// # Errors
///
/// A file that is neither: nothing of it is used.
pub fn read(bytes: &[u8], usual: &Invite, own: &[String]) -> Result<GuestList, UnreadableList> {
    let text = decoded::decoded(bytes)?;
    if calendar::is_calendar(text.as_bytes()) {
        meeting::read_meeting(&text, usual, own)
    } else {
        csv_list::read_csv(&text, usual)
    }
}

#[cfg(test)]
mod tests;
