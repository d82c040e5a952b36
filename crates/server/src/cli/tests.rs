//! The command line as it is typed, and commands on a real database.

mod operations;

use clap::CommandFactory as _;

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split(' '))
}

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_is_there() {
    for line in [
        "serve",
        "serve --listen 0.0.0.0:8080 -c a.toml -c b.toml",
        "demo",
        "demo --check --json",
        "demo --port 1 --app-port 2",
        "dev --port 1 --data-dir x",
        "check --strict -o json",
        "config init dir --public-url https://login.acme.example",
        "config show --origin",
        "config sample",
        "config impact",
        "domain list",
        "domain show contoso.example",
        "domain add contoso contoso.example",
        "domain check contoso.example",
        "domain remove contoso contoso.example --dry-run",
        "migrate status",
        "migrate up",
        "keys list",
        "keys rotate",
        "app add Notes --redirect-uri https://n.example/cb --access domain --domain contoso.example",
        "app add Notes --redirect-uri https://n.example/cb --auth private_key_jwt --jwks keys.json --alg EdDSA",
        "app add Notes --redirect-uri a --redirect-uri b --post-logout-redirect-uri c --home d --auth none --dev",
        "app add Notes --redirect-uri a --access any-guest --offline-access --ask-consent --alg PS256",
        "app list -o table",
        "app show notes",
        "invite send anna@contoso.example --app notes --by Lee --until 2027-03-01T00:00:00Z",
        "guest list --search a --status blocked --limit 5",
        "guest show anna@contoso.example",
        "guest assign anna@contoso.example --app notes --from 2027-02-01T00:00:00Z --until 2027-03-01T00:00:00Z",
        "guest block anna@contoso.example --reason over --yes",
        "guest unblock anna@contoso.example -q",
        "route explain anna@contoso.example --app notes",
        "audit search --action guest --guest anna@contoso.example --app notes --since 2027-03-01T00:00:00Z",
        "token create backend --scope guests:read --scope invitations:write",
        "token list",
        "token revoke backend",
        "healthcheck",
        "version",
    ] {
        if let Err(error) = parse(&format!("vestibule {line}")) {
            panic!("{line}\n{error}");
        }
    }
}

#[test]
fn wrong_usage_is_refused() {
    for line in [
        "",
        "serv",
        "app",
        "app add Notes",
        "app add Notes --redirect-uri a --alg RS512",
        "app add Notes --redirect-uri a --auth private_key_jwt",
        "app add Notes --redirect-uri a --access everyone",
        "demo --json",
        "guest list --limit 0",
        "invite send anna@contoso.example",
        "invite send anna@contoso.example --app notes --until tomorrow",
        "audit search --sign-in x",
        "list -o yaml",
    ] {
        let error = parse(format!("vestibule {line}").trim()).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{line}");
    }
}

/// Walks every command that does something.
fn leaves(command: &clap::Command, path: &str, visit: &mut dyn FnMut(&str, &clap::Command)) {
    let children: Vec<&clap::Command> = command
        .get_subcommands()
        .filter(|command| command.get_name() != "help")
        .collect();
    if children.is_empty() {
        visit(path, command);
    }
    for child in children {
        leaves(child, &format!("{path} {}", child.get_name()), visit);
    }
}

#[test]
fn help_explains_every_command_and_shows_examples() {
    let mut command = Cli::command();
    command.build();
    leaves(&command, "vestibule", &mut |path, command| {
        assert!(command.get_about().is_some(), "{path} has no description");
        let arguments = command
            .get_arguments()
            .filter(|argument| !argument.is_global_set() && argument.get_id() != "help")
            .count();
        if arguments > 1 {
            let example = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(example.contains("Example"), "{path} has no example");
            assert!(example.contains(path), "{path}'s example shows something else");
        }
    });
}

#[test]
fn examples_parse() {
    let mut command = Cli::command();
    command.build();
    let mut examples = vec![EXAMPLES.to_owned()];
    leaves(&command, "vestibule", &mut |_, command| {
        examples.extend(command.get_after_help().map(ToString::to_string));
    });
    let mut checked = 0;
    for line in examples.iter().flat_map(|text| {
        text.replace("\\\n", "")
            .lines()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    }) {
        let Some(start) = line.find("vestibule ") else {
            continue;
        };
        if !line.starts_with("  ") {
            continue;
        }
        let line = line[start..].split("   ").next().unwrap_or_default();
        if let Err(error) = Cli::try_parse_from(words(line)) {
            panic!("{line}\n{error}");
        }
        checked += 1;
    }
    assert!(checked >= 20, "only {checked} examples were found");
}

/// Splits a line as a shell does, as far as our examples need it.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn exit_codes() {
    use crate::config::ConfigRefused;
    for (error, code) in [
        (CliError::Failed(String::new()), 1),
        (CliError::Usage(String::new()), 2),
        (CliError::Config(ConfigRefused(Vec::new())), 3),
        (CliError::Unreachable(String::new()), 4),
        (CliError::NotFound(String::new()), 5),
    ] {
        assert_eq!(error.code(), code);
    }
    let refused = anyhow::Error::new(ConfigRefused(Vec::new())).context("loading");
    assert_eq!(CliError::from(refused).code(), 3);
}
