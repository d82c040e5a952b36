//! G5: who the guest is, and why that does not open the app. Shown only after the mailbox was proven.

use super::section::section;

section! {
    /// The page that refuses.
    RefusedTexts {
        title,
        heading,
        blocked,
        expired,
        app_disabled,
        not_invited,
        invitation_lapsed,
        assignment_ended,
        assignment_not_begun,
        advice_invite,
        advice_ask,
    }
}

/// English.
pub const EN: RefusedTexts = RefusedTexts {
    title: "No access to {app}",
    heading: "You can't open {app}",
    blocked: "You're signed in as {email}, but {organisation} has blocked this address.",
    expired: "You're signed in as {email}, but your access to {organisation} has ended.",
    app_disabled: "You're signed in as {email}, but {app} isn't available at the moment.",
    not_invited: "You're signed in as {email}, but you haven't been invited to {app}.",
    invitation_lapsed: "You're signed in as {email}, but your invitation to {app} has expired.",
    assignment_ended: "You're signed in as {email}, but your access to {app} has ended.",
    assignment_not_begun: "You're signed in as {email}, but your access to {app} hasn't started yet.",
    advice_invite: "Ask the person you work with at {organisation} to invite you, or ask {contact}.",
    advice_ask: "Ask the person you work with at {organisation}, or {contact}.",
};

/// German.
pub const DE: RefusedTexts = RefusedTexts {
    title: "Kein Zugang zu {app}",
    heading: "Sie können {app} nicht öffnen",
    blocked: "Sie sind als {email} angemeldet, aber {organisation} hat diese Adresse gesperrt.",
    expired: "Sie sind als {email} angemeldet, aber Ihr Zugang zu {organisation} ist beendet.",
    app_disabled: "Sie sind als {email} angemeldet, aber {app} ist im Moment nicht verfügbar.",
    not_invited: "Sie sind als {email} angemeldet, aber Sie wurden nicht zu {app} eingeladen.",
    invitation_lapsed: "Sie sind als {email} angemeldet, aber Ihre Einladung zu {app} ist abgelaufen.",
    assignment_ended: "Sie sind als {email} angemeldet, aber Ihr Zugang zu {app} ist beendet.",
    assignment_not_begun: "Sie sind als {email} angemeldet, aber Ihr Zugang zu {app} hat noch nicht begonnen.",
    advice_invite: "Bitten Sie die Person, mit der Sie bei {organisation} zusammenarbeiten, Sie einzuladen, oder \
                    fragen Sie {contact}.",
    advice_ask: "Fragen Sie die Person, mit der Sie bei {organisation} zusammenarbeiten, oder {contact}.",
};
