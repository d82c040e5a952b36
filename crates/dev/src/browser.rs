//! A browser without a screen or scripts: cookies, redirects, forms. `demo --check` plays the story with it, the flow tests use it
//! as well, and the tests of the pages read by it what their router answers.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result, ensure};
use http::{HeaderMap, header};
use url::Url;

mod page;

pub use page::{BrowserPage, PageForm};

/// One person's browser.
pub struct TextBrowser {
    http: reqwest::Client,
    /// By host: like real browsers, cookies ignore the port (RFC 6265 §8.5).
    jar: BTreeMap<String, BTreeMap<String, String>>,
    /// Headers added to every request, such as `Accept-Language`.
    pub headers: HeaderMap,
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
        if let Some(cookies) = self.jar.get(&host).and_then(cookie_header) {
            request = request.header(header::COOKIE, cookies);
        }
        let response = request
            .send()
            .await
            .with_context(|| format!("asking {}", without_query(url)))?;
        let (status, headers) = (response.status(), response.headers().clone());
        keep_cookies(self.jar.entry(host).or_default(), &headers);
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
}

/// Keeps the cookies that an answer sets, by their names, and forgets those that it takes back.
pub fn keep_cookies(cookies: &mut BTreeMap<String, String>, headers: &HeaderMap) {
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
            cookies.remove(name);
        } else {
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// The header that brings cookies back; `None` when there are none.
pub fn cookie_header(cookies: &BTreeMap<String, String>) -> Option<String> {
    let pairs: Vec<String> = cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    (!pairs.is_empty()).then(|| pairs.join("; "))
}

/// Queries carry codes and states: they stay out of error messages.
fn without_query(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.to_string()
}
