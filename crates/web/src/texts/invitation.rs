//! The page behind an invitation's link. It changes nothing and proves nothing.

use super::section::section;

section! {
    /// The invitation's page.
    InvitationTexts {
        title,
        heading,
        heading_about,
        for_address,
        next,
        next_door,
        until,
        access_until,
        message,
        button,
        no_link,
        redeemed,
        lapsed_title,
        lapsed,
        revoked_title,
        revoked,
        unknown_title,
        unknown,
        ask_inviter,
    }
}

/// English.
pub const EN: InvitationTexts = InvitationTexts {
    title: "Invitation to {app}",
    heading: "{inviter} invited you to {app}",
    heading_about: "{inviter} invited you to “{about}”",
    for_address: "This invitation is for {email}.",
    next: "Next, we'll email you a sign-in code. You don't need a password.",
    next_door: "Next, you'll sign in with {door}. You don't need a new password.",
    until: "You can accept it until {date}.",
    access_until: "You'll have access until {date}.",
    message: "{inviter} writes:",
    button: "Continue to {app}",
    no_link: "Open {app} in your browser, and sign in with that address.",
    redeemed: "You have already accepted this invitation.",
    lapsed_title: "This invitation has expired",
    lapsed: "{inviter} invited you to {app}. The invitation ended on {date}.",
    revoked_title: "This invitation was cancelled",
    revoked: "{inviter} had invited you to {app}. The invitation is no longer valid.",
    unknown_title: "We don't know this invitation",
    unknown: "The link is incomplete, or the invitation has expired. Open the link in the email again, or ask \
              the person who invited you.",
    ask_inviter: "Ask {inviter} for a new invitation.",
};

/// German.
pub const DE: InvitationTexts = InvitationTexts {
    title: "Einladung zu {app}",
    heading: "{inviter} hat Sie zu {app} eingeladen",
    heading_about: "{inviter} hat Sie zu „{about}“ eingeladen",
    for_address: "Diese Einladung ist für {email}.",
    next: "Als Nächstes senden wir Ihnen einen Anmeldecode. Ein Passwort brauchen Sie nicht.",
    next_door: "Als Nächstes melden Sie sich mit {door} an. Ein neues Passwort brauchen Sie nicht.",
    until: "Sie können sie bis zum {date} annehmen.",
    access_until: "Sie haben Zugang bis zum {date}.",
    message: "{inviter} schreibt:",
    button: "Weiter zu {app}",
    no_link: "Öffnen Sie {app} in Ihrem Browser und melden Sie sich mit dieser Adresse an.",
    redeemed: "Sie haben diese Einladung schon angenommen.",
    lapsed_title: "Diese Einladung ist abgelaufen",
    lapsed: "{inviter} hat Sie zu {app} eingeladen. Die Einladung endete am {date}.",
    revoked_title: "Diese Einladung wurde zurückgenommen",
    revoked: "{inviter} hatte Sie zu {app} eingeladen. Die Einladung gilt nicht mehr.",
    unknown_title: "Diese Einladung kennen wir nicht",
    unknown: "Der Link ist unvollständig, oder die Einladung ist abgelaufen. Öffnen Sie den Link in der E-Mail \
              noch einmal, oder fragen Sie die Person, die Sie eingeladen hat.",
    ask_inviter: "Bitten Sie {inviter} um eine neue Einladung.",
};
