//! What commands share that show beforehand whom a change would affect: how far they are, and the first of the guests.

use actions::{ActionError, Impact, LookedAt};
use domain::guest::Guest;

use super::{CliError, context::Context, guest::GuestLine, progress::ProgressLine};

/// How many guests are listed unless all are asked for.
const FIRST: usize = 50;

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
    let progress = ProgressLine::new(context, "guests looked at", None);
    Ok(preview(&|guests| progress.add(guests)).await?)
}
