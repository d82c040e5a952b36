//! When a mail that was not taken is tried again.

use chrono::{DateTime, TimeDelta, Utc};
use store::{MailKind, OutboxMail};

/// After the first try, the second and so on, in seconds. Greylisting servers want five minutes at most.
const WAITS: [i64; 6] = [5, 15, 30, 60, 120, 240];
/// A mail that would arrive with less of its life than this is no help.
const WORTH_SENDING: TimeDelta = TimeDelta::minutes(3);

/// The next moment to try; `None` when it would come too late.
pub(super) fn next_try(mail: &OutboxMail, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let tries = usize::try_from(mail.attempts.max(1)).unwrap_or(usize::MAX);
    let seconds = match (WAITS.get(tries - 1), mail.kind) {
        (Some(seconds), _) => *seconds,
        (None, MailKind::Passcode { .. } | MailKind::NoCode { .. }) => WAITS[WAITS.len() - 1],
        // These have days and weeks: their waits double up to an hour.
        (
            None,
            MailKind::Invitation { .. }
            | MailKind::AccessRequest { .. }
            | MailKind::AccessAnswer { .. }
            | MailKind::InviterLink { .. }
            | MailKind::MergeAsked { .. }
            | MailKind::GuestMerged { .. }
            | MailKind::GuestUnmerged { .. }
            | MailKind::GuestNotice { .. }
            | MailKind::MethodChanged { .. },
        ) => {
            let doublings = u32::try_from(tries - WAITS.len()).unwrap_or(u32::MAX).min(4);
            WAITS[WAITS.len() - 1] << doublings
        }
    };
    in_time(mail, now + TimeDelta::seconds(seconds.min(3_600)))
}

/// `at`, unless the mail is worth nothing by then.
pub(super) fn in_time(mail: &OutboxMail, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (at + WORTH_SENDING <= mail.deadline).then_some(at)
}

#[cfg(test)]
mod tests {
    use test_support::samples;

    use super::*;

    fn mail(kind: MailKind, attempts: u32, life: TimeDelta) -> OutboxMail {
        let now = samples::now();
        OutboxMail {
            attempts,
            ..OutboxMail::new(samples::id(), kind, None, now, now + life)
        }
    }

    fn waits(kind: MailKind, life: TimeDelta) -> Vec<i64> {
        let mut now = samples::now();
        let mut waits = Vec::new();
        for attempts in 1..=12 {
            let Some(at) = next_try(&mail(kind, attempts, life), now) else {
                break;
            };
            waits.push((at - now).num_seconds());
            now = at;
        }
        waits
    }

    #[test]
    fn a_code_is_tried_until_three_minutes_before_its_end() {
        let code = MailKind::Passcode {
            challenge: samples::id(),
            send: 1,
        };
        let tries = waits(code, TimeDelta::minutes(30));
        assert_eq!(tries[..6], [5, 15, 30, 60, 120, 240]);
        let end: i64 = tries.iter().sum();
        assert!(end <= 27 * 60 && end + 240 > 27 * 60, "{tries:?}");
        assert_eq!(waits(code, TimeDelta::minutes(10)), [5, 15, 30, 60, 120]);
        assert_eq!(waits(code, TimeDelta::minutes(3)), [0; 0]);
    }

    #[test]
    fn an_invitation_has_time() {
        let invitation = MailKind::Invitation {
            invitation: samples::id(),
        };
        let tries = waits(invitation, TimeDelta::days(30));
        assert_eq!(
            tries,
            [5, 15, 30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]
        );
        assert!(next_try(&mail(invitation, u32::MAX, TimeDelta::days(30)), samples::now()).is_some());
    }
}
