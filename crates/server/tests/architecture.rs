//! The arrows of `crates/README.md`, held by a test: who may depend on whom, who may name which library, and
//! how long a file may get.
#![expect(clippy::unwrap_used, reason = "a test that meets an error fails")]

#[path = "architecture/circles.rs"]
mod circles;
#[path = "architecture/citations.rs"]
mod citations;
#[path = "architecture/names.rs"]
mod names;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .current_dir(root())
        .no_deps()
        .exec()
        .unwrap()
}

/// Our crates, each with those of ours that it depends on.
fn arrows(metadata: &Metadata) -> BTreeMap<String, BTreeSet<String>> {
    let ours: BTreeSet<String> = metadata
        .workspace_packages()
        .iter()
        .map(|p| p.name.to_string())
        .collect();
    metadata
        .workspace_packages()
        .iter()
        .map(|package| {
            let on = package
                .dependencies
                .iter()
                .filter(|dependency| {
                    dependency.kind == DependencyKind::Normal && ours.contains(&dependency.name)
                })
                .map(|dependency| dependency.name.clone())
                .collect();
            (package.name.to_string(), on)
        })
        .collect()
}

#[test]
fn dependencies_follow_the_map() {
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("domain", &[] as &[&str]),
        ("method-resolution", &["domain"]),
        ("migrations", &[]),
        ("store", &["domain", "method-resolution", "migrations"]),
        ("sign-in", &["domain", "method-resolution", "store"]),
        ("web", &["domain", "sign-in", "store"]),
        ("oidc-server", &["domain", "egress", "sign-in", "store", "web"]),
        ("egress", &[]),
        ("fuzz", &[]),
        ("bench", &["domain", "store"]),
        ("federation", &["domain", "egress"]),
        (
            "passcode-login",
            &[
                "actions",
                "domain",
                "federation",
                "method-resolution",
                "sign-in",
                "store",
                "web",
            ],
        ),
        (
            "actions",
            &[
                "domain",
                "egress",
                "federation",
                "method-resolution",
                "sign-in",
                "store",
                "web",
            ],
        ),
        (
            "admin",
            &["actions", "domain", "federation", "sign-in", "store", "web"],
        ),
        ("demo-app", &[]),
        ("dev", &["actions", "domain", "sign-in", "web"]),
        (
            "test-support",
            &[
                "domain",
                "egress",
                "federation",
                "method-resolution",
                "sign-in",
                "store",
                "web",
            ],
        ),
        (
            "server",
            &[
                "actions",
                "admin",
                "demo-app",
                "dev",
                "domain",
                "egress",
                "federation",
                "method-resolution",
                "migrations",
                "oidc-server",
                "passcode-login",
                "sign-in",
                "store",
                "web",
            ],
        ),
    ]);
    for (name, on) in arrows(&metadata()) {
        let allowed = allowed
            .get(name.as_str())
            .unwrap_or_else(|| panic!("{name} is not on the map"));
        for other in on {
            assert!(
                allowed.contains(&other.as_str()),
                "{name} must not depend on {other}"
            );
        }
    }
}

/// Everything that a crate of ours reaches, on this platform.
fn reached_from(crate_name: &str) -> BTreeSet<String> {
    let tree = Command::new(env!("CARGO"))
        .current_dir(root())
        .args([
            "tree",
            "--locked",
            "--offline",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--package",
            crate_name,
        ])
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let lines = String::from_utf8(tree.stdout).unwrap();
    lines
        .lines()
        .filter_map(|line| Some(line.split(' ').next()?.to_owned()))
        .collect()
}

#[test]
fn the_pure_crates_depend_on_no_runtime() {
    let metadata = metadata();
    for pure in ["domain", "method-resolution"] {
        let reached = reached_from(pure);
        assert!(reached.contains("chrono"), "the tree of {pure} was not read");
        for runtime in [
            "tokio", "axum", "sea-orm", "sqlx", "reqwest", "tracing", "lettre", "hyper",
        ] {
            assert!(!reached.contains(runtime), "{pure} reaches {runtime}");
        }
        // Domain types are not `Serialize`: what travels is shaped where it travels.
        let package = metadata
            .packages
            .iter()
            .find(|package| package.name.as_str() == pure)
            .unwrap();
        assert!(
            !package
                .dependencies
                .iter()
                .any(|dependency| dependency.name == "serde"),
            "{pure} names serde"
        );
    }
}

