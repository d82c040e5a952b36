//! `vestibule token create|list|revoke`.

use admin::actions::{create_api_token, revoke_api_token};
use clap::Subcommand;
use serde::Serialize;
use store::ApiToken;

use super::{
    CliError,
    context::Context,
    output::{Row, moment, or_dash},
};

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Create an API token; it is printed once. It gives full access to the API: invitations, guests, audit log
    #[command(after_help = "Example:
  vestibule token create notes-backend")]
    Create {
        /// Name, shown in the audit log
        name: String,
    },
    /// List tokens
    List,
    /// Revoke a token
    Revoke {
        /// Name of the token
        name: String,
    },
}

#[derive(Serialize)]
struct TokenLine {
    name: String,
    created_at: String,
    revoked_at: Option<String>,
    /// Only when it was just made.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl From<ApiToken> for TokenLine {
    fn from(token: ApiToken) -> Self {
        Self {
            name: token.name,
            created_at: moment(token.created_at),
            revoked_at: token.revoked_at.map(moment),
            token: None,
        }
    }
}

impl Row for TokenLine {
    const SEVERAL: &'static str = "tokens";
    const HEADS: &'static [&'static str] = &["NAME", "CREATED", "REVOKED"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            self.created_at.clone(),
            or_dash(self.revoked_at.as_ref()),
        ]
    }
}

pub(super) async fn run(command: TokenCommand, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    match command {
        TokenCommand::Create { name } => {
            let (token, secret) = create_api_token(&core, context.operator(), &name).await?;
            let mut row = TokenLine::from(token);
            row.token = Some(secret.expose().to_owned());
            let facts = [("name", row.name.clone()), ("token", or_dash(row.token.as_ref()))];
            context.thing(&row, &facts)?;
            context.remark("The token is not kept and cannot be shown again.");
            Ok(())
        }
        TokenCommand::List => {
            let tokens = core.store.reader().api_tokens().await?;
            context.rows(&tokens.into_iter().map(TokenLine::from).collect::<Vec<_>>())
        }
        TokenCommand::Revoke { name } => {
            revoke_api_token(&core, context.operator(), &name).await?;
            context.remark(&format!("{name} is revoked."));
            Ok(())
        }
    }
}
