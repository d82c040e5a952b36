//! Every page in every state and language, held to what WCAG 2.2 asks of a page and can be read off it.

use std::collections::BTreeSet;

use askama::Template;
use domain::{Language, passcode::Undelivered};
use scraper::{ElementRef, Html, Selector};
use serde_json::json;
use sign_in::passcode::trouble::CodeTrouble;
use test_support::samples;
use web::{Frame, csrf::Form};

use crate::{
    access_request::AccessRequestPage,
    answered::AnsweredPage,
    choose::ChoosePage,
    consent::ConsentPage,
    federated::{
        away::AwayPage, leave::LeavePage, offer::OfferPage, test_sign_in::TestPage, trouble::TroublePage,
    },
    home::HomePage,
    identify::IdentifyPage,
    invitation::{InvitationPage, ticked::TickedPage},
    inviter::{InviterPage, ask::AskPage, unknown_link::UnknownLinkPage},
    my_access::{
        MyAccessPage, confirm_page::ConfirmPage, last_page::DonePage, leave::LeaveOrganisationPage,
        merge::MergePage,
    },
    passcode::CodePage,
    passkey::PasskeyPage,
    refused::RefusedPage,
    send::SendPage,
    unavailable::UnavailablePage,
};

/// The form of a sample.
pub(crate) fn form(action: &str) -> Form {
    Form::new(&samples::secret(), action)
}

/// One of each.
fn troubles() -> Vec<CodeTrouble> {
    let until = samples::now();
    vec![
        CodeTrouble::Empty,
        CodeTrouble::Length(6),
        CodeTrouble::OtherCharacters,
        CodeTrouble::Wrong { left: 4 },
        CodeTrouble::Wrong { left: 3 },
        CodeTrouble::Wrong { left: 1 },
        CodeTrouble::ExpiredSent,
        CodeTrouble::ExpiredNewer { sent_at: until },
        CodeTrouble::ExpiredLater { until },
        CodeTrouble::OtherTab {
            sign_in: samples::id(),
            started_at: until,
        },
        CodeTrouble::Used,
        CodeTrouble::Locked { until },
        CodeTrouble::TooSoon { until },
        CodeTrouble::TooManyMails { until },
        CodeTrouble::BusyNetwork { until },
        CodeTrouble::TooManyWrong { until },
        CodeTrouble::Busy { until },
        CodeTrouble::CodesOff,
    ]
}

/// Name and HTML of every page in a language.
fn gallery(language: Language) -> Vec<(String, String)> {
    let frame = Frame {
        language,
        t: web::texts::Texts::of(language),
        ..Frame::sample()
    };
    let mut pages = Vec::new();
    let mut add = |name: &str, html: askama::Result<String>| {
        let place = format!("{name} ({})", language.tag());
        pages.push((place, html.unwrap()));
    };
    for has_inviters in [false, true] {
        add("home", HomePage::new(frame.clone(), has_inviters).render());
    }
    for page in IdentifyPage::samples(&frame) {
        add("identify", page.render());
    }
    add("send", SendPage::sample(frame.clone()).render());
    add(
        "code",
        CodePage::sample(frame.clone(), None, samples::now()).render(),
    );
    add(
        "code, no mail",
        CodePage::without_mail(frame.clone(), samples::now()).render(),
    );
    for mail in [Undelivered::Deferred, Undelivered::Refused] {
        let page = CodePage::undelivered(frame.clone(), mail, samples::now());
        add(&format!("code, {mail:?}"), page.render());
    }
    for trouble in troubles() {
        let page = CodePage::sample(frame.clone(), Some(&trouble), samples::now());
        add(&format!("code, {trouble:?}"), page.render());
    }
    add("consent", ConsentPage::sample(frame.clone()).render());
    for page in RefusedPage::samples(&frame) {
        add("refused", page.render());
    }
    for page in UnavailablePage::samples(&frame) {
        add("unavailable", page.render());
    }
    add("send, confirming", SendPage::confirming(frame.clone()).render());
    add("choose", ChoosePage::sample(frame.clone()).render());
    for page in LeavePage::samples(&frame) {
        add("leave", page.render());
    }
    add("away", AwayPage::sample(&frame).render());
    for page in OfferPage::samples(&frame) {
        add("offer", page.render());
    }
    for page in PasskeyPage::samples(&frame) {
        add("passkey", page.render());
    }
    for page in TroublePage::samples(&frame) {
        add("federation trouble", page.render());
    }
    for page in TestPage::samples(&frame) {
        add("test sign-in", page.render());
    }
    for page in InvitationPage::samples(&frame) {
        add("invitation", page.render());
    }
    for page in TickedPage::samples(&frame) {
        add("ticked", page.render());
    }
    for page in AccessRequestPage::samples(&frame) {
        add("access request", page.render());
    }
    for page in AskPage::samples(&frame) {
        add("asking for an inviter's link", page.render());
    }
    for page in InviterPage::samples(&frame) {
        add("inviter", page.render());
    }
    for page in UnknownLinkPage::samples(&frame) {
        add("inviter's link", page.render());
    }
    for page in MyAccessPage::samples(&frame) {
        add("my access", page.render());
    }
    for page in ConfirmPage::samples(&frame) {
        add("my access, to be confirmed", page.render());
    }
    for page in MergePage::samples(&frame) {
        add("merging", page.render());
    }
    for page in LeaveOrganisationPage::samples(&frame) {
        add("leaving the organisation", page.render());
    }
    for page in DonePage::samples(&frame) {
        add("my access, done", page.render());
    }
    add("answered", AnsweredPage::sample(frame).render());
    pages
}

