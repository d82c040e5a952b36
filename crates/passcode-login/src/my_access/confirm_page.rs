//! A page that says what a button does, before it is pressed.

use askama::Template;
use web::{Frame, csrf::Form, texts::Markup};

/// `templates/sign_in/my_access_confirm.html`.
#[derive(Template)]
#[template(path = "sign_in/my_access_confirm.html")]
pub(crate) struct ConfirmPage {
    pub(super) frame: Frame,
    pub(super) title: String,
    pub(super) says: Vec<Markup>,
    pub(super) button: &'static str,
    pub(super) form: Form,
}

#[cfg(test)]
impl ConfirmPage {
    /// Of giving up an app, and of taking one's data along.
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        use test_support::samples;

        let form = |action: &str| Form::of_session(&samples::secret(), action);
        vec![
            super::leave_app::page(frame.clone(), &samples::app(), form("/me/apps/notes/leave")),
            super::data::page(frame.clone(), form(web::routes::MY_DATA)),
        ]
    }
}
