//! Texts in which something is set off: an address, a time, a link. The one place that writes HTML by hand, so
//! that a language may put its words in any order around them.

use std::fmt::{self, Write as _};

use askama::filters::HtmlSafe;
use chrono::{DateTime, Datelike, SecondsFormat, TimeDelta, Utc};
use domain::time::from_millis;
use sign_in::Help;

use super::{Texts, fill::fill};

/// HTML that is safe to put into a page as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markup(String);

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}

/// What stands in the place of a placeholder.
#[derive(Clone, Debug)]
pub enum Part<'a> {
    /// A name or a word of somebody else's: it keeps its own direction.
    Text(&'a str),
    /// Our own words, as they are.
    Plain(String),
    /// An email address.
    Address(&'a str),
    /// The four letters that tell mails and pages apart.
    Reference(&'a str),
    /// A time of day, without its seconds. Without scripts it is UTC and says so; with them it is the visitor's.
    Clock(DateTime<Utc>),
    /// From when something is possible: the first full minute at which it is.
    ClockFrom(DateTime<Utc>),
    /// The same to the second.
    ClockFromSecond(DateTime<Utc>),
    /// A day.
    Date(DateTime<Utc>),
    /// A link that writes a mail.
    MailTo(&'a str),
}

/// Puts `parts` in the place of `{name}`; everything is escaped on the way.
pub fn mark(texts: &Texts, text: &str, parts: &[(&str, Part<'_>)]) -> Markup {
    let mut html = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        escape(&mut html, before);
        let found = after.split_once('}').and_then(|(name, tail)| {
            let (_, part) = parts.iter().find(|(known, _)| *known == name)?;
            Some((part, tail))
        });
        if let Some((part, tail)) = found {
            write_part(&mut html, texts, part);
            rest = tail;
        } else {
            html.push('{');
            rest = after;
        }
    }
    escape(&mut html, rest);
    Markup(html)
}

/// Whom a guest asks: the address of the help desk, else its name, else the organisation.
pub fn contact<'a>(help: &'a Help, organisation: &'a str) -> Part<'a> {
    match (&help.email, &help.name) {
        (Some(email), _) => Part::MailTo(email),
        (None, Some(name)) => Part::Text(name),
        (None, None) => Part::Text(organisation),
    }
}

/// A length of time in words, rounded up: minutes below two hours, whole hours from there.
pub fn duration(texts: &Texts, length: TimeDelta) -> String {
    let minutes = (length.num_seconds().max(0) + 59) / 60;
    let (n, one, many) = if minutes < 120 {
        (minutes, texts.common.minute, texts.common.minutes)
    } else {
        ((minutes + 59) / 60, texts.common.hour, texts.common.hours)
    };
    fill(if n == 1 { one } else { many }, &[("n", &n.to_string())])
}

fn write_part(html: &mut String, texts: &Texts, part: &Part<'_>) {
    match part {
        Part::Text(text) => wrap(html, "<bdi>", text, "</bdi>"),
        Part::Plain(text) => escape(html, text),
        Part::Address(address) => wrap(
            html,
            "<strong><bdi dir=\"ltr\">",
            &domain::email::shown(address),
            "</bdi></strong>",
        ),
        Part::Reference(letters) => {
            wrap(
                html,
                "<strong class=\"reference\" translate=\"no\">",
                letters,
                "</strong>",
            );
        }
        Part::Clock(at) => clock(html, texts, *at, "%H:%M"),
        Part::ClockFrom(at) => clock(html, texts, round_up(*at, 60_000), "%H:%M"),
        Part::ClockFromSecond(at) => clock(html, texts, round_up(*at, 1_000), "%H:%M:%S"),
        Part::Date(at) => {
            let (day, year) = (at.day().to_string(), at.year().to_string());
            let month = texts.mail.months[at.month0() as usize % 12];
            let date = fill(
                texts.mail.date,
                &[("day", &day), ("month", month), ("year", &year)],
            );
            let _ = write!(html, "<time datetime=\"{}\">", at.format("%Y-%m-%d"));
            wrap(html, "", &date, "</time>");
        }
        Part::MailTo(address) => {
            html.push_str("<a href=\"mailto:");
            for byte in address.bytes() {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'@' | b'.' | b'-' | b'_' | b'+' => {
                        html.push(char::from(byte));
                    }
                    // RFC 6068 §2.
                    other => {
                        let _ = write!(html, "%{other:02X}");
                    }
                }
            }
            wrap(html, "\"><bdi dir=\"ltr\">", address, "</bdi></a>");
        }
    }
}

fn clock(html: &mut String, texts: &Texts, at: DateTime<Utc>, format: &str) {
    let time = fill(texts.mail.time, &[("time", &at.format(format).to_string())]);
    let datetime = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let _ = write!(html, "<time class=\"clock\" datetime=\"{datetime}\">");
    wrap(html, "", &time, "</time>");
}

/// «You can ask again at 14:03» must be true at 14:03.
fn round_up(at: DateTime<Utc>, step_ms: i64) -> DateTime<Utc> {
    from_millis((at.timestamp_millis() + step_ms - 1).div_euclid(step_ms) * step_ms)
}

fn wrap(html: &mut String, before: &str, text: &str, after: &str) {
    html.push_str(before);
    escape(html, text);
    html.push_str(after);
}

fn escape(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Language;

    fn marked(text: &str, parts: &[(&str, Part<'_>)]) -> String {
        mark(Texts::of(Language::En), text, parts).to_string()
    }

    #[test]
    fn everything_is_escaped() {
        let evil = "<script>\"'&";
        let safe = "&lt;script&gt;&quot;&#39;&amp;";
        assert_eq!(
            marked("<{a}>", &[("a", Part::Text(evil))]),
            format!("&lt;<bdi>{safe}</bdi>&gt;")
        );
        for part in [
            Part::Plain(evil.to_owned()),
            Part::Address(evil),
            Part::Reference(evil),
            Part::MailTo(evil),
        ] {
            let html = marked("{a}", &[("a", part)]);
            assert!(html.contains(safe) && !html.contains("<script"), "{html}");
        }
    }

    #[test]
    fn a_value_is_not_filled_again() {
        let parts = [("a", Part::Text("{b}")), ("b", Part::Plain("2".into()))];
        assert_eq!(marked("{a} {b} {c}", &parts), "<bdi>{b}</bdi> 2 {c}");
    }

    #[test]
    fn times() {
        let at = from_millis(1_803_891_600_500);
        for (part, datetime, text) in [
            (Part::Clock(at), "2027-03-01T09:00:00Z", "09:00"),
            (Part::ClockFrom(at), "2027-03-01T09:01:00Z", "09:01"),
            (Part::ClockFromSecond(at), "2027-03-01T09:00:01Z", "09:00:01"),
        ] {
            assert_eq!(
                marked("{t}", &[("t", part)]),
                format!("<time class=\"clock\" datetime=\"{datetime}\">{text} UTC</time>")
            );
        }
        assert_eq!(
            mark(Texts::of(Language::De), "{t}", &[("t", Part::Date(at))]).to_string(),
            "<time datetime=\"2027-03-01\">1. März 2027</time>"
        );
    }

    #[test]
    fn lengths_of_time() {
        let say = |seconds| duration(Texts::of(Language::En), TimeDelta::seconds(seconds));
        assert_eq!(say(30 * 60), "30 minutes");
        assert_eq!(say(61), "2 minutes");
        assert_eq!(say(60), "1 minute");
        assert_eq!(say(1), "1 minute");
        assert_eq!(say(-5), "0 minutes");
        assert_eq!(say(7200), "2 hours");
        assert_eq!(say(86_400), "24 hours");
        assert_eq!(
            duration(Texts::of(Language::De), TimeDelta::seconds(7201)),
            "3 Stunden"
        );
    }

    #[test]
    fn whom_to_ask() {
        let mut help = Help::default();
        assert!(matches!(contact(&help, "Acme"), Part::Text("Acme")));
        help.name = Some("Acme helpdesk".into());
        assert!(matches!(contact(&help, "Acme"), Part::Text("Acme helpdesk")));
        help.email = Some("help?desk@acme.example".into());
        let html = marked("{c}", &[("c", contact(&help, "Acme"))]);
        assert_eq!(
            html,
            "<a href=\"mailto:help%3Fdesk@acme.example\"><bdi dir=\"ltr\">help?desk@acme.example</bdi></a>"
        );
    }
}
