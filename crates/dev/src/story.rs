//! The story of the demo, played over HTTP against the running servers: Lee shares a note with Anna, and Anna
//! comes in. Nothing here reaches into the process; whatever passes would pass for a person with a browser.

mod asks;

use std::time::Duration;

use anyhow::{Context, Result};
use domain::{EmailAddress, Secret};
use serde_json::{Value, json};
use url::Url;

use crate::{
    browser::{BrowserPage, TextBrowser},
    report::{Checks, StoryReport},
};

const ANNA: &str = "anna@contoso.test";
const NOTE: &str = "Q3 kickoff notes";

/// Where the servers are, and how long they took to be ready.
pub struct Stage {
    /// The provider.
    pub issuer: Url,
    /// Acme Notes.
    pub app: Url,
    /// The app's token for the API.
    pub api_token: Secret,
    /// From the start of the process to the first answer of both.
    pub ready_after: Duration,
}

/// Plays the steps.
pub async fn play(stage: Stage, report: &mut StoryReport) -> Result<()> {
    let mut story = Story::new(stage)?;
    report
        .step(0, "The servers are there", async |checks| story.ready(checks))
        .await?;
    report
        .step(1, "Lee shares a note with Anna", async |checks| {
            story.share(checks).await
        })
        .await?;
    report
        .step(2, "Anna opens the link of the mail", async |checks| {
            story.open_link(checks).await
        })
        .await?;
    report
        .step(3, "Anna asks for a code", async |checks| {
            story.ask_for_code(checks).await
        })
        .await?;
    report
        .step(4, "Anna mistypes, then pastes the code", async |checks| {
            story.type_code(checks).await
        })
        .await?;
    report
        .step(5, "The app shows the note", async |checks| {
            story.read_note(checks).await
        })
        .await?;
    report
        .step(6, "Anna returns in 23 hours, and in 25", async |checks| {
            story.return_later(checks).await
        })
        .await?;
    report
        .step(7, "A code is used too late", async |checks| {
            story.too_late(checks).await
        })
        .await?;
    report
        .step(8, "Lee removes Anna, and shares again", async |checks| {
            story.removed(checks).await
        })
        .await?;
    report
        .step(9, "Contoso gets a sign-in of its own", async |checks| {
            story.moves(checks).await
        })
        .await
}

struct Story {
    stage: Stage,
    anna: TextBrowser,
    http: reqwest::Client,
    /// The page Anna looks at.
    page: Option<BrowserPage>,
    /// Where the mailed link leads.
    link: Option<Url>,
    subject: String,
}

impl Story {
    fn new(stage: Stage) -> Result<Self> {
        Ok(Self {
            stage,
            anna: TextBrowser::new()?,
            http: reqwest::Client::builder()
                .timeout(Duration::from_secs(30))
                .build()?,
            page: None,
            link: None,
            subject: String::new(),
        })
    }

    fn page(&self) -> Result<&BrowserPage> {
        self.page.as_ref().context("Anna looks at no page")
    }

    fn ready(&self, checks: &mut Checks) -> Result<()> {
        let millis = self.stage.ready_after.as_millis();
        checks.that(
            millis < 2_000,
            format!("ready after {millis} ms (less than 2 seconds)"),
        )
    }

    async fn share(&mut self, checks: &mut Checks) -> Result<()> {
        let mut lee = TextBrowser::new()?;
        let front = lee.get(self.stage.app.as_str()).await?;
        checks.that(front.all_text().contains(NOTE), format!("Lee sees «{NOTE}»"))?;
        let shared = lee.submit(&front, "email", &[("email", ANNA)]).await?;
        let text = shared.all_text();
        checks.that(
            text.contains("Invitation sent"),
            "the app says that the invitation was sent",
        )?;
        checks.that(
            text.contains("email code"),
            "and that Anna will sign in with an email code",
        )
    }

    async fn open_link(&mut self, checks: &mut Checks) -> Result<()> {
        let mail = self.mail().await?;
        let subject = text_of(&mail, "Subject");
        checks.that(
            subject.contains("Lee") && subject.contains(NOTE),
            format!("mail: «{subject}»"),
        )?;
        let body = text_of(&mail, "Text");
        let link = body
            .split_whitespace()
            .find(|word| word.starts_with("http"))
            .context("the mail has no link")?;
        let before = self.mail_count().await?;
        let mut scanner = TextBrowser::new()?;
        for _ in 0..2 {
            let page = scanner.get(link).await?;
            for form in page.forms() {
                scanner.send(form).await?;
            }
        }
        checks.that(
            self.mail_count().await? == before && self.me(&mut scanner).await?.is_none(),
            "a mail scanner that opens the link twice and submits what it finds changes nothing",
        )?;
        let page = self.anna.get(link).await?;
        checks.that(
            page.all_text().contains(NOTE),
            "the invitation's page names the note",
        )?;
        let onward = page.link("Continue").or_else(|_| page.link("Acme Notes"))?;
        let page = self.anna.get(onward.as_str()).await?;
        let text = page.all_text();
        let known = EmailAddress::parse(ANNA).is_ok_and(|anna| text.contains(&anna.masked()));
        checks.that(
            known && !page.body.contains(ANNA) && page.url.path().starts_with("/signin/"),
            "the sign-in begins, and knows whom the invitation is for without showing the address to whoever has the link",
        )?;
        self.link = Some(onward);
        self.page = Some(page);
        Ok(())
    }

