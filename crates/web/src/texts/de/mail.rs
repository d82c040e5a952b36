//! German: mails.

use crate::texts::mail::MailTexts;

pub(super) const MAIL: MailTexts = MailTexts {
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
    invitation_preheader_upstream: "Zum Öffnen melden Sie sich mit {upstream} an. Ein neues Passwort brauchen Sie nicht.",
    invitation_message: "{inviter} schreibt:",
    invitation_open: "Einladung öffnen",
    invitation_host: "Der Link geht zu {host}.",
    invitation_proof: "Zur Anmeldung senden wir einen Code an {address}. Ein Passwort brauchen Sie nicht.",
    invitation_proof_upstream: "Sie melden sich mit {upstream} an. Ein neues Passwort brauchen Sie nicht.",
    invitation_lapses: "Diese Einladung läuft am {date} ab.",
    invitation_access: "Sie haben Zugang bis zum {date}.",
    invitation_answer: "Mit einer Antwort auf diese Mail erreichen Sie {inviter}.",
    invitation_why: "Sie erhalten diese Mail, weil {inviter} die Adresse {address} für eine Einladung eingegeben hat. Haben Sie sie nicht \
                     erwartet, tun Sie nichts: Ohne Ihre Anmeldung geschieht nichts.",
    invitation_stop: "Sie möchten keine Einladungen mehr? Sagen Sie es {help}.",
    invitation_privacy: "Datenschutz bei {organisation}:",

    access_request_subject: "{guest} bittet um Zugang zu {app}",
    access_request_lead: "{guest} bittet um Zugang zu {app} bei {organisation}.",
    access_request_lead_unproven: "Die Einladung von {guest} zu {app} bei {organisation} ist abgelaufen, und wer sie hat, bittet um Zugang. Ihn \
                                   bekäme allein diese Adresse.",
    access_request_open: "Antworten",
    access_request_host: "Der Link führt zu {host}. Ihn zu öffnen ändert nichts: Sie wählen dort.",
    access_request_why: "Sie werden gefragt, weil Sie diese Person schon einmal eingeladen haben oder für {app} zuständig sind. Wer diesen \
                         Link hat, kann in Ihrem Namen antworten: Leiten Sie ihn nicht weiter.",
    access_request_until: "Sie können bis {date} antworten. Ohne Antwort gibt es keinen Zugang.",
    access_approved_subject: "Sie haben Zugang zu {app}",
    access_approved: "Sie haben um Zugang zu {app} bei {organisation} gebeten, und nun haben Sie ihn.",
    access_approved_open: "{app} öffnen",
    access_refused_subject: "Sie bekommen keinen Zugang zu {app}",
    access_refused: "Sie haben um Zugang zu {app} bei {organisation} gebeten. Die Antwort war nein.",
    access_refused_ask: "Halten Sie das für falsch, fragen Sie die Person, mit der Sie dort zusammenarbeiten, oder {help}.",

    inviter_subject: "Gäste von {organisation} einladen",
    inviter_lead: "Mit diesem Link laden Sie Gäste von {organisation} zu den Apps ein, für die Sie zuständig sind.",
    inviter_open: "Einen Gast einladen",
    inviter_host: "Der Link führt zu {host} und gilt 24 Stunden lang, nachdem er angefordert wurde. Ihn zu öffnen lädt niemanden ein: Sie füllen dort ein Formular aus.",
    inviter_why: "Jemand hat Ihre Adresse bei {host} eingegeben, um ihn zu bekommen. Waren Sie das nicht, löschen Sie diese E-Mail.",
    inviter_secret: "Wer diesen Link hat, kann in Ihrem Namen einladen: leiten Sie ihn nicht weiter.",

    renewal_subject: "Behält {guest} den Zugang zu {app}?",
    renewal_lead: "{guest} hat bis {date} Zugang zu {app} bei {organisation}. Soll er weitergehen?",
    renewal_why: "Sie werden gefragt, weil Sie den Zugang gegeben haben oder für {app} zuständig sind. Wer diesen Link hat, kann in Ihrem \
                  Namen antworten: Leiten Sie ihn nicht weiter.",
    renewal_until: "Ohne Antwort endet er am {date}. Sie können ihn auch sofort beenden.",
    renewed_subject: "Sie behalten Ihren Zugang zu {app}",
    renewed: "Ihr Zugang zu {app} bei {organisation} geht weiter.",
    not_renewed_subject: "Ihr Zugang zu {app} endet am {date}",
    not_renewed: "Ihr Zugang zu {app} bei {organisation} endet am {date}.",
    access_ended_subject: "Ihr Zugang zu {app} ist beendet",
    access_ended: "Ihr Zugang zu {app} bei {organisation} ist beendet.",

    notice_subject: "Ihr Gastzugang zu {organisation} endet am {date}",
    notice_inactive: "Sie haben sich bei {organisation} lange nicht angemeldet. Ihr Gastzugang endet am {date}.",
    notice_inactive_keep: "Um ihn zu behalten, öffnen Sie vorher eine Ihrer Apps und melden sich an.",
    notice_never_redeemed: "Sie wurden zu {organisation} eingeladen und haben sich noch nicht angemeldet. Ihr Gastzugang endet am {date}.",
    notice_never_redeemed_keep: "Um ihn zu behalten, öffnen Sie vorher Ihre Einladung und melden sich an.",
    notice_unassigned: "Ihr Zugang zu allen Apps bei {organisation} ist beendet. Ihr Gastzugang endet am {date}.",
    notice_unassigned_keep: "Brauchen Sie noch eine App, fragen Sie die Person, mit der Sie dort zusammenarbeiten.",
    notice_sponsor_gone: "Die Person bei {organisation}, die für Ihren Zugang verantwortlich war, ist nicht mehr dort. Ihr Gastzugang endet am {date}.",
    notice_sponsor_gone_keep: "Um ihn zu behalten, bitten Sie jemanden, mit dem Sie dort zusammenarbeiten, die Verantwortung zu übernehmen.",
    notice_ask: "Haben Sie Fragen, wenden Sie sich an {help}.",

    merge_subject: "Gehören beide Adressen Ihnen?",
    merge_lead: "{organisation} fragt, ob {kept} und {other} dieselbe Person sind. Gehören beide Ihnen, nutzen Sie künftig alles mit einer davon.",
    merge_open: "In „Mein Zugang“ antworten",
    merge_how: "Melden Sie sich dort bis zum {date} mit jeder der beiden Adressen an und sagen Sie Ja. Vorher geschieht nichts.",
    merge_then: "Danach melden Sie sich mit {kept} an und öffnen damit alles, was Sie mit {other} öffnen können. {other} öffnet hier nichts mehr.",
    merge_why: "Gehört eine der beiden nicht Ihnen, sagen Sie dort Nein oder löschen Sie diese E-Mail.",

    merged_subject: "{kept} und {other} sind jetzt ein Gast",
    merged_lead: "Sie haben gesagt, dass {kept} und {other} beide Ihnen gehören. Ab jetzt melden Sie sich bei {organisation} mit {kept} an. {other} öffnet dort nichts mehr.",
    merged_apps: "Eine App, die Sie als {other} kannte, hält Sie vielleicht für jemand Neues. Ihre Daten dort ziehen nicht von selbst um.",
    merged_ask: "Haben Sie das nicht gesagt, melden Sie sich bei {help}: es lässt sich rückgängig machen.",
    unmerged_subject: "{kept} und {other} sind wieder zwei Gäste",
    unmerged_lead: "{organisation} hat rückgängig gemacht, dass {kept} und {other} ein Gast sind. Sie melden sich dort wieder mit jeder der beiden Adressen an.",
    unmerged_apps: "Jede öffnet die Apps, die ihre eigenen waren. Was {kept} nur öffnete, weil {other} es konnte, öffnet sie nicht mehr.",
    unmerged_ask: "Wissen Sie nicht, warum, fragen Sie {help}.",

    address_subject: "Ihre Adresse bei {organisation} hat sich geändert",
    address_new: "{organisation} hat diese Adresse für Ihre Anmeldung eingetragen, anstelle der bisherigen.",
    address_former: "{organisation} hat die Adresse geändert, mit der Sie sich anmelden: Diese hier ist es nicht mehr.",
    address_former_now: "Mit dieser Adresse kommen Sie bei {organisation} nicht mehr hinein, es sei denn, Sie \
                         werden neu eingeladen. Wir haben Sie überall abgemeldet.",
    method_subject: "Ihre Anmeldung bei {organisation} hat sich geändert",
    method_moved: "Sie haben geändert, wie Sie sich bei {organisation} anmelden.",
    method_reset: "{organisation} hat Ihre Anmeldung zurückgesetzt.",
    method_now_code: "Wenn Sie das nächste Mal eine App öffnen, senden wir Ihnen einen Anmeldecode.",
    method_now_upstream: "Wenn Sie das nächste Mal eine App öffnen, melden Sie sich mit {upstream} an.",
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
