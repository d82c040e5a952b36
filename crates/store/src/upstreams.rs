//! Federated tenants and personal-account providers.
