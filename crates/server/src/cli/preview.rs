//! What commands share that show beforehand whom a change would affect: how far they are, and the first of the guests.

use std::{
    io::{IsTerminal as _, Write as _},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use admin::actions::{ActionError, Impact, LookedAt};
use domain::guest::Guest;

use super::{CliError, context::Context, guest::GuestLine};

/// How many guests are listed unless all are asked for.
const FIRST: usize = 50;
/// How often it is said how many guests were looked at.
const OFTEN: Duration = Duration::from_millis(500);

/// Lists the guests whom a change would affect, after it was said how many they are: the first of them, or every one where
/// `all` asks for them, and where nobody would be told that there are more.
pub(super) fn list(guests: &[Guest], all: bool, context: &Context) -> Result<(), CliError> {
    let listed = if all || context.is_json() || context.is_quiet() {
        usize::MAX
    } else {
        FIRST
    };
    let rows: Vec<GuestLine> = guests.iter().take(listed).map(GuestLine::from).collect();
    context.affected(&rows)?;
    let more = guests.len() - rows.len();
    if more > 0 {
        context.remark(&format!("and {more} more; --list-all lists them"));
    }
    Ok(())
}

/// Asks whom a change would affect, and says meanwhile, on a terminal, how many guests were looked at.
pub(super) async fn watched(
    context: &Context,
    preview: impl AsyncFnOnce(LookedAt<'_>) -> Result<Impact, ActionError>,
) -> Result<Impact, CliError> {
    let progress = GuestsLookedAt::new(context);
    Ok(preview(&|guests| progress.add(guests)).await?)
}

/// The line that is said, and taken back at the end.
struct GuestsLookedAt {
    shown: bool,
    state: Mutex<LookedAtState>,
}

struct LookedAtState {
    looked_at: usize,
    said_at: Instant,
    has_said: bool,
}

impl GuestsLookedAt {
    fn new(context: &Context) -> Self {
        Self {
            shown: !context.is_quiet() && std::io::stderr().is_terminal(),
            state: Mutex::new(LookedAtState {
                looked_at: 0,
                said_at: Instant::now(),
                has_said: false,
            }),
        }
    }

    /// Some more guests were looked at.
    fn add(&self, guests: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.looked_at += guests;
        if self.shown && state.said_at.elapsed() >= OFTEN {
            let _ = write!(std::io::stderr(), "\r{} guests looked at", state.looked_at);
            state.said_at = Instant::now();
            state.has_said = true;
        }
    }
}

impl Drop for GuestsLookedAt {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if state.has_said {
            // Erase the line (ECMA-48: EL).
            let _ = write!(std::io::stderr(), "\r\u{1b}[K");
        }
    }
}
