//! What comes in from others: its licences are among those of `deny.toml`, and all of it is from the registry.

use std::collections::BTreeSet;

use cargo_metadata::MetadataCommand;
use spdx::{Expression, ParseMode};

use super::root;

fn allowed() -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join("deny.toml")).unwrap();
    let deny: toml::Table = text.parse().unwrap();
    let list = deny["licenses"]["allow"].as_array().unwrap();
    list.iter()
        .map(|licence| licence.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn everything_has_a_licence_that_we_may_use() {
    let metadata = MetadataCommand::new()
        .current_dir(root())
        .other_options(["--locked", "--filter-platform", "x86_64-unknown-linux-gnu"].map(str::to_owned))
        .exec()
        .unwrap();
    let allowed = allowed();
    // What is resolved, without what is only named for other platforms.
    let used: BTreeSet<_> = metadata
        .resolve
        .as_ref()
        .unwrap()
        .nodes
        .iter()
        .map(|node| &node.id)
        .collect();
    let mut needed = BTreeSet::new();
    let theirs = metadata
        .packages
        .iter()
        .filter(|package| used.contains(&package.id));
    for package in theirs.filter(|package| package.source.is_some()) {
        let name = &package.name;
        let source = package.source.as_ref().unwrap();
        assert!(source.is_crates_io(), "{name} comes from {source}");
        let licence = package.license.as_deref().unwrap_or_default();
        let mode = ParseMode {
            allow_slash_as_or_operator: true,
            ..ParseMode::LAX
        };
        let expression = Expression::parse_mode(licence, mode);
        let expression = expression.unwrap_or_else(|error| panic!("{name}: {licence:?}: {error}"));
        let may = expression.evaluate(|wanted| {
            let wanted = wanted.to_string();
            let may = allowed.contains(&wanted);
            if may {
                needed.insert(wanted);
            }
            may
        });
        assert!(may, "{name} is under {licence}");
    }
    assert_eq!(needed, allowed, "licences that nobody needs go from deny.toml");
}
