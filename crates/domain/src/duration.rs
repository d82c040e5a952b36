//! Durations as people write them: `60s`, `30m`, `24h`, `30d`, `1h30m`.

use chrono::TimeDelta;

const UNITS: [(char, i64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// Reads a duration: numbers with units, the larger unit first.
pub fn parse(text: &str) -> Option<TimeDelta> {
    let mut rest = text.trim();
    let mut seconds: i64 = 0;
    let mut below = i64::MAX;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].chars().next()?;
        let (_, size) = UNITS.into_iter().find(|(letter, _)| *letter == unit)?;
        if size >= below {
            return None;
        }
        below = size;
        seconds = seconds.checked_add(number.checked_mul(size)?)?;
        rest = rest[digits + 1..].trim_start();
    }
    if below == i64::MAX {
        return None;
    }
    TimeDelta::try_seconds(seconds)
}

/// Writes a duration: the largest units that are needed, except that a day or two stay hours.
pub fn show(duration: TimeDelta) -> String {
    let mut seconds = duration.num_seconds();
    let whole_days = seconds % 86_400 == 0 && seconds > 2 * 86_400;
    let units = if whole_days { &UNITS[..] } else { &UNITS[1..] };
    let text: String = units
        .iter()
        .filter_map(|(letter, size)| {
            let count = seconds / size;
            seconds %= size;
            (count > 0).then(|| format!("{count}{letter}"))
        })
        .collect();
    if text.is_empty() { "0s".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes() {
        for (text, seconds, shown) in [
            ("60s", 60, "1m"),
            ("30m", 1_800, "30m"),
            ("24h", 86_400, "24h"),
            ("30d", 2_592_000, "30d"),
            ("1h30m", 5_400, "1h30m"),
            ("1h 30m", 5_400, "1h30m"),
            ("0s", 0, "0s"),
            ("90s", 90, "1m30s"),
            ("2d", 172_800, "48h"),
            ("2d1s", 172_801, "48h1s"),
            ("3d", 259_200, "3d"),
            ("49h", 176_400, "49h"),
        ] {
            let duration = parse(text).unwrap();
            assert_eq!(duration, TimeDelta::seconds(seconds), "{text}");
            assert_eq!(show(duration), shown, "{text}");
            assert_eq!(parse(&show(duration)), Some(duration), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_plain() {
        for text in [
            "",
            " ",
            "30",
            "m",
            "30 minutes",
            "-5m",
            "1.5h",
            "5m1h",
            "5m5m",
            "30M",
            "999999999999999999d",
            "99999999999999999999s",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
