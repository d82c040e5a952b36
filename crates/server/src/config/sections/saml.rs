//! `[saml]`: whether federated tenants may speak SAML.

use crate::config::reader::Section;

pub(in crate::config) fn read(section: &mut Section<'_>) -> bool {
    section.get("enabled", true)
}
