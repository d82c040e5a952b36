//! `public_url`: the issuer. It never changes once apps know it.

use domain::upstream::is_loopback;
use sign_in::Issuer;
use url::Url;

use crate::config::{Purpose, kinds::quote, reader::Section};

const EXAMPLE: &str = "write public_url = \"https://login.acme.example\": the address at which guests and apps \
                       reach Vestibule, without a path";
const MISSING: &str = "write public_url = \"https://login.acme.example\", or name the file where it stands with \
                       --config: otherwise ./vestibule.toml is read, the user's, or /etc/vestibule/vestibule.toml, \
                       the first that exists";

pub(in crate::config) fn read(root: &mut Section<'_>, purpose: Purpose) -> Option<Issuer> {
    if !root.is_set("public_url") {
        root.show("public_url", None);
        root.refuse("public_url", "is not set", MISSING);
        return None;
    }
    let url: Url = root.take("public_url")?;
    if !url.username().is_empty() || url.password().is_some() {
        root.refuse("public_url", "holds a user name or password", EXAMPLE);
        return None;
    }
    let Some(issuer) = Issuer::new(&url) else {
        let what = "must be an origin, without a path, a query or a fragment";
        root.refuse("public_url", what, EXAMPLE);
        return None;
    };
    root.show("public_url", Some(quote(issuer.as_str())));
    let loopback = is_loopback(&url);
    if purpose == Purpose::Dev && !loopback {
        root.refuse(
            "public_url",
            "is not on this machine, and `dev` and `demo` show every mail to everyone who can reach them",
            "use http://localhost, or `vestibule serve`",
        );
    } else if !issuer.is_secure() && !loopback {
        root.refuse(
            "public_url",
            "is http: cookies, codes and tokens would travel in the clear",
            "use https: behind a proxy that terminates TLS, or with [server] tls",
        );
    } else if !issuer.is_secure() && purpose == Purpose::Serve {
        root.refuse(
            "public_url",
            "is http, and `serve` needs https",
            "use https, or `vestibule dev` on your own machine",
        );
    }
    Some(issuer)
}
