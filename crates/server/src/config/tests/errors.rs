//! Every error: what is said, and where.

use super::*;

/// What is said of `GOOD` with `more` behind it.
fn said(folder: &Folder, text: &str) -> String {
    match folder.load(text, Purpose::Serve) {
        Err(refused) => refused.to_string(),
        Ok(_) => panic!("accepted: {text}"),
    }
}

#[test]
fn unknown_settings_are_refused_with_a_suggestion_and_the_place() {
    let folder = Folder::new();
    let file = folder.path("vestibule.toml").display().to_string();
    // (what is added to a good file, the place behind the file's name, the message, the help)
    let cases = [
        (
            "[session]\nlifetme = \"24h\"",
            ":9:1: ",
            "unknown setting `session.lifetme`",
            "did you mean `session.lifetime`?",
        ),
        (
            "[sesion]\nlifetime = \"24h\"",
            ":8:2: ",
            "unknown setting `sesion`",
            "did you mean `session`?",
        ),
        (
            "[code]\nlifetime = \"30m\"\n  shared_computer_box = false",
            ":10:3: ",
            "unknown setting `code.shared_computer_box`",
            "did you mean `session.shared_computer_box`?",
        ),
        (
            "[limits]\nlifetime = \"1h\"",
            ":9:1: ",
            "unknown setting `limits.lifetime`",
            "did you mean one of",
        ),
        (
            "[code]\ndigits = 6",
            ":9:1: ",
            "unknown setting `code.digits`",
            "codes always have 8 digits",
        ),
        (
            "[[app]]\nname = \"notes\"",
            ":8:3: ",
            "unknown setting `app`",
            "vestibule app add",
        ),
        (
            "[zzz]\nqqq = 1",
            ":8:2: ",
            "unknown setting `zzz`",
            "vestibule config sample",
        ),
        (
            "[code]\n\"schön\" = 1",
            ":9:1: ",
            "unknown setting `code.schön`",
            "vestibule config sample",
        ),
    ];
    for (more, place, message, help) in cases {
        let said = said(&folder, &format!("{}\n{more}\n", GOOD.trim_start()));
        assert!(
            said.contains(&format!("error: {file}{place}{message}")),
            "{more}\n{said}"
        );
        assert!(said.contains(help), "{more}\n{said}");
    }
}

#[test]
fn an_unknown_variable_is_refused_in_its_own_spelling() {
    let folder = Folder::new();
    let refused = folder
        .load_with(GOOD, &[("VESTIBULE_MAIL__SMTP__USRNAME", "x")], Purpose::Serve)
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("VESTIBULE_MAIL__SMTP__USRNAME in the environment"),
        "{refused}"
    );
    assert!(
        refused.contains("did you mean VESTIBULE_MAIL__SMTP__USERNAME?"),
        "{refused}"
    );
}

