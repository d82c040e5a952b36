//! A type has a name of its own: whoever reads it, or looks for it, finds one thing.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Attribute, Item};

/// The demo app is a relying party as somebody else would write it, with words of its own; a test kit is no product code.
const ASIDE: [&str; 2] = ["crates/demo-app/", "crates/test-support/"];

#[test]
fn every_type_has_a_name_of_its_own() {
    let root = super::root();
    let mut bearers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in super::sources() {
        let file = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let is_product = file.contains("/src/") && !file.contains("/tests") && !file.contains("/testing");
        if !is_product || ASIDE.iter().any(|aside| file.starts_with(aside)) {
            continue;
        }
        let syntax = syn::parse_file(&text).unwrap();
        for name in syntax.items.iter().filter_map(named) {
            bearers.entry(name).or_default().insert(file.clone());
        }
    }
    assert!(
        bearers.len() > 500,
        "hardly any type was found: {}",
        bearers.len()
    );
    bearers.retain(|_, files| files.len() > 1);
    assert!(bearers.is_empty(), "borne by several: {bearers:#?}");
}

/// A module of the product is not called as those of tests are: whoever skips tests would skip it.
#[test]
fn no_product_module_is_called_test() {
    for (path, text) in super::sources() {
        let is_one = text.lines().any(|line| line.ends_with("mod test;"));
        assert!(!is_one, "{} has one", path.display());
    }
}

/// The name of a type that is no test's.
fn named(item: &Item) -> Option<String> {
    if let Item::Macro(item) = item {
        // `row! { struct Name { … } }` of the store.
        let words = item.mac.tokens.to_string();
        let mut words = words.split_whitespace().skip_while(|word| *word != "struct");
        return words
            .nth(1)
            .map(str::to_owned)
            .filter(|_| item.mac.path.is_ident("row"));
    }
    let (attributes, name) = match item {
        Item::Struct(item) => (&item.attrs, &item.ident),
        Item::Enum(item) => (&item.attrs, &item.ident),
        Item::Trait(item) => (&item.attrs, &item.ident),
        Item::Type(item) => (&item.attrs, &item.ident),
        _ => return None,
    };
    (!attributes.iter().any(is_of_tests)).then(|| name.to_string())
}

fn is_of_tests(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute
            .parse_args::<syn::Ident>()
            .is_ok_and(|word| word == "test")
}
