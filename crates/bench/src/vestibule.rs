//! Vestibule as an operator runs it: a configuration, an app, `serve`, and guests who sign in with a code.

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use crate::{
    ceiling::REDIRECT_URI,
    http::{BenchConnection, HttpAnswer, HttpAsk},
    mail::Mailboxes,
    process::{MeasuredServer, free_port},
    target::{Target, basic},
};

/// What guests see in their address bar; a proxy would stand there.
const ISSUER: &str = "https://login.bench.test";
const CLIENT: &str = "notes";
/// So high that none is reached.
const LIMITS: [&str; 14] = [
    "mails_per_address_hour",
    "mails_per_address_day",
    "mails_per_network_hour",
    "mails_per_site_hour",
    "mails_per_domain_hour",
    "mails_everywhere_hour",
    "mails_per_device_hour",
    "wrong_per_address_hour",
    "wrong_per_address_day",
    "wrong_per_network_hour",
    "wrong_per_site_hour",
    "wrong_per_device_hour",
    "wrong_everywhere_hour",
    "sign_ins_per_network_hour",
];

/// Starts it on an empty database, with `guests` who have signed in.
pub(crate) async fn start(
    binary: &Path,
    (name, database): (&'static str, Option<&str>),
    algorithm: &str,
    guests: usize,
) -> Result<Target> {
    let (directory, port, mailboxes) = (tempfile::tempdir()?, free_port()?, Mailboxes::default());
    let file = directory.path().join("bench.toml");
    run(binary, &["config", "init", &directory.path().to_string_lossy()])?;
    let text = configuration(directory.path(), port, mailboxes.open().await?, database);
    std::fs::write(&file, text)?;
    let file = file.to_string_lossy().into_owned();
    run(binary, &["-c", &file, "migrate", "up"])?;
    let app = [
        "-c",
        &file,
        "-o",
        "json",
        "app",
        "add",
        CLIENT,
        "--redirect-uri",
        REDIRECT_URI,
        "--access",
        "any-guest",
        "--offline-access",
        "--alg",
        algorithm,
    ];
    let app: serde_json::Value = serde_json::from_str(&run(binary, &app)?)?;
    let secret = app["client_secret"].as_str().context("no secret")?;
    let mut command = Command::new(binary);
    let log = directory.path().join("serve.log");
    command
        .args(["-c", &file, "serve"])
        .stdin(Stdio::null())
        .stderr(std::fs::File::create(&log)?);
    let server = MeasuredServer::start(command, port, "/.well-known/openid-configuration").await;
    let server = server.with_context(|| std::fs::read_to_string(&log).unwrap_or_default())?;
    let mut target = Target {
        name,
        server,
        client_id: CLIENT,
        basic: basic(CLIENT, secret),
        redirect_uri: REDIRECT_URI,
        sessions: Vec::new(),
        mailboxes: Some(mailboxes),
        _directory: directory,
    };
    for guest in 0..guests {
        let mut visitor = GuestBrowser::new(target.server.port);
        visitor
            .sign_in(&target, &format!("guest{guest}@contoso.test"))
            .await?;
        target.sessions.push(visitor.cookies());
    }
    Ok(target)
}

fn configuration(directory: &Path, port: u16, mail: u16, database: Option<&str>) -> String {
    let directory = directory.display();
    let database = database.map_or_else(|| format!("sqlite:{directory}/bench.db"), str::to_owned);
    let limits: Vec<String> = LIMITS.iter().map(|name| format!("{name} = 1000000")).collect();
    format!(
        "public_url = \"{ISSUER}\"\n[organisation]\nname = \"Acme\"\n[server]\nlisten = \"127.0.0.1:{port}\"\n\
         [database]\nurl = \"{database}\"\n[secrets]\nmaster_key = \"file:{directory}/master.key\"\n\
         [mail]\nfrom = \"Acme <signin@acme.test>\"\n[mail.smtp]\nurl = \"smtp+plain://127.0.0.1:{mail}\"\n\
         [log]\nfilter = \"error\"\n[limits]\n{}\n",
        limits.join("\n")
    )
}

/// Runs a command to its end; what it printed.
fn run(binary: &Path, arguments: &[&str]) -> Result<String> {
    let done = Command::new(binary).args(arguments).stdin(Stdio::null()).output();
    let done = done.with_context(|| format!("{} cannot be run", binary.display()))?;
    let told = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "{arguments:?}: {told}");
    Ok(String::from_utf8(done.stdout)?)
}

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
    fn cookies(&self) -> String {
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
            let path = location.strip_prefix(ISSUER).unwrap_or(&location);
            answer = self.open(path, None).await?;
        }
        anyhow::bail!("{path} leads in circles")
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
