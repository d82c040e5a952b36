//! What may stand in a field of a mail, and how text from outside is made harmless.

/// The longest line of plain text that we write ourselves (RFC 3676 §4.2 suggests 78).
const WIDTH: usize = 76;

/// A field holds what no mail may carry. What it holds is not repeated: it may be somebody's attempt to reach a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the mail's {field} holds a control character or a line break, or is no address")]
pub struct FieldError {
    /// The field's name.
    pub field: &'static str,
}

/// One line of text. CR, LF, NUL, every other control character (C0, DEL, C1), the line and paragraph separators
/// and the marks that turn text around are refused (threat E18).
pub(super) fn line<'a>(field: &'static str, text: &'a str) -> Result<&'a str, FieldError> {
    if text.chars().any(is_refused) {
        return Err(FieldError { field });
    }
    Ok(text)
}

/// Several lines of text: as [`line`], and line feeds are kept.
pub(super) fn lines<'a>(field: &'static str, text: &'a str) -> Result<&'a str, FieldError> {
    if text.chars().any(|c| c != '\n' && is_refused(c)) {
        return Err(FieldError { field });
    }
    Ok(text)
}

fn is_refused(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A subject. An RFC 2047 encoded word would be decoded by the reader's software, and no check here has seen what
/// it says: it loses its magic.
pub(super) fn subject(text: &str) -> Result<String, FieldError> {
    Ok(line("subject", text)?.replace("=?", "= ?"))
}

/// Text of an inviter, its links made unclickable unless they lead to one of `hosts`. Mail software makes links of
/// whatever looks like one, so `evil.example/x` counts as well.
pub(super) fn defang(text: &str, hosts: &[&str]) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let (link, end) = word.split_at(word.trim_end_matches(ends_a_link).len());
        match host_of(link) {
            Some(host) if !hosts.iter().any(|known| known.eq_ignore_ascii_case(host)) => {
                out.push_str(&link.replace("://", ": //").replace('.', "[.]"));
                out.push_str(end);
            }
            _ => out.push_str(word),
        }
    }
    out
}

fn ends_a_link(c: char) -> bool {
    c.is_whitespace() || ".,;:!?)]}>\"'”“’".contains(c)
}

/// The host that a word leads to, when mail software would make a link of it.
fn host_of(word: &str) -> Option<&str> {
    let (has_scheme, rest) = match word.find("://") {
        Some(at) => (true, &word[at + 3..]),
        None => (false, word.trim_start_matches(|c: char| !c.is_alphanumeric())),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let (user, host) = authority
        .rsplit_once('@')
        .map_or((None, authority), |(user, host)| (Some(user), host));
    let host = host.split(':').next().unwrap_or(host);
    if has_scheme {
        return Some(host);
    }
    // An address is no link to a page; `evil.example/@lee` is.
    let (name, last) = host.rsplit_once('.')?;
    let is_top_level =
        last.starts_with("xn--") || last.chars().count() >= 2 && last.chars().all(char::is_alphabetic);
    (is_top_level && !name.is_empty() && user.is_none()).then_some(host)
}

/// Breaks text at spaces so that no line is longer than 76 characters; a longer word has a line of its own.
pub(super) fn wrap(text: &str) -> String {
    text.lines()
        .map(|line| wrap_line(line, ""))
        .collect::<Vec<_>>()
        .join("\n")
}

/// As [`wrap`], every line marked as quoted.
pub(super) fn quote(text: &str) -> String {
    text.lines()
        .map(|line| wrap_line(line, "> "))
        .collect::<Vec<_>>()
        .join("\n")
}

fn wrap_line(text: &str, mark: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut column = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > WIDTH {
            out.push('\n');
            column = 0;
        }
        if column == 0 {
            out.push_str(mark);
            column = mark.len();
        } else {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
    if out.is_empty() {
        mark.trim_end().to_owned()
    } else {
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_refuse_what_ends_or_turns_a_line() {
        for bad in [
            "a\r\nBcc: x@y.example",
            "a\nb",
            "a\rb",
            "a\0b",
            "a\u{b}b",
            "a\tb",
            "a\u{7f}",
            "a\u{85}b",
            "a\u{9b}b",
            "a\u{2028}b",
            "a\u{2029}b",
            "a\u{202e}b",
            "a\u{2066}b",
            "\u{feff}a",
        ] {
            assert_eq!(line("name", bad), Err(FieldError { field: "name" }), "{bad:?}");
        }
        assert_eq!(line("name", "Łukasz – “Q3” 会議"), Ok("Łukasz – “Q3” 会議"));
        assert_eq!(lines("message", "a\n\nb"), Ok("a\n\nb"));
        assert!(lines("message", "a\r\nb").is_err());
    }

    #[test]
    fn subjects_carry_no_encoded_words() {
        assert_eq!(
            subject("Lee =?utf-8?B?DQpCY2M6?= x").unwrap(),
            "Lee = ?utf-8?B?DQpCY2M6?= x"
        );
        assert!(subject("a\r\nb").is_err());
    }

    #[test]
    fn links_of_inviters_lead_nowhere() {
        let hosts = ["notes.acme.example"];
        for (text, shown) in [
            (
                "see https://evil.example/login now",
                "see https: //evil[.]example/login now",
            ),
            ("HTTP://EVIL.EXAMPLE", "HTTP: //EVIL[.]EXAMPLE"),
            ("www.evil.example.", "www[.]evil[.]example."),
            ("(evil.example/x)", "(evil[.]example/x)"),
            (
                "https://notes.acme.example@evil.example/",
                "https: //notes[.]acme[.]example@evil[.]example/",
            ),
            (
                "https://notes.acme.example.evil.example/",
                "https: //notes[.]acme[.]example[.]evil[.]example/",
            ),
            (
                "https://notes.acme.example\\@evil.example",
                "https: //notes[.]acme[.]example\\@evil[.]example",
            ),
            ("javascript://notes", "javascript: //notes"),
            ("http://пример.рф/", "http: //пример[.]рф/"),
            ("пример.рф", "пример[.]рф"),
            ("xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd[.]xn--p1ai"),
            (
                "https://notes.acme.example/n/1?x=1",
                "https://notes.acme.example/n/1?x=1",
            ),
            ("notes.acme.example:443/n", "notes.acme.example:443/n"),
            ("write to lee@acme.example", "write to lee@acme.example"),
            ("Yes. Version 2.5, at 14.30 h.", "Yes. Version 2.5, at 14.30 h."),
            ("line one\nline two", "line one\nline two"),
        ] {
            assert_eq!(defang(text, &hosts), shown, "{text}");
        }
    }

    #[test]
    fn wrapping_keeps_words_whole() {
        let long = "x".repeat(100);
        assert_eq!(wrap(&format!("a b {long} c")), format!("a b\n{long}\nc"));
        assert_eq!(wrap("a  b\n\nc"), "a b\n\nc");
        assert!(wrap(&"word ".repeat(60)).lines().all(|line| line.len() <= 76));
        assert_eq!(quote("a\n\nb"), "> a\n>\n> b");
        assert!(
            quote(&"word ".repeat(60))
                .lines()
                .all(|line| line.len() <= 76 && line.starts_with("> "))
        );
    }
}
