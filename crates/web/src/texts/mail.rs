//! Mails: the sign-in code, the letter in its place, the invitation, and the news that the method has changed. Subjects first, then what they say from top to bottom.

/// The texts of mails.
#[derive(Debug)]
pub struct MailTexts {
    /// The subject of a code mail: the code comes first, where a list of mails and a lock screen show it.
    pub code_subject: &'static str,
    /// The same where the code must not stand in the subject.
    pub code_subject_without: &'static str,
    /// The first words that a list of mails shows behind the subject.
    pub code_preheader: &'static str,
    /// The first sentence.
    pub code_lead: &'static str,
    /// The first sentence where the code comes at the end.
    pub code_lead_without: &'static str,
    /// Where to type it, and until when.
    pub code_enter: &'static str,
    /// What tells the guest which page the mail belongs to.
    pub code_reference: &'static str,
    /// Why the mail came.
    pub code_why: &'static str,
    /// What nobody will do.
    pub code_never: &'static str,
    /// What to do with a mail that looks wrong.
    pub code_suspicious: &'static str,
    /// One minute.
    pub minute: &'static str,
    /// Several.
    pub minutes: &'static str,

    /// The subject of an invitation.
    pub invitation_subject: &'static str,
    /// The first words that a list of mails shows behind the subject.
    pub invitation_preheader: &'static str,
    /// The same for a guest who signs in elsewhere.
    pub invitation_preheader_door: &'static str,
    /// Why it came.
    pub invitation_why: &'static str,
    /// How not to get another.
    pub invitation_stop: &'static str,
    /// What to, where the inviter says what it is about.
    pub invitation_what_about: &'static str,
    /// Where, unless it is the organisation itself who invites.
    pub invitation_at: &'static str,
    /// Who invites to what, when it is the app.
    pub invitation_lead: &'static str,
    /// What stands before the inviter's own words.
    pub invitation_message: &'static str,
    /// The link's words.
    pub invitation_open: &'static str,
    /// Where the link leads.
    pub invitation_host: &'static str,
    /// What will be asked.
    pub invitation_proof: &'static str,
    /// The same for a guest who signs in elsewhere.
    pub invitation_proof_door: &'static str,
    /// When the invitation lapses.
    pub invitation_lapses: &'static str,
    /// When the access it gives ends.
    pub invitation_access: &'static str,
    /// Whom an answer reaches.
    pub invitation_answer: &'static str,
    /// Where the privacy statement is.
    pub invitation_privacy: &'static str,

    /// Subject of the mail about a new address.
    pub address_subject: &'static str,
    /// To the new address.
    pub address_new: &'static str,
    /// To the former address; the new one is not its business.
    pub address_former: &'static str,
    /// What the former address opens now.
    pub address_former_now: &'static str,
    /// The subject of the mail about another method.
    pub method_subject: &'static str,
    /// The guest moved.
    pub method_moved: &'static str,
    /// An operator reset it.
    pub method_reset: &'static str,
    /// By which method from now on: a code.
    pub method_now_code: &'static str,
    /// By which method from now on: elsewhere.
    pub method_now_door: &'static str,
    /// What has ended.
    pub method_ended: &'static str,
    /// Whom to ask when it was not expected.
    pub method_suspicious: &'static str,

    /// The subject of the mail about a new passkey.
    pub passkey_subject: &'static str,
    /// It was registered.
    pub passkey_added: &'static str,
    /// What it does.
    pub passkey_now: &'static str,

    /// Subject of the letter in place of a code.
    pub no_code_subject: &'static str,
    /// What they asked for.
    pub no_code_lead: &'static str,
    /// The way they sign in is off.
    pub no_code_off: &'static str,
    /// Nobody may come from their domain.
    pub no_code_refused: &'static str,
    /// Whom to ask.
    pub no_code_ask: &'static str,
    /// The same where nobody is named.
    pub no_code_ask_nobody: &'static str,

    /// Subject of a test mail.
    pub test_subject: &'static str,
    /// What it shows.
    pub test_lead: &'static str,
    /// What to look at.
    pub test_headers: &'static str,

