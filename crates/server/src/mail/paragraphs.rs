//! A mail of plain paragraphs, the first of which says what it is about.

use askama::Template;
use domain::Language;

use super::{
    field::FieldError,
    messages::{Content, House, content},
};

#[derive(Template)]
#[template(path = "mail/paragraphs.txt")]
struct PlainParagraphs<'a> {
    m: &'a ParagraphParts<'a>,
}

#[derive(Template)]
#[template(path = "mail/paragraphs.html")]
struct HtmlParagraphs<'a> {
    m: &'a ParagraphParts<'a>,
}

struct ParagraphParts<'a> {
    language: Language,
    organisation: &'a str,
    subject: String,
    paragraphs: &'a [String],
    link: Option<LetterLink<'a>>,
}

/// A link behind the first paragraph.
#[derive(Clone, Copy)]
pub(super) struct LetterLink<'a> {
    /// Its words, where a mail can show them.
    pub(super) words: &'a str,
    /// Where it leads.
    pub(super) url: &'a str,
}

/// The mail with these paragraphs.
pub(super) fn letter(house: &House<'_>, subject: &str, paragraphs: &[String]) -> Result<Content, FieldError> {
    letter_with_link(house, subject, paragraphs, None)
}

/// The same with a link.
pub(super) fn letter_with_link(
    house: &House<'_>,
    subject: &str,
    paragraphs: &[String],
    link: Option<LetterLink<'_>>,
) -> Result<Content, FieldError> {
    let parts = ParagraphParts {
        language: house.language,
        organisation: house.organisation,
        subject: subject.to_owned(),
        paragraphs,
        link,
    };
    content(
        house.language,
        parts.subject.clone(),
        &PlainParagraphs { m: &parts },
        &HtmlParagraphs { m: &parts },
    )
}
