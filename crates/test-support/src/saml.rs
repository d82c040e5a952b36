//! A SAML identity provider for tests: right in everything, until a test wants something else.

mod document;
mod provider;
mod sign;

pub use document::{Assertion, BEARER, LogoutRequest, PERSISTENT, Response, SAML, SAMLP, SUCCESS, instant};
pub use provider::{Posted, SamlBehaviour, TestSaml};
pub use sign::{DS, EXCLUSIVE, Pair, Signing, enveloped, signed_query};
