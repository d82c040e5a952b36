//! A page as a browser shows it: its texts, its forms, its headers.

use http::{HeaderMap, StatusCode, header};
use scraper::{ElementRef, Html, Selector};

/// What a browser shows.
pub(crate) struct Page {
    pub(crate) path: String,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) length: usize,
    pub(crate) body: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
    /// The fields that a guest sees.
    shown: Vec<String>,
    pub(crate) button: String,
}

impl Page {
    /// Where a 303 leads.
    pub(crate) fn goes_to(&self) -> String {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}: {}", self.path, self.body);
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

    /// The text of everything that matches, white space folded.
    pub(crate) fn text(&self, selector: &str) -> String {
        let (document, selector) = (Html::parse_document(&self.body), select(selector));
        let found: Vec<String> = document.select(&selector).map(|element| fold(&element)).collect();
        found.join(" | ")
    }

    pub(crate) fn title(&self) -> String {
        self.text("title")
    }

    pub(crate) fn has(&self, selector: &str) -> bool {
        Html::parse_document(&self.body)
            .select(&select(selector))
            .next()
            .is_some()
    }

    pub(crate) fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let (document, selector) = (Html::parse_document(&self.body), select(selector));
        let element = document.select(&selector).next()?;
        element.attr(name).map(str::to_owned)
    }

    pub(crate) fn forms(&self) -> Vec<Form> {
        let (document, selector) = (Html::parse_document(&self.body), select("form"));
        let mut forms: Vec<Form> = document.select(&selector).map(|form| Form::read(&form)).collect();
        // A button that stands elsewhere sends a form to a place of its own.
        for button in document.select(&select("button[form][formaction]")) {
            let owner = select(&format!("form#{}", button.attr("form").unwrap()));
            let form = Form::read(&document.select(&owner).next().unwrap());
            forms.push(Form {
                action: button.attr("formaction").unwrap().to_owned(),
                shown: Vec::new(),
                button: fold(&button),
                ..form
            });
        }
        forms
    }

    /// The form that shows a field of that name, or whose button says so.
    pub(crate) fn form(&self, which: &str) -> Form {
        let forms = self.forms();
        let found = forms
            .iter()
            .find(|form| form.shown.iter().any(|name| name == which))
            .or_else(|| forms.iter().find(|form| form.button.contains(which)));
        found
            .cloned()
            .unwrap_or_else(|| panic!("no form «{which}» at {}: {}", self.path, self.body))
    }
}

impl Form {
    fn read(form: &ElementRef<'_>) -> Self {
        let (inputs, buttons) = (select("input"), select("button"));
        let sent = form
            .select(&inputs)
            .filter(|input| input.attr("type") != Some("checkbox") || input.attr("checked").is_some())
            .filter_map(|input| {
                let value = input.attr("value").unwrap_or_default().to_owned();
                Some((input.attr("name")?.to_owned(), value))
            });
        let shown = form
            .select(&inputs)
            .filter(|input| input.attr("type") != Some("hidden"))
            .filter_map(|input| input.attr("name").map(str::to_owned));
        let button = form.select(&buttons).next();
        Self {
            action: form.attr("action").unwrap_or_default().to_owned(),
            fields: sent.collect(),
            shown: shown.collect(),
            button: button.map(|button| fold(&button)).unwrap_or_default(),
        }
    }
}

fn fold(element: &ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn select(selector: &str) -> Selector {
    Selector::parse(selector).unwrap()
}
