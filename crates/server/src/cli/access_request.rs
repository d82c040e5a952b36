//! `vestibule access-request list|approve|refuse`.

use std::collections::HashMap;

use ::domain::{
    Id,
    access_request::{AccessAnswer, AccessRequest, AccessRequestState},
};
use actions::answer_access_request;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use store::AccessRequestFilter;

use super::{
    CliError, audit,
    context::Context,
    find,
    output::{Row, moment, or_dash},
};

#[derive(Debug, Subcommand)]
pub(super) enum AccessRequestCommand {
    /// List guests' access requests, newest first
    List(AccessRequestListArgs),
    /// Give a guest who asked access; they are told by email
    Approve(ApproveArgs),
    /// Turn a guest's access request down; they are told by email
    Refuse {
        /// The request's ID, from `access-request list`
        #[arg(value_name = "ID")]
        request: String,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule access-request list --state pending --app notes")]
pub(super) struct AccessRequestListArgs {
    /// Only those that stand so
    #[arg(long, value_enum)]
    state: Option<RequestStateChoice>,
    /// Only this guest's: address or ID
    #[arg(long)]
    guest: Option<String>,
    /// Only those for this app (client ID)
    #[arg(long, value_name = "CLIENT_ID")]
    app: Option<String>,
    /// Maximum number of results
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    limit: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RequestStateChoice {
    /// Not answered yet
    Pending,
    /// The guest was given access
    Approved,
    /// The guest was not given access
    Refused,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule access-request approve 01a40051-6a80-7e8d-8775-d1abf24678ae --until 2027-03-01T00:00:00Z")]
pub(super) struct ApproveArgs {
    /// The request's ID, from `access-request list`
    #[arg(value_name = "ID")]
    request: String,
    /// End of the guest's access to the app
    #[arg(long, value_name = "TIME", value_parser = audit::parse_moment)]
    until: Option<DateTime<Utc>>,
}

/// An access request.
#[derive(Serialize)]
struct AccessRequestLine {
    id: String,
    email: String,
    app: String,
    asked_of: String,
    state: &'static str,
    created_at: String,
    expires_at: String,
    /// The end of their access, where it is asked whether it goes on beyond that.
    renews: Option<String>,
}

impl AccessRequestLine {
    fn new(request: &AccessRequest, email: String, app: String, now: DateTime<Utc>) -> Self {
        Self {
            id: request.id.to_string(),
            email,
            app,
            asked_of: request.asked_of.as_str().to_owned(),
            state: request.standing(now),
            created_at: moment(request.created_at),
            expires_at: moment(request.expires_at),
            renews: request.renews.map(moment),
        }
    }
}

impl Row for AccessRequestLine {
    const SEVERAL: &'static str = "access requests";
    const HEADS: &'static [&'static str] = &["ID", "EMAIL", "APP", "ASKED OF", "STATE", "CREATED", "RENEWS"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.clone(),
            self.email.clone(),
            self.app.clone(),
            self.asked_of.clone(),
            self.state.to_owned(),
            self.created_at.clone(),
            or_dash(self.renews.as_ref()),
        ]
    }
}

pub(super) async fn run(command: AccessRequestCommand, context: &Context) -> Result<(), CliError> {
    match command {
        AccessRequestCommand::List(args) => list(args, context).await,
        AccessRequestCommand::Approve(args) => {
            answer(&args.request, AccessAnswer::Approve(args.until), context).await
        }
        AccessRequestCommand::Refuse { request } => answer(&request, AccessAnswer::Refuse, context).await,
    }
}

async fn list(args: AccessRequestListArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let reader = core.store.reader();
    let guest = match &args.guest {
        Some(named) => Some(find::guest(&reader, named).await?.id),
        None => None,
    };
    let app = match &args.app {
        Some(client_id) => Some(find::app(&reader, client_id).await?.id),
        None => None,
    };
    let filter = AccessRequestFilter {
        state: args.state.map(|state| {
            let state = match state {
                RequestStateChoice::Pending => AccessRequestState::Pending,
                RequestStateChoice::Approved => AccessRequestState::Approved,
                RequestStateChoice::Refused => AccessRequestState::Refused,
            };
            (state, core.now())
        }),
        guest,
        app,
        asked_of: None,
        after: None,
        limit: args.limit,
    };
    let apps = reader.apps().await?;
    let apps: HashMap<_, _> = apps.into_iter().map(|app| (app.id, app.client_id)).collect();
    let mut lines = Vec::new();
    for request in reader.access_requests(&filter).await? {
        let guest = reader.guest(request.guest).await?;
        if let Some((guest, app)) = guest.zip(apps.get(&request.app)) {
            let email = guest.email.as_str().to_owned();
            lines.push(AccessRequestLine::new(&request, email, app.clone(), core.now()));
        }
    }
    context.rows(&lines)
}

async fn answer(named: &str, answer: AccessAnswer, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let id: Id<AccessRequest> = named.parse().map_err(|_| {
        CliError::Usage(format!(
            "\"{named}\" is not an id: `vestibule access-request list` shows them"
        ))
    })?;
    answer_access_request(&core, context.operator(), id, answer).await?;
    let reader = core.store.reader();
    let gone = || CliError::NotFound(format!("there is no access request \"{named}\""));
    let request = reader.access_request(id).await?.ok_or_else(gone)?;
    let guest = reader.guest(request.guest).await?.ok_or_else(gone)?;
    let app = reader.app(request.app).await?.ok_or_else(gone)?;
    let line = AccessRequestLine::new(
        &request,
        guest.email.as_str().to_owned(),
        app.client_id,
        core.now(),
    );
    let facts = [
        ("email", line.email.clone()),
        ("app", line.app.clone()),
        ("state", line.state.to_owned()),
    ];
    context.thing(&line, &facts)
}
