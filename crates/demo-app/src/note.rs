//! What there is to read.

/// What was said in a meeting.
pub(crate) struct Note {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) held: &'static str,
    pub(crate) lines: &'static [&'static str],
    /// Whether every guest of Acme may read it. The others are read by whom Lee shared them with.
    pub(crate) for_every_guest: bool,
}

/// All notes of Acme.
pub(crate) static NOTES: [Note; 3] = [
    Note {
        id: "q3-kickoff",
        title: "Q3 kickoff notes",
        held: "Tuesday, 7 July, 10:00. Lee, Priya, Tomás, and Anna of Contoso",
        lines: &[
            "Contoso joins the pilot with two teams; Anna is the contact.",
            "Delivery in three steps: August the import, September the reports, October everything else.",
            "Open: who answers questions during the summer? Lee asks around until Friday.",
        ],
        for_every_guest: true,
    },
    Note {
        id: "audit-walkthrough",
        title: "Audit walk-through",
        held: "Thursday, 16 July, 14:00. Lee and the auditors",
        lines: &[
            "Samples: 25 invoices of May, chosen by the auditors.",
            "Access to the archive ends with the audit, on 30 September.",
        ],
        for_every_guest: false,
    },
    Note {
        id: "site-visit",
        title: "Site visit, Rotterdam",
        held: "Monday, 20 July, 09:30. Lee, Priya, the partner’s engineers",
        lines: &[
            "Gate 4 opens at 09:00; bring safety shoes.",
            "The second pump is replaced first, then the control cabinet.",
        ],
        for_every_guest: false,
    },
];

/// The note of that id.
pub(crate) fn find(id: &str) -> Option<&'static Note> {
    NOTES.iter().find(|note| note.id == id)
}
