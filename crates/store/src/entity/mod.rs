//! One private sea-orm entity per table. Columns are what the database holds; the aggregate's file turns a
//! `Model` into the domain's type and back.
#![expect(
    unreachable_pub,
    reason = "the derive makes `pub` items around the model, and both must agree"
)]

pub(crate) mod api_token;
pub(crate) mod app;
pub(crate) mod assignment;
pub(crate) mod audit;
pub(crate) mod guest;
pub(crate) mod invitation;
pub(crate) mod signing_key;
pub(crate) mod upstream;
