//! `vestibule invite import`.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use actions::{ActionError, Invite, Listed, foresee, invite_listed};
use admin::import::{self, FILE_MAX, GuestList, ListedGuest, RowFault, write_faults};
use clap::Args;
use serde::Serialize;
use sign_in::Core;
use tokio::task::JoinSet;

use super::terms::{TermsArgs, name_inviter};
use crate::cli::{CliError, context::Context, output::Row, progress::ProgressLine};

/// So many guests are invited at once: their rows become durable together.
const AT_ONCE: usize = 16;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule invite import guests.csv --app notes --dry-run
  vestibule invite import guests.csv --app notes --by Lee --faults faults.csv --yes
  vestibule invite import meeting.ics --app notes --dry-run

Of a meeting (.ics) whoever takes part is invited to what it is about, by its organiser; rooms, who has declined, and people at your
own domain are left out.

Of a list (CSV) the first line names the columns, in any order: email, app, groups, name, invited_by, reply_to, about, message,
language, access_until. Several groups in a cell are separated by semicolons.
A comma, a semicolon or a tab separates the columns; UTF-8 or UTF-16. What a row does not say is taken from the options.

Every row is looked at before the first guest is invited. Rows with faults are skipped, and are the rows of --faults: mend and
import that file, with the same options. Whoever is assigned to the app or waits with an invitation is not invited again, so that an
import that was broken off is run once more; whose access has ended meanwhile is. Where such a guest would not come into a group of
their row, that is a fault. It ends with code 6 where rows were skipped.")]
pub(in crate::cli) struct ImportArgs {
    /// The file; `-` reads standard input
    file: PathBuf,
    /// The app (client ID) of rows that name none
    #[arg(long, value_name = "CLIENT_ID")]
    app: Option<String>,
    /// Group into which guests of rows that name none come; can be given more than once
    #[arg(long = "group", value_name = "NAME")]
    groups: Vec<String>,
    /// Your domain, whose people are no guests of a meeting; can be given more than once [default: the organiser's]
    #[arg(long, value_name = "DOMAIN")]
    own: Vec<String>,
    #[command(flatten)]
    terms: TermsArgs,
    /// Show what would happen; invite nobody
    #[arg(long)]
    dry_run: bool,
    /// Write the rows with faults to this file, with line and problem
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
}

/// What came of it, or would come.
#[derive(Default, Serialize)]
struct Imported {
    /// Invitations to guests whom the directory did not know.
    new_guests: usize,
    known_guests: usize,
    /// Those who have access, or wait with an invitation.
    already: usize,
    /// Whether the guests were invited.
    invited: bool,
    /// Who is on it and is no guest, and why.
    left_out: Vec<String>,
    faults: Vec<FaultLine>,
}

#[derive(Serialize)]
struct FaultLine {
    line: u64,
    row: String,
    problem: String,
}

impl Row for FaultLine {
    const SEVERAL: &'static str = "faults";
    const HEADS: &'static [&'static str] = &["LINE", "ROW", "PROBLEM"];

    fn cells(&self) -> Vec<String> {
        vec![self.line.to_string(), self.row.clone(), self.problem.clone()]
    }
}

impl From<&RowFault> for FaultLine {
    fn from(fault: &RowFault) -> Self {
        let cells = fault
            .cells
            .iter()
            .map(|cell| cell.trim())
            .filter(|cell| !cell.is_empty());
        let row = cells
            .collect::<Vec<_>>()
            .join(", ")
            .replace(char::is_control, " ");
        let short: String = row.chars().take(40).collect();
        Self {
            line: fault.line,
            row: if short.len() < row.len() {
                short + "…"
            } else {
                row
            },
            problem: fault.problem.clone(),
        }
    }
}

impl Imported {
    fn count(&mut self, listed: Listed) {
        match listed {
            Listed::NewGuest => self.new_guests += 1,
            Listed::KnownGuest => self.known_guests += 1,
            Listed::Already(_) => self.already += 1,
        }
    }
}

pub(in crate::cli) async fn run(args: ImportArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let usual = Invite {
        app: args.app.unwrap_or_default(),
        groups: args.groups,
        terms: args.terms.said(),
        ..Invite::default()
    };
    let mut list = read(&args.file, &usual, &args.own)?;
    let left_out = std::mem::take(&mut list.left_out);
    for one in &left_out {
        context.remark(&format!("left out: {one}"));
    }
    let (mut done, to_invite) = look_through(&core, context, &mut list).await?;
    // Before anybody is invited: a file that cannot be written is found now.
    let faults = args.faults.as_deref();
    keep_faults(faults, &args.file, &mut list)?;
    if !args.dry_run && !to_invite.is_empty() {
        context.confirm(&question(to_invite.len(), list.faults.len()))?;
        done = Imported {
            already: done.already,
            invited: true,
            ..Imported::default()
        };
        let invited = invite(&core, context, to_invite, &mut done, &mut list.faults).await;
        keep_faults(faults, &args.file, &mut list)?;
        invited?;
    }
    done.left_out = left_out;
    done.faults = list.faults.iter().map(FaultLine::from).collect();
    report(&done, faults, context)
}

