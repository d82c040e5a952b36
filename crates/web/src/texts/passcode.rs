//! G2 and G2e: the code, and everything that can be wrong with it.

use super::section;

section! {
    /// The page that asks for the code.
    PasscodeTexts {
        title,
        heading,
        subject,
        reference,
        valid_until,
        ended,
        sent_again,
        mail_down,
        label,
        shared_computer,
        shared_computer_hint,
        app_sees_email,
        no_email,
        no_email_advice,
        send_another,
        wrong_address,
        stuck,
        ends_soon,
        ended_now,
        wrong,
        tries_left_one,
        tries_left_other,
        expired_sent,
        expired_newer,
        expired_later,
        other_tab,
        use_it_there,
        used,
        locked,
        too_soon,
        too_many_mails,
        busy_network,
        too_many_wrong,
        busy,
        codes_off,
    }
}

/// English.
pub const EN: PasscodeTexts = PasscodeTexts {
    title: "Enter the code",
    heading: "Check your email",
    subject: "Look for the subject “… {organisation} sign-in code”.",
    reference: "Reference: {reference}.",
    valid_until: "Valid until {time} ({minutes}).",
    ended: "Your code has expired. Ask for a new one.",
    sent_again: "New code sent at {time}.",
    mail_down: "We can't send email at the moment. This isn't your fault. We'll send your code as soon as we \
                can; you can leave this page open.",
    label: "Sign-in code",
    shared_computer: "Shared or public computer: sign me out when I close the browser",
    shared_computer_hint: "Otherwise you stay signed in for {duration}.",
    app_sees_email: "{app} will see your email address.",
    no_email: "No email yet?",
    no_email_advice: "It can take a few minutes. Check your spam folder. If this is a work address, your IT team \
                      may be holding it.",
    send_another: "Send another code",
    wrong_address: "Wrong address?",
    stuck: "Still no code? Contact {contact} and give them this reference: {reference}.",
    ends_soon: "Your code is valid for 5 more minutes.",
    ended_now: "Your code has expired. Ask for a new one.",
    wrong: "That code is not right. Check the newest email from {organisation}",
    tries_left_one: "{n} try left",
    tries_left_other: "{n} tries left",
    expired_sent: "That code has expired. We've emailed you a new one",
    expired_newer: "That code has expired. Use the newer one, emailed at {time}",
    expired_later: "That code has expired. You can ask for a new one at {time} (in {minutes})",
    other_tab: "That code is for another tab, where you started to sign in at {time}.",
    use_it_there: "Continue there",
    used: "That code was already used. If it wasn't you, tell {contact}.",
    locked: "Too many tries. You can ask for a new code at {time} (in {minutes})",
    too_soon: "You can ask for another code at {time}",
    too_many_mails: "You've asked for too many codes. You can ask for another code at {time} (in {minutes})",
    busy_network: "Many people are signing in from your network right now. You can ask for a code at {time} (in {minutes}), or \
                   contact {contact}",
    too_many_wrong: "Too many wrong codes. You can try again at {time} (in {minutes})",
    busy: "So many codes are being asked for right now that we have paused sending them, to protect accounts. You can try \
           again at {time} (in {minutes})",
    codes_off: "We stopped sending codes to this address because too many wrong codes were entered. Contact \
                {contact} to turn them back on.",
};

/// German.
pub const DE: PasscodeTexts = PasscodeTexts {
    title: "Code eingeben",
    heading: "Prüfen Sie Ihren Posteingang",
    subject: "Suchen Sie nach dem Betreff „… Anmeldecode für {organisation}“.",
    reference: "Referenz: {reference}.",
    valid_until: "Gültig bis {time} ({minutes}).",
    ended: "Ihr Code ist abgelaufen. Fordern Sie einen neuen an.",
    sent_again: "Neuer Code gesendet um {time}.",
    mail_down: "Wir können im Moment keine E-Mails senden. Das liegt nicht an Ihnen. Wir senden Ihren Code, \
                sobald es geht; Sie können diese Seite offen lassen.",
    label: "Anmeldecode",
    shared_computer: "Gemeinsam genutzter oder öffentlicher Computer: beim Schließen des Browsers abmelden",
    shared_computer_hint: "Sonst bleiben Sie {duration} angemeldet.",
    app_sees_email: "{app} sieht Ihre E-Mail-Adresse.",
    no_email: "Noch keine E-Mail?",
    no_email_advice: "Es kann ein paar Minuten dauern. Sehen Sie im Spam-Ordner nach. Bei einer dienstlichen \
                      Adresse hält Ihre IT sie vielleicht zurück.",
    send_another: "Neuen Code senden",
    wrong_address: "Falsche Adresse?",
    stuck: "Noch kein Code? Wenden Sie sich an {contact} und nennen Sie diese Referenz: {reference}.",
    ends_soon: "Ihr Code ist noch 5 Minuten gültig.",
    ended_now: "Ihr Code ist abgelaufen. Fordern Sie einen neuen an.",
    wrong: "Dieser Code stimmt nicht. Sehen Sie in die neueste E-Mail von {organisation}",
    tries_left_one: "Noch {n} Versuch",
    tries_left_other: "Noch {n} Versuche",
    expired_sent: "Dieser Code ist abgelaufen. Wir haben Ihnen einen neuen gesendet",
    expired_newer: "Dieser Code ist abgelaufen. Verwenden Sie den neueren, gesendet um {time}",
    expired_later: "Dieser Code ist abgelaufen. Einen neuen können Sie um {time} anfordern (in {minutes})",
    other_tab: "Dieser Code gehört zu einem anderen Tab, in dem Sie um {time} mit der Anmeldung begonnen haben.",
    use_it_there: "Dort weitermachen",
    used: "Dieser Code wurde schon verwendet. Wenn Sie das nicht waren, sagen Sie {contact} Bescheid.",
    locked: "Zu viele Versuche. Einen neuen Code können Sie um {time} anfordern (in {minutes})",
    too_soon: "Einen weiteren Code können Sie um {time} anfordern",
    too_many_mails: "Sie haben zu viele Codes angefordert. Den nächsten können Sie um {time} anfordern (in \
                     {minutes})",
    busy_network: "Gerade melden sich viele Leute aus Ihrem Netz an. Einen Code können Sie um {time} anfordern (in {minutes}), \
                   oder wenden Sie sich an {contact}",
    too_many_wrong: "Zu viele falsche Codes. Sie können es um {time} wieder versuchen (in {minutes})",
    busy: "Gerade werden so viele Codes angefordert, dass wir zum Schutz der Konten eine Pause machen. Sie können es um {time} \
           wieder versuchen (in {minutes})",
    codes_off: "Wir senden keine Codes mehr an diese Adresse, weil zu viele falsche eingegeben wurden. Wenden \
                Sie sich an {contact}, um das zu ändern.",
};
