//! G8 and G9: what happened, and what the visitor can do.

use crate::error_kind::ErrorKind;

/// The texts of error pages.
#[derive(Debug)]
#[expect(
    missing_docs,
    reason = "each field is the heading or the advice of the kind it is named after"
)]
pub struct ErrorTexts {
    pub reference: &'static str,
    pub back_to_app: &'static str,
    pub unknown_app: (&'static str, &'static str),
    pub bad_redirect_uri: (&'static str, &'static str),
    pub bad_request: (&'static str, &'static str),
    pub start_again: (&'static str, &'static str),
    pub forged: (&'static str, &'static str),
    pub not_found: (&'static str, &'static str),
    pub method_not_allowed: (&'static str, &'static str),
    pub too_many: (&'static str, &'static str),
    pub too_large: (&'static str, &'static str),
    pub wrong_host: (&'static str, &'static str),
    pub internal: (&'static str, &'static str),
    pub unavailable: (&'static str, &'static str),
}

impl ErrorTexts {
    /// Heading and advice of one kind.
    pub fn of(&self, kind: ErrorKind) -> (&'static str, &'static str) {
        match kind {
            ErrorKind::UnknownApp => self.unknown_app,
            ErrorKind::BadRedirectUri => self.bad_redirect_uri,
            ErrorKind::BadRequest => self.bad_request,
            ErrorKind::StartAgain => self.start_again,
            ErrorKind::Forged => self.forged,
            ErrorKind::NotFound => self.not_found,
            ErrorKind::MethodNotAllowed => self.method_not_allowed,
            ErrorKind::TooMany => self.too_many,
            ErrorKind::TooLarge => self.too_large,
            ErrorKind::WrongHost => self.wrong_host,
            ErrorKind::Internal => self.internal,
            ErrorKind::Unavailable => self.unavailable,
        }
    }
}

#[cfg(test)]
impl ErrorTexts {
    /// Every text with its name, for the tests that compare languages.
    pub(crate) fn entries(&self) -> Vec<(&'static str, &'static str)> {
        let mut entries = vec![("reference", self.reference), ("back_to_app", self.back_to_app)];
        for kind in ErrorKind::ALL {
            let (heading, advice) = self.of(kind);
            entries.extend([("heading", heading), ("advice", advice)]);
        }
        entries
    }
}

/// English.
pub const EN: ErrorTexts = ErrorTexts {
    reference: "Reference {reference}",
    back_to_app: "Back to {app}",
    unknown_app: (
        "We don't know this app",
        "The app that sent you here is not registered with {organisation}. Go back to it and try again. If this \
         keeps happening, tell the people who run the app.",
    ),
    bad_redirect_uri: (
        "Something is wrong with this app",
        "For your safety we stopped here. This isn't your fault. Tell the people who run the app, and quote the \
         reference below.",
    ),
    bad_request: (
        "We couldn't read this request",
        "Go back to the app you came from and start again. If this keeps happening, tell the people who run the \
         app.",
    ),
    start_again: (
        "Please start again",
        "This sign-in is over, it was started in another browser, or this browser blocks cookies. Allow cookies \
         for this site, or leave private mode, then open the app again and sign in from there.",
    ),
    forged: (
        "This page has expired",
        "Open the app again and sign in from there.",
    ),
    not_found: (
        "There is nothing here",
        "Check the address, or open the app you want to use.",
    ),
    method_not_allowed: (
        "This doesn't work here",
        "Open the app you want to use and sign in from there.",
    ),
    too_many: ("Too many requests", "Wait a few minutes, then try again."),
    too_large: ("That was too long", "Try again with less text."),
    wrong_host: (
        "This is not the address of this service",
        "Open the app you want to use and sign in from there. If you run this service: the proxy must pass on the \
         Host header of the public address.",
    ),
    internal: (
        "Something went wrong on our side",
        "Try again in a moment. If this keeps happening, tell {organisation}, and quote the reference below.",
    ),
    unavailable: (
        "We can't do this right now",
        "This isn't your fault. Try again in a few minutes.",
    ),
};

/// German.
pub const DE: ErrorTexts = ErrorTexts {
    reference: "Referenz {reference}",
    back_to_app: "Zurück zu {app}",
    unknown_app: (
        "Diese App kennen wir nicht",
        "Die App, von der Sie kommen, ist bei {organisation} nicht registriert. Gehen Sie zu ihr zurück und \
         versuchen Sie es noch einmal. Wenn es wieder geschieht, sagen Sie es denen, die die App betreiben.",
    ),
    bad_redirect_uri: (
        "Mit dieser App stimmt etwas nicht",
        "Zu Ihrer Sicherheit haben wir hier angehalten. Das liegt nicht an Ihnen. Sagen Sie es denen, die die \
         App betreiben, und nennen Sie die Referenz unten.",
    ),
    bad_request: (
        "Diese Anfrage konnten wir nicht lesen",
        "Gehen Sie zurück zu der App, von der Sie kommen, und beginnen Sie noch einmal. Erscheint diese Seite wieder, \
         sagen Sie den Betreibern der App Bescheid.",
    ),
    start_again: (
        "Bitte beginnen Sie noch einmal",
        "Diese Anmeldung ist vorbei, sie wurde in einem anderen Browser begonnen, oder dieser Browser blockiert \
         Cookies. Erlauben Sie Cookies für diese Seite oder verlassen Sie den privaten Modus, öffnen Sie dann \
         die App noch einmal und melden Sie sich von dort aus an.",
    ),
    forged: (
        "Diese Seite ist abgelaufen",
        "Öffnen Sie die App noch einmal und melden Sie sich von dort aus an.",
    ),
    not_found: (
        "Hier ist nichts",
        "Prüfen Sie die Adresse oder öffnen Sie die App, die Sie benutzen möchten.",
    ),
    method_not_allowed: (
        "Das geht hier nicht",
        "Öffnen Sie die App, die Sie benutzen möchten, und melden Sie sich von dort an.",
    ),
    too_many: (
        "Zu viele Anfragen",
        "Warten Sie ein paar Minuten und versuchen Sie es dann noch einmal.",
    ),
    too_large: (
        "Das war zu lang",
        "Versuchen Sie es mit weniger Text noch einmal.",
    ),
    wrong_host: (
        "Das ist nicht die Adresse dieses Dienstes",
        "Öffnen Sie die App, die Sie benutzen möchten, und melden Sie sich von dort an. Falls Sie diesen Dienst \
         betreiben: Der Proxy muss den Host-Header der öffentlichen Adresse weitergeben.",
    ),
    internal: (
        "Bei uns ist etwas schiefgegangen",
        "Versuchen Sie es gleich noch einmal. Erscheint diese Seite wieder, sagen Sie {organisation} Bescheid und \
         nennen Sie die Referenz unten.",
    ),
    unavailable: (
        "Das geht im Moment nicht",
        "Das liegt nicht an Ihnen. Versuchen Sie es in ein paar Minuten noch einmal.",
    ),
};
