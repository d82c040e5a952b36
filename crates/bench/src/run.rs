//! `bench run`: every operation on every server, by turns, and the table.

use std::{collections::HashSet, rc::Rc, time::Duration};

use anyhow::{Result, ensure};

use crate::{
    arguments::RunArguments,
    installation::{Installation, start_fresh},
    measure::{Window, window},
    peers::node_oidc_provider,
    pgbench::Pgbench,
    report,
    scenario::Operation,
    target::Target,
};

/// All windows of one operation on one server.
pub(crate) struct Measured {
    pub(crate) target: String,
    pub(crate) operation: Operation,
    pub(crate) windows: Vec<Window>,
}

pub(crate) async fn run(arguments: &RunArguments) -> Result<()> {
    let guests = arguments.clients.iter().copied().max().unwrap_or(1);
    let most = crate::ceiling::SESSIONS;
    ensure!(u32::try_from(guests)? <= most, "at most {most} clients");
    let mut targets = vec![Target::ceiling(&arguments.alg).await?];
    targets.extend(servers(arguments, guests).await?);
    if let Some(modules) = &arguments.node_oidc_provider {
        targets.push(node_oidc_provider(modules, &arguments.alg, guests).await?);
    }
    let targets: Vec<Rc<Target>> = targets.into_iter().map(Rc::new).collect();
    let idle = report::memory(&targets)?;
    let wanted = |operation: &Operation| {
        let only = arguments.only.as_deref();
        only.is_none_or(|only| operation.name().contains(only))
    };
    let length = Duration::from_secs_f64(arguments.seconds);
    let (mut measured, mut commits) = (Vec::new(), Vec::new());
    let pgbench = shared_postgres(arguments)?
        .as_deref()
        .map(Pgbench::prepare)
        .transpose()?;
    for operation in Operation::ALL.into_iter().filter(wanted) {
        let mut of_operation: Vec<Measured> = targets
            .iter()
            .filter(|target| operation.is_for(target))
            .map(|target| Measured {
                target: target.name.clone(),
                operation,
                windows: Vec::new(),
            })
            .collect();
        for _ in 0..arguments.rounds {
            for &clients in &arguments.clients {
                if let Some(pgbench) = pgbench.as_ref().filter(|_| operation == Operation::SilentFlow) {
                    commits.push((clients, pgbench.per_second(clients, arguments.seconds)?));
                }
                for of in &mut of_operation {
                    let target = targets.iter().find(|target| target.name == of.target);
                    if let Some(target) = target {
                        of.windows.push(window(target, operation, clients, length).await?);
                    }
                }
            }
        }
        report::progress(operation, &of_operation);
        measured.extend(of_operation);
    }
    let after = report::memory(&targets)?;
    report::print(arguments, &measured, &targets, (&idle, &after));
    if arguments.on.len() + arguments.processes.len() > 2 {
        report::print_beside_the_first(arguments, &measured);
    }
    if pgbench.is_some() {
        report::print_beside_commits(&measured, &commits);
    }
    Ok(())
}

/// The database of PostgreSQL that several processes share.
fn shared_postgres(arguments: &RunArguments) -> Result<Option<String>> {
    let (Some(folder), true) = (arguments.on.first(), arguments.processes.len() > 1) else {
        return Ok(None);
    };
    let database = Installation::open(folder)?.facts.database;
    Ok(Some(database).filter(|url| url.starts_with("postgres")))
}

/// Vestibule on new databases, or on those that `seed` has made.
async fn servers(arguments: &RunArguments, guests: usize) -> Result<Vec<Target>> {
    let (binary, alg) = (&arguments.vestibule, &arguments.alg);
    let mut targets = Vec::new();
    for folder in &arguments.on {
        let installation = Installation::open(folder)?;
        let (theirs, folder) = (&installation.facts.algorithm, folder.display());
        ensure!(
            theirs == alg,
            "the app in {folder} signs with {theirs}: add --alg {theirs}"
        );
        for &processes in &arguments.processes {
            targets.push(installation.start(binary, processes, guests).await?);
        }
    }
    if arguments.on.is_empty() {
        targets.push(start_fresh(binary, None, alg, guests).await?);
        if let Some(url) = &arguments.postgres {
            targets.push(start_fresh(binary, Some(url), alg, guests).await?);
        }
    }
    let names: HashSet<_> = targets.iter().map(|target| &target.name).collect();
    ensure!(
        names.len() == targets.len(),
        "two folders hold the same number of guests"
    );
    Ok(targets)
}
