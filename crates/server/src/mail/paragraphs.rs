//! A letter of plain paragraphs, the first of which says what it is about.

use askama::Template;
use domain::Language;

use super::{
    field::FieldError,
    messages::{Content, House, content},
};

#[derive(Template)]
#[template(path = "mail/paragraphs.txt")]
struct Text<'a> {
    m: &'a Parts<'a>,
}

#[derive(Template)]
#[template(path = "mail/paragraphs.html")]
struct Html<'a> {
    m: &'a Parts<'a>,
}

struct Parts<'a> {
    language: Language,
    organisation: &'a str,
    subject: String,
    paragraphs: &'a [String],
}

/// Such a letter.
pub(super) fn letter(house: &House<'_>, subject: &str, paragraphs: &[String]) -> Result<Content, FieldError> {
    let parts = Parts {
        language: house.language,
        organisation: house.organisation,
        subject: subject.to_owned(),
        paragraphs,
    };
    content(
        house.language,
        parts.subject.clone(),
        &Text { m: &parts },
        &Html { m: &parts },
    )
}