/// What happens in a sign-in is decided where no request, header or page is known.
#[test]
fn a_sign_in_knows_no_http() {
    let metadata = metadata();
    let package = metadata
        .packages
        .iter()
        .find(|package| package.name.as_str() == "sign-in")
        .unwrap();
    for dependency in &package.dependencies {
        let name = dependency.name.as_str();
        let http = [
            "http",
            "hyper",
            "axum",
            "tower",
            "askama",
            "cookie",
            "form_urlencoded",
        ];
        assert!(
            !http.iter().any(|word| name.starts_with(word)),
            "sign-in names {name}"
        );
    }
}

/// Every Rust file of ours, with its text.
fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir()
                && path
                    .file_name()
                    .is_some_and(|name| name != "target" && name != "node_modules")
            {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join("crates"), &mut found);
    walk(&root().join("migrations"), &mut found);
    found
}

#[test]
fn heavy_libraries_stay_in_their_rooms() {
    let rooms: &[(&str, &[&str])] = &[
        ("sea_orm", &["crates/store/", "migrations/"]),
        ("sea_orm_migration", &["crates/store/", "migrations/"]),
        (
            "rusqlite",
            &[
                "crates/store/src/sqlite/",
                "crates/store/src/columns.rs",
                "crates/store/src/error.rs",
                "crates/bench/src/ceiling/",
            ],
        ),
        (
            "josekit",
            &[
                "crates/oidc-server/src/signing/jose.rs",
                "crates/bench/src/ceiling/signing.rs",
            ],
        ),
        ("lettre", &["crates/server/src/mail/"]),
        (
            "openidconnect",
            &[
                "crates/demo-app/",
                "crates/egress/",
                "crates/federation/",
                "crates/server/tests/",
                "crates/test-support/",
            ],
        ),
        ("totp_lite", &["crates/domain/src/passcode.rs"]),
        ("webauthn_rs", &["crates/sign-in/src/passkey/webauthn.rs"]),
        (
            "uppsala",
            &["crates/federation/src/saml/", "crates/test-support/src/saml/"],
        ),
        (
            "bergshamra_c14n",
            &["crates/federation/src/saml/", "crates/test-support/src/saml/"],
        ),
        (
            "bergshamra_xml",
            &["crates/federation/src/saml/", "crates/test-support/src/saml/"],
        ),
        (
            "openssl",
            &["crates/federation/src/saml/", "crates/test-support/src/saml/"],
        ),
        ("hickory_resolver", &["crates/egress/src/dns.rs"]),
    ];
    let root = root();
    for (path, text) in sources() {
        let path = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        if path.ends_with("tests/architecture.rs") {
            continue;
        }
        for (library, allowed) in rooms {
            let named = text.contains(&format!("{library}::"));
            let room = path
                .strip_suffix("/tests.rs")
                .map_or(path.clone(), |module| format!("{module}.rs"));
            assert!(
                !named
                    || allowed
                        .iter()
                        .any(|prefix| room.starts_with(prefix) || path.starts_with(prefix)),
                "{path} names {library}, which lives in {allowed:?}"
            );
        }
    }
}

/// One language to the database (`docs/decisions/sea-orm.md`): statements are SQL, and no second one is built beside it.
#[test]
fn the_store_speaks_sql() {
    let store = root().join("crates/store/src");
    for (path, text) in sources() {
        for builder in ["EntityTrait", "ActiveModel", "QueryFilter", "sea_query"] {
            let found = path.starts_with(&store) && text.contains(builder);
            assert!(!found, "{} names {builder}", path.display());
        }
    }
}

