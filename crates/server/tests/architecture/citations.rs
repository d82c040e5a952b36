//! Every threat, page and document that the code cites stands in `docs/`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::{root, sources};

/// The comments of a file, word by word.
fn cited(text: &str) -> impl Iterator<Item = &str> {
    let comments = text
        .lines()
        .filter_map(|line| line.split_once("//"))
        .map(|(_, comment)| comment);
    comments.flat_map(|comment| comment.split(|c: char| !(c.is_ascii_alphanumeric() || "-_./".contains(c))))
}

fn is_threat(word: &str) -> bool {
    let (kind, number) = word.split_at_checked(1).unwrap_or_default();
    "EROSP".contains(kind) && number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// `G1`, `G1b`, `G2-send`.
fn is_page(word: &str) -> bool {
    let number = word
        .strip_prefix('G')
        .and_then(|rest| rest.strip_prefix(|c: char| c.is_ascii_digit()));
    number.is_some_and(|rest| ["", "b", "e", "-send"].contains(&rest))
}

fn is_file(word: &str, kind: &str) -> bool {
    Path::new(word)
        .extension()
        .is_some_and(|extension| extension == kind)
}

/// The first cells of a document's tables: how often each stands there.
fn listed(document: &str) -> BTreeMap<String, usize> {
    let text = fs::read_to_string(root().join(document)).unwrap();
    let mut found = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("| ")) {
        let cell = line.split(" |").next().unwrap_or_default().trim().to_owned();
        *found.entry(cell).or_default() += 1;
    }
    found
}

#[test]
fn every_threat_and_every_page_that_is_cited_is_listed_once() {
    for (document, is_one) in [
        ("docs/threats.md", is_threat as fn(&str) -> bool),
        ("docs/pages.md", is_page),
    ] {
        let listed: BTreeMap<String, usize> = listed(document)
            .into_iter()
            .filter(|(word, _)| is_one(word))
            .collect();
        let cited: BTreeSet<String> = sources()
            .iter()
            .flat_map(|(_, text)| {
                cited(text)
                    .map(|word| word.trim_end_matches('.').to_owned())
                    .collect::<Vec<_>>()
            })
            .filter(|word| is_one(word))
            .collect();
        assert!(cited.len() > 8, "hardly anything is cited: {cited:?}");
        for word in &cited {
            assert_eq!(listed.get(word), Some(&1), "{word} in {document}");
        }
        for word in listed.keys() {
            assert!(
                cited.contains(word),
                "{document} lists {word}, which no code cites"
            );
        }
    }
}

#[test]
fn every_document_that_is_named_exists() {
    let root = root();
    for (path, text) in sources() {
        for word in cited(&text).filter(|word| is_file(word, "md")) {
            let near = [Path::new(""), Path::new("crates"), path.parent().unwrap()];
            let exists = near.iter().any(|folder| root.join(folder).join(word).exists());
            assert!(exists, "{} names {word}", path.display());
        }
    }
    for document in ["docs", "docs/decisions"] {
        for entry in fs::read_dir(root.join(document)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "md") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                let file = link.split('#').next().unwrap_or_default();
                let exists = link.starts_with("http") || path.parent().unwrap().join(file).exists();
                assert!(exists, "{} links to {link}", path.display());
            }
        }
    }
    // What stands in the table of pages is where it says.
    let pages = fs::read_to_string(root.join("docs/pages.md")).unwrap();
    for file in pages.split('`').filter(|word| is_file(word, "rs")) {
        let exists = [root.join(file), root.join("crates").join(file)]
            .iter()
            .any(|path| path.exists());
        assert!(exists, "docs/pages.md names {file}");
    }
}
