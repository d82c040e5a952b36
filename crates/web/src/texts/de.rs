//! German.

use super::{
    access_request::AccessRequestTexts, alphabet::AlphabetTexts, catalogue::Texts, common::CommonTexts,
    consent::ConsentTexts, error::ErrorTexts, federation::FederationTexts, go_on::GoOnTexts, home::HomeTexts,
    identify::IdentifyTexts, invitation::InvitationTexts, passcode::PasscodeTexts, passkey::PasskeyTexts,
    personal::PersonalTexts, refused::RefusedTexts, signed_out::SignedOutTexts, test_sign_in::TestTexts,
};

mod inviter;
mod mail;
mod merge;
mod my_access;

/// Every text in German.
pub(super) static TEXTS: Texts = Texts {
    common: CommonTexts {
        skip: "Zum Inhalt springen",
        footer: "Hilfe und Informationen",
        help: "Hilfe",
        help_named: "Hilfe: {name}",
        privacy: "Datenschutz",
        terms: "Nutzungsbedingungen",
        languages: "Sprachen",
        accessibility: "Barrierefreiheit",
        error: "Fehler:",
        problem: "Bitte prüfen Sie Ihre Eingabe",
        go_on: "Weiter",
        cancel: "Abbrechen",
        back_to_app: "Zurück zu {app}",
        other_address: "Eine andere Adresse verwenden",
        minute: "{n} Minute",
        minutes: "{n} Minuten",
        hour: "{n} Stunde",
        hours: "{n} Stunden",
    },
    identify: IdentifyTexts {
        title: "Anmelden bei {app}",
        heading: "Melden Sie sich an, um {app} zu öffnen",
        label: "Ihre E-Mail-Adresse",
        hint_invited: "Verwenden Sie die Adresse, an die Ihre Einladung ging.",
        hint_domain: "Verwenden Sie Ihre dienstliche Adresse oder die, an die Ihre Einladung ging.",
        hint_known: "Verwenden Sie die Adresse, unter der {organisation} Sie kennt.",
        hint_anyone: "Verwenden Sie eine E-Mail-Adresse, die Sie jetzt abrufen können.",
        uninvited: "Ich habe keine Einladung",
        uninvited_advice: "Für {app} brauchen Sie eine Einladung von {organisation}. Bitten Sie die Person, mit der Sie \
                           dort zusammenarbeiten, Sie einzuladen.",
        contact: "Fragen? Wenden Sie sich an {contact}.",
        suggestion: "Meinten Sie {email}?",
        use_it: "Diese verwenden",
        keep_mine: "Meine behalten",
        signed_in_as: "Sie sind als {email} angemeldet.",
        continue_as: "Weiter als {email}",
        or_other: "Oder mit einer anderen Adresse anmelden",
        somebody_else: "{app} erwartet jemand anderen, nicht {email}. Melden Sie sich mit der Adresse an, die Sie in \
                        {app} verwenden, oder gehen Sie zurück.",
        empty: "Geben Sie Ihre E-Mail-Adresse ein",
        too_long: "Die E-Mail-Adresse ist zu lang. Prüfen Sie, ob noch etwas anderes mit eingefügt wurde",
        no_at: "Geben Sie eine E-Mail-Adresse mit einem @ ein, zum Beispiel anna@example.com",
        invisible: "Entfernen Sie das Leerzeichen oder das unsichtbare Zeichen aus der E-Mail-Adresse, oder tippen \
                    Sie sie noch einmal",
        local_part: "Der Teil vor dem @ enthält ein Zeichen, das in E-Mail-Adressen nicht vorkommt. Prüfen Sie ihn",
        long_local_part: "Der Teil vor dem @ ist zu lang. Prüfen Sie, ob noch etwas anderes mit eingefügt wurde",
        dots: "Prüfen Sie die Punkte vor dem @",
        domain: "Prüfen Sie den Teil nach dem @. Er sollte aussehen wie example.com",
        mixed_script: "Der Teil nach dem @ mischt Buchstaben aus verschiedenen Alphabeten. Tippen Sie die Adresse, \
                       statt sie einzufügen",
        send_title: "Anmeldecode für {app} anfordern",
        send_lead: "Wir senden einen Anmeldecode an {email}.",
        send_button: "Code per E-Mail senden",
        not_you: "Nicht Sie?",
        unavailable_title: "Mit dieser Adresse geht es noch nicht",
        unavailable_heading: "Mit {email} können Sie sich noch nicht anmelden",
        unavailable_federation: "Wer zu {upstream} gehört, meldet sich über {upstream} an. {organisation} hat das noch nicht \
                                 eingerichtet.",
        unavailable_personal: "Mit dieser Adresse meldet man sich mit {upstream} an. {organisation} hat das noch nicht \
                               eingerichtet.",
        unavailable_several: "Mit dieser Adresse meldet man sich mit einem davon an: {upstream}. {organisation} hat das \
                              noch nicht eingerichtet.",
        unavailable_codes_off: "{organisation} verwendet keine Anmeldecodes, und für diese Adresse gibt es keinen \
                                anderen Weg.",
        unavailable_advice: "Das liegt nicht an Ihnen. Wenden Sie sich an {contact}, verwenden Sie eine andere \
                             Adresse oder gehen Sie zurück.",
    },
    passcode: PasscodeTexts {
        title: "Code eingeben",
        heading: "Prüfen Sie Ihren Posteingang",
        subject: "Suchen Sie nach dem Betreff „… Anmeldecode für {organisation}“.",
        reference: "Referenz: {reference}.",
        valid_until: "Gültig bis {time} ({minutes}).",
        ended: "Ihr Code ist abgelaufen. Fordern Sie einen neuen an.",
        sent_again: "Neuer Code gesendet um {time}.",
        mail_down_heading: "Wir können im Moment keine E-Mails senden",
        mail_down: "Das liegt nicht an Ihnen. Wir senden Ihren Code an {email}, sobald es geht; Sie können diese Seite offen lassen.",
        mail_deferred: "Unsere E-Mail an {email} wurde noch nicht angenommen. Wir versuchen es weiter; das kann einige Minuten dauern.",
        mail_refused: "Unsere E-Mail an {email} wurde nicht angenommen. Prüfen Sie, ob die Adresse stimmt.",
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
        locked_heading: "Zu viele Versuche",
        locked_until: "Einen neuen Code können Sie um {time} anfordern (in {minutes}).",
        help: "Brauchen Sie Hilfe? Wenden Sie sich an {contact} und nennen Sie diese Referenz: {reference}.",
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
    },
    digits: AlphabetTexts {
        lead: "Wir haben einen 8-stelligen Code an {email} gesendet.",
        lead_invited: "Wenn {email} eingeladen wurde, ist ein 8-stelliger Code unterwegs.",
        hint: "8 Ziffern",
        empty: "Geben Sie den 8-stelligen Code aus der E-Mail ein",
        length: "Der Code hat 8 Ziffern. Sie haben {n} eingegeben",
        other_characters: "Der Code besteht aus 8 Ziffern und sonst nichts. Kopieren Sie ihn noch einmal aus der E-Mail",
    },
    letters: AlphabetTexts {
        lead: "Wir haben einen Code aus 10 Buchstaben an {email} gesendet.",
        lead_invited: "Wenn {email} eingeladen wurde, ist ein Code aus 10 Buchstaben unterwegs.",
        hint: "10 Buchstaben, groß oder klein",
        empty: "Geben Sie die 10 Buchstaben des Codes aus der E-Mail ein",
        length: "Der Code hat 10 Buchstaben. Sie haben {n} eingegeben",
        other_characters: "Der Code besteht aus 10 Buchstaben und sonst nichts. Kopieren Sie ihn noch einmal aus der neuesten \
                           E-Mail",
    },
    federation: FederationTexts {
        leave_heading: "Weiter zu {upstream}",
        leave_lead: "Melden Sie sich mit Ihrem Konto bei {upstream} an ({email}). Danach kommen Sie zu {app} zurück.",
        leave_button: "Weiter zu {upstream}",
        offer_heading: "{upstream} hat hier jetzt eine eigene Anmeldung",
        offer_lead: "Sie haben sich mit einem Code angemeldet. Wer zu {upstream} gehört, kann stattdessen die Anmeldung \
                     von {upstream} verwenden, ohne auf eine E-Mail zu warten.",
        offer_lead_other: "Wer zu {upstream} gehört, kann sich hier jetzt mit dem Konto von {upstream} anmelden.",
        offer_note: "Sie haben weiter Zugang zu denselben Apps. Danach melden Sie sich bei {upstream} an und bekommen \
                     keine Codes mehr.",
        offer_note_other: "Sie haben weiter Zugang zu denselben Apps. Danach melden Sie sich bei {upstream} an.",
        offer_must: "{organisation} bittet alle bei {upstream}, sie ab jetzt zu verwenden. Sie haben weiter Zugang zu \
                     denselben Apps.",
        offer_accept: "Ab jetzt {upstream} verwenden",
        offer_decline: "Diesmal einen Code verwenden",
        offer_decline_other: "Diesmal nicht",
        try_again: "Noch einmal versuchen",
        down_heading: "{upstream} ist nicht erreichbar",
        down_lead: "Die Anmeldung von {upstream} antwortet nicht. Das liegt nicht an Ihnen.",
        down_advice: "Versuchen Sie es in ein paar Minuten noch einmal. Wenn es so bleibt, wenden Sie sich an die IT \
                      von {upstream}.",
        refused_heading: "Sie wurden bei {upstream} nicht angemeldet",
        refused_lead: "{upstream} hat Sie zurückgeschickt, ohne Sie anzumelden. Vielleicht haben Sie abgebrochen, oder \
                       {upstream} lässt Sie hier nicht zu.",
        invalid_heading: "Die Anmeldung mit {upstream} hat nicht geklappt",
        invalid_lead: "Wir konnten die Antwort von {upstream} nicht verwenden. Das liegt nicht an Ihnen.",
        invalid_advice: "Sie können es noch einmal versuchen. Wenn es wieder geschieht, wenden Sie sich an {contact}.",
        somebody_else_heading: "Das war ein anderes Konto",
        somebody_else_lead: "Bei {upstream} sind Sie mit einem Konto angemeldet, das nicht zu {email} gehört.",
        somebody_else_advice: "Versuchen Sie es noch einmal und melden Sie sich dort als {email} an, oder verwenden \
                               Sie eine andere Adresse.",
        named_lead: "Bei {upstream} sind Sie als {theirs} angemeldet, nicht als {email}.",
        changed_lead: "Ihr Konto bei {upstream} ist hier als {theirs} bekannt, nicht als {email}.",
        changed_advice: "Machen Sie als {theirs} weiter. Wenn sich Ihre Adresse geändert hat, bitten Sie {contact}, \
                         sie hier auch zu ändern.",
        go_on_as: "Weiter als {email}",
        no_address_heading: "{upstream} hat uns Ihre E-Mail-Adresse nicht genannt",
        no_address_lead: "{upstream} hat Sie angemeldet, aber Ihr Konto dort hat keine E-Mail-Adresse, die wir sehen \
                          dürfen.",
        no_address_advice: "Versuchen Sie es mit einem Konto, das eine hat, oder bitten Sie {contact} um Hilfe.",
        foreign_lead: "Ihr Konto bei {upstream} hat die Adresse {theirs}, die hier mit {upstream} nicht verwendet werden \
                       kann.",
        foreign_advice: "Versuchen Sie es mit einem anderen Konto bei {upstream}, oder verwenden Sie Ihre E-Mail-Adresse.",
        late_heading: "Das hat zu lange gedauert",
        late_lead: "Sie waren länger als eine Stunde bei {upstream}. Die Antwort von dort zählt darum nicht mehr.",
        late_advice: "Versuchen Sie es noch einmal: Wenn Sie dort noch angemeldet sind, geht es schnell.",
        off_heading: "Mit {upstream} meldet man sich hier nicht mehr an",
        off_lead: "{organisation} hat die Anmeldung mit {upstream} abgeschaltet, während Sie dort waren.",
        off_advice: "Machen Sie weiter. Wenn es einen anderen Weg gibt, zeigen wir ihn.",
        go_on: "Weiter",
        another_account_heading: "{upstream} hat ein neues Konto für {email}",
        another_account_lead: "Es ist ein anderes als das, mit dem Sie früher hier waren. Darum können wir nicht \
                               sicher sein, dass Sie es sind.",
        other_account_lead: "Sie haben sich früher als {email} mit einem anderen Konto bei {upstream} angemeldet.",
        other_account_advice: "Versuchen Sie es noch einmal und wählen Sie das Konto von damals, oder verwenden Sie \
                               eine andere Adresse.",
        unverified_heading: "{upstream} bestätigt Ihre Adresse nicht",
        unverified_lead: "{upstream} hat Sie angemeldet, aber nicht bestätigt, dass {email} Ihnen gehört.",
        not_invited_heading: "Sie sind nicht zu {app} eingeladen",
        not_invited_lead: "Sie haben sich bei {upstream} angemeldet, aber {email} ist nicht zu {app} eingeladen.",
        not_invited_advice: "Bitten Sie die Person, mit der Sie bei {organisation} zusammenarbeiten, Sie einzuladen, \
                             oder verwenden Sie eine andere Adresse.",
        ask: "Bitten Sie {contact} um Hilfe, verwenden Sie eine andere Adresse oder gehen Sie zurück.",
    },
    personal: PersonalTexts {
        choose_title: "Wählen, wie Sie sich bei {app} anmelden",
        choose_heading: "Wie möchten Sie sich anmelden?",
        choose_lead: "Mit {email} können Sie sich auf mehrere Arten anmelden. Wir merken uns Ihre Wahl.",
        choose_upstream: "Weiter mit {upstream}",
        choose_code: "Anmeldecode per E-Mail senden",
        leave_lead: "Melden Sie sich mit Ihrem Konto bei {upstream} ({email}) bei {app} an.",
        offer_heading: "Sie können sich ab jetzt mit {upstream} anmelden",
        offer_lead: "Sie haben sich mit einem Code angemeldet. Mit Ihrem Konto bei {upstream} müssen Sie nicht auf eine E-Mail \
                     warten.",
        offer_note: "Sie haben weiter Zugang zu denselben Apps. Danach melden Sie sich mit {upstream} an und bekommen \
                     keine Codes mehr.",
        offer_must: "{organisation} bittet Sie, ab jetzt {upstream} zu verwenden. Sie haben weiter Zugang zu denselben \
                     Apps.",
        confirm_lead: "Sie haben sich mit {upstream} angemeldet. Um zu prüfen, ob auch {email} Ihnen gehört, senden wir \
                       dorthin einmalig einen Code.",
        confirm_other: "Ihr Konto bei {upstream} hat die Adresse {account}.",
        confirm_again: "Ein anderes Konto bei {upstream} verwenden",
    },
    test_sign_in: TestTexts {
        title: "{upstream} ausprobieren",
        lead: "Sie werden zu {upstream} geleitet, melden sich dort als {email} an und sehen hier, was zurückkam.",
        nothing_kept: "Niemand wird dadurch bei einer App angemeldet, und kein Konto wird behalten.",
        over_title: "Dieser Versuch ist vorbei",
        over: "Sein Link gilt eine Stunde. Lassen Sie sich dort, wo Sie ihn bekommen haben, einen neuen geben.",
        failed: "Es hat nicht geklappt, und kein Gast wäre hereingekommen.",
        said: "{upstream} sagte:",
        known: "Es hat geklappt. Das ist das Konto des Gasts {email}.",
        new: "Es hat geklappt. Das Konto weist {email} nach, und ein Gast mit dieser Adresse wäre hereingekommen.",
        a_code_confirms: "Es hat geklappt. Das Konto weist {email} nicht nach: Ein Gast würde die Adresse einmal mit einem Code \
                          bestätigen.",
        somebody_else: "Ein Gast wäre nicht hereingekommen: Dieses Konto gehört zu einer anderen Adresse als {email}.",
        another_account: "Ein Gast wäre nicht hereingekommen: {email} war früher mit einem anderen Konto hier.",
        no_address: "Ein Gast wäre nicht hereingekommen: {upstream} nennt keine Adresse. Der Claim mit der Adresse muss dort \
                     freigegeben werden, oder --email-claim (SAML: --email-attribute) nennt einen von denen unten.",
        foreign_domain: "Ein Gast wäre nicht hereingekommen: {upstream} darf nicht für die Domain von {email} sprechen oder hat sie \
                         nicht nachgewiesen.",
        unverified: "Ein Gast wäre nicht hereingekommen: {upstream} sagt nicht, dass {email} geprüft ist. Wo der Claim ganz fehlt und \
                     nur Administratoren Adressen setzen, nimmt --trust-email true sie an.",
        issuer: "Aussteller (issuer)",
        subject: "Kennung (subject)",
        address: "Adresse",
        verified: "Geprüft",
        yes: "ja",
        no: "nein",
        name: "Name",
        language: "Sprache",
        methods: "Verfahren (amr)",
        signed_in_at: "Dort angemeldet um",
        session: "Sitzungskennung für Back-Channel Logout",
        claims: "Claims oder Attribute, die kamen",
        user_info: "UserInfo ging nicht",
        missing: "nicht genannt",
    },
    passkey: PasskeyTexts {
        button: "Mit einem Passkey anmelden",
        make_box: "Auf diesem Gerät einen Passkey erstellen",
        make_box_hint: "Beim nächsten Mal brauchen Sie keinen Code.",
        use_heading: "Mit einem Passkey anmelden",
        use_lead: "Ihr Gerät fragt nach Fingerabdruck, Gesicht oder Bildschirmsperre. Danach geht es weiter zu {app}.",
        use_button: "Passkey verwenden",
        use_failed: "Es wurde kein Passkey verwendet. Versuchen Sie es noch einmal oder melden Sie sich mit einem Code an.",
        use_refused: "Dieser Passkey funktioniert hier nicht. Verwenden Sie Ihre E-Mail-Adresse.",
        by_code: "Ohne Passkey weiter",
        make_heading: "Auf diesem Gerät einen Passkey erstellen",
        make_lead: "Beim nächsten Mal melden Sie sich bei {organisation} mit Fingerabdruck, Gesicht oder \
                    Bildschirmsperre an, ohne Code. Codes gelten weiterhin.",
        make_button: "Passkey erstellen",
        make_failed: "Es wurde kein Passkey erstellt. Versuchen Sie es noch einmal oder machen Sie ohne weiter.",
        make_refused: "Der Passkey konnte nicht hinzugefügt werden. Versuchen Sie es noch einmal oder machen Sie ohne weiter.",
        not_now: "Nicht jetzt",
        late: "Diese Seite ist abgelaufen. Bitte versuchen Sie es noch einmal.",
        too_many: "Sie können hier keine weiteren Passkeys hinzufügen. Machen Sie ohne einen weiteren weiter.",
        limited: "Das waren zu viele Versuche. Sie können es um {time} wieder versuchen (in {minutes}).",
    },
    consent: ConsentTexts {
        title: "Was {app} bekommt",
        heading: "Ihre Angaben an {app} weitergeben?",
        lead: "Wenn Sie fortfahren, bekommt {app}:",
        email: "Ihre E-Mail-Adresse, {email}",
        profile: "Ihren Namen und Ihre Sprache, soweit wir sie kennen",
        offline_access: "die Erlaubnis, Ihre Angaben zu prüfen, wenn Sie die App nicht verwenden, bis Sie sich \
                         abmelden oder Ihr Zugang endet",
        identifier: "eine Kennung, die Sie hier bezeichnet und sonst nichts über Sie sagt",
        hosted_by: "Diese Anmeldung wird von {organisation} betrieben.",
        signed_in_as: "Sie sind als {email} angemeldet.",
    },
    go_on: GoOnTexts {
        signed_in: "Sie sind angemeldet",
        turned_away: "Sie sind nicht angemeldet",
        go_on: "Weiter zu {app}",
        go_back: "Zurück zu {app}",
        close: "Sie können diese Seite schließen und die App noch einmal öffnen.",
        already: "Sie sind schon angemeldet",
    },
    home: HomeTexts {
        title: "Anmeldung für Gäste bei {organisation}",
        lead: "Hier melden sich Gäste von {organisation} an. Öffnen Sie die App, zu der Sie eingeladen wurden: Sie führt Sie hierher, \
               wenn Sie sich anmelden müssen.",
        advice: "Wurden Sie per E-Mail eingeladen? Öffnen Sie den Link darin. Wissen Sie nicht, welche App es war, fragen Sie die Person, \
                 mit der Sie bei {organisation} zusammenarbeiten, oder {contact}.",
        my_access: "Ansehen, was Sie öffnen können und wie Sie sich anmelden",
        invite: "Einen Gast zu einer App einladen, für die Sie zuständig sind",
    },
    refused: RefusedTexts {
        title: "Kein Zugang zu {app}",
        heading: "Sie können {app} nicht öffnen",
        blocked: "Sie sind als {email} angemeldet, aber {organisation} hat diese Adresse gesperrt.",
        converted: "Sie sind als {email} angemeldet, aber diese Adresse ist kein Gast von {organisation} mehr: Sie arbeiten \
                    jetzt dort.",
        removed: "Sie sind als {email} angemeldet, aber Ihr Gastzugang zu {organisation} wurde entfernt.",
        expired: "Sie sind als {email} angemeldet, aber Ihr Zugang zu {organisation} ist beendet.",
        app_disabled: "Sie sind als {email} angemeldet, aber {app} ist im Moment nicht verfügbar.",
        not_invited: "Sie sind als {email} angemeldet, aber Sie wurden nicht zu {app} eingeladen.",
        invitation_lapsed: "Sie sind als {email} angemeldet, aber Ihre Einladung zu {app} ist abgelaufen.",
        assignment_ended: "Sie sind als {email} angemeldet, aber Ihr Zugang zu {app} ist beendet.",
        assignment_not_begun: "Sie sind als {email} angemeldet, aber Ihr Zugang zu {app} hat noch nicht begonnen.",
        advice_invite: "Bitten Sie die Person, mit der Sie bei {organisation} zusammenarbeiten, Sie einzuladen, oder \
                        fragen Sie {contact}.",
        advice_converted: "Melden Sie sich mit Ihrem Konto bei {organisation} an. Bietet {app} das nicht an, fragen Sie {contact}.",
        advice_ask: "Fragen Sie die Person, mit der Sie bei {organisation} zusammenarbeiten, oder {contact}.",
        advice_request: "Sie können um Zugang bitten. Die zuständige Person bekommt eine E-Mail, und wir schicken Ihnen die Antwort \
                         an {email}.",
        ask: "Um Zugang bitten",
        asked: "Sie haben am {date} um Zugang gebeten. Die zuständige Person hat eine E-Mail von uns; die Antwort schicken wir Ihnen \
                an {email}.",
        turned_down: "Sie haben am {date} um Zugang gebeten, und die Antwort war nein. Halten Sie das für falsch, fragen Sie die \
                      Person, mit der Sie bei {organisation} zusammenarbeiten, oder {contact}.",
    },
    signed_out: SignedOutTexts {
        question: "Möchten Sie sich abmelden?",
        signed_in_as: "Sie sind angemeldet als",
        sign_out: "Abmelden",
        done: "Sie sind abgemeldet",
        advice: "In Apps, die Sie offen haben, sind Sie vielleicht noch angemeldet. Schließen Sie an einem gemeinsam \
                 genutzten Computer den Browser.",
    },
    error: ErrorTexts {
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
    },
    access_request: AccessRequestTexts {
        title: "Zugang zu {app}",
        lead: "{guest} hat am {asked} um Zugang zu {app} gebeten. Dass die Adresse ihnen gehört, ist bewiesen.",
        lead_unproven: "Wer die Einladung an {guest} hat, hat am {asked} um Zugang zu {app} gebeten. Die alte Einladung ist abgelaufen; \
                        Zugang bekommt allein diese Adresse.",
        until: "Sie können bis {date} antworten. Bis dahin, und ohne Antwort, gibt es keinen Zugang.",
        question: "Möchten Sie Zugang geben?",
        renewal_lead: "{guest} hat bis {date} Zugang zu {app}.",
        renewal_question: "Soll er weitergehen?",
        renewal_lapsed: "Das kann nicht mehr beantwortet werden. Es ging darum, ob {guest} über den {date} hinaus Zugang zu {app} \
                         behält.",
        changed: "Der Zugang von {guest} zu {app} wurde geändert, seit wir gefragt haben; Ihre Antwort ändert deshalb nichts. Ist er so \
                  nicht richtig, fragen Sie {contact}.",
        renewed: "{guest} behält den Zugang zu {app} über den {date} hinaus. Eine E-Mail von uns ist unterwegs.",
        not_renewed: "{guest} behält den Zugang zu {app} nicht über den {date} hinaus. Eine E-Mail von uns ist unterwegs.",
        days_longer: "Ja, {days} Tage länger",
        let_it_end: "Nein, er endet dann",
        end_now: "Nein, jetzt beenden",
        for_days: "Ja, für {days} Tage",
        without_end: "Ja, ohne Ende",
        refuse: "Nein",
        send: "Antwort senden",
        unchosen: "Wählen Sie eine Antwort",
        approved: "{guest} hat am {asked} gefragt und Zugang zu {app} bekommen. Eine E-Mail von uns ist unterwegs.",
        refused: "{guest} hat am {asked} um Zugang zu {app} gebeten, und die Antwort war nein. Eine E-Mail von uns ist unterwegs.",
        lapsed: "{guest} hat am {asked} um Zugang zu {app} gebeten. Das kann hier nicht mehr beantwortet werden; man kann noch \
                 einmal fragen.",
        shut_out: "{guest} kann hier keinen Zugang bekommen: {organisation} lässt diese Adresse nicht ein. Ist das ein Irrtum, \
                   fragen Sie {contact}.",
        unknown_title: "Diese Anfrage finden wir nicht",
        unknown: "Ist der Link vollständig? Wurde er in der E-Mail auf zwei Zeilen umgebrochen, kopieren Sie ihn ganz. Alte Anfragen \
                  werden nach einigen Monaten entfernt.",
    },
    invitation: InvitationTexts {
        title: "Einladung zu {app}",
        heading: "{inviter} hat Sie zu {app} eingeladen",
        heading_about: "{inviter} hat Sie zu „{about}“ eingeladen",
        for_address: "Diese Einladung ist für {email}.",
        next: "Als Nächstes senden wir Ihnen einen Anmeldecode. Ein Passwort brauchen Sie nicht.",
        next_upstream: "Als Nächstes melden Sie sich mit {upstream} an. Ein neues Passwort brauchen Sie nicht.",
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
        decline_link: "Ich möchte diese Einladung nicht",
        decline_title: "Diese Einladung ablehnen",
        decline_lead: "{inviter} hat Sie zu {app} eingeladen. Wenn Sie ablehnen, endet die Einladung, und ihr Link lässt niemanden ein.",
        decline_box: "Ja, ich lehne diese Einladung ab",
        decline_all_box: "Und ich möchte von {organisation} nie wieder eingeladen werden",
        blocked: "Sie möchten von {organisation} nicht mehr eingeladen werden.",
        allow_link: "Einladungen wieder erlauben",
        allow_title: "Einladungen wieder erlauben",
        allow_lead: "{organisation} kann Sie danach wieder einladen.",
        allow_box: "Ja, ich darf wieder eingeladen werden",
        allow_button: "Erlauben",
        allow_unticked: "Kreuzen Sie das Kästchen an, um Einladungen wieder zu erlauben",
        decline_button: "Ablehnen",
        decline_unticked: "Kreuzen Sie das Kästchen an, um die Einladung abzulehnen",
        decline_back: "Zurück zur Einladung",
        again_link: "Um eine neue Einladung bitten",
        again_title: "Um eine neue Einladung bitten",
        again_lead: "Ihre Einladung zu {app} ist abgelaufen. Wir fragen die zuständige Person per E-Mail und schicken Ihnen die Antwort.",
        again_box: "Ja, ich brauche den Zugang noch",
        again_button: "Fragen",
        again_unticked: "Kreuzen Sie das Kästchen an, um eine neue Einladung zu bekommen",
        again_asked: "Sie haben am {date} um eine neue gebeten. Die Antwort schicken wir Ihnen.",
        again_turned_down: "Sie haben am {date} um eine neue gebeten, und die Antwort war nein. Halten Sie das für falsch, fragen \
                            Sie {inviter}.",
        again_given: "Ihre Einladung war abgelaufen. Sie haben Zugang zu {app} bekommen.",
        declined_title: "Sie haben diese Einladung abgelehnt",
        declined: "{inviter} hatte Sie zu {app} eingeladen. Wenn Sie es sich anders überlegen:",
    },
    inviter: inviter::INVITER,
    merge: merge::MERGE,
    my_access: my_access::MY_ACCESS,
    mail: mail::MAIL,
};
