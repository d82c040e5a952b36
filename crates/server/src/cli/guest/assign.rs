//! `vestibule guest assign`.

use admin::actions::{NewAssignment, assign};
use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;

use crate::cli::{
    CliError, audit,
    context::Context,
    find,
    output::{moment, or_dash},
};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule guest assign anna@contoso.example --app notes
  vestibule guest assign anna@contoso.example --app notes --until 2027-03-01T00:00:00Z --reason \"kickoff\" --sponsor Lee

Nobody is mailed: `invite send` invites. Assigned again, the new times count: an earlier end takes access away.")]
pub(in crate::cli) struct AssignArgs {
    /// The guest's address or ID
    guest: String,
    /// The app (client ID)
    #[arg(long, value_name = "CLIENT_ID")]
    app: String,
    /// Start of the guest's access to the app [default: now]
    #[arg(long, value_name = "TIME", value_parser = audit::parse_moment)]
    from: Option<DateTime<Utc>>,
    /// End of the guest's access to the app
    #[arg(long, value_name = "TIME", value_parser = audit::parse_moment)]
    until: Option<DateTime<Utc>>,
    /// Reason, kept with the assignment
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// The person answerable for the guest
    #[arg(long, value_name = "NAME")]
    sponsor: Option<String>,
}

#[derive(Serialize)]
struct Assigned {
    email: String,
    app: String,
    from: String,
    until: Option<String>,
    reason: Option<String>,
    sponsor: Option<String>,
}

pub(in crate::cli) async fn run(args: AssignArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let reader = core.store.reader();
    let guest = find::guest(&reader, &args.guest).await?;
    let app = find::app(&reader, &args.app).await?;
    let new = NewAssignment {
        guest: guest.id,
        app: app.id,
        starts_at: args.from,
        ends_at: args.until,
        reason: args.reason,
        sponsor: args.sponsor,
    };
    let assignment = assign(&core, context.operator(), new).await?;
    let done = Assigned {
        email: guest.email.as_str().to_owned(),
        app: app.client_id,
        from: moment(assignment.starts_at),
        until: assignment.ends_at.map(moment),
        reason: assignment.reason,
        sponsor: assignment.sponsor,
    };
    let facts = [
        ("email", done.email.clone()),
        ("app", done.app.clone()),
        ("from", done.from.clone()),
        ("until", or_dash(done.until.as_ref())),
        ("reason", or_dash(done.reason.as_ref())),
        ("sponsor", or_dash(done.sponsor.as_ref())),
    ];
    context.thing(&done, &facts)
}
