//! What an API says of a person, read. No address counts as proven: such a provider owns no mail domain, it has looked
//! into the mailboxes of others as we do, at some time or other. A code confirms the address once.

use data_encoding::HEXLOWER;
use domain::{
    EmailAddress, Secret,
    upstream::{Account, Arrival, Oauth2Connection},
};
use ring::hmac;
use serde_json::Value;

use crate::{UpstreamError, error::invalid, oidc::line};

/// `appsecret_proof`: shows Facebook that the caller has the app's secret besides the token.
pub(super) fn app_secret_proof(secret: &Secret, token: &Secret) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    HEXLOWER.encode(hmac::sign(&key, token.expose().as_bytes()).as_ref())
}

/// `GET /user` and `GET /user/emails`. The account is its number: a login may be another person's tomorrow. Of the
/// verified addresses, the expected one is named, else the primary one.
pub(super) fn github(
    connection: &Oauth2Connection,
    user: &Value,
    emails: &Value,
    expected: Option<&str>,
) -> Result<Arrival, UpstreamError> {
    let id = user
        .get("id")
        .and_then(Value::as_u64)
        .filter(|id| *id > 0)
        .ok_or_else(|| invalid("its API names no account number"))?;
    let listed = emails
        .as_array()
        .ok_or_else(|| invalid("its API's list of addresses is none"))?;
    let verified = |entry: &&Value| entry.get("verified") == Some(&Value::Bool(true));
    let address = |entry: &Value| {
        let text = entry.get("email").and_then(Value::as_str)?;
        EmailAddress::parse_asserted(text).ok()
    };
    let expected = expected.and_then(|text| EmailAddress::parse(text).ok());
    let of_the_guest = listed.iter().filter(verified).filter_map(address).find(|email| {
        expected
            .as_ref()
            .is_some_and(|expected| expected.key() == email.key())
    });
    let primary = || {
        let is_primary = |entry: &&Value| entry.get("primary") == Some(&Value::Bool(true));
        listed.iter().filter(verified).find(is_primary).and_then(address)
    };
    Ok(arrival(
        connection,
        id.to_string(),
        of_the_guest.or_else(primary),
        name(user),
    ))
}

/// `GET /me`. The account is its number, which is this app's own.
pub(super) fn facebook(connection: &Oauth2Connection, user: &Value) -> Result<Arrival, UpstreamError> {
    let id = user
        .get("id")
        .and_then(Value::as_str)
        .filter(|id| (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or_else(|| invalid("its API names no account number"))?;
    let email = user.get("email").and_then(Value::as_str);
    let email = email.and_then(|text| EmailAddress::parse_asserted(text).ok());
    Ok(arrival(connection, id.to_owned(), email, name(user)))
}

fn name(user: &Value) -> Option<String> {
    user.get("name").and_then(Value::as_str).and_then(line)
}

fn arrival(
    connection: &Oauth2Connection,
    subject: String,
    email: Option<EmailAddress>,
    name: Option<String>,
) -> Arrival {
    Arrival {
        account: Account {
            issuer: connection.issuer().to_owned(),
            subject,
        },
        email,
        email_verified: None,
        name,
        locale: None,
        amr: Vec::new(),
        auth_time: None,
        session: None,
        said: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use domain::upstream::Oauth2Kind;
    use serde_json::json;

    use super::*;

    fn connection(kind: Oauth2Kind) -> Oauth2Connection {
        Oauth2Connection {
            kind,
            endpoints: kind.endpoints(),
            client_id: "acme".into(),
            client_secret: Secret::presented("hunter2"),
        }
    }

    #[test]
    fn a_github_account_is_its_number_and_names_the_expected_address() {
        let hub = connection(Oauth2Kind::GitHub);
        let user =
            json!({ "id": 583_231, "login": "octocat", "name": "The Octocat", "email": "public@x.test" });
        let entry = |email: &str, verified: bool, primary: bool| json!({ "email": email, "verified": verified, "primary": primary });
        let emails = json!([
            entry("anna@contoso.test", false, false),
            entry("octo@cat.test", true, true),
            entry("Boss@northwind.test", true, false),
        ]);
        for (expected, named) in [
            (Some("boss@northwind.test"), Some("Boss@northwind.test")),
            (Some("anna@contoso.test"), Some("octo@cat.test")),
            (Some("nonsense"), Some("octo@cat.test")),
            (None, Some("octo@cat.test")),
        ] {
            let arrival = github(&hub, &user, &emails, expected).unwrap();
            assert_eq!(
                arrival.email.as_ref().map(EmailAddress::as_str),
                named,
                "{expected:?}"
            );
            assert_eq!(arrival.email_verified, None, "it owns no mail domain");
            assert_eq!(arrival.account.issuer, "https://api.github.com");
            assert_eq!(arrival.account.subject, "583231");
            assert_eq!(arrival.name.as_deref(), Some("The Octocat"));
        }
        assert_eq!(github(&hub, &user, &json!([]), None).unwrap().email, None);
    }

    #[test]
    fn what_is_no_account_is_refused() {
        let hub = connection(Oauth2Kind::GitHub);
        for user in [
            json!({}),
            json!([]),
            json!({ "id": 0 }),
            json!({ "id": "583231" }),
            json!({ "id": -1 }),
            json!({ "id": 1.5 }),
            json!({ "login": "octocat" }),
        ] {
            assert!(github(&hub, &user, &json!([]), None).is_err(), "{user}");
        }
        for emails in [json!({}), json!(null), json!({ "message": "Not Found" })] {
            assert!(
                github(&hub, &json!({ "id": 1 }), &emails, None).is_err(),
                "{emails}"
            );
        }
        let book = connection(Oauth2Kind::Facebook);
        let long = "1".repeat(33);
        for id in [
            json!(""),
            json!(7),
            json!("me"),
            json!("1 2"),
            json!(long),
            json!(null),
        ] {
            assert!(facebook(&book, &json!({ "id": id })).is_err(), "{id}");
        }
    }

    #[test]
    fn a_facebook_account_is_its_number_whatever_version_is_asked() {
        let book = connection(Oauth2Kind::Facebook);
        let user = json!({ "id": "10158", "name": "Anna\u{0}Berg", "email": "anna@contoso.test", "email_verified": true });
        let arrival = facebook(&book, &user).unwrap();
        assert_eq!(arrival.account.issuer, "https://graph.facebook.com");
        assert_eq!(arrival.account.subject, "10158");
        assert_eq!(arrival.email_verified, None);
        let mut newer = book.clone();
        newer.endpoints.api = "https://graph.facebook.com/v99.0".into();
        assert_eq!(facebook(&newer, &user).unwrap().account, arrival.account);
    }

    /// RFC 4231 §4.3: test case 2.
    #[test]
    fn the_proof_is_an_hmac_of_the_token_under_the_secret() {
        let proof = app_secret_proof(
            &Secret::presented("Jefe"),
            &Secret::presented("what do ya want for nothing?"),
        );
        assert_eq!(
            proof,
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
