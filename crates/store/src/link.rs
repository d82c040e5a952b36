//! Tokens of mailed links. One follows from the master key and the id of what it opens, so that nothing secret waits in the outbox; the
//! row holds its hash.

use domain::{
    Secret,
    master_key::{MasterKey, MasterKeys},
};
use uuid::Uuid;

/// A kind of link.
pub(crate) struct MailedLink {
    /// What its key is for.
    pub(crate) purpose: &'static str,
    /// What it opens.
    pub(crate) label: &'static str,
}

impl MailedLink {
    /// The token of a link that is made now.
    pub(crate) fn token(&self, keys: &MasterKeys, id: Uuid) -> Secret {
        self.under(keys.current(), id)
    }

    /// The token of this hash, made under whichever master key was in use then; `None` when that one is no longer known.
    pub(crate) fn token_of_hash(&self, keys: &MasterKeys, id: Uuid, hash: &[u8]) -> Option<Secret> {
        let mut tokens = keys.all().map(|key| self.under(key, id));
        tokens.find(|token| token.hash().0[..] == *hash)
    }

    fn under(&self, key: &MasterKey, id: Uuid) -> Secret {
        let key = key.purpose(self.purpose);
        Secret::presented(data_encoding::BASE64URL_NOPAD.encode(&key[..])).derive(self.label, id.as_bytes())
    }
}
