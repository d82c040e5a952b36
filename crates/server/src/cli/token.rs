//! `vestibule token create|list|revoke`.

use ::domain::api_scope::ApiScope;
use actions::{create_api_token, revoke_api_token};
use admin::TokenEntry;
use clap::{Subcommand, builder::PossibleValuesParser};

use super::{
    CliError,
    context::Context,
    output::{Row, or_dash},
};

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Create an API token; it is printed once
    #[command(after_help = "Example:
  vestibule token create notes-backend --scope invitations:write --scope guests:read

Who may write may read. Give a token what its program needs and no more.")]
    Create {
        /// Name, shown in the audit log
        name: String,
        /// What the token may do; can be given more than once
        #[arg(long, required = true, value_name = "SCOPE", value_parser = scopes())]
        scope: Vec<String>,
    },
    /// List tokens
    List,
    /// Revoke a token
    Revoke {
        /// Name of the token
        name: String,
    },
}

impl Row for TokenEntry {
    const SEVERAL: &'static str = "tokens";
    const HEADS: &'static [&'static str] = &["NAME", "SCOPES", "CREATED", "REVOKED"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            self.scopes.join(" "),
            self.created_at.clone(),
            or_dash(self.revoked_at.as_ref()),
        ]
    }
}

/// The scopes by name, as clap offers them.
fn scopes() -> PossibleValuesParser {
    PossibleValuesParser::new(ApiScope::ALL.map(ApiScope::name))
}

pub(super) async fn run(command: TokenCommand, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    match command {
        TokenCommand::Create { name, scope } => {
            let scopes: Vec<ApiScope> = scope.iter().filter_map(|name| ApiScope::parse(name)).collect();
            let (token, secret) = create_api_token(&core, context.operator(), &name, &scopes).await?;
            let mut row = TokenEntry::from(token);
            row.token = Some(secret.expose().to_owned());
            let facts = [
                ("name", row.name.clone()),
                ("scopes", row.scopes.join(" ")),
                ("token", or_dash(row.token.as_ref())),
            ];
            context.thing(&row, &facts)?;
            context.remark("The token is not kept and cannot be shown again.");
            Ok(())
        }
        TokenCommand::List => {
            let tokens = core.store.reader().api_tokens().await?;
            context.rows(&tokens.into_iter().map(TokenEntry::from).collect::<Vec<_>>())
        }
        TokenCommand::Revoke { name } => {
            revoke_api_token(&core, context.operator(), &name).await?;
            context.remark(&format!("{name} is revoked."));
            Ok(())
        }
    }
}
