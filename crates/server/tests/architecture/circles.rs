//! No circle among the files of a crate is larger than a module and its children, and none crosses folders.
//!
//! A file depends on the files that define what it names; a `pub use` passes a name on and depends on nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use syn::{Attribute, Item, UseTree, Visibility, visit::Visit};

/// A module, or the way to an item: `["oidc", "claims"]`.
type Names = Vec<String>;

/// The most files that may form a circle: a module and two children.
const MOST: usize = 3;

#[test]
fn files_form_no_large_circle() {
    let crates = super::root().join("crates");
    let mut read = 0;
    for entry in fs::read_dir(crates).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.join("src").is_dir() {
            continue;
        }
        let house = House::read(&folder.join("src"));
        read += house.files.len();
        for circle in house.circles() {
            let files: Vec<&PathBuf> = circle.iter().map(|module| &house.files[module].path).collect();
            assert!(circle.len() <= MOST, "a circle of {}: {files:#?}", circle.len());
            assert!(in_one_folder(&circle), "a circle across folders: {files:#?}");
        }
    }
    assert!(read > 300, "hardly any file was read: {read}");
}

/// A module belongs to its own folder, where its children are, and to its parent's.
fn in_one_folder(circle: &[Names]) -> bool {
    let parent = |module: &Names| module[..module.len().saturating_sub(1)].to_vec();
    let folders = circle.iter().flat_map(|module| [module.clone(), parent(module)]);
    let folders: BTreeSet<Names> = folders.collect();
    folders.iter().any(|folder| {
        circle
            .iter()
            .all(|module| module == folder || parent(module) == *folder)
    })
}

struct File {
    path: PathBuf,
    syntax: syn::File,
}

/// The files of a crate, by module.
struct House {
    files: BTreeMap<Names, File>,
    /// What `pub use` passes on: the name, by the module that does.
    passed_on: BTreeMap<(Names, String), Names>,
}

impl House {
    fn read(src: &Path) -> Self {
        let mut files = BTreeMap::new();
        collect(src, src, &mut files);
        let mut house = Self {
            files,
            passed_on: BTreeMap::new(),
        };
        let mut passed_on = BTreeMap::new();
        for (module, file) in &house.files {
            for item in product(&file.syntax.items) {
                if let Item::Use(used) = item
                    && !matches!(used.vis, Visibility::Inherited)
                {
                    for way in leaves(&used.tree) {
                        if let (Some(name), Some(way)) = (way.last().cloned(), house.absolute(module, &way)) {
                            passed_on.insert((module.clone(), name), way);
                        }
                    }
                }
            }
        }
        house.passed_on = passed_on;
        house
    }

    /// The way from the root of the crate; `None` for what is another crate's.
    fn absolute(&self, module: &[String], way: &[String]) -> Option<Names> {
        let (first, rest) = way.split_first()?;
        Some(match first.as_str() {
            "crate" => rest.to_vec(),
            "self" => [module, rest].concat(),
            "super" => {
                let ups = way.iter().take_while(|name| *name == "super").count();
                let above = &module[..module.len().saturating_sub(ups)];
                [above, &way[ups..]].concat()
            }
            _ => {
                let child = [module, &way[..1]].concat();
                return self.files.contains_key(&child).then(|| [module, way].concat());
            }
        })
    }

    /// The module that defines what this way names; `None` where it names a module only.
    fn definer(&self, way: &[String]) -> Option<Names> {
        let mut way = way.to_vec();
        for _ in 0..8 {
            let depth = (0..=way.len())
                .rev()
                .find(|&n| self.files.contains_key(&way[..n]))?;
            let (module, rest) = way.split_at(depth);
            let name = rest.first()?;
            match self.passed_on.get(&(module.to_vec(), name.clone())) {
                Some(further) => way = [&further[..], &rest[1..]].concat(),
                None => return Some(module.to_vec()),
            }
        }
        None
    }

