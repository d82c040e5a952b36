//! Providers of personal accounts that speak OAuth 2.0 and no OpenID Connect: each has an API of its own that says who
//! somebody is.

use crate::Secret;

/// A connection by OAuth 2.0: Vestibule is the client, and reads the person's profile.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Oauth2Connection {
    /// Whose API it is.
    pub kind: Oauth2Kind,
    /// Where it is.
    pub endpoints: Oauth2Endpoints,
    /// What Vestibule is called there.
    pub client_id: String,
    /// How Vestibule proves itself at the token endpoint: in the body.
    pub client_secret: Secret,
}

/// The addresses of an OAuth 2.0 provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Oauth2Endpoints {
    /// RFC 6749 §3.1.
    pub authorization: String,
    /// RFC 6749 §3.2.
    pub token: String,
    /// Below it is what the API answers.
    pub api: String,
}

/// Whose API it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Oauth2Kind {
    /// GitHub, or a GitHub Enterprise Server.
    GitHub,
    /// Facebook.
    Facebook,
}

impl Oauth2Kind {
    /// All of them, by the names of the setting.
    pub const ALL: [(&str, Self); 2] = [("github", Self::GitHub), ("facebook", Self::Facebook)];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::Facebook => "facebook",
        }
    }

    /// The one of that name.
    pub fn called(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find_map(|(known, kind)| (known == name).then_some(kind))
    }

    /// What pages call it.
    pub fn display_name(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub",
            Self::Facebook => "Facebook",
        }
    }

    /// Where everybody finds it.
    pub fn endpoints(self) -> Oauth2Endpoints {
        let [authorization, token, api] = match self {
            Self::GitHub => [
                "https://github.com/login/oauth/authorize",
                "https://github.com/login/oauth/access_token",
                "https://api.github.com",
            ],
            Self::Facebook => [
                "https://www.facebook.com/v24.0/dialog/oauth",
                "https://graph.facebook.com/v24.0/oauth/access_token",
                "https://graph.facebook.com/v24.0",
            ],
        }
        .map(str::to_owned);
        Oauth2Endpoints {
            authorization,
            token,
            api,
        }
    }
}

impl Oauth2Connection {
    /// What stands for an issuer, of which OAuth 2.0 knows none: the address of the API without its version. Together
    /// with the account's number there it is the key of an account.
    pub fn issuer(&self) -> &str {
        match self.kind {
            Oauth2Kind::GitHub => &self.endpoints.api,
            // A newer version of the API is the same provider.
            Oauth2Kind::Facebook => match self.endpoints.api.rsplit_once("/v") {
                Some((origin, _)) => origin,
                None => &self.endpoints.api,
            },
        }
    }
}