    async fn ask_for_code(&mut self, checks: &mut Checks) -> Result<()> {
        let before = self.mail_count().await?;
        let page = self.page()?.clone();
        let page = self.anna.submit(&page, "Email me a code", &[]).await?;
        checks.that(page.url.path().ends_with("/code"), "the page asks for the code")?;
        let code = self.code().await?;
        let mail = self.mail().await?;
        checks.that(self.mail_count().await? == before + 1, "one mail was sent")?;
        self.subject = text_of(&mail, "Subject");
        checks.that(
            self.subject.starts_with(&code),
            "the code comes first in its subject",
        )?;
        let text = text_of(&mail, "Text");
        checks.that(
            !text.contains("http://") && !text.contains("https://"),
            "it carries no link",
        )?;
        let reference = page.text(".reference").unwrap_or_default();
        checks.that(
            !reference.is_empty() && text.contains(&reference),
            format!("page and mail show the same reference, {reference}"),
        )?;
        self.page = Some(page);
        Ok(())
    }

    async fn type_code(&mut self, checks: &mut Checks) -> Result<()> {
        let code = self.code().await?;
        let wrong: String = code
            .chars()
            .map(|digit| if digit == '9' { '0' } else { '9' })
            .collect();
        let page = self.page()?.clone();
        let page = self.anna.submit(&page, "code", &[("code", &wrong)]).await?;
        checks.that(
            page.title().starts_with("Error:"),
            format!("title: «{}»", page.title()),
        )?;
        let focused = page.attribute("[role=alert]", "autofocus").is_some();
        checks.that(focused, "the error summary has the focus")?;
        let pasted = format!("{} {}", &code[..4], &code[4..]);
        let page = self.anna.submit(&page, "code", &[("code", &pasted)]).await?;
        checks.that(
            page.all_text().contains("signed in"),
            "the right code, pasted with a space, is accepted",
        )?;
        let (wrong, right) = (self.events("code.wrong").await?, self.events("code.ok").await?);
        checks.that(
            (wrong, right) == (1, 1),
            format!("the audit log has {wrong} wrong attempt and {right} right one"),
        )?;
        self.page = Some(page);
        Ok(())
    }

