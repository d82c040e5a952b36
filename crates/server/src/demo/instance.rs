//! A place for `dev` and `demo` to live in: a folder with a configuration, a master key and a database.

use std::path::{Path, PathBuf};

use anyhow::Result;
use data_encoding::HEXLOWER;
use dev::Folder;
use domain::entropy::{Entropy, random};

use crate::config::{self, Flag, Purpose, Sources, settings::ServerSettings};

/// The configuration's name in the folder, for `vestibule -c FOLDER/vestibule.toml …`.
pub(crate) const CONFIG: &str = "vestibule.toml";
const MASTER_KEY: &str = "master.key";

/// A prepared folder.
pub(crate) struct Instance {
    /// Where it is.
    pub(crate) folder: Folder,
    /// Its settings.
    pub(crate) settings: ServerSettings,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// The folder; a temporary one when absent.
    pub(crate) folder: Option<PathBuf>,
    /// The provider's port on localhost.
    pub(crate) port: u16,
    /// Another database than a SQLite file in the folder.
    pub(crate) database: Option<String>,
}

impl Instance {
    /// Prepares the folder. What is there already stays as it is.
    pub(crate) fn prepare(wanted: &Wanted, entropy: &dyn Entropy) -> Result<Self> {
        let master_key = format!("{}\n", HEXLOWER.encode(&random::<32>(entropy)));
        let files = [(MASTER_KEY, &*master_key), (CONFIG, &*configuration(wanted))];
        let folder = Folder::prepare(wanted.folder.as_deref(), &files)?;
        let settings = load(folder.path(), wanted)?;
        Ok(Self { folder, settings })
    }
}

fn configuration(wanted: &Wanted) -> String {
    let (port, database) = (
        wanted.port,
        wanted.database.as_deref().unwrap_or("sqlite:vestibule.db"),
    );
    format!(
        r#"# Made by `vestibule dev`. It is good for trying things out on this machine, and for nothing else.
public_url = "http://localhost:{port}"

[organisation]
name = "Acme"

[server]
listen = "127.0.0.1:{port}"

[database]
url = "{database}"
auto_migrate = true

[secrets]
master_key = "file:{MASTER_KEY}"

[mail]
from = "Acme guest access <signin@mail.acme.test>"
reply_to = "helpdesk@acme.test"

[help]
name = "Acme helpdesk"
email = "helpdesk@acme.test"

[limits]                            # as good as none: the tests of an app sign in as often as they like
mails_per_address_hour = 1000000
mails_per_address_day = 1000000
mails_per_network_hour = 1000000
mails_per_domain_hour = 1000000
mails_everywhere_hour = 1000000
wrong_per_network_hour = 1000000
invitations_per_inviter_day = 1000000
sign_ins_per_network_hour = 1000000
"#
    )
}

fn load(folder: &Path, wanted: &Wanted) -> Result<ServerSettings> {
    let mut flags = vec![
        Flag {
            name: "--port",
            key: "public_url",
            value: format!("http://localhost:{}", wanted.port),
        },
        Flag {
            name: "--port",
            key: "server.listen",
            value: format!("127.0.0.1:{}", wanted.port),
        },
    ];
    if let Some(database) = &wanted.database {
        flags.push(Flag {
            name: "--database",
            key: "database.url",
            value: database.clone(),
        });
    }
    let written = Sources {
        files: vec![folder.join(CONFIG)],
        environment: config::process_environment(),
        flags: Vec::new(),
    };
    // What is written may be a real provider's: it is refused as it stands, not bent to this machine.
    config::load(&written, Purpose::Dev)?;
    let sources = Sources { flags, ..written };
    Ok(config::load(&sources, Purpose::Dev)?.settings)
}