    /// A time of day, on pages that no script changes to the visitor's.
    pub time: &'static str,
    /// A day.
    pub date: &'static str,
    /// The months.
    pub months: [&'static str; 12],
}

/// English.
pub const EN: MailTexts = MailTexts {
    code_subject: "{code} is your {organisation} sign-in code",
    code_subject_without: "Your {organisation} sign-in code ({mark})",
    code_preheader: "{code} – works for {lifetime}. Never share it.",
    code_lead: "{code} is your sign-in code for {app}.",
    code_lead_without: "Someone, probably you, asked for a sign-in code for {app}. It's at the end of this email.",
    code_enter: "Enter it on the page you have open at {host}. It works for {lifetime} from when you asked for it.",
    code_reference: "Reference on your screen: {reference}",
    code_why: "Someone entered {address} to sign in to {app}. If that wasn't you, ignore this email: nobody can \
               get in without the code.",
    code_never: "Nobody at {organisation} will ever ask you for this code.",
    code_suspicious: "Something wrong? Tell {help}. Don't send them the code.",
    minute: "1 minute",
    minutes: "{minutes} minutes",

    invitation_subject: "{inviter} invited you to {what}{at}",
    invitation_what_about: "“{about}” in {app}",
    invitation_at: " at {organisation}",
    invitation_lead: "{inviter} invited you to {what}{at}.",
    invitation_preheader: "No password needed: we'll email you a sign-in code.",
    invitation_preheader_door: "You sign in with {door}. No new password needed.",
    invitation_message: "{inviter} writes:",
    invitation_open: "Open the invitation",
    invitation_host: "The link goes to {host}.",
    invitation_proof: "To sign in, we'll email a code to {address}. You don't need a password.",
    invitation_proof_door: "You sign in with {door}. You don't need a new password.",
    invitation_lapses: "This invitation expires on {date}.",
    invitation_access: "You'll have access until {date}.",
    invitation_answer: "Reply to this email to reach {inviter}.",
    invitation_why: "You're getting this because {inviter} entered {address} to invite you. If you weren't expecting it, ignore it: \
                     nothing happens until you sign in.",
    invitation_stop: "You don't want any more invitations? Tell {help}.",
    invitation_privacy: "Privacy at {organisation}:",

    address_subject: "Your address at {organisation} has changed",
    address_new: "{organisation} has given you this address to sign in with, in place of the one you had.",
    address_former: "{organisation} has changed the address you sign in with: it is not this one any more.",
    address_former_now: "You can't use this address at {organisation} any more unless you're invited again. \
                         We've signed you out everywhere.",
    method_subject: "How you sign in at {organisation} has changed",
    method_moved: "You've changed how you sign in at {organisation}.",
    method_reset: "{organisation} has reset your sign-in.",
    method_now_code: "The next time you open an app we email you a sign-in code.",
    method_now_door: "The next time you open an app you sign in with {door}.",
    method_ended: "You've been signed out everywhere. You still have access to the same apps.",
    method_suspicious: "If you didn't expect this, contact {help}.",

    passkey_subject: "A passkey was added at {organisation}",
    passkey_added: "A passkey was created to sign in at {organisation} with this address.",
    passkey_now: "From now on that device can sign in without a code. If it was you, there is nothing to do.",

    no_code_subject: "You can't sign in at {organisation} right now",
    no_code_lead: "Someone, probably you, asked for a code to sign in to {app} as {address}. We can't send one.",
    no_code_off: "You have signed in at {organisation} another way before, and that way is switched off at the moment.",
    no_code_refused: "{organisation} doesn't let anyone sign in with an address like this one.",
    no_code_ask: "Contact {help} and give them this reference: {reference}. If it wasn't you, ignore this email.",
    no_code_ask_nobody: "Contact the person you work with at {organisation}. If it wasn't you, ignore this email.",

    test_subject: "Test mail from {organisation}",
    test_lead: "This mail was sent to test the mail settings of {host}. It arrived, so mail leaves from there.",
    test_headers: "Look at its headers as well: in Authentication-Results, SPF, DKIM and DMARC should say \"pass\". Where they \
                   don't, sign-in codes end up in spam folders.",

    time: "{time} UTC",
    date: "{day} {month} {year}",
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
};

/// German.
pub const DE: MailTexts = MailTexts {
    code_subject: "{code} ist Ihr Anmeldecode für {organisation}",
    code_subject_without: "Ihr Anmeldecode für {organisation} ({mark})",
    code_preheader: "{code} – gilt {lifetime}. Geben Sie ihn niemandem.",
    code_lead: "{code} ist Ihr Anmeldecode für {app}.",
    code_lead_without: "Jemand, wahrscheinlich Sie, hat einen Anmeldecode für {app} angefordert. Er steht am \
                        Ende dieser E-Mail.",
    code_enter: "Geben Sie ihn auf der Seite ein, die Sie auf {host} geöffnet haben. Er gilt {lifetime} ab der \
                 Anforderung.",
    code_reference: "Referenz auf Ihrem Bildschirm: {reference}",
    code_why: "Jemand hat {address} eingegeben, um sich bei {app} anzumelden. Waren Sie das nicht, tun Sie \
               nichts: Ohne den Code kommt niemand hinein.",
    code_never: "Niemand bei {organisation} wird Sie je nach diesem Code fragen.",
    code_suspicious: "Stimmt etwas nicht? Sagen Sie es {help}. Senden Sie den Code nicht mit.",
    minute: "1 Minute",
    minutes: "{minutes} Minuten",

    invitation_subject: "{inviter} hat Sie zu {what}{at} eingeladen",
    invitation_what_about: "„{about}“ in {app}",
    invitation_at: " bei {organisation}",
    invitation_lead: "{inviter} hat Sie zu {what}{at} eingeladen.",
    invitation_preheader: "Ein Passwort brauchen Sie nicht: Wir senden Ihnen einen Anmeldecode.",
    invitation_preheader_door: "Zum Öffnen melden Sie sich mit {door} an. Ein neues Passwort brauchen Sie nicht.",
    invitation_message: "{inviter} schreibt:",
    invitation_open: "Einladung öffnen",
    invitation_host: "Der Link geht zu {host}.",
    invitation_proof: "Zur Anmeldung senden wir einen Code an {address}. Ein Passwort brauchen Sie nicht.",
    invitation_proof_door: "Sie melden sich mit {door} an. Ein neues Passwort brauchen Sie nicht.",
    invitation_lapses: "Diese Einladung läuft am {date} ab.",
    invitation_access: "Sie haben Zugang bis zum {date}.",
    invitation_answer: "Mit einer Antwort auf diese Mail erreichen Sie {inviter}.",
    invitation_why: "Sie erhalten diese Mail, weil {inviter} die Adresse {address} für eine Einladung eingegeben hat. Haben Sie sie nicht \
                     erwartet, tun Sie nichts: Ohne Ihre Anmeldung geschieht nichts.",
    invitation_stop: "Sie möchten keine Einladungen mehr? Sagen Sie es {help}.",
    invitation_privacy: "Datenschutz bei {organisation}:",

    address_subject: "Ihre Adresse bei {organisation} hat sich geändert",
    address_new: "{organisation} hat diese Adresse für Ihre Anmeldung eingetragen, anstelle der bisherigen.",
    address_former: "{organisation} hat die Adresse geändert, mit der Sie sich anmelden: Diese hier ist es nicht mehr.",
    address_former_now: "Mit dieser Adresse kommen Sie bei {organisation} nicht mehr hinein, es sei denn, Sie \
                         werden neu eingeladen. Wir haben Sie überall abgemeldet.",
    method_subject: "Ihre Anmeldung bei {organisation} hat sich geändert",
    method_moved: "Sie haben geändert, wie Sie sich bei {organisation} anmelden.",
    method_reset: "{organisation} hat Ihre Anmeldung zurückgesetzt.",
    method_now_code: "Wenn Sie das nächste Mal eine App öffnen, senden wir Ihnen einen Anmeldecode.",
    method_now_door: "Wenn Sie das nächste Mal eine App öffnen, melden Sie sich mit {door} an.",
    method_ended: "Sie wurden überall abgemeldet. Sie haben weiter Zugang zu denselben Apps.",
    method_suspicious: "Wenn Sie das nicht erwartet haben, wenden Sie sich an {help}.",

    passkey_subject: "Ein Passkey wurde bei {organisation} hinzugefügt",
    passkey_added: "Für die Anmeldung bei {organisation} mit dieser Adresse wurde ein Passkey erstellt.",
    passkey_now: "Ab jetzt kann sich dieses Gerät ohne Code anmelden. Waren Sie das, müssen Sie nichts tun.",

    no_code_subject: "Sie können sich bei {organisation} gerade nicht anmelden",
    no_code_lead: "Jemand, wahrscheinlich Sie, hat einen Code angefordert, um sich als {address} bei {app} anzumelden. Wir können \
                   keinen senden.",
    no_code_off: "Sie haben sich bei {organisation} bisher auf einem anderen Weg angemeldet, und der ist im Moment abgeschaltet.",
    no_code_refused: "Bei {organisation} kann sich niemand mit einer Adresse wie dieser anmelden.",
    no_code_ask: "Wenden Sie sich an {help} und nennen Sie diese Referenz: {reference}. Waren Sie das nicht, tun Sie nichts.",
    no_code_ask_nobody: "Wenden Sie sich an die Person, mit der Sie bei {organisation} zusammenarbeiten. Waren Sie das nicht, tun \
                         Sie nichts.",

    test_subject: "Testmail von {organisation}",
    test_lead: "Diese Mail prüft die Mail-Einstellungen von {host}. Sie ist angekommen, also geht von dort Mail hinaus.",
    test_headers: "Sehen Sie auch in ihre Kopfzeilen: In Authentication-Results sollten SPF, DKIM und DMARC \"pass\" sagen. Wo \
                   nicht, landen Anmeldecodes im Spam-Ordner.",

    time: "{time} UTC",
    date: "{day}. {month} {year}",
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
};
