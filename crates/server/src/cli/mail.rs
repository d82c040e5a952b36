//! `vestibule mail test|list`.

use admin::MailEntry;
use chrono::TimeDelta;
use clap::{Args, Subcommand, ValueEnum};
use domain::{EmailAddress, Id, time::Clock as _};
use store::MailState;

use super::{
    CliError,
    context::Context,
    find,
    output::{Row, moment, or_dash},
};
use crate::{
    edge::{SystemClock, SystemEntropy},
    mail::{MailError, Mailer as _, Recipient, Sender, Smtp, Stamp, messages::House, test_mail::TestMail},
};

#[derive(Debug, Subcommand)]
pub(super) enum MailCommand {
    /// Send a test email now, bypassing the queue, and print the mail server's answer
    Test {
        /// Recipient
        #[arg(value_parser = find::address)]
        address: EmailAddress,
    },
    /// List emails: waiting, or recently sent or failed
    List(MailListArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule mail list
  vestibule mail list --state given-up --limit 1000 -o json")]
pub(super) struct MailListArgs {
    /// Filter by state
    #[arg(long, value_enum, default_value_t = MailFilterState::Waiting)]
    state: MailFilterState,
    /// Maximum number of results
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    limit: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum MailFilterState {
    /// Not sent yet
    Waiting,
    /// Accepted by the mail server
    Sent,
    /// Failed for good
    GivenUp,
}

impl Row for MailEntry {
    const SEVERAL: &'static str = "emails";
    const HEADS: &'static [&'static str] = &["KIND", "TO", "ASKED FOR", "TRIES", "NEXT TRY OR END", "SAID"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.kind.to_owned(),
            or_dash(self.to.as_ref()),
            self.asked_at.clone(),
            self.tries.to_string(),
            self.at.clone(),
            or_dash(self.said.as_ref()),
        ]
    }
}

pub(super) async fn run(command: MailCommand, context: &Context) -> Result<(), CliError> {
    match command {
        MailCommand::Test { address } => test(&address, context).await,
        MailCommand::List(args) => list(args, context).await,
    }
}

async fn list(args: MailListArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let reader = core.store.reader();
    if let Some(since) = reader.mail_transport_down_since().await? {
        context.remark(&format!(
            "no mail leaves since {}: `vestibule mail test ADDRESS` says why",
            moment(since)
        ));
    }
    let state = match args.state {
        MailFilterState::Waiting => MailState::Pending,
        MailFilterState::Sent => MailState::Sent,
        MailFilterState::GivenUp => MailState::GivenUp,
    };
    let mut rows = Vec::new();
    for listed in reader.mails(state, args.limit).await? {
        rows.push(MailEntry::read(&reader, listed).await?);
    }
    context.rows(&rows)
}

async fn test(to: &EmailAddress, context: &Context) -> Result<(), CliError> {
    let settings = context.settings()?;
    let smtp = settings.mail.smtp.as_ref();
    let smtp = smtp.ok_or_else(|| CliError::Failed("mail.smtp.url is missing".into()))?;
    let house = House {
        language: settings.web.default_language,
        organisation: &settings.web.organisation,
        help: &settings.web.help,
        host: settings.web.issuer.host(),
    };
    let failed = |text: String| CliError::Failed(text);
    let sender =
        Sender::new(&settings.mail, house.organisation).map_err(|error| failed(error.to_string()))?;
    let content = TestMail { house }.content();
    let now = SystemClock.now();
    let stamp = Stamp {
        id: Id::new(now, &SystemEntropy),
        asked_at: now,
        ends_at: now + TimeDelta::hours(1),
    };
    let recipient = Recipient { to, reply_to: None };
    let mail = content
        .and_then(|content| sender.compose(stamp, recipient, content))
        .map_err(|error| failed(error.to_string()))?;
    let server = format!("{}:{}", smtp.host, smtp.port);
    let mailer = Smtp::new(smtp).map_err(|error| failed(format!("{error:#}")))?;
    match mailer.send(&mail).await {
        Ok(()) => {
            context.remark(&format!(
                "{server} accepted the mail {} for {}\n  help: look into the mailbox, and at the headers there: SPF, DKIM and \
                 DMARC should say \"pass\"",
                mail.message_id,
                to.as_str()
            ));
            Ok(())
        }
        Err(error @ MailError::Transport(_)) => Err(CliError::Unreachable(format!("{server}: {error}"))),
        Err(error) => Err(failed(format!("{server} did not take the mail: {error}"))),
    }
}
