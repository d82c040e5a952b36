//! Whether mail leaves at all. While it does not, the server is asked ever less often, and one mail goes first.

use chrono::{DateTime, TimeDelta, Utc};

const FIRST_WAIT: TimeDelta = TimeDelta::seconds(5);
const LONGEST_WAIT: TimeDelta = TimeDelta::seconds(60);

/// Open until a mail meets no mail server; wide open again when one was taken.
#[derive(Debug, Default)]
pub(super) struct Gate {
    shut: Option<Shut>,
}

#[derive(Debug)]
struct Shut {
    wait: TimeDelta,
    until: DateTime<Utc>,
}

impl Gate {
    /// How many mails may be under way now.
    pub(super) fn width(&self, now: DateTime<Utc>, open: usize) -> usize {
        match &self.shut {
            None => open,
            // A clock that ran backwards must not shut it for longer than it ever is.
            Some(shut) if now >= shut.until || shut.until - now > LONGEST_WAIT => 1,
            Some(_) => 0,
        }
    }

    /// Whether no mail leaves.
    pub(super) fn is_shut(&self) -> bool {
        self.shut.is_some()
    }

    /// There was no mail server. Says when to look again.
    pub(super) fn closed(&mut self, now: DateTime<Utc>) -> DateTime<Utc> {
        let wait = match &self.shut {
            // Several were under way when it went: together they are one failure.
            Some(shut) if now < shut.until && shut.until - now <= LONGEST_WAIT => return shut.until,
            Some(shut) => (shut.wait * 2).min(LONGEST_WAIT),
            None => FIRST_WAIT,
        };
        let until = now + wait;
        self.shut = Some(Shut { wait, until });
        until
    }

    /// A mail was taken; whether it was shut until then.
    pub(super) fn opened(&mut self) -> bool {
        self.shut.take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use test_support::samples;

    use super::*;

    #[test]
    fn waits_longer_each_time_and_lets_one_through() {
        let mut gate = Gate::default();
        let mut now = samples::now();
        assert_eq!((gate.width(now, 4), gate.is_shut()), (4, false));
        for wait in [5, 10, 20, 40, 60, 60] {
            let until = gate.closed(now);
            assert_eq!(until, now + TimeDelta::seconds(wait));
            assert_eq!(gate.closed(now), until, "its companions change nothing");
            assert!(gate.is_shut());
            assert_eq!(gate.width(until - TimeDelta::milliseconds(1), 4), 0);
            assert_eq!(gate.width(until, 4), 1);
            assert_eq!(
                gate.width(now - TimeDelta::days(1), 4),
                1,
                "a clock set back does not shut it"
            );
            now = until;
        }
        gate.opened();
        assert_eq!((gate.width(now, 4), gate.is_shut()), (4, false));
        assert_eq!(gate.closed(now), now + FIRST_WAIT);
    }
}
