//! `[organisation]`: who runs this.

use domain::Language;
use sign_in::Issuer;

use crate::config::reader::Section;

#[derive(Debug)]
pub(in crate::config) struct Organisation {
    pub(in crate::config) name: String,
    pub(in crate::config) language: Language,
}

pub(in crate::config) fn read(section: &mut Section<'_>, issuer: Option<&Issuer>) -> Organisation {
    let name: Option<String> = section.maybe("name");
    if name.is_none() {
        section.note(
            "name",
            "is not set: pages and mails show the host of `public_url`",
            "write name = \"Acme\" under [organisation]",
        );
    }
    let languages = Language::ALL.map(|language| (language.tag(), language));
    Organisation {
        name: name.unwrap_or_else(|| issuer.map_or("Vestibule", Issuer::host).to_owned()),
        language: section.word("language", &languages, Language::default().tag()),
    }
}
