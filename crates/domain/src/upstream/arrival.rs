//! Coming back from an upstream: whose account it is, and whether that is the guest who left.

use chrono::{DateTime, Utc};

use super::{Connection, Upstream, UpstreamKind};
use crate::{EmailAddress, Id, guest::Guest};

/// What an upstream said of somebody, after everything about its answer was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The account: the only key there is. An address is none.
    pub account: Account,
    /// The address it claims.
    pub email: Option<EmailAddress>,
    /// Whether it claims to have verified it; `None` where it does not say.
    pub email_verified: Option<bool>,
    /// The person's name.
    pub name: Option<String>,
    /// Their language, BCP 47.
    pub locale: Option<String>,
    /// How they proved themselves there (RFC 8176); `mfa` also where the authentication context stands for it.
    pub amr: Vec<String>,
    /// When they did.
    pub auth_time: Option<DateTime<Utc>>,
    /// What the upstream calls their session there: by that name it may end ours (Back-Channel Logout §2.1).
    pub session: Option<String>,
    /// The names of the claims or attributes that came, and no value: what an operator chooses from.
    pub said: Vec<String>,
}

impl Arrival {
    /// The address that it proves: one of the upstream's own domains, and verified, or not denied where the upstream's
    /// addresses are trusted (threat R01).
    ///
    /// # Errors
    ///
    /// What speaks against it.
    pub fn asserts(&self, upstream: &Upstream) -> Result<&EmailAddress, Mismatch> {
        let email = self.email.as_ref().ok_or(Mismatch::NoAddress)?;
        if !upstream.speaks_for(email.domain()) {
            return Err(Mismatch::ForeignDomain);
        }
        let connection = upstream.connection.as_ref();
        let trusted = connection.is_some_and(Connection::trusts_email);
        if !self.email_verified.unwrap_or(trusted) {
            return Err(Mismatch::Unverified);
        }
        Ok(email)
    }
}

/// An account at an upstream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account {
    /// The issuer.
    pub issuer: String,
    /// Its stable name there.
    pub subject: String,
}

/// Who left, and what is known of the account that came back.
#[derive(Clone, Debug)]
pub struct Link<'a> {
    /// The address that the sign-in is for.
    pub wanted: &'a EmailAddress,
    /// Where the account is. At a provider a code may confirm the address that the account does not prove.
    pub upstream: &'a Upstream,
    /// The guest of that address, and whether some account of this upstream is theirs.
    pub guest: Option<(Id<Guest>, bool)>,
    /// The guest whose account this is.
    pub owner: Option<Id<Guest>>,
}

/// Whose account came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// The account of the guest who left.
    Known,
    /// A new account, which has proven the address: from now on the account is the key.
    New,
    /// A new account, which says nothing of the address that counts here: a code confirms it once.
    Unconfirmed,
}

/// Why an account that came back is not the guest who left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// It is another guest's, or its address is another one.
    SomebodyElse,
    /// The guest has another account at this upstream: the address was given to a new person there, or theirs was
    /// made anew.
    AnotherAccount,
    /// The upstream says no address at all: an operator must ask for it there.
    NoAddress,
    /// The upstream may not speak for this domain.
    ForeignDomain,
    /// The upstream does not claim that the address is verified.
    Unverified,
}

impl Mismatch {
    /// The word that the audit log uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::SomebodyElse => "somebody_else",
            Self::AnotherAccount => "another_account",
            Self::NoAddress => "no_address",
            Self::ForeignDomain => "foreign_domain",
            Self::Unverified => "email_unverified",
        }
    }
}

/// Decides whose account it is: by issuer and subject, where they are known; by a verified address of the
/// upstream's own domains, once, where they are not (threats R01, R03, R05).
pub fn link(arrival: &Arrival, known: &Link<'_>) -> Result<Linked, Mismatch> {
    if let Some(owner) = known.owner {
        return match known.guest {
            Some((guest, _)) if guest == owner => Ok(Linked::Known),
            _ => Err(Mismatch::SomebodyElse),
        };
    }
    let has_account = known.guest.is_some_and(|(_, has_account)| has_account);
    let code_confirms = known.upstream.kind == UpstreamKind::Provider;
    match proves(arrival, known) {
        Ok(()) if has_account => Err(Mismatch::AnotherAccount),
        Ok(()) => Ok(Linked::New),
        Err(_) if code_confirms && has_account => Err(Mismatch::AnotherAccount),
        Err(_) if code_confirms => Ok(Linked::Unconfirmed),
        // Whose domain it is matters less than that somebody else has the address now.
        Err(Mismatch::ForeignDomain | Mismatch::Unverified) if has_account => Err(Mismatch::AnotherAccount),
        Err(mismatch) => Err(mismatch),
    }
}

