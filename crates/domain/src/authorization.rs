//! The authorization request, once it has passed every rule (OpenID Connect Core §3.1.2.1).

use std::{collections::BTreeSet, fmt};

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::app::RedirectUri;

/// A request whose every parameter has been checked. Built by `oidc-server`, kept with the sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// Where the answer goes.
    pub redirect_uri: RedirectUri,
    /// How the answer travels.
    pub response_mode: ResponseMode,
    /// What is asked for, unknown values removed.
    pub scopes: Scopes,
    /// Returned byte for byte (RFC 6749 §4.1.2).
    pub state: Option<String>,
    /// Copied into the ID token.
    pub nonce: Option<String>,
    /// PKCE (RFC 7636): left out only by apps that may.
    pub challenge: Option<CodeChallenge>,
    /// Which pages must or must not be shown.
    pub prompt: Prompts,
    /// Seconds since the last authentication that the app accepts.
    pub max_age: Option<u32>,
    /// An address to start with, as the app sent it.
    pub login_hint: Option<String>,
    /// The mail domain of whoever will sign in, where the app knows no more: their tenant's sign-in comes first.
    pub domain_hint: Option<String>,
    /// The short name of the tenant or provider where the app would have them sign in.
    pub idp_hint: Option<String>,
    /// The `sub` of a verified `id_token_hint`: only this guest will do.
    pub hinted_subject: Option<String>,
    /// Languages the guest prefers, BCP 47, best first.
    pub ui_locales: Vec<String>,
}

impl AuthorizationRequest {
    /// Whether the app says where people sign in, and does not ask that they choose who to be.
    pub fn names_upstream(&self) -> bool {
        (self.domain_hint.is_some() || self.idp_hint.is_some()) && !self.prompt.select_account
    }
}

/// How the answer travels (OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    Query,
    /// As a form that the browser posts.
    FormPost,
}

impl ResponseMode {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Query, Self::FormPost];

    /// The wire name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
        }
    }

    /// The mode of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// A scope value that means something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// An OpenID Connect request (Core §3.1.2.1).
    OpenId,
    /// `name`, `locale`, `zoneinfo`, `updated_at` (Core §5.4).
    Profile,
    /// `email`, `email_verified` (Core §5.4).
    Email,
    /// A refresh token that outlives the browser session's tab (Core §11).
    OfflineAccess,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::OpenId, Self::Profile, Self::Email, Self::OfflineAccess];

    /// The wire name.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::OfflineAccess => "offline_access",
        }
    }
}

/// A set of scopes, written as space-separated names (RFC 6749 §3.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Reads a `scope` parameter; unknown values are left out, as the specification asks.
    pub fn parse(text: &str) -> Self {
        Self(
            Scope::ALL
                .into_iter()
                .filter(|scope| text.split(' ').any(|word| word == scope.name()))
                .collect(),
        )
    }

    /// Whether `scope` is in it.
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether every scope of `self` is in `other`.
    pub fn is_subset(&self, other: &Scopes) -> bool {
        self.0.is_subset(&other.0)
    }

    /// This set without `scope`.
    #[must_use]
    pub fn without(mut self, scope: Scope) -> Self {
        self.0.remove(&scope);
        self
    }

    /// Both sets together.
    #[must_use]
    pub fn union(mut self, other: &Scopes) -> Self {
        self.0.extend(&other.0);
        self
    }

    /// The scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, scope) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.name())?;
        }
        Ok(())
    }
}

/// The `prompt` parameter (Core §3.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one word of the parameter, and they combine freely"
)]
pub struct Prompts {
    /// `none`: show nothing.
    pub none: bool,
    /// `login`: prove yourself again.
    pub login: bool,
    /// `consent`: ask again.
    pub consent: bool,
    /// `select_account`: let the guest choose who to be.
    pub select_account: bool,
}

impl Prompts {
    /// The words that are known.
    pub const WORDS: [&'static str; 4] = ["none", "login", "consent", "select_account"];

    /// What each word stands for, in their order.
    fn flags(&mut self) -> [&mut bool; 4] {
        let Self {
            none,
            login,
            consent,
            select_account,
        } = self;
        [none, login, consent, select_account]
    }

    /// Reads the parameter; `None` when a word is unknown or `none` stands beside another.
    pub fn parse(text: &str) -> Option<Self> {
        let mut prompts = Self::default();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let known = Self::WORDS.iter().position(|known| *known == word)?;
            *prompts.flags()[known] = true;
        }
        let others = prompts.login || prompts.consent || prompts.select_account;
        (!(prompts.none && others)).then_some(prompts)
    }

