//! English: whether two guests are one person.

use crate::texts::merge::MergeTexts;

pub(super) const MERGE: MergeTexts = MergeTexts {
    title: "Is {other} yours as well?",
    lead: "{organisation} asks whether {email} and {other} are one person. You're signed in as {email}.",
    then: "If both are yours, you sign in with {kept} from then on, and can open with it whatever you can open with {gone}.",
    gone: "{gone} opens nothing here any more, and is signed out everywhere.",
    apps: "An app that knows you as {gone} may treat you as somebody new. Your data there is not moved by itself.",
    undo: "{organisation} can undo it for {length}.",
    both: "Nothing happens until you have said yes with both addresses.",
    agree: "Yes, both are mine",
    decline: "No, {other} isn't mine",
    agreed: "You have said yes as {email}. Now sign in as {other}, and say yes there as well, by {date}.",
    sign_in_other: "Sign in as {other}",
    waits: "{organisation} asks whether {other} is yours as well.",
    waits_link: "Answer that",
    merged_title: "You're one guest now",
    merged: "From now on you sign in with one address. We've emailed you which. Questions? Ask {contact}.",
    declined_title: "Thank you for telling us",
    declined: "Nothing changes: the two addresses stay two guests.",
    over_title: "Nobody asks that any more",
    over: "It was answered or taken back, or its time is over, or one of the two addresses can't be used here at the moment. Questions? Ask {contact}.",
    refused: "You're signed in as {email}. You said that this address and {kept} are both yours: sign in as {kept} instead.",
};