fn every_page(mut check: impl FnMut(&str, Language, &Html, &str)) {
    for language in Language::ALL {
        for (name, html) in gallery(language) {
            check(&name, language, &Html::parse_document(&html), &html);
        }
    }
}

fn select<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    html.select(&Selector::parse(selector).unwrap()).collect()
}

fn text(element: &ElementRef<'_>) -> String {
    let words: Vec<String> = element
        .text()
        .flat_map(str::split_whitespace)
        .map(str::to_owned)
        .collect();
    words.join(" ")
}

/// For the suite that opens them in a browser (`crates/server/tests/browser/gallery.test.mjs`).
#[test]
fn all_of_it_is_written_down() {
    let mut pages = Vec::new();
    every_page(|name, language, _, html| {
        pages.push(json!({ "name": name, "language": language.tag(), "html": html }));
    });
    let target = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target");
    std::fs::create_dir_all(target).unwrap();
    let file = format!("{target}/gallery.json");
    std::fs::write(&file, serde_json::to_string(&pages).unwrap()).unwrap();
    assert!(pages.len() > 100, "{}", pages.len());
}

#[test]
fn language_direction_title_and_one_heading() {
    every_page(|name, language, html, _| {
        let root = html.root_element();
        assert_eq!(root.attr("lang"), Some(language.tag()), "{name}");
        assert_eq!(root.attr("dir"), Some(language.direction()), "{name}");
        assert_eq!(select(html, "h1").len(), 1, "{name}");
        let title = text(&select(html, "title")[0]);
        assert!(title.ends_with(" – Acme") && title.len() > 10, "{name}: {title}");
        let is_wrong = !select(html, "[role=alert]").is_empty();
        let prefix = web::texts::Texts::of(language).common.error;
        assert_eq!(title.starts_with(prefix), is_wrong, "{name}: {title}");
    });
}

#[test]
fn a_summary_comes_first_and_takes_the_focus() {
    every_page(|name, _, html, _| {
        let focused = select(html, "[autofocus]");
        assert!(focused.len() <= 1, "{name}: the focus goes to one place");
        let Some(alert) = select(html, "[role=alert]").into_iter().next() else {
            return;
        };
        assert_eq!(alert.attr("tabindex"), Some("-1"), "{name}");
        assert!(alert.attr("autofocus").is_some(), "{name}");
        let first = select(html, "main > *")[0];
        assert_eq!(first.id(), alert.id(), "{name}: the summary is first");
    });
}

#[test]
fn messages_at_fields_say_what_the_summary_says() {
    every_page(|name, _, html, _| {
        for field in select(html, "[aria-invalid=true]") {
            let described: Vec<&str> = field
                .attr("aria-describedby")
                .unwrap_or_default()
                .split(' ')
                .collect();
            let error = described
                .iter()
                .find(|id| id.ends_with("-error"))
                .unwrap_or_else(|| panic!("{name}"));
            let message = text(&select(html, &format!("#{error}"))[0]);
            let summary = text(&select(html, "[role=alert]")[0]);
            assert!(
                summary.contains(&message) && !message.is_empty(),
                "{name}: {summary} / {message}"
            );
        }
    });
}

