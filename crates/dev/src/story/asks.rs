//! What the story asks of the servers beside what people do: the inbox, the clock, the audit log, and whom the app knows.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use url::Url;

use super::{ANNA, Story};
use crate::browser::TextBrowser;

impl Story {
    pub(super) async fn json(&self, path: &str) -> Result<Value> {
        let response = self.http.get(self.at(path)).send().await?;
        let status = response.status();
        let body = response.text().await?;
        anyhow::ensure!(status.is_success(), "{path} answered {status}: {body}");
        Ok(serde_json::from_str(&body)?)
    }

    /// How many events of that kind the audit log has.
    pub(super) async fn events(&self, kind: &str) -> Result<usize> {
        let request = self
            .http
            .get(self.at(&format!("/api/v1/audit?action=guest.signin.{kind}")))
            .bearer_auth(self.stage.api_token.expose());
        let answer: Value = request.send().await?.error_for_status()?.json().await?;
        let events = answer["events"].as_array();
        Ok(events.context("the audit log answered without events")?.len())
    }

    /// Mail leaves the outbox a moment after the page was answered.
    pub(super) async fn settled(&self) -> Result<()> {
        let mut before = self.mail_count().await?;
        for _ in 0..40 {
            tokio::time::sleep(Duration::from_millis(25)).await;
            let now = self.mail_count().await?;
            if now == before && now > 0 {
                return Ok(());
            }
            before = now;
        }
        Ok(())
    }

    pub(super) async fn mail_count(&self) -> Result<u64> {
        Ok(self.json("/dev/api/v1/messages").await?["total"]
            .as_u64()
            .unwrap_or_default())
    }

    pub(super) async fn mail(&self) -> Result<Value> {
        self.settled().await?;
        self.json(&format!("/dev/api/v1/message/latest?to={ANNA}")).await
    }

    pub(super) async fn code(&self) -> Result<String> {
        self.settled().await?;
        let answer = self.json(&format!("/dev/api/code?to={ANNA}")).await?;
        answer["code"]
            .as_str()
            .map(str::to_owned)
            .context("the inbox has no code for Anna")
    }

    pub(super) async fn advance(&self, by: &str) -> Result<()> {
        let response = self
            .http
            .post(self.at("/dev/clock"))
            .json(&json!({ "advance": by }))
            .send()
            .await?;
        anyhow::ensure!(
            response.status().is_success(),
            "the clock answered {}",
            response.status()
        );
        Ok(())
    }

    pub(super) async fn me(&self, browser: &mut TextBrowser) -> Result<Option<Value>> {
        let url = Url::parse(&format!("{}api/me", self.stage.app))?;
        let answer = browser.once(&url, None).await?;
        if !answer.status.is_success() {
            return Ok(None);
        }
        Ok(Some(serde_json::from_str(&answer.body)?))
    }

    pub(super) async fn anna_me(&mut self) -> Result<Option<Value>> {
        let mut anna = std::mem::replace(&mut self.anna, TextBrowser::new()?);
        let me = self.me(&mut anna).await;
        self.anna = anna;
        me
    }

    pub(super) async fn sub(&mut self) -> Result<String> {
        let me = self.anna_me().await?.context("the app knows nobody")?;
        me["claims"]["sub"]
            .as_str()
            .map(str::to_owned)
            .context("the claims have no sub")
    }
}
