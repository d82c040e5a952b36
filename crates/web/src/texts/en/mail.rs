//! English: mails.

use crate::texts::mail::MailTexts;

pub(super) const MAIL: MailTexts = MailTexts {
    code_subject: "{code} is your {organisation} sign-in code",
    code_subject_without: "Your {organisation} sign-in code ({mark})",
    code_preheader: "{code} – works for {lifetime}. Never share it.",
    code_lead: "{code} is your sign-in code for {app}.",
    code_lead_without: "Someone, probably you, asked for a sign-in code for {app}. It's at the end of this email.",
    code_enter: "Enter it on the page you have open at {host}. It works for {lifetime} from when you asked for it.",
    code_reference: "Reference on your screen: {reference}",
    code_why: "Someone entered {address} to sign in to {app}. If that wasn't you, ignore this email: nobody can \
               get in without the code.",
    code_never: "Nobody at {organisation} will ever ask you for this code.",
    code_suspicious: "Something wrong? Tell {help}. Don't send them the code.",
    minute: "1 minute",
    minutes: "{minutes} minutes",

    invitation_subject: "{inviter} invited you to {what}{at}",
    invitation_what_about: "“{about}” in {app}",
    invitation_at: " at {organisation}",
    invitation_lead: "{inviter} invited you to {what}{at}.",
    invitation_preheader: "No password needed: we'll email you a sign-in code.",
    invitation_preheader_upstream: "You sign in with {upstream}. No new password needed.",
    invitation_message: "{inviter} writes:",
    invitation_open: "Open the invitation",
    invitation_host: "The link goes to {host}.",
    invitation_proof: "To sign in, we'll email a code to {address}. You don't need a password.",
    invitation_proof_upstream: "You sign in with {upstream}. You don't need a new password.",
    invitation_lapses: "This invitation expires on {date}.",
    invitation_access: "You'll have access until {date}.",
    invitation_answer: "Reply to this email to reach {inviter}.",
    invitation_why: "You're getting this because {inviter} entered {address} to invite you. If you weren't expecting it, ignore it: \
                     nothing happens until you sign in.",
    invitation_stop: "You don't want any more invitations? Tell {help}.",
    invitation_privacy: "Privacy at {organisation}:",

    access_request_subject: "{guest} asks for access to {app}",
    access_request_lead: "{guest} asks for access to {app} at {organisation}.",
    access_request_open: "Answer",
    access_request_host: "The link goes to {host}. Opening it changes nothing: you choose there.",
    access_request_why: "You're asked because you invited them before, or because you're responsible for {app}. Whoever has this link \
                         can answer in your name: don't forward it.",
    access_request_until: "You can answer until {date}. Without an answer they don't get in.",
    access_approved_subject: "You have access to {app}",
    access_approved: "You asked for access to {app} at {organisation}, and now you have it.",
    access_approved_open: "Open {app}",
    access_refused_subject: "You don't get access to {app}",
    access_refused: "You asked for access to {app} at {organisation}. The answer was no.",
    access_refused_ask: "If you think that's wrong, ask the person you work with there, or {help}.",

    address_subject: "Your address at {organisation} has changed",
    address_new: "{organisation} has given you this address to sign in with, in place of the one you had.",
    address_former: "{organisation} has changed the address you sign in with: it is not this one any more.",
    address_former_now: "You can't use this address at {organisation} any more unless you're invited again. \
                         We've signed you out everywhere.",
    method_subject: "How you sign in at {organisation} has changed",
    method_moved: "You've changed how you sign in at {organisation}.",
    method_reset: "{organisation} has reset your sign-in.",
    method_now_code: "The next time you open an app we email you a sign-in code.",
    method_now_upstream: "The next time you open an app you sign in with {upstream}.",
    method_ended: "You've been signed out everywhere. You still have access to the same apps.",
    method_suspicious: "If you didn't expect this, contact {help}.",

    passkey_subject: "A passkey was added at {organisation}",
    passkey_added: "A passkey was created to sign in at {organisation} with this address.",
    passkey_now: "From now on that device can sign in without a code. If it was you, there is nothing to do.",

    no_code_subject: "You can't sign in at {organisation} right now",
    no_code_lead: "Someone, probably you, asked for a code to sign in to {app} as {address}. We can't send one.",
    no_code_off: "You have signed in at {organisation} another way before, and that way is switched off at the moment.",
    no_code_refused: "{organisation} doesn't let anyone sign in with an address like this one.",
    no_code_ask: "Contact {help} and give them this reference: {reference}. If it wasn't you, ignore this email.",
    no_code_ask_nobody: "Contact the person you work with at {organisation}. If it wasn't you, ignore this email.",

    test_subject: "Test mail from {organisation}",
    test_lead: "This mail was sent to test the mail settings of {host}. It arrived, so mail leaves from there.",
    test_headers: "Look at its headers as well: in Authentication-Results, SPF, DKIM and DMARC should say \"pass\". Where they \
                   don't, sign-in codes end up in spam folders.",

    time: "{time} UTC",
    date: "{day} {month} {year}",
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
};