    /// The parameter again.
    pub fn to_words(mut self) -> String {
        let set = self.flags().map(|flag| *flag);
        let words = Self::WORDS.into_iter().zip(set);
        let words: Vec<&str> = words.filter_map(|(word, set)| set.then_some(word)).collect();
        words.join(" ")
    }
}

/// A PKCE challenge, method S256 (RFC 7636 §4.2): the SHA-256 of the verifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeChallenge([u8; 32]);

impl CodeChallenge {
    /// Reads `code_challenge`: 43 base64url characters.
    pub fn parse(text: &str) -> Option<Self> {
        BASE64URL_NOPAD
            .decode(text.as_bytes())
            .ok()?
            .try_into()
            .ok()
            .map(Self)
    }

    /// The parameter again.
    pub fn to_text(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }

    /// Whether `verifier` answers this challenge: 43 to 128 unreserved characters (RFC 7636 §4.1) with this digest.
    pub fn is_answered_by(&self, verifier: &str) -> bool {
        (43..=128).contains(&verifier.len())
            && verifier
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
            && bool::from(Sha256::digest(verifier.as_bytes()).as_slice().ct_eq(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pkce_vector_of_rfc_7636_appendix_b() {
        let challenge = CodeChallenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").unwrap();
        assert!(challenge.is_answered_by("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!challenge.is_answered_by("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"));
        assert!(!challenge.is_answered_by("short"));
        assert_eq!(
            CodeChallenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c"),
            None
        );
    }

    #[test]
    fn prompts() {
        for (text, ok) in [
            ("login", true),
            ("login consent", true),
            ("none", true),
            ("none login", false),
            ("create", false),
            ("", true),
        ] {
            assert_eq!(Prompts::parse(text).is_some(), ok, "{text}");
        }
    }

    #[test]
    fn scopes_forget_what_they_do_not_know() {
        assert_eq!(
            Scopes::parse("email made-up openid openid").to_string(),
            "openid email"
        );
    }

    #[test]
    fn scopes_are_sets() {
        let [none, one, two] = ["", "email", "openid email"].map(Scopes::parse);
        for (left, right, is_subset) in [
            (&none, &one, true),
            (&one, &one, true),
            (&one, &two, true),
            (&two, &one, false),
            (&one, &none, false),
        ] {
            assert_eq!(left.is_subset(right), is_subset, "{left} {right}");
        }
        assert_eq!(
            one.clone().union(&Scopes::parse("openid profile")).to_string(),
            "openid profile email"
        );
        assert_eq!(two.clone().without(Scope::OpenId), one);
        assert_eq!(two.iter().collect::<Vec<_>>(), [Scope::OpenId, Scope::Email]);
        assert_eq!(
            Scope::ALL.into_iter().collect::<Scopes>().to_string(),
            "openid profile email offline_access"
        );
    }

    #[test]
    fn prompts_and_challenges_are_written_as_they_were_read() {
        for text in ["", "none", "login", "login consent select_account"] {
            assert_eq!(Prompts::parse(text).unwrap().to_words(), text);
        }
        for text in ["none login", "none consent", "none select_account"] {
            assert_eq!(Prompts::parse(text), None, "{text}");
        }
        let text = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(CodeChallenge::parse(text).unwrap().to_text(), text);
    }

    /// Who asks that people choose wants them asked, whichever upstream it names.
    #[test]
    fn which_requests_name_an_upstream() {
        for (domain, idp, select_account, names) in [
            (false, false, false, false),
            (true, false, false, true),
            (false, true, false, true),
            (true, true, false, true),
            (true, false, true, false),
            (false, true, true, false),
        ] {
            let request = AuthorizationRequest {
                redirect_uri: RedirectUri::stored("https://app.example/cb").unwrap(),
                response_mode: ResponseMode::Query,
                scopes: Scopes::default(),
                state: None,
                nonce: None,
                challenge: None,
                prompt: Prompts {
                    select_account,
                    ..Prompts::default()
                },
                max_age: None,
                login_hint: None,
                domain_hint: domain.then(|| "contoso.test".into()),
                idp_hint: idp.then(|| "contoso".into()),
                hinted_subject: None,
                ui_locales: Vec::new(),
            };
            assert_eq!(request.names_upstream(), names, "{domain} {idp} {select_account}");
        }
    }
}
