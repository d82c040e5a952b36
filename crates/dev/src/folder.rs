//! A place to live in: a folder with a configuration, a master key and a database.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// A prepared folder. A temporary one is removed with it.
pub struct Folder {
    path: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl Folder {
    /// The folder of that path, or a temporary one, with these files in it. What is there already stays as it is.
    ///
    /// # Errors
    ///
    /// When it cannot be made or written.
    pub fn prepare(path: Option<&Path>, files: &[(&str, &str)]) -> Result<Self> {
        let (path, temporary) = if let Some(path) = path {
            fs::create_dir_all(path).with_context(|| format!("making the folder {}", path.display()))?;
            (path.to_owned(), None)
        } else {
            let temporary = tempfile::Builder::new()
                .prefix("vestibule-")
                .tempdir()
                .context("making a temporary folder")?;
            (temporary.path().to_owned(), Some(temporary))
        };
        for (name, text) in files {
            write_once(&path.join(name), text)?;
        }
        Ok(Self {
            path,
            _temporary: temporary,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Writes a file that only this user may read, unless it is there.
fn write_once(path: &Path, text: &str) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(mut file) => file
            .write_all(text.as_bytes())
            .with_context(|| format!("writing {}", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error).with_context(|| format!("making {}", path.display())),
    }
}