/// What is added to a good file, and two things that are then said.
const WRONG: &[(&str, &str, &str)] = &[
    (
        "[code]\nlifetime = 30",
        ":9:12: `code.lifetime` must be a duration such as",
        "not the number 30",
    ),
    (
        "[code]\nlifetime = \"half an hour\"",
        "must be a duration",
        "not \"half an hour\"",
    ),
    (
        "[code]\nlifetime = \"3h\"",
        "`code.lifetime` is \"3h\"",
        "choose between \"2m\" and \"2h\"",
    ),
    (
        "[code]\ntries = 11",
        "`code.tries` is 11",
        "choose between 1 and 10",
    ),
    (
        "[code]\ntries = -1",
        "`code.tries` must be a whole number",
        "not the number -1",
    ),
    (
        "[code]\ntries = 1.5",
        "`code.tries` must be a whole number",
        "a number with a fraction",
    ),
    (
        "[code]\nprofile = \"asvs-l3\"",
        "`code.profile` is \"asvs-l3\"",
        "did you mean \"asvs-l2\"?",
    ),
    (
        "[session]\nshared_computer_box = \"yes\"",
        "must be true or false",
        "not \"yes\"",
    ),
    (
        "[session]\nlifetime = 1979-05-27",
        "must be a duration",
        "not a date",
    ),
    (
        "[server]\nlisten = 8080",
        "`server.listen` must be an address and a port",
        "the number 8080",
    ),
    (
        "[server]\ntrusted_proxies = \"127.0.0.1\"",
        "`server.trusted_proxies` must be a list",
        "",
    ),
    (
        "[server]\ntrusted_proxies = [\"proxy\"]",
        "holds \"proxy\", where an address or a network",
        "",
    ),
    (
        "[server]\ntrusted_proxies = [\"0.0.0.0/0\"]",
        "trusts the whole internet",
        "",
    ),
    (
        "[server.tls]\ncert = \"nowhere.pem\"",
        "nowhere.pem, which cannot be read",
        "`server.tls.key` is not set",
    ),
    ("[organisation]\nname = \"\"", "`organisation.name` is empty", ""),
    ("[organisation]\nname = \"a\\nb\"", "contains a line break", ""),
    ("[organisation]\nlanguage = \"fr\"", "which is none of en, de", ""),
    (
        "[database]\nurl = \"mysql://db/x\"",
        "`database.url` is neither",
        "postgres://",
    ),
    (
        "[database]\nurl = \"sqlite::memory:\"",
        "`database.url` names no file",
        "",
    ),
    (
        "[database]\nsynchronous = \"ful\"",
        "which is none of full, normal",
        "did you mean \"full\"?",
    ),
    ("[database]\nreaders = 1", "`database.readers` is 1", ""),
    (
        "[limits]\nwrong_in_a_row = 101",
        "`limits.wrong_in_a_row` is 101",
        "between 1 and 100",
    ),
    (
        "[limits]\nmails_per_address_hour = 0",
        "`limits.mails_per_address_hour` is 0",
        "",
    ),
    (
        "[keys]\nretiring_for = \"1h\"\n[tokens]\nid_token = \"1h\"",
        "`keys.retiring_for` is \"1h\"",
        "ID tokens live for \"1h\"",
    ),
    ("[keys]\nactive_for = \"1d\"", "`keys.pending_for` is \"24h\"", ""),
    (
        "[resolution]\norder = []\ncodes = false",
        "nobody could sign in",
        "",
    ),
    (
        "[resolution]\norder = [\"codes\"]",
        "`resolution.order` holds \"codes\"",
        "codes are the fallback",
    ),
    (
        "[resolution]\norder = [\"federation\", \"federation\"]",
        "names federation twice",
        "",
    ),
    (
        "[audit]\nkeep_for = \"7d\"",
        "`audit.keep_for` is less than 30 days",
        "leave it out",
    ),
    (
        "[resolution]\nrefused_domains = [\"no domain\"]",
        "holds \"no domain\"",
        "",
    ),
    (
        "[[resolution.domain]]\ncodes = false",
        "`resolution.domain[0].domain` is missing",
        "the mail domain that it is for",
    ),
    (
        "[[resolution.domain]]\ndomain = \"a.example\"\n[[resolution.domain]]\ndomain = \"A.example\"",
        "is a.example again",
        "one section for each",
    ),
    (
        "[[resolution.domain]]\ndomain = \"a.example\"\norder = []\ncodes = false",
        "nobody could sign in",
        "",
    ),
    (
        "[[resolution.domain]]\ndomain = \"a.example\"\nrefused_domains = []",
        "refused_domains",
        "",
    ),
    (
        "[[guests.rule]]\nafter = \"180d\"",
        "`guests.rule[0].when` is missing",
        "inactive, never-redeemed, unassigned, sponsor-gone",
    ),
    (
        "[[guests.rule]]\nwhen = \"idle\"\nafter = \"180d\"",
        "`guests.rule[0].when` is none of the conditions",
        "inactive, never-redeemed, unassigned, sponsor-gone",
    ),
    (
        "[[guests.rule]]\nwhen = \"inactive\"\nafter = \"1h\"",
        "`guests.rule[0].after` is less than a day",
        "",
    ),
    (
        "[[guests.rule]]\nwhen = \"inactive\"\nafter = \"7d\"",
        "`guests.rule[0].notice` is longer than `after`",
        "",
    ),
    (
        "[resolution]\nrefused_domains = [\"a.example\"]\nallowed_domains = [\"b.example\", \"A.example\"]",
        "`resolution.allowed_domains` holds a.example, which is refused as well",
        "one of the two lists",
    ),
    (
        "[resolution]\nmoving = \"soon\"",
        "`resolution.moving` is \"soon\"",
        "2027-03-01T00:00:00Z",
    ),
    (
        "[help]\nemail = \"helpdesk\"",
        "`help.email` holds an address that needs exactly one @",
        "",
    ),
    (
        "[help]\nprivacy_url = \"privacy.html\"",
        "`help.privacy_url` must be a web address",
        "",
    ),
    (
        "[log]\nformat = \"jsn\"",
        "which is none of auto, json, text",
        "did you mean \"json\"?",
    ),
    (
        "[log]\nfilter = \"store=loud\"",
        "`log.filter` cannot be read",
        "",
    ),
    (
        "[mail.dkim]\nselector = \"v1\"",
        "`mail.dkim.domain` is not set",
        "`mail.dkim.key` is not set",
    ),
];

