//! A guest's browser: cookies, redirects, and the forms of the pages.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

use crate::{
    ceiling::REDIRECT_URI,
    http::{BenchConnection, HttpAnswer, HttpAsk},
    installation::ISSUER,
    target::Target,
};

/// A guest's browser.
pub(crate) struct GuestBrowser {
    connection: BenchConnection,
    jar: BTreeMap<String, String>,
}

impl GuestBrowser {
    pub(crate) fn new(port: u16) -> Self {
        Self {
            connection: BenchConnection::new(port),
            jar: BTreeMap::new(),
        }
    }

    /// Its cookies, as a request brings them.
    pub(crate) fn cookies(&self) -> String {
        let pairs: Vec<String> = self
            .jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    async fn open(&mut self, path: &str, form: Option<&str>) -> Result<HttpAnswer> {
        let headers = format!(
            "cookie: {}\r\norigin: {ISSUER}\r\nsec-fetch-site: same-origin\r\n",
            self.cookies()
        );
        let ask = HttpAsk {
            path,
            headers: &headers,
            form,
        };
        let answer = self.connection.ask(ask).await?;
        for cookie in &answer.cookies {
            if let Some((name, value)) = cookie.split_once('=') {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(answer)
    }

    /// Opens a page, or sends a form, and follows to the page that comes of it; or to the app, whose address is returned.
    async fn follow(&mut self, path: &str, form: Option<&str>) -> Result<(String, String)> {
        let mut answer = self.open(path, form).await?;
        for _ in 0..8 {
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            let Some(location) = answer.location else {
                ensure!(answer.status == 200, "{path}: {} {body}", answer.status);
                return Ok((String::new(), body));
            };
            if location.starts_with(REDIRECT_URI) {
                return Ok((location, body));
            }
            answer = self.open(path_of(&location), None).await?;
        }
        anyhow::bail!("{path} leads in circles")
    }

    /// A sign-in that asks nothing.
    pub(crate) async fn pass_through(&mut self, target: &Target) -> Result<()> {
        let (path, _) = crate::scenario::authorization(target)?;
        let (location, page) = self.follow(&path, None).await?;
        ensure!(location.contains("code="), "no code in {location}: {page}");
        Ok(())
    }

    /// A whole sign-in with an emailed code, from the app's request to the address at the app.
    pub(crate) async fn sign_in(&mut self, target: &Target, address: &str) -> Result<String> {
        let mailboxes = target.mailboxes.as_ref().context("this server mails nothing")?;
        let (path, _) = crate::scenario::authorization(target)?;
        let (_, page) = self.follow(&path, None).await?;
        let (action, form) = filled(&page, "email", address)?;
        let (_, page) = self.follow(&action, Some(&form)).await?;
        let code = mailboxes.code(address).await;
        let (action, form) = filled(&page, "code", &code)?;
        let (location, page) = self.follow(&action, Some(&form)).await?;
        if !location.is_empty() {
            return Ok(location);
        }
        // The page that leads on to the app.
        let start = page
            .find(REDIRECT_URI)
            .with_context(|| format!("no way to the app: {page}"))?;
        let end = page[start..].find('"').context("the address has no end")?;
        Ok(page[start..start + end]
            .replace("&#38;", "&")
            .replace("&amp;", "&"))
    }
}

/// Of an address here, its path.
pub(crate) fn path_of(address: &str) -> &str {
    let Some((_, rest)) = address.split_once("://") else {
        return address;
    };
    rest.find('/').map_or("/", |start| &rest[start..])
}

/// The form of a page that has such a field: where it is sent, and what.
fn filled(page: &str, field: &str, value: &str) -> Result<(String, String)> {
    let place = page
        .find(&format!("name=\"{field}\""))
        .with_context(|| format!("no {field} in {page}"))?;
    let start = page[..place].rfind("<form").context("no form")?;
    let end = page[place..].find("</form>").context("the form has no end")? + place;
    let form = &page[start..end];
    let after = |text: &str, mark: &str| -> Option<String> {
        let rest = &text[text.find(mark)? + mark.len()..];
        Some(rest[..rest.find('"')?].to_owned())
    };
    let action = after(form, "action=\"").context("no action")?;
    let csrf = after(form, "name=\"csrf\" value=\"").context("no csrf token")?;
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("csrf", &csrf)
        .append_pair(field, value)
        .finish();
    Ok((action, body))
}