/// What the program itself says, without comments and tests.
fn product(path: &Path, text: &str) -> Option<String> {
    let parts: Vec<_> = path.iter().filter_map(|part| part.to_str()).collect();
    let is_test = parts
        .iter()
        .any(|part| ["tests", "testing", "test-support"].contains(part));
    if is_test || path.ends_with("tests.rs") || path.ends_with("testing.rs") {
        return None;
    }
    let text = text.split("#[cfg(test)]\nmod tests {").next()?;
    let lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// The functions that a text defines, and those that it calls or passes on; what it imports and exports counts for neither.
fn functions(text: &str) -> (Vec<&str>, BTreeSet<&str>) {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let (mut defined, mut called) = (Vec::new(), BTreeSet::new());
    for statement in text.split(';') {
        let first = statement.trim_start().trim_start_matches("pub ").trim_start();
        if first.starts_with("use ") || first.starts_with("mod ") {
            continue;
        }
        let mut rest = statement;
        while let Some(start) = rest.find(is_word) {
            let (before, from) = rest.split_at(start);
            let end = from.find(|c| !is_word(c)).unwrap_or(from.len());
            let (word, after) = from.split_at(end);
            let ends = |text: &str| {
                statement[..statement.len() - from.len()]
                    .trim_end()
                    .ends_with(text)
            };
            if ends("fn") {
                defined.push(word);
            } else if after.starts_with(['(', '<']) || before.ends_with("::") || after.starts_with("::<") {
                called.insert(word);
            }
            rest = after;
        }
    }
    (defined, called)
}

/// What can be stored, and what an operator can do, is reached by something that a person can call.
#[test]
fn nothing_in_the_store_and_the_actions_is_without_a_caller() {
    let watched = ["crates/store/src", "crates/actions/src"].map(|folder| root().join(folder));
    let (mut public, mut called) = (BTreeSet::new(), BTreeSet::new());
    for (path, text) in sources() {
        let Some(text) = product(&path, &text) else {
            continue;
        };
        let (_, calls) = functions(&text);
        called.extend(calls.into_iter().map(str::to_owned));
        if watched.iter().any(|folder| path.starts_with(folder)) {
            let exported = text.split("pub ").skip(1);
            let heads = exported.filter_map(|text| text.split(['(', '<']).next());
            let named = heads.filter_map(|head| head.split_once("fn "));
            public.extend(named.map(|(_, name)| name.to_owned()));
        }
    }
    assert!(
        public.len() > 150,
        "the public functions were not read: {public:?}"
    );
    let unreached: Vec<_> = public.difference(&called).collect();
    assert!(unreached.is_empty(), "nothing calls {unreached:?}");
}

#[test]
fn files_stay_short() {
    let mut lengths: Vec<(usize, PathBuf)> = sources()
        .into_iter()
        .map(|(path, text)| (text.lines().count(), path))
        .collect();
    lengths.sort();
    let (longest, path) = lengths.last().unwrap();
    assert!(
        *longest <= 500,
        "{} has {longest} lines: split it by what it owns",
        path.display()
    );
}

/// The README of each crate says what it owns, and stands on the map.
#[test]
fn every_crate_introduces_itself() {
    let map = fs::read_to_string(root().join("crates/README.md")).unwrap();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        if folder.is_dir() {
            let name = folder.file_name().unwrap().to_string_lossy().into_owned();
            let own = fs::read_to_string(folder.join("README.md")).unwrap_or_default();
            for part in [
                &*format!("# {name}\n"),
                "It never",
                "**Start with**",
                "**Its tests**",
            ] {
                assert!(own.contains(part), "the README of {name} lacks {part:?}");
            }
            assert!(map.contains(&format!("| `{name}` |")), "{name} is not on the map");
            let files = own.split('`').filter(|word| {
                let extension = Path::new(word).extension();
                extension.is_some_and(|extension| extension == "rs" || extension == "md")
            });
            for file in files {
                let places = [folder.join("src"), folder.clone(), root(), root().join("crates")];
                let exists = places.iter().any(|place| place.join(file).exists());
                assert!(exists, "the README of {name} names {file}");
            }
        }
    }
}

#[test]
fn every_path_on_the_map_exists() {
    let root = root();
    let map = fs::read_to_string(root.join("crates/README.md")).unwrap();
    let paths: Vec<&str> = map
        .split(|c: char| c.is_whitespace() || c == '`')
        .filter(|word| {
            ["crates/", "templates/", "migrations/"]
                .iter()
                .any(|folder| word.starts_with(folder))
        })
        .map(|word| word.trim_end_matches(['.', ',', ';', ':', ')', '/']))
        .collect();
    assert!(paths.len() > 20, "the map names hardly any path");
    for path in paths {
        assert!(
            root.join(path).exists() || root.join("crates").join(path).exists(),
            "the map names {path}"
        );
    }
}