#[test]
fn wrong_values_are_refused_with_the_place_and_what_to_write() {
    let folder = Folder::new();
    for (more, first, second) in WRONG {
        let said = said(&folder, &format!("{}\n{more}\n", GOOD.trim_start()));
        assert!(said.contains(first), "{more}\n{said}");
        assert!(said.contains(second), "{more}\n{said}");
    }
}

#[test]
fn public_urls() {
    let folder = Folder::new();
    for (url, expected) in [
        (
            "http://login.acme.example",
            "is http: cookies, codes and tokens would travel in the clear",
        ),
        ("http://localhost:8080", "is http, and `serve` needs https"),
        ("https://login.acme.example/auth", "must be an origin"),
        ("https://login.acme.example?x=1", "must be an origin"),
        ("https://login.acme.example/#x", "must be an origin"),
        (
            "https://me:secret@login.acme.example",
            "holds a user name or password",
        ),
        ("login.acme.example", "must be a web address"),
        ("ftp://login.acme.example", "must be a web address"),
    ] {
        let said = said(&folder, &GOOD.replace("https://login.acme.example", url));
        assert!(
            said.contains(&format!("`public_url` {expected}")),
            "{url}\n{said}"
        );
    }
    let slash = GOOD.replace("https://login.acme.example", "https://LOGIN.acme.example:443/");
    let issuer = folder.load(&slash, Purpose::Serve).unwrap().settings.web.issuer;
    assert_eq!(issuer.as_str(), "https://login.acme.example");
}

