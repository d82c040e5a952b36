use super::*;

fn uri(text: &str) -> RedirectUri {
    RedirectUri::stored(text).unwrap()
}

fn callback(mode: ResponseMode, state: Option<&str>) -> Callback {
    Callback {
        redirect_uri: uri("https://app.example/cb"),
        mode,
        state: state.map(str::to_owned),
        issuer: "https://login.acme.example".into(),
        app: "Acme Notes".into(),
        client_id: "notes".into(),
    }
}

#[test]
fn what_is_added_to_an_address() {
    let fields = [("code", "C".to_owned()), ("state", "x y&z=ä".to_owned())];
    for (registered, expected) in [
        (
            "https://app.example/cb",
            "https://app.example/cb?code=C&state=x+y%26z%3D%C3%A4",
        ),
        (
            "https://app.example",
            "https://app.example/?code=C&state=x+y%26z%3D%C3%A4",
        ),
        // The app's own query stays as it is, letter by letter.
        (
            "https://app.example/cb?a=b%20c&d",
            "https://app.example/cb?a=b%20c&d&code=C&state=x+y%26z%3D%C3%A4",
        ),
        (
            "http://127.0.0.1:7000/cb",
            "http://127.0.0.1:7000/cb?code=C&state=x+y%26z%3D%C3%A4",
        ),
        (
            "com.example.app:/cb",
            "com.example.app:/cb?code=C&state=x+y%26z%3D%C3%A4",
        ),
    ] {
        assert_eq!(address(&uri(registered), &fields).as_str(), expected);
    }
    assert_eq!(
        address(&uri("https://app.example/bye"), &[]).as_str(),
        "https://app.example/bye"
    );
}

#[test]
fn answers_carry_iss_always_and_state_only_when_sent() {
    let error = OAuthError::new("access_denied", "No");
    let names = |state, answer: AppAnswer<'_>| -> Vec<&str> {
        let fields = callback(ResponseMode::Query, state).fields(&answer);
        fields.iter().map(|(name, _)| *name).collect()
    };
    assert_eq!(
        names(Some("s"), AppAnswer::Error(&error)),
        ["error", "error_description", "state", "iss"]
    );
    assert_eq!(
        names(None, AppAnswer::Error(&error)),
        ["error", "error_description", "iss"]
    );
    let code = Secret::presented("C");
    assert_eq!(names(Some("s"), AppAnswer::Code(&code)), ["code", "state", "iss"]);
    assert_eq!(names(None, AppAnswer::Code(&code)), ["code", "iss"]);
    let fields = callback(ResponseMode::Query, Some("s")).fields(&AppAnswer::Code(&code));
    assert!(
        fields.contains(&("iss", "https://login.acme.example".into())),
        "{fields:?}"
    );
}

#[test]
fn state_comes_back_byte_for_byte() {
    let long = "ab/+ %&=#?ä\"'<>".repeat(64);
    let callback = callback(ResponseMode::Query, Some(&long));
    let fields = callback.fields(&AppAnswer::Code(&Secret::presented("C")));
    let url = address(&callback.redirect_uri, &fields);
    let returned = url.query_pairs().find(|(name, _)| name == "state");
    assert_eq!(returned.unwrap().1, long);
    assert_eq!(url.fragment(), None);
}

/// The form of the page, read as a browser reads it.
fn fields_of(html: &str) -> Vec<(String, String)> {
    let unescape = |text: &str| {
        let entities = [
            ("&#34;", "\""),
            ("&#39;", "'"),
            ("&#60;", "<"),
            ("&#62;", ">"),
            ("&#38;", "&"),
        ];
        entities.iter().fold(text.to_owned(), |text, (entity, plain)| {
            text.replace(entity, plain)
        })
    };
    html.split("<input type=\"hidden\" name=\"")
        .skip(1)
        .map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").unwrap();
            (unescape(name), unescape(rest.split_once('"').unwrap().0))
        })
        .collect()
}

#[test]
fn the_form_holds_what_the_query_would() {
    let state = "\"><script>alert(1)</script>&amp;'";
    let callback = callback(ResponseMode::FormPost, Some(state));
    let fields = callback.fields(&AppAnswer::Code(&Secret::presented("C")));
    let page = GoOn {
        action: callback.redirect_uri.as_str().to_owned(),
        fields: fields.clone(),
        link: None,
        ..GoOn::sample(ResponseMode::FormPost)
    };
    let html = page.render().unwrap();
    assert!(!html.contains("<script>"), "{html}");
    let posted = fields_of(&html);
    let sent: Vec<_> = fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    assert_eq!(posted, sent);
    assert!(
        html.contains("<form method=\"post\" action=\"https://app.example/cb\" data-go>"),
        "{html}"
    );
}

#[test]
fn the_page_works_without_script_and_escapes_what_it_carries() {
    for mode in [ResponseMode::Query, ResponseMode::FormPost] {
        let html = GoOn::sample(mode).render().unwrap();
        assert!(!html.contains("\"><script>"), "{html}");
        assert!(!html.contains("javascript:"), "{html}");
        assert_eq!(html.matches("<h1").count(), 1);
        // One thing to press, which leads on.
        let ways_on = html.matches("data-go").count();
        assert_eq!(ways_on, 1, "{html}");
    }
}
