//! Sign-in codes. A code is never stored: it is the RFC 6238 value of a secret that belongs to one send of
//! one challenge, with the time step equal to the code's lifetime and T0 equal to the moment of issue. So it
//! is right for exactly its lifetime, the same when the mail worker repeats itself, and in no database.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use hkdf::Hkdf;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{EmailAddress, Id, sign_in::SignIn};

/// What a code is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alphabet {
    /// Eight digits, 27 bits: enough while the tries of everyone together are limited.
    #[default]
    Digits,
    /// Ten letters, 43 bits: while so many wrong codes arrive that somebody is guessing (guard mode, threat E04).
    Letters,
}

impl Alphabet {
    /// How many characters a code has.
    pub fn length(self) -> usize {
        match self {
            Self::Digits => 8,
            Self::Letters => 10,
        }
    }
}

/// The letters of codes: consonants that are not taken for one another, so that no code is a word (RFC 8628 §6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// What is longer is no code, and is counted only.
const LONGEST: usize = 400;

/// How long after its end a correct code still earns a fresh one instead of «wrong».
pub const FORGIVEN_AFTER_END: TimeDelta = TimeDelta::hours(2);

/// How far the clock of the replica that issued a code may run ahead of ours.
const SKEW: TimeDelta = TimeDelta::seconds(60);

/// What a typed text has that is not a code: how many characters of each alphabet, for the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotACode {
    /// How many digits.
    pub digits: usize,
    /// How many letters.
    pub letters: usize,
}

impl NotACode {
    /// How many characters of that alphabet there are.
    pub fn count(self, alphabet: Alphabet) -> usize {
        match alphabet {
            Alphabet::Digits => self.digits,
            Alphabet::Letters => self.letters,
        }
    }
}

/// The characters. No `Display`; `Debug` hides them; comparison takes constant time.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Passcode(String);

impl Passcode {
    /// Reads what a guest typed or pasted, of either alphabet: any script's digits, letters of either case, spaces,
    /// dashes, invisible characters, the `@host #12345678` line of the mail (WICG origin-bound codes), and a sentence with one
    /// code of digits in it.
    pub fn read(typed: &str) -> Result<Self, NotACode> {
        if typed.chars().nth(LONGEST).is_some() {
            return Err(NotACode {
                digits: typed.chars().filter(|c| decimal_value(*c).is_some()).count(),
                letters: typed.chars().filter(char::is_ascii_alphabetic).count(),
            });
        }
        let typed: Zeroizing<String> = Zeroizing::new(typed.nfkc().collect());
        let text = typed
            .rsplit_once('#')
            .filter(|(before, _)| before.contains('@'))
            .map_or(&**typed, |(_, code)| code);
        let mut code = Zeroizing::new(String::with_capacity(LONGEST));
        let mut found = NotACode {
            digits: 0,
            letters: 0,
        };
        let mut others = false;
        for c in text.chars() {
            match decimal_value(c) {
                Some(value) => {
                    found.digits += 1;
                    code.push(char::from(b'0' + value));
                }
                None if c.is_ascii_alphabetic() => {
                    found.letters += 1;
                    code.push(c.to_ascii_uppercase());
                }
                None if is_separator(c) => {}
                None => others = true,
            }
        }
        let is_code = match (found.digits, found.letters) {
            (digits, 0) => digits == Alphabet::Digits.length(),
            (0, letters) => letters == Alphabet::Letters.length(),
            _ => false,
        };
        if is_code && !others {
            return Ok(Self(code.to_string()));
        }
        // A whole sentence or a subject that was pasted, with one code in it.
        let mut codes = text
            .split(|c: char| decimal_value(c).is_none())
            .filter(|run| run.chars().count() == Alphabet::Digits.length());
        match (codes.next(), codes.next()) {
            (Some(only), None) => Ok(Self(
                only.chars()
                    .filter_map(decimal_value)
                    .map(|value| char::from(b'0' + value))
                    .collect(),
            )),
            _ => Err(found),
        }
    }

    /// The characters, for the mail that carries them.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Constant-time comparison.
    pub fn matches(&self, other: &Passcode) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl fmt::Debug for Passcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passcode(…)")
    }
}

/// The value of a decimal digit of the scripts people type in; NFKC has already folded full-width and
/// superscript forms to ASCII.
fn decimal_value(c: char) -> Option<u8> {
    const ZEROS: [char; 12] = [
        '0', '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{be6}',
        '\u{e50}', '\u{ed0}', '\u{1040}',
    ];
    ZEROS.iter().find_map(|zero| {
        u8::try_from(u32::from(c).checked_sub(u32::from(*zero))?)
            .ok()
            .filter(|value| *value < 10)
    })
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '-' | '.' | ',' | '·' | '_' | '/' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2010}'..='\u{2015}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{2212}' | '\u{feff}')
}

/// The key that codes are derived from, itself derived from the master key that `id` names.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct CodeKey([u8; 32]);

impl CodeKey {
    /// Wraps key material.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeKey(…)")
    }
}

/// One address being proven within one sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasscodeChallenge {
    /// Its row.
    pub id: Id<PasscodeChallenge>,
    /// The sign-in it belongs to; a code is worth nothing anywhere else (OWASP ASVS 6.6.2).
    pub sign_in: Id<SignIn>,
    /// The mailbox.
    pub email: EmailAddress,
    /// Random, of this challenge.
    pub salt: [u8; 32],
    /// Which master key the code key came from.
    pub key_id: String,
    /// How long each code lives.
    pub lifetime: TimeDelta,
    /// Whether this is a show for an address that gets no mail. No code is ever right for it.
    pub suppressed: bool,
    /// The mails asked for so far, oldest first.
    pub sends: Vec<Send>,
    /// Where it stands.
    pub state: ChallengeState,
}