    fn dependencies(&self, module: &Names) -> BTreeSet<Names> {
        let mut named = Named::default();
        for item in product(&self.files[module].syntax.items) {
            named.visit_item(item);
        }
        let mut ways = Vec::new();
        let mut brought = BTreeMap::new();
        for way in &named.imports {
            if let Some(way) = self.absolute(module, way) {
                if let Some(name) = way.last() {
                    brought.insert(name.clone(), way.clone());
                }
                ways.push(way);
            }
        }
        for way in &named.paths {
            let through = brought
                .get(&way[0])
                .map(|module| [&module[..], &way[1..]].concat());
            ways.extend(self.absolute(module, way).or(through));
        }
        let mut found: BTreeSet<Names> = ways.iter().filter_map(|way| self.definer(way)).collect();
        found.remove(module);
        found
    }

    /// The sets of files that depend on one another.
    fn circles(&self) -> Vec<Vec<Names>> {
        let direct: BTreeMap<&Names, BTreeSet<Names>> = self
            .files
            .keys()
            .map(|module| (module, self.dependencies(module)))
            .collect();
        let reached: BTreeMap<&Names, BTreeSet<Names>> = direct
            .keys()
            .map(|module| {
                let (mut found, mut next) = (BTreeSet::new(), vec![(*module).clone()]);
                while let Some(one) = next.pop() {
                    for other in &direct[&one] {
                        if found.insert(other.clone()) {
                            next.push(other.clone());
                        }
                    }
                }
                (*module, found)
            })
            .collect();
        let circles: BTreeSet<Vec<Names>> = reached
            .iter()
            .filter(|(module, found)| found.contains(**module))
            .map(|(module, found)| {
                let back = found.iter().filter(|other| reached[other].contains(*module));
                back.cloned().collect()
            })
            .collect();
        circles.into_iter().collect()
    }
}

fn collect(src: &Path, folder: &Path, files: &mut BTreeMap<Names, File>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(src, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let place = path.strip_prefix(src).unwrap().with_extension("");
            let mut module: Names = place
                .components()
                .map(|name| name.as_os_str().to_str().unwrap().to_owned())
                .collect();
            if module.last().is_some_and(|name| name == "mod") || module == ["lib"] || module == ["main"] {
                module.pop();
            }
            let syntax = syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap();
            files.insert(module, File { path, syntax });
        }
    }
}

/// What is not for tests alone.
fn product(items: &[Item]) -> impl Iterator<Item = &Item> {
    items.iter().filter(|item| !is_for_tests(attributes(item)))
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Mod(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Const(item) => &item.attrs,
        _ => &[],
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    let is_test = |attribute: &Attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|word| word == "test")
    };
    attributes.iter().any(is_test)
}

/// The ways that a `use` brings in; what it calls them here does not matter.
fn leaves(tree: &UseTree) -> Vec<Names> {
    let below = |name: String, rest: &UseTree| {
        let rests = leaves(rest).into_iter();
        rests.map(|rest| [vec![name.clone()], rest].concat()).collect()
    };
    match tree {
        UseTree::Path(path) => below(path.ident.to_string(), &path.tree),
        UseTree::Name(name) if name.ident == "self" => vec![vec![]],
        UseTree::Name(name) => vec![vec![name.ident.to_string()]],
        UseTree::Rename(name) => vec![vec![name.ident.to_string()]],
        UseTree::Glob(_) => vec![],
        UseTree::Group(group) => group.items.iter().flat_map(leaves).collect(),
    }
}

/// What a file names.
#[derive(Default)]
struct Named {
    imports: Vec<Names>,
    paths: Vec<Names>,
}

impl Visit<'_> for Named {
    fn visit_item_use(&mut self, used: &syn::ItemUse) {
        if matches!(used.vis, Visibility::Inherited) {
            self.imports.extend(leaves(&used.tree));
        }
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let names = path.segments.iter().map(|segment| segment.ident.to_string());
        self.paths.push(names.collect());
        syn::visit::visit_path(self, path);
    }
}