/// Whether the account proves the address that the sign-in is for.
fn proves(arrival: &Arrival, known: &Link<'_>) -> Result<(), Mismatch> {
    // Whose it is comes first: another address is another person, wherever it is from.
    match &arrival.email {
        Some(email) if email.key() != known.wanted.key() => Err(Mismatch::SomebodyElse),
        _ => arrival.asserts(known.upstream).map(|_| ()),
    }
}

/// An account that waits for a code to confirm the address of its sign-in. It is kept with the sign-in, and spent by
/// the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unconfirmed {
    /// The upstream.
    pub upstream: Id<Upstream>,
    /// The account.
    pub account: Account,
    /// The address it claims: what the guest is shown.
    pub email: Option<EmailAddress>,
    /// The person's name.
    pub name: Option<String>,
    /// Their language, BCP 47.
    pub locale: Option<String>,
    /// What the upstream calls their session there.
    pub session: Option<String>,
    /// Until when a code may confirm it.
    pub until: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain_claim::Proof,
        upstream::{ClientAuthentication, OidcConnection},
    };

    fn email(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    fn guest(number: u128) -> Id<Guest> {
        Id::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn upstream(kind: UpstreamKind, domains: &[&str], trusts_email: bool) -> Upstream {
        Upstream {
            id: Id::from_uuid(uuid::Uuid::from_u128(9)),
            kind,
            name: "contoso".into(),
            display_name: "Contoso".into(),
            enabled: true,
            declared: false,
            domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
            domain_proof: Proof::Dns,
            unproven: vec!["unproven.test".into()],
            addresses: Vec::new(),
            connection: Some(Connection::Oidc(OidcConnection {
                trusts_email,
                ..OidcConnection::usual("https://login.contoso.test", "acme", ClientAuthentication::None)
            })),
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    const ANNA: &str = "anna@contoso.test";

    fn arrival(claimed: Option<&str>, verified: Option<bool>) -> Arrival {
        Arrival {
            account: Account {
                issuer: "https://login.contoso.test".into(),
                subject: "1".into(),
            },
            email: claimed.map(email),
            email_verified: verified,
            name: None,
            locale: None,
            amr: Vec::new(),
            auth_time: None,
            session: None,
            said: Vec::new(),
        }
    }

    /// What comes of an account with this address, verified or not, that is `owner`'s, where `guest` has the
    /// address.
    fn judge(
        (claimed, verified, trusted): (Option<&str>, Option<bool>, bool),
        guest: Option<(Id<Guest>, bool)>,
        owner: Option<Id<Guest>>,
        domains: &[&str],
    ) -> Result<Linked, Mismatch> {
        let arrival = arrival(claimed, verified);
        let known = Link {
            wanted: &email(ANNA),
            upstream: &upstream(UpstreamKind::Tenant, domains, trusted),
            guest,
            owner,
        };
        link(&arrival, &known)
    }

    #[test]
    fn a_new_account_proves_its_address_once() {
        let own = ["contoso.test"];
        let anna = Some((guest(1), false));
        for (said, at_address, expected) in [
            ((Some(ANNA), Some(true), false), anna, Ok(Linked::New)),
            (
                (Some("ANNA@Contoso.test"), Some(true), false),
                None,
                Ok(Linked::New),
            ),
            ((Some(ANNA), None, true), anna, Ok(Linked::New)),
            ((Some(ANNA), None, false), anna, Err(Mismatch::Unverified)),
            // An explicit `false` is believed, also of a trusted upstream.
            ((Some(ANNA), Some(false), true), anna, Err(Mismatch::Unverified)),
            (
                (Some("bob@contoso.test"), Some(true), false),
                anna,
                Err(Mismatch::SomebodyElse),
            ),
            ((None, Some(true), true), anna, Err(Mismatch::NoAddress)),
            (
                (Some(ANNA), Some(true), false),
                Some((guest(1), true)),
                Err(Mismatch::AnotherAccount),
            ),
        ] {
            assert_eq!(
                judge(said, at_address, None, &own),
                expected,
                "{said:?} {at_address:?}"
            );
            // For a domain that is not its own it may introduce no guest.
            assert!(judge(said, at_address, None, &[]).is_err(), "{said:?}");
            let below = ["test", "mail.contoso.test"];
            assert!(judge(said, at_address, None, &below).is_err(), "{said:?}");
        }
    }

    /// Whose guest has an account there already is told that first, unless the account is plainly somebody else's.
    #[test]
    fn a_second_account_is_none() {
        let own = ["contoso.test"];
        let anna = Some((guest(1), true));
        for (said, domains, expected) in [
            (
                (Some(ANNA), Some(true), false),
                &own[..],
                Mismatch::AnotherAccount,
            ),
            ((Some(ANNA), Some(false), false), &own, Mismatch::AnotherAccount),
            ((Some(ANNA), Some(true), false), &[], Mismatch::AnotherAccount),
            ((None, Some(true), false), &own, Mismatch::NoAddress),
            (
                (Some("bob@contoso.test"), Some(true), false),
                &own,
                Mismatch::SomebodyElse,
            ),
        ] {
            assert_eq!(judge(said, anna, None, domains), Err(expected), "{said:?}");
        }
    }

    /// What it claims and has not proven it may not assert either.
    #[test]
    fn a_domain_that_is_not_proven_is_not_its_own() {
        let claims = upstream(UpstreamKind::Tenant, &["contoso.test", "unproven.test"], true);
        let mut arrival = arrival(Some("anna@unproven.test"), Some(true));
        assert_eq!(arrival.asserts(&claims), Err(Mismatch::ForeignDomain));
        arrival.email = Some(email(ANNA));
        assert_eq!(arrival.asserts(&claims), Ok(&email(ANNA)));
    }

    /// Operators search the audit log for them.
    #[test]
    fn every_mismatch_has_its_word() {
        for (mismatch, word) in [
            (Mismatch::SomebodyElse, "somebody_else"),
            (Mismatch::AnotherAccount, "another_account"),
            (Mismatch::NoAddress, "no_address"),
            (Mismatch::ForeignDomain, "foreign_domain"),
            (Mismatch::Unverified, "email_unverified"),
        ] {
            assert_eq!(mismatch.name(), word);
        }
    }

    #[test]
    fn a_known_account_is_its_owners_whatever_it_says() {
        let (anna, bob) = (guest(1), guest(2));
        for said in [
            (Some(ANNA), Some(true), false),
            (None, Some(false), false),
            (Some("a.berg@contoso.test"), Some(true), true),
        ] {
            for (at_address, owner, expected) in [
                (Some((anna, true)), anna, Ok(Linked::Known)),
                (Some((anna, true)), bob, Err(Mismatch::SomebodyElse)),
                (Some((anna, false)), bob, Err(Mismatch::SomebodyElse)),
                (None, bob, Err(Mismatch::SomebodyElse)),
            ] {
                let found = judge(said, at_address, Some(owner), &[]);
                assert_eq!(found, expected, "{said:?} {at_address:?} {owner:?}");
            }
        }
    }

    #[test]
    fn a_code_confirms_what_a_personal_account_does_not_prove() {
        let google = upstream(UpstreamKind::Provider, &["gmail.com"], false);
        let judge = |claimed: Option<&str>, verified, has_account| {
            let arrival = arrival(claimed, Some(verified));
            let known = Link {
                wanted: &email("anna@gmail.com"),
                upstream: &google,
                guest: Some((guest(1), has_account)),
                owner: None,
            };
            link(&arrival, &known)
        };
        assert_eq!(judge(Some("anna@gmail.com"), true, false), Ok(Linked::New));
        for (claimed, verified) in [
            (Some("anna@gmail.com"), false),
            (Some("anna@elsewhere.test"), true),
            (None, true),
        ] {
            assert_eq!(
                judge(claimed, verified, false),
                Ok(Linked::Unconfirmed),
                "{claimed:?}"
            );
            // Their account is another one: no code makes a second.
            assert_eq!(
                judge(claimed, verified, true),
                Err(Mismatch::AnotherAccount),
                "{claimed:?}"
            );
        }
        assert_eq!(
            judge(Some("anna@gmail.com"), true, true),
            Err(Mismatch::AnotherAccount)
        );
    }
}
