//! What `demo --check` prints: each step, how long it took, what it asserted.

use std::{io::Write, time::Instant};

use anyhow::Result;
use serde_json::json;

/// One step of the story, played.
struct StoryStep {
    number: u32,
    title: &'static str,
    millis: u128,
    asserted: Vec<String>,
    failed: Option<String>,
}

/// The report of one run.
pub struct StoryReport {
    steps: Vec<StoryStep>,
    as_json: bool,
    out: Box<dyn Write + Send>,
}

/// Collects what a step asserts.
#[derive(Default)]
pub struct Checks(Vec<String>);

impl Checks {
    /// Asserts `holds`, and says so in words.
    pub fn that(&mut self, holds: bool, what: impl Into<String>) -> Result<()> {
        let what = what.into();
        anyhow::ensure!(holds, "not so: {what}");
        self.0.push(what);
        Ok(())
    }
}

impl StoryReport {
    /// A report that is written to `out` while it grows, or as one JSON object at the end.
    pub fn new(as_json: bool, out: Box<dyn Write + Send>) -> Self {
        Self {
            steps: Vec::new(),
            as_json,
            out,
        }
    }

    /// Plays a step. What comes after a failed one is not played.
    pub async fn step<F>(&mut self, number: u32, title: &'static str, play: F) -> Result<()>
    where
        F: AsyncFnOnce(&mut Checks) -> Result<()>,
    {
        if self.has_failed() {
            return Ok(());
        }
        let started = Instant::now();
        let mut checks = Checks::default();
        let failed = play(&mut checks).await.err().map(|error| format!("{error:#}"));
        let step = StoryStep {
            number,
            title,
            millis: started.elapsed().as_millis(),
            asserted: checks.0,
            failed,
        };
        if !self.as_json {
            self.print(&step)?;
        }
        self.steps.push(step);
        Ok(())
    }

    /// Whether a step failed.
    pub fn has_failed(&self) -> bool {
        self.steps.iter().any(|step| step.failed.is_some())
    }

    fn print(&mut self, step: &StoryStep) -> Result<()> {
        let mark = if step.failed.is_some() { "✗" } else { "✓" };
        writeln!(
            self.out,
            "{mark} {}  {}  ({} ms)",
            step.number, step.title, step.millis
        )?;
        for what in &step.asserted {
            writeln!(self.out, "      {what}")?;
        }
        if let Some(failed) = &step.failed {
            writeln!(self.out, "      FAILED: {failed}")?;
        }
        self.out.flush()?;
        Ok(())
    }

    /// Ends the report; says whether every step passed.
    pub fn finish(mut self) -> Result<bool> {
        let passed = !self.has_failed() && !self.steps.is_empty();
        let millis: u128 = self.steps.iter().map(|step| step.millis).sum();
        if self.as_json {
            let steps: Vec<_> = self
                .steps
                .iter()
                .map(|step| {
                    json!({
                        "step": step.number,
                        "title": step.title,
                        "ms": u64::try_from(step.millis).unwrap_or(u64::MAX),
                        "asserted": step.asserted,
                        "error": step.failed,
                    })
                })
                .collect();
            let whole =
                json!({ "passed": passed, "ms": u64::try_from(millis).unwrap_or(u64::MAX), "steps": steps });
            writeln!(self.out, "{whole:#}")?;
        } else if passed {
            writeln!(self.out, "The story went as told, in {millis} ms.")?;
        } else {
            writeln!(self.out, "The story did not go as told.")?;
        }
        self.out.flush()?;
        Ok(passed)
    }
}
