//! The pages, rendered with what might come from outside.

use askama::Template;
use serde_json::json;

use super::*;
use crate::problem::Problem;

fn claims() -> Claims {
    let id_token = json!({
        "iss": "http://localhost:8080", "sub": "0a1b", "aud": "notes", "exp": 1_785_000_000, "nonce": "n",
        "amr": ["otp"], "email": "<i>@contoso.test", "email_verified": true,
    });
    let user_info = json!({ "sub": "0a1b", "name": "Anna & Co" });
    Claims {
        id_token: id_token.as_object().unwrap().clone(),
        user_info: user_info.as_object().unwrap().clone(),
    }
}

fn invited(email: &str, method: &str, text: &str) -> Notice {
    let preview = MethodPreview {
        method: method.to_owned(),
        text: text.to_owned(),
    };
    Notice::invited(&NOTES[0], email, &preview)
}

fn host(notice: Notice) -> String {
    let notes = NOTES.iter().map(|note| SharedNote {
        note,
        with: vec!["<b>@contoso.test".to_owned()],
    });
    let page = HostPage {
        notes: notes.collect(),
        notice: Some(notice),
        removal: None,
        inbox: "http://localhost:8080/dev/inbox".to_owned(),
    };
    page.render().unwrap()
}

#[test]
fn lee_is_told_how_the_guest_will_sign_in() {
    let page = host(invited(
        "anna@contoso.test",
        "passcode",
        "This person will sign in with an email code.",
    ));
    assert!(
        page.contains("Invitation sent. Anna will sign in with an <strong>email code</strong>."),
        "{page}"
    );
    assert_eq!(page.matches("Invitation sent").count(), 1);
    let page = host(invited(
        "bo@fabrikam.test",
        "federation",
        "Bo will sign in with <Fabrikam>.",
    ));
    assert!(
        page.contains("Invitation sent. Bo will sign in with &#60;Fabrikam&#62;."),
        "{page}"
    );
    assert!(
        page.contains("&#60;b&#62;@contoso.test") && !page.contains("<b>@"),
        "{page}"
    );
}

#[test]
fn a_refusal_stands_beside_its_field() {
    let page = host(Notice::not_invited(
        &NOTES[1],
        "a\"b",
        "the guest is blocked".to_owned(),
    ));
    assert!(page.contains("Not shared: the guest is blocked."), "{page}");
    assert!(
        page.contains(r#"value="a&#34;b" aria-invalid="true" aria-describedby="error-audit-walkthrough""#),
        "{page}"
    );
    assert!(
        page.contains(r#"role="alert" id="error-audit-walkthrough""#),
        "{page}"
    );
}

#[test]
fn the_guest_sees_notes_checks_and_claims() {
    let claims = claims();
    let checks = [
        Check::passed("nonce", "it answers <this> browser"),
        Check::passed("aud", "notes"),
    ];
    let page = GuestPage {
        guest: claims.label(),
        notes: vec![&NOTES[0]],
        claims: claim_rows(&claims),
        checks: &checks,
    };
    let page = page.render().unwrap();
    assert!(
        page.contains("Signed in as <bdi>&#60;i&#62;@contoso.test</bdi> (guest)"),
        "{page}"
    );
    assert!(page.contains("Q3 kickoff notes") && !page.contains("Site visit"));
    assert_eq!(page.matches("✓").count(), checks.len());
    assert!(
        page.contains("it answers &#60;this&#62; browser") && page.contains("Anna &#38; Co"),
        "{page}"
    );
}

#[test]
fn claims_are_ordered_for_reading() {
    let rows = claim_rows(&claims());
    let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "email",
            "email_verified",
            "name",
            "sub",
            "iss",
            "aud",
            "amr",
            "exp",
            "nonce"
        ]
    );
    let row = |name: &str| rows.iter().find(|row| row.name == name).unwrap();
    assert_eq!(row("sub").from, "ID token, UserInfo");
    assert_eq!(row("name").from, "UserInfo");
    assert_eq!(row("aud").from, "ID token");
    assert_eq!(row("aud").value, "notes");
    assert_eq!(row("amr").value, r#"["otp"]"#);
    assert_eq!(row("exp").value, "1785000000 (2026-07-25 17:20:00 UTC)");
}

#[test]
fn a_problem_quotes_the_provider_and_escapes_it() {
    let problem = Problem::refused(
        "login_required".to_owned(),
        Some("<script>alert(1)</script>".to_owned()),
    );
    let page = problem.page().render().unwrap();
    assert!(
        page.contains("<code>login_required</code>: “&#60;script&#62;alert(1)"),
        "{page}"
    );
    assert!(
        page.contains("Try again") && !page.contains("<details>"),
        "{page}"
    );
    let cause = anyhow::anyhow!("connection <refused>").context("discovery");
    let page = Problem::provider(cause).page().render().unwrap();
    assert!(page.contains("discovery: connection &#60;refused&#62;"), "{page}");
}

#[test]
fn signing_out_promises_no_more_than_it_knows() {
    let page = |everywhere, still_in| SignedOutPage { everywhere, still_in }.render().unwrap();
    assert!(page(true, false).contains("and of the sign-in service"));
    assert!(page(false, false).contains("may still be signed in"));
    assert!(page(true, true).contains("You are still signed in"));
}

#[test]
fn first_names_are_guessed_with_care() {
    assert_eq!(first_name("anna@contoso.test"), "Anna");
    assert_eq!(first_name("anna.berg@contoso.test"), "Anna");
    assert_eq!(first_name("émile@contoso.test"), "Émile");
    assert_eq!(first_name("a.berg@contoso.test"), "a.berg@contoso.test");
    assert_eq!(first_name("007@contoso.test"), "007@contoso.test");
}
