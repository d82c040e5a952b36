//! The product as its users meet it: the whole server on a real socket, a browser without a screen, a clock
//! that tests move, and captured mail. Every test runs on SQLite, and on PostgreSQL where there is one.
#![expect(clippy::unwrap_used, reason = "a test that meets an error fails")]

mod world;

mod access_request;
mod apps;
mod authorize;
mod back_channel;
mod crash;
mod cut_off;
mod disk_full;
mod disk_read_only;
mod erased;
mod federation;
mod guest_rules;
mod invited_groups;
mod inviters;
mod keys;
mod keys_api;
mod ledger;
mod lost_commit;
mod merge;
mod my_access;
mod refresh;
mod renewal;
mod rp;
mod sign_in;
mod sign_out;
mod sockets;
mod statements;
mod switched_off;
mod trouble;