#[test]
fn every_input_has_a_name_and_a_label_and_no_rule_of_the_browser() {
    every_page(|name, _, html, _| {
        for input in select(html, "input:not([type=hidden]), textarea, select") {
            let id = input.attr("id").unwrap_or_else(|| panic!("{name}: no id"));
            assert_eq!(select(html, &format!("label[for={id}]")).len(), 1, "{name}: {id}");
            for rule in [
                "required",
                "pattern",
                "maxlength",
                "min",
                "max",
                "title",
                "placeholder",
            ] {
                assert!(input.attr(rule).is_none(), "{name}: {id} has {rule}");
            }
            assert!(input.attr("name").is_some(), "{name}: {id}");
            for described in input
                .attr("aria-describedby")
                .unwrap_or_default()
                .split_whitespace()
            {
                assert_eq!(
                    select(html, &format!("#{described}")).len(),
                    1,
                    "{name}: {described}"
                );
            }
        }
        let mut ids = BTreeSet::new();
        for element in select(html, "[id]") {
            assert!(ids.insert(element.attr("id")), "{name}: an id stands twice");
        }
    });
}

#[test]
fn fields_say_what_they_are() {
    every_page(|name, _, html, _| {
        for email in select(html, "input[type=email]") {
            assert_eq!(email.attr("autocomplete"), Some("email"), "{name}");
        }
        for code in select(html, "input#code") {
            assert_eq!(code.attr("autocomplete"), Some("one-time-code"), "{name}");
            assert_eq!(code.attr("inputmode"), Some("numeric"), "{name}");
            assert_eq!(code.attr("type"), Some("text"), "{name}");
        }
    });
}

#[test]
fn enter_means_continue() {
    every_page(|name, language, html, _| {
        for field in select(html, "input#code, input#email") {
            let form = field
                .ancestors()
                .filter_map(ElementRef::wrap)
                .find(|element| element.value().name() == "form")
                .unwrap_or_else(|| panic!("{name}"));
            assert!(form.attr("novalidate").is_some(), "{name}");
            let buttons: Vec<ElementRef<'_>> = form.select(&Selector::parse("button").unwrap()).collect();
            assert_eq!(buttons.len(), 1, "{name}: one button in the form");
            assert_eq!(
                text(&buttons[0]),
                web::texts::Texts::of(language).common.go_on,
                "{name}"
            );
        }
    });
}

#[test]
fn every_form_carries_its_token_and_posts_to_us() {
    every_page(|name, _, html, _| {
        for form in select(html, "form") {
            assert_eq!(form.attr("method"), Some("post"), "{name}");
            let action = form.attr("action").unwrap_or_default();
            let tokens = form.select(&Selector::parse("input[name=csrf]").unwrap()).count();
            if name.starts_with("away") {
                assert!(action.starts_with("https://"), "{action}");
                assert_eq!(tokens, 0, "what is ours goes to nobody else");
                continue;
            }
            if action == web::routes::ASK_INVITER_LINK {
                assert_eq!(tokens, 0, "it acts for nobody");
                continue;
            }
            assert!(
                action.is_empty()
                    || ["/signin/", "/invitation/", "/access-request/", "/invite/", "/me/"]
                        .iter()
                        .any(|known| action.starts_with(known)),
                "{name}: {action}"
            );
            assert_eq!(tokens, 1, "{name}");
        }
    });
}

#[test]
fn nothing_inline_nothing_from_elsewhere_nothing_unescaped() {
    every_page(|name, _, html, source| {
        assert!(
            select(html, "style, [style], script:not([src]), [onclick], [onload]").is_empty(),
            "{name}"
        );
        for element in select(html, "script, link, img") {
            let address = element.attr("src").or(element.attr("href")).unwrap_or_default();
            assert!(address.starts_with("/static/"), "{name}: {address}");
        }
        assert!(!source.contains("<script>"), "{name}: what was typed is escaped");
        // What a ceremony asks of the authenticator is JSON.
        let rest = match source.split_once("data-options=\"") {
            Some((before, after)) => [before, after.split_once('"').unwrap().1].concat(),
            None => source.to_owned(),
        };
        assert!(!rest.contains('{'), "{name}: a placeholder was left: {rest}");
    });
}

#[test]
fn addresses_and_codes_keep_their_direction() {
    every_page(|name, _, html, source| {
        let marked = select(html, "bdi[dir=ltr]")
            .iter()
            .any(|element| text(element).contains('@'));
        if source.contains("anna@contoso.test</") {
            assert!(marked, "{name}");
        }
    });
}

#[test]
fn help_is_in_the_same_place_everywhere() {
    let mut seen = BTreeSet::new();
    every_page(|_, language, html, _| {
        let items: Vec<String> = select(html, "footer li").iter().map(text).collect();
        seen.insert((language.tag(), items));
    });
    assert_eq!(seen.len(), Language::ALL.len(), "{seen:?}");
}

#[test]
fn a_page_is_small() {
    every_page(|name, _, _, source| {
        // Those that are lists.
        let most = if name.starts_with("my access") || name.starts_with("inviter") {
            12_000
        } else {
            6_500
        };
        assert!(source.len() < most, "{name}: {} bytes", source.len());
    });
}