#[test]
fn mail_servers() {
    let folder = Folder::new();
    let with = |smtp: &str| GOOD.replace("{ url = \"smtps://smtp.acme.example\" }", smtp);
    for (smtp, expected) in [
        ("{}", "`mail.smtp.url` is not set"),
        ("{ url = \"\" }", "`mail.smtp.url` is empty"),
        (
            "{ url = \"smtp.acme.example\" }",
            "`mail.smtp.url` is not a mail server's address",
        ),
        ("{ url = \"https://smtp.acme.example\" }", "begins with https:"),
        (
            "{ url = \"smtps://smtp.acme.example/x\" }",
            "must end after the host and the port",
        ),
        (
            "{ url = \"smtps://me:secret@smtp.acme.example\" }",
            "`mail.smtp.username`",
        ),
        (
            "{ url = \"smtp+plain://smtp.acme.example\" }",
            "over the network in the clear",
        ),
        (
            "{ url = \"smtp+plain://localhost\", username = \"a\", password = \"b\" }",
            "would travel in the clear",
        ),
        (
            "{ url = \"smtps://smtp.acme.example\", username = \"a\" }",
            "`mail.smtp.password` is not set",
        ),
        (
            "{ url = \"smtps://smtp.acme.example\", password = \"b\" }",
            "`mail.smtp.username` is not set",
        ),
        (
            "{ url = \"smtps://smtp.acme.example\", ca_file = \"none.pem\" }",
            "none.pem, which cannot be read",
        ),
        ("\"smtps://smtp.acme.example\"", "`mail.smtp` must be a section"),
    ] {
        let said = said(&folder, &with(smtp));
        assert!(said.contains(expected), "{smtp}\n{said}");
        assert!(!said.contains("secret@"), "a password is in the message: {said}");
    }
    for (url, host, port, encryption) in [
        (
            "smtp://smtp.acme.example",
            "smtp.acme.example",
            587,
            settings::Encryption::StartTls,
        ),
        (
            "smtp://smtp.acme.example:2525",
            "smtp.acme.example",
            2525,
            settings::Encryption::StartTls,
        ),
        (
            "smtps://smtp.acme.example",
            "smtp.acme.example",
            465,
            settings::Encryption::Implicit,
        ),
        (
            "smtp+plain://127.0.0.1:1025",
            "127.0.0.1",
            1025,
            settings::Encryption::None,
        ),
        ("smtp+plain://[::1]:1025", "::1", 1025, settings::Encryption::None),
    ] {
        let loaded = folder
            .load(&with(&format!("{{ url = \"{url}\" }}")), Purpose::Serve)
            .unwrap();
        let smtp = loaded.settings.mail.smtp.unwrap();
        assert_eq!(
            (smtp.host.as_str(), smtp.port, smtp.encryption),
            (host, port, encryption),
            "{url}"
        );
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let folder = Folder::new();
    let said = said(&folder, "[code]\nlifetime = 5\ntries = \"x\"\n[mial]\nfrom = 1\n");
    for expected in [
        "`public_url` is not set",
        "`secrets.master_key` is not set",
        "`mail.from` is not set",
        "`mail.smtp.url` is not set",
        "`code.lifetime` must be a duration",
        "`code.tries` must be a whole number",
        "unknown setting `mial`",
    ] {
        assert!(said.contains(expected), "{expected} is missing in\n{said}");
    }
    let errors = said.matches("error: ").count();
    assert_eq!(errors, 7, "{said}");
    assert_eq!(
        said.matches("  help: ").count(),
        said.matches(": `").count() + 1,
        "each has advice\n{said}"
    );
}

#[test]
fn syntax_errors_say_where() {
    let folder = Folder::new();
    let said = said(
        &folder,
        "public_url = \"https://login.acme.example\"\n[mail\nfrom = \"x\"\n",
    );
    let file = folder.path("vestibule.toml").display().to_string();
    assert!(said.contains(&format!("error: {file}:2:")), "{said}");
    assert!(said.contains("this is not TOML"), "{said}");
    assert!(
        !said.contains("is not set"),
        "what could not be read is not missing: {said}"
    );
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let sources = Sources {
        files: vec!["/nowhere/vestibule.toml".into()],
        environment: environment(LEAST),
        flags: Vec::new(),
    };
    let refused = load(&sources, Purpose::Manage).unwrap_err().to_string();
    assert!(
        refused.contains("/nowhere/vestibule.toml cannot be read"),
        "{refused}"
    );
}

/// What is special in a password of the database is encoded, and the message says how, without the password.
#[test]
fn a_database_password_that_is_not_encoded_is_told_how() {
    let folder = Folder::new();
    for url in [
        "postgres://v:p@ss:w/rd#%@db.example/v",
        "postgres://v:p/q@db.example/v",
    ] {
        let text = format!("{GOOD}\n[database]\nurl = \"{url}\"\n");
        let refused = folder.load(&text, Purpose::Serve).unwrap_err();
        let said = refused.to_string();
        assert!(said.contains("%2F"), "{url}: {said}");
        assert!(!said.contains("p@ss") && !said.contains("p/q"), "{said}");
    }
}
