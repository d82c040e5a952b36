//! `[egress]`: what Vestibule may fetch from others.

use std::path::PathBuf;

use ipnet::IpNet;

use crate::config::reader::Section;

/// Networks that may be connected to although they are not public, and the file of further authorities.
pub(in crate::config) fn read(section: &mut Section<'_>) -> (Vec<IpNet>, Option<PathBuf>) {
    let allowed = section.get("allow", Vec::new());
    let ca_file: Option<PathBuf> = section.maybe("ca_file");
    (
        allowed,
        ca_file.map(|path| section.resolve_path("ca_file", &path)),
    )
}
