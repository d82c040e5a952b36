//! What can be done by a command can be done by the API, and the reverse: one table for the two lists.

use std::collections::BTreeSet;

use admin::OpenApiDocument;
use clap::{Command as Parsed, CommandFactory as _};
use utoipa::OpenApi as _;

use super::Cli;

/// How the API does what a command does.
enum Counterpart {
    /// By these operations.
    By(&'static [&'static str]),
    /// Not at all: it is about this machine's files or this process.
    Here,
}

use Counterpart::{By, Here};

const TABLE: &[(&str, Counterpart)] = &[
    ("serve", Here),
    ("demo", Here),
    ("dev", Here),
    ("check", Here),
    ("config init", Here),
    ("config show", Here),
    ("config sample", Here),
    ("config impact", Here),
    ("migrate status", Here),
    ("migrate up", Here),
    ("backup create", Here),
    ("backup verify", Here),
    ("backup restore", Here),
    ("healthcheck", Here),
    ("version", Here),
    ("mail test", Here),
    ("app add", By(&["registerApp"])),
    ("app list", By(&["listApps"])),
    ("app show", By(&["showApp"])),
    ("app set", By(&["changeApp"])),
    ("app disable", By(&["changeApp"])),
    ("app enable", By(&["changeApp"])),
    ("app remove", By(&["removeApp"])),
    ("app logo set", By(&["setAppLogo"])),
    ("app logo remove", By(&["removeAppLogo"])),
    ("app secret add", By(&["addAppSecret"])),
    ("app secret list", By(&["listAppSecrets"])),
    ("app secret remove", By(&["removeAppSecret"])),
    ("invite send", By(&["inviteGuest"])),
    // A program reads its own lists.
    ("invite import", By(&["inviteGuest"])),
    ("invite list", By(&["listInvitations"])),
    ("invite show", By(&["showInvitation"])),
    ("invite resend", By(&["resendInvitation"])),
    ("invite extend", By(&["extendInvitation"])),
    ("invite revoke", By(&["revokeInvitation"])),
    ("guest list", By(&["listGuests"])),
    ("guest show", By(&["showGuest"])),
    ("guest assign", By(&["assignGuest", "assignGuestToGroup"])),
    ("guest unassign", By(&["unassignGuest", "unassignGuestFromGroup"])),
    ("guest assignments", By(&["listAssignments", "showAssignment"])),
    ("guest groups", By(&["listGuestGroups", "showGroupAssignment"])),
    ("guest block", By(&["blockGuest"])),
    ("guest unblock", By(&["unblockGuest"])),
    ("guest set-expiry", By(&["setGuestExpiry", "removeGuestExpiry"])),
    ("guest remove", By(&["removeGuest"])),
    ("guest restore", By(&["restoreGuest"])),
    ("guest convert", By(&["convertGuest"])),
    ("guest erase", By(&["eraseGuest"])),
    ("guest due", By(&["listGuestRules"])),
    (
        "guest reset-method",
        By(&["resetGuestMethod", "changeGuestAddress"]),
    ),
    ("guest pin-method", By(&["pinGuestMethod", "unpinGuestMethod"])),
    ("guest passkeys", By(&["listGuestPasskeys"])),
    ("guest remove-passkey", By(&["removeGuestPasskey"])),
    ("guest reset-codes", By(&["resetCodes"])),
    ("sponsor list", By(&["listSponsors"])),
    ("sponsor remove", By(&["removeSponsor"])),
    ("sponsor hand-over", By(&["handOverSponsor"])),
    ("sponsor restore", By(&["restoreSponsor"])),
    ("group add", By(&["addGroup"])),
    ("group list", By(&["listGroups"])),
    ("group show", By(&["showGroup"])),
    ("group set", By(&["changeGroup"])),
    ("group remove", By(&["removeGroup"])),
    ("group guests", By(&["listGroupGuests"])),
    ("access-request list", By(&["listAccessRequests"])),
    ("access-request approve", By(&["approveAccessRequest"])),
    ("access-request refuse", By(&["refuseAccessRequest"])),
    ("merge ask", By(&["askMerge"])),
    ("merge list", By(&["listMerges"])),
    ("merge show", By(&["showMerge"])),
    ("merge take-back", By(&["takeBackMerge"])),
    ("route explain", By(&["explainRoute"])),
    ("audit search", By(&["searchAudit"])),
    ("signin show", By(&["searchAudit"])),
    ("mail list", By(&["listMails"])),
    ("keys list", By(&["listKeys"])),
    ("keys rotate", By(&["rotateKeys"])),
    ("keys revoke", By(&["revokeKey"])),
    ("token create", By(&["createToken"])),
    ("token list", By(&["listTokens"])),
    ("token revoke", By(&["revokeToken"])),
    ("tenant list", By(&["listUpstreams"])),
    ("tenant show", By(&["showUpstream"])),
    ("tenant test", By(&["testUpstream"])),
    ("tenant add", By(&["addUpstream"])),
    ("tenant set", By(&["changeUpstream"])),
    ("tenant enable", By(&["enableUpstream"])),
    ("tenant disable", By(&["showUpstreamImpact", "disableUpstream"])),
    ("tenant remove", By(&["removeUpstream"])),
    ("provider list", By(&["listUpstreams"])),
    ("provider show", By(&["showUpstream"])),
    ("provider test", By(&["testUpstream"])),
    ("provider add", By(&["addUpstream"])),
    ("provider set", By(&["changeUpstream"])),
    ("provider enable", By(&["enableUpstream"])),
    ("provider disable", By(&["showUpstreamImpact", "disableUpstream"])),
    ("provider remove", By(&["removeUpstream"])),
    ("domain list", By(&["listDomains"])),
    ("domain show", By(&["showDomain"])),
    ("domain add", By(&["claimDomain"])),
    ("domain check", By(&["checkDomain"])),
    ("domain remove", By(&["unclaimDomain"])),
];

fn leaves(command: &Parsed, path: &str, found: &mut BTreeSet<String>) {
    for below in command
        .get_subcommands()
        .filter(|below| below.get_name() != "help")
    {
        let path = format!("{path} {}", below.get_name());
        if below.has_subcommands() {
            leaves(below, &path, found);
        } else {
            found.insert(path.trim().to_owned());
        }
    }
}

#[test]
fn every_command_has_its_operation_and_the_reverse() {
    let mut commands = BTreeSet::new();
    leaves(&Cli::command(), "", &mut commands);
    // Without the feature `dev` these two are not there.
    let known = TABLE.iter().map(|(command, _)| (*command).to_owned());
    let known: BTreeSet<String> = known
        .filter(|command| cfg!(feature = "dev") || !["dev", "demo"].contains(&command.as_str()))
        .collect();
    assert_eq!(commands, known);

    let document = serde_json::to_value(OpenApiDocument::openapi()).unwrap();
    let items = document["paths"].as_object().unwrap().values();
    let operations = items.flat_map(|item| item.as_object().unwrap().values());
    let described: BTreeSet<&str> = operations
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    let named: BTreeSet<&str> = TABLE
        .iter()
        .flat_map(|(_, counterpart)| match counterpart {
            By(operations) => *operations,
            Here => &[],
        })
        .copied()
        .collect();
    assert_eq!(described, named);
}
