//! How far a command is: one line on a terminal, which goes away at its end.

use std::{
    io::{IsTerminal as _, Write as _},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::context::Context;

/// How often it is said.
const OFTEN: Duration = Duration::from_millis(500);
/// Characters of the bar.
const BAR: usize = 20;

/// The line.
pub(super) struct ProgressLine {
    /// What is counted: `guests looked at`.
    what: &'static str,
    /// How many there are in all, where that is known.
    total: Option<usize>,
    is_shown: bool,
    state: Mutex<ProgressState>,
}

struct ProgressState {
    done: usize,
    said_at: Instant,
    has_said: bool,
}

impl ProgressLine {
    pub(super) fn new(context: &Context, what: &'static str, total: Option<usize>) -> Self {
        Self {
            what,
            total,
            is_shown: !context.is_quiet() && std::io::stderr().is_terminal(),
            state: Mutex::new(ProgressState {
                done: 0,
                said_at: Instant::now(),
                has_said: false,
            }),
        }
    }

    /// Some more are done.
    pub(super) fn add(&self, more: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.done += more;
        if self.is_shown && state.said_at.elapsed() >= OFTEN {
            let _ = write!(std::io::stderr(), "\r{}", line(state.done, self.total, self.what));
            state.said_at = Instant::now();
            state.has_said = true;
        }
    }
}

fn line(done: usize, total: Option<usize>, what: &str) -> String {
    let Some(total) = total else {
        return format!("{done} {what}");
    };
    let full = (done * BAR).checked_div(total).unwrap_or(BAR).min(BAR);
    format!(
        "{}{} {done}/{total} {what}",
        "█".repeat(full),
        "░".repeat(BAR - full)
    )
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if state.has_said {
            // Erase the line (ECMA-48: EL).
            let _ = write!(std::io::stderr(), "\r\u{1b}[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_where_the_end_is_known() {
        assert_eq!(line(7, None, "guests looked at"), "7 guests looked at");
        let bar = |full| format!("{}{}", "█".repeat(full), "░".repeat(20 - full));
        for (done, total, full) in [(0, 10, 0), (5, 10, 10), (10, 10, 20), (11, 10, 20), (0, 0, 20)] {
            assert_eq!(
                line(done, Some(total), "rows"),
                format!("{} {done}/{total} rows", bar(full))
            );
        }
    }
}
