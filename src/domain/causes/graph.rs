//! Microsoft Graph as a service: busy, refusing, behind its own writes.

use super::parts::{ADVISE, KEEP, OUR_TURN, OURS, RETRY, TRY_SOON, other, say};
use crate::domain::cause::{Cause, Remedy};

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "throttled",
        title: "The mail system asks us to slow down",
        meaning: "There were many requests to this mailbox or tenant in a short time. That has nothing to do with your settings.",
        mend: TRY_SOON,
        scenarios: &["throttled", "google-throttled"],
        ..RETRY
    },
    Cause {
        id: "graph_transient",
        title: "Microsoft's mailbox service is not available at the moment",
        meaning: "It answered that it cannot serve us now. That has nothing to do with your settings.",
        mend: &[
            say("You have nothing to do. We try again by ourselves in a few minutes."),
            say(
                "If it lasts, open admin.microsoft.com > Health > Service health to see whether Microsoft reports a problem.",
            ),
        ],
        scenarios: &["mailbox-service-down"],
        ..RETRY
    },
    Cause {
        id: "graph_token_rejected",
        title: "Microsoft did not accept its own sign-in",
        meaning: "The sign-in worked, but what Microsoft gave us was not taken by the mailbox service. That is for us to look at.",
        mend: OUR_TURN,
        scenarios: &["token-rejected"],
        ..OURS
    },
    Cause {
        id: "request_invalid",
        title: "The mail system could not read our request",
        meaning: "Our request had a mistake in it. That is our fault, not yours.",
        mend: OUR_TURN,
        scenarios: &["fault:bad_request"],
        ..OURS
    },
    Cause {
        id: "send_as_denied",
        title: "Our test of sending used the wrong sender",
        meaning: "The mail system says that the sender differs from the mailbox. That is our fault, not yours.",
        mend: OUR_TURN,
        scenarios: &["fault:send_as_denied"],
        ..OURS
    },
    Cause {
        id: "probe_sent_something",
        title: "Our test of sending did not go as it must",
        meaning: "We asked the mail system to send an empty message to nobody, which it should refuse. It accepted. Our people look at it before anything else is tried.",
        mend: OUR_TURN,
        scenarios: &["probe-alarm", "google-probe-alarm"],
        ..OURS
    },
    Cause {
        id: "eventual_consistency",
        title: "The mail system could not find what it had stored a moment ago",
        meaning: "We wrote a test entry, and the mail system did not know it yet when we asked again.",
        mend: TRY_SOON,
        scenarios: &["fault:item_not_found"],
        ..RETRY
    },
    Cause {
        id: "write_conflict",
        title: "Another program changed our test entry at the same time",
        meaning: "The mail system refused our change because something else had changed the entry first.",
        mend: TRY_SOON,
        scenarios: &["fault:conflict"],
        ..RETRY
    },
    Cause {
        id: "sync_state_invalid",
        title: "The mail system lost track of the synchronisation",
        meaning: "It asked us to begin anew, we did, and it asked again.",
        mend: OUR_TURN,
        scenarios: &["fault:resync_required", "google-sync-too-old"],
        ..OURS
    },
    Cause {
        id: "contact_folder_gone",
        title: "The contacts folder of the test mailbox could not be found",
        meaning: "Contacts could be read, but the folder they are in was gone when we synchronised it.",
        mend: &[
            say("Open Outlook as {agent} and look whether the folder \"Contacts\" is there."),
            say("Check again."),
            other("If it fails again, enter another test mailbox in a new attempt."),
        ],
        remedy: Remedy::Act,
        scenarios: &["fault:folder_gone"],
        ..KEEP
    },
    Cause {
        id: "change_feed_lag",
        title: "The list of changes runs behind",
        meaning: "It works. But our test contact did not show up in the list of changes within ten seconds.",
        mend: &[say("You have nothing to do. Changes may take a little longer to arrive.")],
        scenarios: &["fault:feed_lag"],
        ..ADVISE
    },
    Cause {
        id: "test_item_left_behind",
        title: "A test entry was left in the test mailbox",
        meaning: "It works. But we could not remove an entry that we wrote as a test; the step says which. We try again by ourselves for a day and a half.",
        mend: &[say(
            "If it is still there then: search {agent} for \"MoxiEngage connection test\" and delete what you find.",
        )],
        scenarios: &["fault:delete_refused"],
        ..ADVISE
    },
    Cause {
        id: "delete_refused",
        title: "The mailbox does not let our test entry be deleted",
        meaning: "It works. But a rule keeps what is in this mailbox, such as a hold or a retention policy, so the test entry stays. We try again by ourselves for a day and a half.",
        mend: &[say(
            "Once no such rule is in the way, search {agent} for \"MoxiEngage connection test\" and delete what you find. It does no harm where it is.",
        )],
        scenarios: &["exchange-delete-refused"],
        ..ADVISE
    },
    Cause {
        id: "item_gone",
        title: "Our test entry was gone before we removed it",
        meaning: "Something else had removed it first: a rule, an add-in, or another program that keeps this mailbox in step. Nothing is left behind.",
        mend: &[say("You have nothing to do.")],
        scenarios: &["fault:item_gone"],
        ..ADVISE
    },
];
