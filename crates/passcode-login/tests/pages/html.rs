//! A page as its router answered it: what a browser shows, and what it was told.

use std::ops::Deref;

use dev::browser::{BrowserPage, PageForm};
use http::{StatusCode, header};

/// What a browser shows.
pub(crate) struct Page {
    pub(crate) shown: BrowserPage,
    /// How many bytes came, compressed where they were.
    pub(crate) length: usize,
}

impl Deref for Page {
    type Target = BrowserPage;

    fn deref(&self) -> &BrowserPage {
        &self.shown
    }
}

impl Page {
    /// Where a 303 leads.
    pub(crate) fn goes_to(&self) -> String {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}: {}", self.url, self.body);
        self.header("location").to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn set_cookie(&self, name: &str) -> Option<String> {
        self.headers
            .get_all(header::SET_COOKIE)
            .iter()
            .map(|value| value.to_str().unwrap().to_owned())
            .find(|line| line.starts_with(name))
    }

    /// The page of a sign-in whose app has its answer.
    pub(crate) fn assert_answered(&self) {
        assert_eq!(self.status, StatusCode::OK, "{}: {}", self.url, self.body);
        assert!(self.text("h1").contains("already signed in"), "{}", self.body);
    }

    /// The text of everything that matches.
    pub(crate) fn text(&self, selector: &str) -> String {
        self.texts(selector).join(" | ")
    }

    /// The form that shows a field of that name, or whose button says so.
    pub(crate) fn form(&self, which: &str) -> PageForm {
        self.shown.form(which).unwrap()
    }
}
