//! `[tenant.saml]`: Vestibule as the service provider of a SAML 2.0 identity provider.

use domain::upstream::{SamlConnection, SamlMetadata, is_reassigned, metadata_address, usual_mfa_contexts};

use crate::config::{Purpose, reader::Section};

pub(super) fn read(section: &mut Section<'_>, purpose: Purpose) -> Option<SamlConnection> {
    let help = "write it as its metadata does, as in entity_id = \"https://login.contoso.example/saml\"";
    let entity_id: Option<String> = section.required("entity_id", help);
    let metadata = metadata(section, purpose);
    let subject: Option<String> = section.maybe("subject_attribute");
    if let Some(attribute) = subject.as_deref().filter(|attribute| is_reassigned(attribute)) {
        section.refuse(
            "subject_attribute",
            format!("is \"{attribute}\", which holds an address: one day it is somebody else's"),
            "name an attribute that never changes and is never given again, or leave it out for a persistent NameID",
        );
    }
    Some(SamlConnection {
        email: section.maybe("email_attribute"),
        name: section.maybe("name_attribute"),
        trusts_mfa: section.get("trust_mfa", false),
        mfa_contexts: section.get("mfa_contexts", usual_mfa_contexts()),
        encryption: section.get("encryption", true),
        entity_id: entity_id?,
        metadata: metadata?,
        subject,
    })
}

fn metadata(section: &mut Section<'_>, purpose: Purpose) -> Option<SamlMetadata> {
    let help = "write metadata_url = \"https://…\", or metadata = \"file:/etc/vestibule/contoso.xml\" where the partner \
                has handed over a document";
    let url: Option<String> = section.maybe("metadata_url");
    let given = section.is_set("metadata");
    let document = section.secret("metadata");
    if given {
        section.show("metadata", Some("(document)".to_owned()));
    }
    match (url, document) {
        (Some(_), Some(_)) => section.refuse(
            "metadata",
            "is there beside `metadata_url`",
            "keep one of the two",
        ),
        (None, Some(text)) => return Some(SamlMetadata::Document(text.expose().to_owned())),
        (Some(url), None) => match metadata_address(&url, purpose != Purpose::Serve) {
            Ok(()) => return Some(SamlMetadata::Url(url)),
            Err(why) => section.refuse("metadata_url", why.to_string(), help),
        },
        (None, None) if given || section.is_refused("metadata_url") => {}
        (None, None) => section.refuse("metadata_url", "is missing, and so is `metadata`", help),
    }
    None
}
