//! A window: so many clients, each one operation after the other, for so long.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::Result;
use tokio::{
    task::{JoinSet, LocalSet},
    time::sleep,
};

use crate::{
    scenario::{LoadClient, Operation},
    target::Target,
};

/// Before a window counts, connections are open and caches warm.
const WARM_UP: Duration = Duration::from_millis(400);

/// What one window showed.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    pub(crate) clients: usize,
    /// Those that lie in the window only in part count half.
    pub(crate) operations: f64,
    pub(crate) seconds: f64,
    /// The server's CPU time, in milliseconds.
    pub(crate) cpu_ms: f64,
    /// How long each operation took, in milliseconds, sorted.
    pub(crate) took_ms: Vec<f64>,
}

/// Measures one window. The first error of a client ends the run.
pub(crate) async fn window(
    target: &Rc<Target>,
    operation: Operation,
    clients: usize,
    length: Duration,
) -> Result<Window> {
    let mut ready = Vec::with_capacity(clients);
    for number in 0..clients {
        ready.push(LoadClient::new(Rc::clone(target), number).await?);
    }
    let shared = Rc::new(WindowState::default());
    let driven = LocalSet::new();
    let spent = driven
        .run_until(async {
            let mut driving = JoinSet::new();
            for client in ready {
                driving.spawn_local(drive(client, operation, Rc::clone(&shared)));
            }
            sleep(WARM_UP).await;
            let (before, started) = (target.cpu_ms()?, Instant::now());
            shared.counts.set(true);
            sleep(length).await;
            shared.counts.set(false);
            let spent = (target.cpu_ms()? - before, started.elapsed());
            shared.ended.set(true);
            while let Some(done) = driving.join_next().await {
                done??;
            }
            anyhow::Ok(spent)
        })
        .await;
    let (cpu_ms, lasted) = spent?;
    let mut took_ms = shared.took_ms.take();
    took_ms.sort_by(f64::total_cmp);
    Ok(Window {
        clients,
        operations: float(took_ms.len()) + float(shared.in_part.get()) / 2.0,
        seconds: lasted.as_secs_f64(),
        cpu_ms,
        took_ms,
    })
}

/// What the clients of a window share.
#[derive(Default)]
struct WindowState {
    /// Whether operations count that begin and end now.
    counts: Cell<bool>,
    ended: Cell<bool>,
    took_ms: RefCell<Vec<f64>>,
    /// How many operations began or ended in the window, and not both.
    in_part: Cell<usize>,
}

fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

async fn drive(mut client: LoadClient, operation: Operation, shared: Rc<WindowState>) -> Result<()> {
    while !shared.ended.get() {
        let (started, counted) = (Instant::now(), shared.counts.get());
        client.once(operation).await?;
        match (counted, shared.counts.get()) {
            (true, true) => {
                let took = started.elapsed().as_secs_f64() * 1000.0;
                shared.took_ms.borrow_mut().push(took);
            }
            (false, false) => {}
            (true, false) | (false, true) => shared.in_part.set(shared.in_part.get() + 1),
        }
    }
    Ok(())
}
