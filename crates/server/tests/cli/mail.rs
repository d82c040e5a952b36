//! Invitations and mails on the command line, with a mail server that answers as it is told.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
};

use super::Operator;

/// A mail server without encryption that says `answer` to every recipient; its URL.
fn mail_server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap_or_else(|error| panic!("{error}"));
    let address = listener.local_addr().unwrap_or_else(|error| panic!("{error}"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines =
                BufReader::new(stream.try_clone().unwrap_or_else(|error| panic!("{error}"))).lines();
            let say = |text: &str| (&stream).write_all(format!("{text}\r\n").as_bytes()).is_ok();
            say("220 mail.acme.test");
            while let Some(Ok(line)) = lines.next() {
                let word = line
                    .split([' ', ':'])
                    .next()
                    .unwrap_or_default()
                    .to_ascii_uppercase();
                match word.as_str() {
                    "RCPT" => say(answer),
                    "DATA" => {
                        say("354 go on");
                        while lines
                            .next()
                            .is_some_and(|line| line.is_ok_and(|line| line != "."))
                        {}
                        say("250 2.0.0 queued as 1")
                    }
                    "QUIT" => break,
                    _ => say("250 ok"),
                };
            }
        }
    });
    format!("smtp+plain://{address}")
}

impl Operator {
    fn with_mail_server(self, url: &str) -> Self {
        self.edit("smtps://smtp.acme.example:465", url);
        self.edit("username = \"vestibule\"\n", "");
        self.edit("password = \"env:SMTP_PASSWORD\"\n", "");
        self
    }
}

#[test]
fn an_invitation_is_listed_extended_and_taken_back() {
    let operator = Operator::ready();
    operator.json(&[
        "app",
        "add",
        "notes",
        "--redirect-uri",
        "https://notes.example/callback",
    ]);
    let sent = operator.json(&["invite", "send", "anna@contoso.test", "--app", "notes"]);
    let id = sent["invitation"]
        .as_str()
        .or(sent["id"].as_str())
        .unwrap_or_default();
    let list = operator.json(&[
        "invite",
        "list",
        "--state",
        "pending",
        "--guest",
        "anna@contoso.test",
    ]);
    assert_eq!(
        (&list[0]["id"], &list[0]["state"]),
        (&id.into(), &"pending".into())
    );
    let shown = operator.run(&["invite", "show", id]);
    assert!(shown.out.contains("waits to be sent"), "{}", shown.out);
    let waiting = operator.json(&["mail", "list"]);
    assert_eq!(
        (&waiting[0]["kind"], &waiting[0]["to"], &waiting[0]["tries"]),
        (&"invitation".into(), &"anna@contoso.test".into(), &0.into())
    );
    let again = operator.run(&["invite", "resend", id]);
    assert_eq!(again.code, 1);
    assert!(again.err.contains("nothing is sent twice"), "{}", again.err);
    let extended = operator.run(&["invite", "extend", id, "--until", "2101-01-01T00:00:00Z"]);
    assert_eq!(extended.code, 0, "{}", extended.err);
    assert!(extended.err.contains("2101-01-01T00:00:00Z"), "{}", extended.err);
    let revoked = operator.run(&["invite", "revoke", id, "--reason", "the wrong Anna"]);
    assert_eq!(revoked.code, 0, "{}", revoked.err);
    assert_eq!(operator.json(&["invite", "show", id])["state"], "revoked");
    assert_eq!(operator.run(&["invite", "extend", id]).code, 1);
    let nowhere = operator.run(&["invite", "show", "019aab7e-6a80-7fa4-b9fd-728003642653"]);
    assert_eq!(nowhere.code, 5, "{}", nowhere.err);
}

#[test]
fn an_address_that_looks_like_another_one_is_asked_about() {
    let operator = Operator::ready();
    let callback = "https://notes.example/callback";
    operator.json(&["app", "add", "notes", "--redirect-uri", callback]);
    let send = ["invite", "send", "anna@grnail.com", "--app", "notes"];
    let asked = operator.run(&send);
    assert_eq!(asked.code, 2, "{}", asked.err);
    assert!(
        asked.err.contains("looks like an address at gmail.com"),
        "{}",
        asked.err
    );
    assert!(asked.err.contains("--yes"), "{}", asked.err);
    assert_eq!(
        operator.json(&["invite", "list"]).as_array().map(Vec::len),
        Some(0)
    );
    let sent = operator.json(&[&send[..], &["--yes"]].concat());
    assert_eq!(sent["email"], "anna@grnail.com");
}

#[test]
fn a_test_mail_says_what_the_mail_server_answers() {
    let operator = Operator::ready().with_mail_server(&mail_server("250 ok"));
    let said = operator.run(&["mail", "test", "lee@acme.test"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("accepted the mail"), "{}", said.err);

    let operator = Operator::ready().with_mail_server(&mail_server("550 5.1.1 no such mailbox"));
    let said = operator.run(&["mail", "test", "lee@acme.test"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.err.contains("no such mailbox"), "{}", said.err);

    let operator = Operator::ready().with_mail_server("smtp+plain://127.0.0.1:1");
    let said = operator.run(&["mail", "test", "lee@acme.test"]);
    assert_eq!(said.code, 4, "{}", said.err);
    assert!(said.err.contains("127.0.0.1:1"), "{}", said.err);
    let said = operator.run(&["mail", "test", "lee"]);
    assert_eq!(said.code, 2, "{}", said.err);
}
