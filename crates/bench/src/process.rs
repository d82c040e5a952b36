//! A server under measurement: started, watched, ended.

use std::{
    fs,
    net::TcpListener,
    process::{Child, Command},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tokio::time::{Instant, sleep};

use crate::http::{BenchConnection, HttpAsk};

/// A child process that ends with this value.
pub(crate) struct MeasuredServer {
    child: Child,
    pub(crate) port: u16,
    /// CPU time that it had used when it first answered, in milliseconds.
    pub(crate) start_ms: f64,
}

impl MeasuredServer {
    /// Starts a server and waits until it answers at `path`.
    pub(crate) async fn start(mut command: Command, port: u16, path: &str) -> Result<Self> {
        let child = command.spawn().with_context(|| format!("{command:?}"))?;
        let mut server = Self {
            child,
            port,
            start_ms: f64::NAN,
        };
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let ask = HttpAsk {
                path,
                headers: "",
                form: None,
            };
            if let Ok(answer) = BenchConnection::new(port).ask(ask).await
                && answer.status == 200
            {
                server.start_ms = server.cpu_ms()?;
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("{command:?} ended: {status}");
            }
            if Instant::now() > until {
                bail!("{command:?} does not answer");
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// CPU time that all threads of the server have used, in milliseconds (proc(5): utime and stime, in ticks of 10 ms).
    pub(crate) fn cpu_ms(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name may hold spaces, and ends with the last bracket.
        let (_, rest) = stat.rsplit_once(')').context("no name in stat")?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let ticks =
            |place: usize| -> Result<f64> { Ok(fields.get(place).context("stat is short")?.parse()?) };
        Ok((ticks(11)? + ticks(12)?) * 10.0)
    }

    /// Memory in use, in MB (proc(5): `VmRSS`).
    pub(crate) fn memory_mb(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes: f64 = line
            .and_then(|line| line.split_whitespace().next())
            .context("no VmRSS")?
            .parse()?;
        Ok(kilobytes / 1024.0)
    }
}

impl Drop for MeasuredServer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that is free at the moment.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