fn read(file: &Path, usual: &Invite, own: &[String]) -> Result<GuestList, CliError> {
    let named = file.display();
    let unreadable = |error: &dyn std::fmt::Display| CliError::Failed(format!("{named}: {error}"));
    let bytes = contents(file).map_err(|error| unreadable(&error))?;
    import::read(&bytes, usual, own).map_err(|error| unreadable(&error))
}

/// Looks at every row: what would come of it, and whom to invite. What is wrong goes to the list's faults.
async fn look_through(
    core: &Core,
    context: &Context,
    list: &mut GuestList,
) -> Result<(Imported, Vec<ListedGuest>), CliError> {
    let mut foreseen = Imported::default();
    let mut to_invite = Vec::new();
    let guests = std::mem::take(&mut list.guests);
    let progress = ProgressLine::new(context, "rows looked at", Some(guests.len()));
    for mut guest in guests {
        name_inviter(&mut guest.invite.terms, core);
        match foresee(core, &guest.invite).await {
            Ok(listed) => {
                foreseen.count(listed);
                if !matches!(listed, Listed::Already(_)) {
                    to_invite.push(guest);
                }
            }
            Err(ActionError::Store(error)) => return Err(error.into()),
            Err(error) => list.faults.push(guest.refused(in_words(&error))),
        }
        progress.add(1);
    }
    Ok((foreseen, to_invite))
}

fn in_words(error: &ActionError) -> String {
    match error {
        ActionError::LookAlike { .. } => format!("{error}; where it is right, use `invite send`"),
        error => error.to_string(),
    }
}

/// Writes the rows with faults, in the order of their lines, where a file for them was named.
fn keep_faults(to: Option<&Path>, from: &Path, list: &mut GuestList) -> Result<(), CliError> {
    list.faults.sort_by_key(|fault| fault.line);
    let Some(file) = to else { return Ok(()) };
    let real = |file: &Path| std::fs::canonicalize(file).ok();
    if real(file).is_some() && real(file) == real(from) {
        let text = "--faults names the file that is imported";
        return Err(CliError::Usage(text.to_owned()));
    }
    std::fs::write(file, write_faults(list))
        .map_err(|error| CliError::Failed(format!("{}: {error}", file.display())))
}

fn question(guests: usize, faults: usize) -> String {
    let guests = counted(guests, "guest", "guests");
    let skipped = match faults {
        0 => String::new(),
        faults => format!(
            "; {} skipped",
            counted(faults, "row with a fault is", "rows with faults are")
        ),
    };
    format!("This sends an invitation to {guests}{skipped}. Go on?")
}

fn counted(number: usize, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

fn contents(file: &Path) -> io::Result<Vec<u8>> {
    let source: Box<dyn io::Read> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(file)?)
    };
    let mut bytes = Vec::new();
    source.take(FILE_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_MAX {
        let text = format!("the file is longer than {} MiB: split it", FILE_MAX >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
    }
    Ok(bytes)
}

/// Invites them, several at once. A database that fails ends it: who was invited by then stays so.
async fn invite(
    core: &Core,
    context: &Context,
    guests: Vec<ListedGuest>,
    done: &mut Imported,
    faults: &mut Vec<RowFault>,
) -> Result<(), CliError> {
    let progress = ProgressLine::new(context, "guests invited", Some(guests.len()));
    let by = Arc::new(context.operator());
    let mut waiting = guests.into_iter();
    let mut running = JoinSet::new();
    let mut broken: Option<store::StoreError> = None;
    loop {
        while running.len() < AT_ONCE
            && let Some(guest) = waiting.next()
        {
            let (core, by) = (core.clone(), Arc::clone(&by));
            running.spawn(async move {
                let listed = invite_listed(&core, (*by).clone(), &guest.invite).await;
                (guest, listed)
            });
        }
        let Some(ended) = running.join_next().await else {
            let Some(error) = broken else { return Ok(()) };
            let invited = counted(done.new_guests + done.known_guests, "guest was", "guests were");
            context.remark(&format!(
                "{invited} invited; import the file again for the others"
            ));
            return Err(error.into());
        };
        let (guest, listed) =
            ended.map_err(|error| CliError::Failed(format!("an invitation was broken off: {error}")))?;
        match listed {
            Ok(listed) => done.count(listed),
            Err(ActionError::Store(error)) => {
                // The others under way end as they may.
                waiting = Vec::new().into_iter();
                broken = Some(error);
            }
            Err(error) => faults.push(guest.refused(in_words(&error))),
        }
        progress.add(1);
    }
}

fn report(done: &Imported, written: Option<&Path>, context: &Context) -> Result<(), CliError> {
    let facts = [
        ("new guests", done.new_guests.to_string()),
        ("known guests", done.known_guests.to_string()),
        ("already invited or assigned", done.already.to_string()),
        ("rows with faults", done.faults.len().to_string()),
    ];
    context.thing(done, &facts)?;
    if !context.is_json() {
        context.affected(&done.faults)?;
    }
    if !done.invited {
        context.remark("nobody was invited");
    }
    if done.faults.is_empty() {
        return Ok(());
    }
    let rest = match written {
        Some(file) => format!("they are in {}", file.display()),
        None => "--faults FILE writes them to a file, to be mended and imported".to_owned(),
    };
    let rows = counted(done.faults.len(), "row has a fault", "rows have faults");
    Err(CliError::Partly(format!("{rows}; {rest}")))
}
