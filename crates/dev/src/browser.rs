//! A browser without a screen or scripts: cookies, redirects, forms. `demo --check` plays the story with it,
//! and the flow tests use it as well.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use http::{HeaderMap, StatusCode, header};
use scraper::{ElementRef, Html, Selector};
use url::Url;

/// One person's browser.
pub struct TextBrowser {
    http: reqwest::Client,
    /// By host: like real browsers, cookies ignore the port (RFC 6265 §8.5).
    jar: BTreeMap<String, BTreeMap<String, String>>,
    /// Headers added to every request, such as `Accept-Language`.
    pub headers: HeaderMap,
}

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
    /// The text of its first button.
    pub button: String,
}

impl TextBrowser {
    /// A fresh one.
    pub fn new() -> Result<Self> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30))
            .build()
            .context("building the HTTP client")?;
        Ok(Self {
            http,
            jar: BTreeMap::new(),
            headers: HeaderMap::new(),
        })
    }

    /// Opens an address and follows redirects.
    pub async fn get(&mut self, url: &str) -> Result<BrowserPage> {
        let url = Url::parse(url).with_context(|| format!("not an address: {url}"))?;
        self.follow(url, None).await
    }

    /// Submits a form of `page`: the first whose button or fields answer to `which`, with `fields` filled in.
    pub async fn submit(
        &mut self,
        page: &BrowserPage,
        which: &str,
        fields: &[(&str, &str)],
    ) -> Result<BrowserPage> {
        let form = page.form(which)?.with(fields);
        self.send(form).await
    }

    /// Submits a form as it is.
    pub async fn send(&mut self, form: PageForm) -> Result<BrowserPage> {
        if form.post {
            return self.follow(form.action, Some(form.fields)).await;
        }
        let mut url = form.action;
        url.query_pairs_mut().clear().extend_pairs(&form.fields);
        self.follow(url, None).await
    }

    /// A cookie's value.
    pub fn cookie(&self, host: &str, name: &str) -> Option<&str> {
        self.jar.get(host)?.get(name).map(String::as_str)
    }

    /// Sets a cookie, as a test that steals one would.
    pub fn set_cookie(&mut self, host: &str, name: &str, value: &str) {
        self.jar
            .entry(host.to_owned())
            .or_default()
            .insert(name.to_owned(), value.to_owned());
    }

    /// Forgets every cookie.
    pub fn forget(&mut self) {
        self.jar.clear();
    }

    async fn follow(&mut self, mut url: Url, mut form: Option<Vec<(String, String)>>) -> Result<BrowserPage> {
        let mut hops = Vec::new();
        loop {
            let visit = self.once(&url, form.as_deref()).await?;
            let Some(next) = visit.redirect()? else {
                return Ok(BrowserPage { hops, ..visit });
            };
            ensure!(hops.len() < 12, "too many redirects, the last to {next}");
            hops.push(std::mem::replace(&mut url, next));
            form = None;
        }
    }

    /// One request, redirects not followed.
    pub async fn once(&mut self, url: &Url, form: Option<&[(String, String)]>) -> Result<BrowserPage> {
        let mut request = match form {
            Some(fields) => self.http.post(url.clone()).form(fields),
            None => self.http.get(url.clone()),
        };
        request = request.headers(self.headers.clone());
        let host = url.host_str().unwrap_or_default().to_owned();
        if let Some(cookies) = self.jar.get(&host).filter(|cookies| !cookies.is_empty()) {
            let line: Vec<String> = cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header(header::COOKIE, line.join("; "));
        }
        let response = request
            .send()
            .await
            .with_context(|| format!("asking {}", without_query(url)))?;
        let (status, headers) = (response.status(), response.headers().clone());
        self.keep_cookies(&host, &headers);
        let body = response
            .text()
            .await
            .with_context(|| format!("reading the answer of {}", without_query(url)))?;
        Ok(BrowserPage {
            url: url.clone(),
            hops: Vec::new(),
            status,
            headers,
            body,
        })
    }

    fn keep_cookies(&mut self, host: &str, headers: &HeaderMap) {
        let jar = self.jar.entry(host.to_owned()).or_default();
        for line in headers
            .get_all(header::SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
        {
            let Some((name, rest)) = line.split_once('=') else {
                continue;
            };
            let (value, attributes) = rest.split_once(';').unwrap_or((rest, ""));
            let removed = attributes
                .split(';')
                .any(|attribute| attribute.trim().eq_ignore_ascii_case("max-age=0"));
            if removed {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl BrowserPage {
    fn redirect(&self) -> Result<Option<Url>> {
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

    /// The text of the first element that matches a CSS selector, white space folded.
    pub fn text(&self, selector: &str) -> Option<String> {
        let document = Html::parse_document(&self.body);
        let found = document.select(&select(selector)?).next()?;
        Some(fold(&found))
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

    /// The page's forms, in order.
    pub fn forms(&self) -> Vec<PageForm> {
        let document = Html::parse_document(&self.body);
        let (Some(forms), Some(inputs), Some(buttons)) = (
            select("form"),
            select("input, textarea, select"),
            select("button, input[type=submit]"),
        ) else {
            return Vec::new();
        };
        document
            .select(&forms)
            .filter_map(|form| {
                let button = form.select(&buttons).next();
                let mut fields: Vec<(String, String)> =
                    form.select(&inputs).filter_map(|input| field(&input)).collect();
                if let Some((name, value)) = button.and_then(|b| Some((b.attr("name")?, b.attr("value")?))) {
                    fields.push((name.to_owned(), value.to_owned()));
                }
                Some(PageForm {
                    action: self.url.join(form.attr("action").unwrap_or_default()).ok()?,
                    post: form
                        .attr("method")
                        .is_some_and(|method| method.eq_ignore_ascii_case("post")),
                    fields,
                    button: button.map(|button| fold(&button)).unwrap_or_default(),
                })
            })
            .collect()
    }

    /// The first form whose button says `which`, or that has a field of that name.
    pub fn form(&self, which: &str) -> Result<PageForm> {
        let forms = self.forms();
        let found = forms
            .iter()
            .find(|form| form.button.contains(which) || form.fields.iter().any(|(name, _)| name == which));
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

/// Queries carry codes and states: they stay out of error messages.
fn without_query(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.to_string()
}