/// One mail with one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Send {
    /// 1, 2, 3 …
    pub number: u32,
    /// When the code was issued: T0 of its derivation.
    pub issued_at: DateTime<Utc>,
    /// What its code is written in.
    pub alphabet: Alphabet,
}

/// Where a challenge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeState {
    /// Waiting for a code.
    Open,
    /// Answered, once.
    Consumed,
    /// Tries over, replaced by another address, or its method was switched off.
    Dead,
}

/// What a typed code turned out to be, before anything is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The code of that send, within its life.
    Correct {
        /// Which send.
        send: u32,
    },
    /// The code of a send that ended not long ago.
    Expired {
        /// Which send.
        send: u32,
    },
    /// Anything else.
    Wrong,
}

/// Why a mail with a code is not in its mailbox, as far as we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undelivered {
    /// No mail leaves at all.
    Down,
    /// The mail server of the mailbox asked us to try again.
    Deferred,
    /// It was refused, or given up.
    Refused,
}

impl PasscodeChallenge {
    /// The code of one send. The mail worker and [`Self::judge`] both get it from here.
    pub fn code(&self, key: &CodeKey, send: &Send) -> Passcode {
        let secret = self.send_secret(key, send.number);
        if send.alphabet == Alphabet::Letters {
            return Passcode(letters(&secret));
        }
        // T0 is the moment of issue, so the elapsed time is always in step 0 for as long as the code is asked for.
        let step = u64::try_from(self.lifetime.num_seconds()).unwrap_or(1).max(1);
        Passcode(totp_lite::totp_custom::<totp_lite::Sha256>(
            step,
            Alphabet::Digits.length().try_into().unwrap_or(8),
            &secret[..],
            0,
        ))
    }

    fn send_secret(&self, key: &CodeKey, send: u32) -> Zeroizing<[u8; 32]> {
        let mut secret = Zeroizing::new([0; 32]);
        let mut info = Vec::with_capacity(64);
        info.extend_from_slice(b"vestibule passcode");
        info.extend_from_slice(self.id.uuid().as_bytes());
        info.extend_from_slice(&send.to_be_bytes());
        Hkdf::<Sha256>::new(Some(&self.salt), &key.0)
            .expand(&info, &mut secret[..])
            .unwrap_or_else(|_| unreachable!("32 bytes are within HKDF's limit"));
        secret
    }

    /// When the code of `send` ends.
    pub fn ends_at(&self, send: Send) -> DateTime<Utc> {
        send.issued_at + self.lifetime
    }

    /// The sends whose codes are right now.
    pub fn live(&self, now: DateTime<Utc>) -> impl Iterator<Item = Send> + '_ {
        self.sends
            .iter()
            .copied()
            .filter(move |send| now < self.ends_at(*send) && send.issued_at - now <= SKEW)
    }

    /// The newest mail.
    pub fn last_send(&self) -> Option<Send> {
        self.sends.last().copied()
    }

    /// Compares a typed code with every send that is live or ended lately, all of them, always. A suppressed challenge does
    /// the same work and finds nothing. Changes nothing: the caller charges the try in the same transaction.
    pub fn judge(&self, key: &CodeKey, typed: &Passcode, now: DateTime<Utc>) -> Verdict {
        let mut verdict = Verdict::Wrong;
        for send in &self.sends {
            let matches = self.code(key, send).matches(typed) && !self.suppressed;
            let ended = now >= self.ends_at(*send);
            let forgiven = now < self.ends_at(*send) + FORGIVEN_AFTER_END;
            let begun = send.issued_at - now <= SKEW;
            match (matches, ended) {
                (true, false) if begun => verdict = Verdict::Correct { send: send.number },
                (true, true) if forgiven && verdict == Verdict::Wrong => {
                    verdict = Verdict::Expired { send: send.number }
                }
                _ => {}
            }
        }
        verdict
    }
}

/// Ten letters of a secret, as RFC 6238 makes digits of one. 64 bits make the bias towards the first letters smaller than
/// one in a million.
fn letters(secret: &[u8; 32]) -> String {
    let mut bytes = Zeroizing::new([0; 8]);
    Hkdf::<Sha256>::new(None, secret)
        .expand(b"vestibule passcode letters", &mut bytes[..])
        .unwrap_or_else(|_| unreachable!("8 bytes are within HKDF's limit"));
    let mut rest = u64::from_be_bytes(*bytes);
    let mut text = String::with_capacity(Alphabet::Letters.length());
    for _ in 0..Alphabet::Letters.length() {
        let index = usize::try_from(rest % LETTERS.len() as u64).unwrap_or_default();
        text.push(char::from(LETTERS[index]));
        rest /= LETTERS.len() as u64;
    }
    text
}

/// The rules of codes, all of them settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasscodePolicy {
    /// How long a code lives.
    pub lifetime: TimeDelta,
    /// How many codes of one challenge may live at once.
    pub live_max: usize,
    /// Wrong tries in one sign-in before it locks.
    pub tries: u32,
    /// How long it locks.
    pub lock: TimeDelta,
    /// The wait between two mails of one sign-in.
    pub resend_after: TimeDelta,
}

impl Default for PasscodePolicy {
    fn default() -> Self {
        Self {
            lifetime: TimeDelta::minutes(30),
            live_max: 3,
            tries: 5,
            lock: TimeDelta::minutes(15),
            resend_after: TimeDelta::seconds(60),
        }
    }
}

#[cfg(test)]
mod tests;
