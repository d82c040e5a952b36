//! A page as a person would read it: its texts, its links, its forms.

use anyhow::{Context, Result, bail};
use http::{HeaderMap, StatusCode, header};
use scraper::{ElementRef, Html, Selector};
use url::Url;

/// What was answered, after all redirects.
#[derive(Clone, Debug)]
pub struct BrowserPage {
    /// Where the browser rests.
    pub url: Url,
    /// The addresses it was sent through, the last one excluded.
    pub hops: Vec<Url>,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

/// A form of a page, as the browser would submit it untouched.
#[derive(Clone, Debug)]
pub struct PageForm {
    /// Where to.
    pub action: Url,
    /// Whether it is posted.
    pub post: bool,
    /// Names and values.
    pub fields: Vec<(String, String)>,
    /// The names of those that the person sees.
    pub shown: Vec<String>,
    /// The text of its first button.
    pub button: String,
}

impl BrowserPage {
    pub(super) fn redirect(&self) -> Result<Option<Url>> {
        if !self.status.is_redirection() {
            return Ok(None);
        }
        let location = self
            .headers
            .get(header::LOCATION)
            .and_then(|value| value.to_str().ok());
        let Some(location) = location else { return Ok(None) };
        self.url
            .join(location)
            .map(Some)
            .with_context(|| format!("a redirect to nowhere: {location}"))
    }

    /// The text of everything that matches a CSS selector, white space folded.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let document = Html::parse_document(&self.body);
        let Some(selector) = select(selector) else {
            return Vec::new();
        };
        document.select(&selector).map(|element| fold(&element)).collect()
    }

    /// The text of the first element that matches.
    pub fn text(&self, selector: &str) -> Option<String> {
        self.texts(selector).into_iter().next()
    }

    /// Whether anything matches.
    pub fn has(&self, selector: &str) -> bool {
        !self.texts(selector).is_empty()
    }

    /// The whole page's text, white space folded.
    pub fn all_text(&self) -> String {
        self.text("body").unwrap_or_default()
    }

    /// An attribute of the first element that matches a CSS selector.
    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let document = Html::parse_document(&self.body);
        document
            .select(&select(selector)?)
            .next()?
            .attr(name)
            .map(str::to_owned)
    }

    /// The page's title.
    pub fn title(&self) -> String {
        self.text("title").unwrap_or_default()
    }

    /// Where the first link goes whose text contains `text`.
    pub fn link(&self, text: &str) -> Result<Url> {
        let document = Html::parse_document(&self.body);
        let links = select("a[href]").context("a selector")?;
        let found = document.select(&links).find(|link| fold(link).contains(text));
        let href = found.and_then(|link| link.attr("href"));
        let href = href.with_context(|| format!("no link «{text}» on the page «{}»", self.title()))?;
        Ok(self.url.join(href)?)
    }

    /// The page's forms, in order, and then what buttons send elsewhere that stand outside their form.
    pub fn forms(&self) -> Vec<PageForm> {
        let document = Html::parse_document(&self.body);
        let (Some(forms), Some(buttons)) = (select("form"), select("button[form][formaction]")) else {
            return Vec::new();
        };
        let mut found: Vec<PageForm> = document
            .select(&forms)
            .filter_map(|form| PageForm::read(&form, &self.url))
            .collect();
        let elsewhere = document.select(&buttons).filter_map(|button| {
            let owner = select(&format!("form#{}", button.attr("form")?))?;
            let form = PageForm::read(&document.select(&owner).next()?, &self.url)?;
            Some(PageForm {
                action: self.url.join(button.attr("formaction")?).ok()?,
                shown: Vec::new(),
                button: fold(&button),
                ..form
            })
        });
        found.extend(elsewhere);
        found
    }

    /// The form that shows a field of that name, or whose button says so, or that has such a field.
    pub fn form(&self, which: &str) -> Result<PageForm> {
        let forms = self.forms();
        let found = forms
            .iter()
            .find(|form| form.shown.iter().any(|name| name == which))
            .or_else(|| forms.iter().find(|form| form.button.contains(which)))
            .or_else(|| {
                let has = |form: &&PageForm| form.fields.iter().any(|(name, _)| name == which);
                forms.iter().find(has)
            });
        match found {
            Some(form) => Ok(form.clone()),
            None => bail!(
                "no form «{which}» on the page «{}» ({}); there is: {:?}",
                self.title(),
                self.status,
                forms.iter().map(|form| form.button.clone()).collect::<Vec<_>>()
            ),
        }
    }
}

impl PageForm {
    fn read(form: &ElementRef<'_>, page: &Url) -> Option<Self> {
        let inputs = select("input, textarea, select")?;
        let button = form.select(&select("button, input[type=submit]")?).next();
        let mut fields: Vec<(String, String)> =
            form.select(&inputs).filter_map(|input| field(&input)).collect();
        if let Some((name, value)) = button.and_then(|b| Some((b.attr("name")?, b.attr("value")?))) {
            fields.push((name.to_owned(), value.to_owned()));
        }
        let shown = form
            .select(&inputs)
            .filter(|input| input.attr("type") != Some("hidden"))
            .filter_map(|input| input.attr("name").map(str::to_owned));
        Some(Self {
            action: page.join(form.attr("action").unwrap_or_default()).ok()?,
            post: form
                .attr("method")
                .is_some_and(|method| method.eq_ignore_ascii_case("post")),
            fields,
            shown: shown.collect(),
            button: button.map(|button| fold(&button)).unwrap_or_default(),
        })
    }

    /// The form with some fields filled in.
    #[must_use]
    pub fn with(mut self, fields: &[(&str, &str)]) -> Self {
        for (name, value) in fields {
            self.fields.retain(|(known, _)| known != name);
            self.fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        self
    }
}

fn field(input: &ElementRef<'_>) -> Option<(String, String)> {
    let name = input.attr("name")?.to_owned();
    let value = match input.attr("type") {
        Some("submit" | "button" | "image") => return None,
        Some("checkbox" | "radio") if input.attr("checked").is_none() => return None,
        Some("checkbox" | "radio") => input.attr("value").unwrap_or("on").to_owned(),
        _ if input.value().name() == "textarea" => input.text().collect(),
        _ => input.attr("value").unwrap_or_default().to_owned(),
    };
    Some((name, value))
}

fn fold(element: &ElementRef<'_>) -> String {
    element
        .text()
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn select(selector: &str) -> Option<Selector> {
    Selector::parse(selector).ok()
}
