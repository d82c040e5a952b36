//! The table: medians over the rounds, and ratios to the ceiling.

use std::rc::Rc;

use anyhow::Result;

use crate::{
    arguments::RunArguments,
    measure::Window,
    run::Measured,
    scenario::Operation,
    target::{CEILING, Target},
};

/// Memory in use by each server, in MB.
pub(crate) fn memory(targets: &[Rc<Target>]) -> Result<Vec<f64>> {
    targets.iter().map(|target| target.memory_mb()).collect()
}

/// One line while it runs.
pub(crate) fn progress(operation: Operation, measured: &[Measured]) {
    let costs: Vec<String> = measured
        .iter()
        .map(|of| format!("{} {:.3}", of.target, cpu_ms(&of.windows)))
        .collect();
    println!("{}: {}", operation.name(), costs.join(", "));
}

pub(crate) fn print(
    arguments: &RunArguments,
    measured: &[Measured],
    targets: &[Rc<Target>],
    (idle, after): (&[f64], &[f64]),
) {
    let clients: Vec<String> = arguments.clients.iter().map(ToString::to_string).collect();
    println!(
        "\n{}, {} clients, {} rounds of {} s; CPU of the server for an operation, all clients pooled\n",
        arguments.alg,
        clients.join(" / "),
        arguments.rounds,
        arguments.seconds
    );
    println!(
        "| operation | server | ms of CPU | × ceiling | per second at {} | p50 ms | p99 ms |",
        middle(arguments)
    );
    println!("|---|---|---|---|---|---|---|");
    for of in measured {
        let cost = cpu_ms(&of.windows);
        // Nothing mails at the ceiling: a sign-in is compared with its flow.
        let beside = match of.operation {
            Operation::EmailedSignIn => Operation::SilentFlow,
            operation => operation,
        };
        let ceiling = measured
            .iter()
            .find(|other| other.target == CEILING && other.operation == beside);
        let ratio = ceiling.map_or_else(
            || "–".into(),
            |other| format!("{:.1}", cost / cpu_ms(&other.windows)),
        );
        let at = at_middle(arguments, of);
        println!(
            "| {} | {} | {cost:.3} | {ratio} | {:.0} | {:.2} | {:.2} |",
            of.operation.name(),
            of.target,
            median(at.iter().map(|window| per_second(window))),
            median(at.iter().map(|window| quantile(window, 50))),
            median(at.iter().map(|window| quantile(window, 99))),
        );
    }
    println!("\n| server | ms of CPU to the first answer | MB idle | MB after |\n|---|---|---|---|");
    for ((target, idle), after) in targets.iter().zip(idle).zip(after) {
        let starts = target.servers.iter().map(|server| server.start_ms);
        println!(
            "| {} | {:.0} | {idle:.0} | {after:.0} |",
            target.name,
            median(starts)
        );
    }
}

/// What each server costs and takes beside the first one: with more guests, or with more processes.
pub(crate) fn print_beside_the_first(arguments: &RunArguments, measured: &[Measured]) {
    println!("\n| operation | server | CPU × | p50 × | p99 × | per second × |\n|---|---|---|---|---|---|");
    for of in measured.iter().filter(|of| of.target != CEILING) {
        let first = measured
            .iter()
            .find(|other| other.target != CEILING && other.operation == of.operation);
        let Some(first) = first.filter(|first| first.target != of.target) else {
            continue;
        };
        let (at, beside) = (at_middle(arguments, of), at_middle(arguments, first));
        let times = |figure: fn(&Window) -> f64| {
            median(at.iter().map(|window| figure(window)))
                / median(beside.iter().map(|window| figure(window)))
        };
        println!(
            "| {} | {} | {:.2} | {:.2} | {:.2} | {:.2} |",
            of.operation.name(),
            of.target,
            cpu_ms(&of.windows) / cpu_ms(&first.windows),
            times(|window| quantile(window, 50)),
            times(|window| quantile(window, 99)),
            times(per_second),
        );
    }
}

/// Durable silent flows a second, beside the commits that pgbench makes in the same run: a flow has two.
pub(crate) fn print_beside_commits(measured: &[Measured], commits: &[(usize, f64)]) {
    const COMMITS_OF_A_FLOW: f64 = 2.0;
    println!("\n| clients | server | flows per second | of pgbench's commits |\n|---|---|---|---|");
    let flows = measured.iter().filter(|of| of.operation == Operation::SilentFlow);
    for of in flows.filter(|of| of.target != CEILING) {
        let mut numbers: Vec<usize> = of.windows.iter().map(|window| window.clients).collect();
        numbers.sort_unstable();
        numbers.dedup();
        for clients in numbers {
            let with = |window: &&Window| window.clients == clients;
            let flows = median(of.windows.iter().filter(with).map(per_second));
            let tps = median(
                commits
                    .iter()
                    .filter(|(number, _)| *number == clients)
                    .map(|(_, tps)| *tps),
            );
            println!(
                "| {clients} | {} | {flows:.0} | {:.2} |",
                of.target,
                flows * COMMITS_OF_A_FLOW / tps
            );
        }
    }
}

/// The windows at which times are told.
fn at_middle<'a>(arguments: &RunArguments, of: &'a Measured) -> Vec<&'a Window> {
    let windows = of.windows.iter();
    windows
        .filter(|window| window.clients == middle(arguments))
        .collect()
}

/// The number of clients at which times are told.
fn middle(arguments: &RunArguments) -> usize {
    let mut clients = arguments.clients.clone();
    clients.sort_unstable();
    clients.get(clients.len() / 2).copied().unwrap_or(1)
}

/// The median over the windows of the CPU time for an operation, in milliseconds.
fn cpu_ms(windows: &[Window]) -> f64 {
    median(windows.iter().map(|window| window.cpu_ms / window.operations))
}

fn per_second(window: &Window) -> f64 {
    window.operations / window.seconds
}

fn quantile(window: &Window, percent: usize) -> f64 {
    let place = window.took_ms.len() * percent / 100;
    window.took_ms.get(place).copied().unwrap_or(f64::NAN)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
