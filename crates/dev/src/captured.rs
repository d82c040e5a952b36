//! Mail that stays on this machine: for `dev`, `demo` and tests. In memory, and bounded.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use domain::{EmailAddress, time::Clock};

/// The oldest goes when one more comes.
const KEPT: usize = 500;

/// Every mail that was sent, newest last.
pub struct Inbox {
    clock: Arc<dyn Clock>,
    mails: Mutex<Mails>,
}

#[derive(Default)]
struct Mails {
    count: u64,
    kept: VecDeque<Arc<CapturedMail>>,
}

/// An address, and whose it is.
pub struct NamedAddress {
    /// The name before it.
    pub name: Option<String>,
    /// The address.
    pub address: EmailAddress,
}

/// A mail as it was sent.
pub struct CapturedMail {
    /// 1, 2, 3 …
    pub id: String,
    /// When it was sent.
    pub received_at: DateTime<Utc>,
    /// Its Message-ID, without the brackets.
    pub message_id: String,
    /// Who it is from.
    pub from: NamedAddress,
    /// Whom it is for.
    pub to: EmailAddress,
    /// Where answers go.
    pub reply_to: Option<NamedAddress>,
    /// Its subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
    /// When what it says is worth nothing any more.
    pub ends_at: DateTime<Utc>,
    /// All of it.
    pub raw: Vec<u8>,
}

impl Inbox {
    /// An empty one.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            mails: Mutex::default(),
        }
    }

    /// Keeps one more mail, under the id and the time that `mail` is given.
    pub fn keep(&self, mail: impl FnOnce(String, DateTime<Utc>) -> CapturedMail) {
        let received_at = self.clock.now();
        let mut mails = self.lock();
        mails.count += 1;
        let captured = mail(mails.count.to_string(), received_at);
        mails.kept.push_back(Arc::new(captured));
        if mails.kept.len() > KEPT {
            mails.kept.pop_front();
        }
    }

    /// The mails to an address, oldest first.
    pub fn to(&self, address: &str) -> Vec<Arc<CapturedMail>> {
        self.all()
            .into_iter()
            .filter(|mail| mail.is_to(address))
            .collect()
    }

    /// All mails, oldest first.
    pub fn all(&self) -> Vec<Arc<CapturedMail>> {
        self.lock().kept.iter().cloned().collect()
    }

    /// The mail of that id.
    pub fn get(&self, id: &str) -> Option<Arc<CapturedMail>> {
        self.lock().kept.iter().find(|mail| mail.id == id).cloned()
    }

    /// The newest mail, of those to `address` when one is given.
    pub fn latest(&self, address: Option<&str>) -> Option<Arc<CapturedMail>> {
        let mails = self.lock();
        mails
            .kept
            .iter()
            .rev()
            .find(|mail| address.is_none_or(|address| mail.is_to(address)))
            .cloned()
    }

    /// Forgets every mail.
    pub fn clear(&self) {
        self.lock().kept.clear();
    }

    /// Forgets some mails.
    pub fn forget(&self, ids: &[String]) {
        self.lock().kept.retain(|mail| !ids.contains(&mail.id));
    }

    fn lock(&self) -> MutexGuard<'_, Mails> {
        // A panic elsewhere leaves a list that is still a list.
        self.mails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CapturedMail {
    /// The sign-in code that it carries: read from its last line, `@host #code`.
    pub fn code(&self) -> Option<&str> {
        let (_, code) = self
            .text
            .lines()
            .rev()
            .find(|line| line.starts_with('@'))?
            .rsplit_once('#')?;
        Some(code.trim())
    }

    /// The header, line by line, folded lines joined (RFC 5322 §2.2.3).
    pub fn headers(&self) -> Vec<(String, String)> {
        let raw = String::from_utf8_lossy(&self.raw);
        let head = raw.split("\r\n\r\n").next().unwrap_or_default();
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        unfolded
            .lines()
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect()
    }

    fn is_to(&self, address: &str) -> bool {
        self.to.as_str().eq_ignore_ascii_case(address.trim())
    }
}
