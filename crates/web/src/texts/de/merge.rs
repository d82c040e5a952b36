//! German: whether two guests are one person.

use crate::texts::merge::MergeTexts;

pub(super) const MERGE: MergeTexts = MergeTexts {
    title: "Gehört {other} auch Ihnen?",
    lead: "{organisation} fragt, ob {email} und {other} dieselbe Person sind. Sie sind als {email} angemeldet.",
    then: "Gehören beide Ihnen, melden Sie sich danach mit {kept} an und öffnen damit alles, was Sie mit {gone} öffnen können.",
    gone: "{gone} öffnet hier nichts mehr und wird überall abgemeldet.",
    apps: "Eine App, die Sie als {gone} kennt, hält Sie vielleicht für jemand Neues. Ihre Daten dort ziehen nicht von selbst um.",
    undo: "{organisation} kann es {length} lang rückgängig machen.",
    both: "Es geschieht nichts, bevor Sie mit beiden Adressen Ja gesagt haben.",
    agree: "Ja, beide gehören mir",
    decline: "Nein, {other} gehört mir nicht",
    agreed: "Sie haben als {email} Ja gesagt. Melden Sie sich nun als {other} an, und sagen Sie dort bis zum {date} auch Ja.",
    sign_in_other: "Als {other} anmelden",
    waits: "{organisation} fragt, ob {other} auch Ihnen gehört.",
    waits_link: "Antworten",
    merged_title: "Sie sind jetzt ein Gast",
    merged: "Ab jetzt melden Sie sich mit einer Adresse an. Mit welcher, steht in einer E-Mail an Sie. Fragen? Wenden Sie sich an {contact}.",
    declined_title: "Danke für den Hinweis",
    declined: "Es bleibt, wie es ist: die zwei Adressen bleiben zwei Gäste.",
    over_title: "Danach wird nicht mehr gefragt",
    over: "Es wurde beantwortet oder zurückgenommen, die Zeit dafür ist um, oder eine der beiden Adressen gilt hier zurzeit nicht. Fragen? Wenden Sie sich an {contact}.",
    refused: "Sie sind als {email} angemeldet. Sie haben gesagt, dass diese Adresse und {kept} beide Ihnen gehören: melden Sie sich mit {kept} an.",
};