    async fn read_note(&mut self, checks: &mut Checks) -> Result<()> {
        let page = self.page()?.clone();
        let onward = page.link("Continue")?;
        let page = self.anna.get(onward.as_str()).await?;
        let text = page.all_text();
        checks.that(text.contains(NOTE), "the note is open")?;
        checks.that(
            text.contains(&format!("Signed in as {ANNA}")),
            format!("«Signed in as {ANNA} (guest)»"),
        )?;
        let me = self.anna_me().await?.context("the app knows nobody")?;
        let claims = &me["claims"];
        let issuer = self.stage.issuer.as_str().trim_end_matches('/').to_owned();
        checks.that(
            claims["iss"] == json!(issuer),
            format!("ID token: iss is {issuer}"),
        )?;
        checks.that(claims["aud"].to_string().contains("notes"), "aud is the app")?;
        checks.that(claims["auth_time"].is_number(), "auth_time is there")?;
        checks.that(claims["email_verified"] == json!(true), "email_verified is true")?;
        checks.that(
            claims["amr"] == json!(["otp"]),
            "amr is [\"otp\"]: an emailed code, nothing more",
        )?;
        let made: Vec<String> = me["checks"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(check_name)
            .collect();
        checks.that(made.len() >= 8, format!("the app verified: {}", made.join(", ")))?;
        self.page = Some(page);
        Ok(())
    }

    async fn return_later(&mut self, checks: &mut Checks) -> Result<()> {
        let sub = self.sub().await?;
        self.advance("23h").await?;
        self.forget_app();
        let page = self.anna.get(self.notes().as_str()).await?;
        checks.that(
            page.all_text().contains(NOTE),
            "after 23 hours: no question at all",
        )?;
        self.advance("2h").await?;
        self.forget_app();
        let page = self.anna.get(self.notes().as_str()).await?;
        checks.that(
            page.url.path().starts_with("/signin/"),
            "after 25 hours: the sign-in begins again",
        )?;
        let page = self.anna.submit(&page, "email", &[("email", ANNA)]).await?;
        let code = self.code().await?;
        let page = self.anna.submit(&page, "code", &[("code", &code)]).await?;
        let onward = page.link("Continue")?;
        let page = self.anna.get(onward.as_str()).await?;
        checks.that(page.all_text().contains(NOTE), "a new code opens the note")?;
        checks.that(self.sub().await? == sub, "sub is the same as before")
    }

    async fn too_late(&mut self, checks: &mut Checks) -> Result<()> {
        self.anna.forget();
        let page = self.anna.get(self.notes().as_str()).await?;
        let page = self.anna.submit(&page, "email", &[("email", ANNA)]).await?;
        let sign_in = page.url.path().to_owned();
        let old = self.code().await?;
        self.advance("31m").await?;
        let page = self.anna.submit(&page, "code", &[("code", &old)]).await?;
        let text = page.all_text();
        checks.that(
            text.contains("expired") && text.contains("new one"),
            "«That code has expired. We've emailed you a new one.»",
        )?;
        checks.that(
            page.url.path() == sign_in,
            "in the same sign-in, and the address is not asked for again",
        )?;
        let new = self.code().await?;
        checks.that(new != old, "the new mail has another code")?;
        let page = self.anna.submit(&page, "code", &[("code", &new)]).await?;
        checks.that(page.all_text().contains("signed in"), "which is accepted")?;
        self.page = Some(page);
        Ok(())
    }

    async fn removed(&mut self, checks: &mut Checks) -> Result<()> {
        let page = self.page()?.clone();
        let onward = page.link("Continue")?;
        let page = self.anna.get(onward.as_str()).await?;
        checks.that(page.all_text().contains(NOTE), "Anna reads the note")?;
        let mut lee = TextBrowser::new()?;
        let front = lee.get(self.stage.app.as_str()).await?;
        let shown = lee.submit(&front, "Remove", &[]).await?;
        checks.that(
            shown
                .all_text()
                .contains(&format!("{ANNA} has no access any more")),
            "Lee removes her",
        )?;
        let page = self.anna.get(self.notes().as_str()).await?;
        let text = page.all_text();
        checks.that(
            page.url.as_str().starts_with(&self.at("/"))
                && text.contains("has ended")
                && !text.contains(NOTE),
            "her next request is refused at once, in words: her access has ended",
        )?;
        checks.that(
            self.anna_me().await?.is_none(),
            "the app knows her no more, although she is still signed in at the provider",
        )?;
        let shared = lee.submit(&shown, "email", &[("email", ANNA)]).await?;
        checks.that(
            shared.all_text().contains("Invitation sent"),
            "Lee shares the note with her again",
        )?;
        let page = self.anna.get(self.notes().as_str()).await?;
        checks.that(
            page.all_text().contains(NOTE),
            "and she is in, without another question",
        )?;
        self.page = Some(page);
        Ok(())
    }

    async fn moves(&mut self, checks: &mut Checks) -> Result<()> {
        let before = self.sub().await?;
        let mut operator = TextBrowser::new()?;
        let front = operator.get(&self.at("/dev/contoso")).await?;
        let connected = operator.submit(&front, "Connect Contoso", &[]).await?;
        checks.that(
            connected.all_text().contains("Connected"),
            "contoso.test is federated",
        )?;
        self.anna.forget();
        let page = self.anna.get(self.notes().as_str()).await?;
        let page = self.anna.submit(&page, "email", &[("email", ANNA)]).await?;
        let code = self.code().await?;
        let page = self.anna.submit(&page, "code", &[("code", &code)]).await?;
        checks.that(
            page.all_text().contains("Use Contoso from now on"),
            "Anna still gets a code, and is offered her organisation's sign-in",
        )?;
        let there = page.link("Use Contoso from now on")?;
        let page = self.anna.get(there.as_str()).await?;
        checks.that(
            page.url.path() == "/dev/contoso/authorize",
            "she leaves for Contoso",
        )?;
        let page = self.anna.submit(&page, ANNA, &[("who", ANNA)]).await?;
        let onward = page.link("Continue")?;
        let page = self.anna.get(onward.as_str()).await?;
        checks.that(page.all_text().contains(NOTE), "and comes back to the note")?;
        let me = self.anna_me().await?.context("the app knows nobody")?;
        checks.that(me["claims"]["amr"] == json!(["fed"]), "amr is [\"fed\"] now")?;
        checks.that(self.sub().await? == before, "sub is the same as before")?;
        self.anna.forget();
        let page = self.anna.get(self.notes().as_str()).await?;
        let page = self.anna.submit(&page, "email", &[("email", ANNA)]).await?;
        checks.that(
            page.all_text().contains("Continue to Contoso"),
            "from now on there are no codes for her",
        )
    }

    fn notes(&self) -> String {
        format!("{}notes", self.stage.app)
    }

    /// The app's own session ends; the provider's stays.
    fn forget_app(&mut self) {
        self.anna.set_cookie("localhost", "acme-notes", "");
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.stage.issuer.as_str().trim_end_matches('/'))
    }
}

fn text_of(mail: &Value, field: &str) -> String {
    mail[field].as_str().unwrap_or_default().to_owned()
}

/// A check of the app's, by name.
fn check_name(check: &Value) -> Option<String> {
    check["name"].as_str().or(check.as_str()).map(str::to_owned)
}
