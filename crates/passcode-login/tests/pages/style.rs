//! The sheet: colours that can be read (WCAG 1.4.3, 1.4.6, 1.4.11), no motion, right-to-left without a second one.

use std::collections::BTreeMap;

const SHEET: &str = include_str!("../../../../static/vestibule.css");

type Colours = BTreeMap<&'static str, (f64, f64, f64)>;

/// The colours of the light scheme, and of the dark one.
fn schemes() -> [Colours; 2] {
    let (light, dark) = SHEET.split_once("prefers-color-scheme: dark").unwrap();
    let read = |text: &'static str| -> Colours {
        text.lines()
            .filter_map(|line| {
                line.trim()
                    .strip_prefix("--")?
                    .strip_suffix(';')?
                    .split_once(": #")
            })
            .map(|(name, hex)| {
                let part = |at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
                (name, (part(0), part(2), part(4)))
            })
            .collect()
    };
    [read(light), read(dark)]
}

fn luminance((r, g, b): (f64, f64, f64)) -> f64 {
    let linear = |c: f64| {
        if c <= 0.04045 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

fn contrast(colours: &Colours, one: &str, other: &str) -> f64 {
    let (a, b) = (luminance(colours[one]), luminance(colours[other]));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn colours_can_be_read_in_both_schemes() {
    for colours in schemes() {
        assert_eq!(colours.len(), 11, "every colour is set in both");
        for (front, back, least) in [
            ("text", "card", 7.0),
            ("text", "page", 7.0),
            ("text", "error-back", 7.0),
            ("text", "note-back", 7.0),
            ("quiet", "card", 7.0),
            ("quiet", "page", 7.0),
            ("error", "card", 7.0),
            ("error", "error-back", 7.0),
            ("accent", "card", 7.0),
            ("accent", "page", 7.0),
            ("accent", "note-back", 4.5),
            ("on-accent", "accent", 7.0),
            ("line", "card", 3.0),
            ("accent", "error-back", 3.0),
        ] {
            let found = contrast(&colours, front, back);
            assert!(found >= least, "{front} on {back}: {found:.2}");
        }
    }
}

#[test]
fn no_motion_no_sides_nothing_from_elsewhere() {
    for word in [
        "animation",
        "transition",
        "@import",
        "url(",
        "http",
        "-left",
        "-right",
        "left:",
        "right:",
        "width:",
        "height:",
        "!important",
        "position: fixed",
        "position: sticky",
    ] {
        let found: Vec<&str> = SHEET
            .lines()
            .filter(|line| !line.starts_with("/*"))
            .filter(|line| line.contains(word) && !line.contains("line-height") && !line.contains("outline"))
            .collect();
        assert!(found.is_empty(), "{word}: {found:?}");
    }
}

#[test]
fn targets_are_large_enough() {
    // 2.75 rem are 44 px.
    let fields = "input[type=email], input[type=text], input[type=date], select, textarea {";
    for rule in ["button, .button {", fields] {
        let block = SHEET.split_once(rule).unwrap().1.split_once('}').unwrap().0;
        assert!(block.contains("min-block-size: 3rem"), "{rule}");
    }
    for rule in ["summary {", ".tap {", "footer a, footer [aria-current] {"] {
        let block = SHEET.split_once(rule).unwrap().1.split_once('}').unwrap().0;
        assert!(block.contains("min-block-size: 2.75rem"), "{rule}");
    }
    assert!(SHEET.contains("outline: 3px solid"), "the focus can be seen");
}
