//! The mail of `vestibule mail test`. Its arrival shows that mail leaves and arrives.

use web::texts::fill;

use super::{
    field::{FieldError, line},
    messages::{Content, House},
    paragraphs::letter,
};

/// What it says. It holds no link and no code.
#[derive(Clone, Copy, Debug)]
pub struct TestMail<'a> {
    /// Who writes.
    pub house: House<'a>,
}

impl TestMail<'_> {
    /// What it says.
    ///
    /// # Errors
    ///
    /// A name that fits in no mail.
    pub fn content(&self) -> Result<Content, FieldError> {
        let t = &web::texts::Texts::of(self.house.language).mail;
        let values = [
            ("organisation", line("organisation", self.house.organisation)?),
            ("host", self.house.host),
        ];
        letter(
            &self.house,
            &fill(t.test_subject, &values),
            &[t.test_lead, t.test_headers].map(|text| fill(text, &values)),
        )
    }
}
