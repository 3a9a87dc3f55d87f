//! What the verbs of the audit mean, in words that an auditor reads; the code stands beside them.

/// The words of a verb; nothing for one that is none of ours.
pub fn verb_words(verb: &str) -> &'static str {
    VERBS.iter().find(|(code, _)| *code == verb).map_or("", |(_, words)| words)
}

/// The same, where it is told who acted.
pub fn deed_words(verb: &str, actor: &str) -> &'static str {
    match (verb, actor) {
        ("person.invite", "person") => "Invited a colleague",
        _ => verb_words(verb),
    }
}

/// Every verb and its words, by the verb.
const VERBS: &[(&str, &str)] = &[
    ("access.approve", "Said yes as the second person"),
    ("access.ask", "Asked to see a secret"),
    ("access.decline", "Declined a look at a secret"),
    ("access.end", "A look at a secret ended with what it was for"),
    ("access.grant", "Allowed a look at a secret"),
    ("access.look", "Pressed to see a secret"),
    ("access.review", "Looked an emergency over"),
    ("access.run_out", "Nobody answered a request to see a secret in time"),
    ("access.show", "A secret was shown"),
    ("access.stop", "Stopped a look at a secret"),
    ("access.withdraw", "Took back a request to see a secret"),
    ("access.withhold", "A secret was not shown"),
    ("answers.test", "Had details tested before handing them in"),
    ("answers.test_end", "The test of details ended"),
    ("attempt.start", "Started a further attempt"),
    ("attempt.submit", "Handed an attempt in"),
    ("attempt.withdraw", "Took an attempt back"),
    ("audit.export", "Took lines of the audit away"),
    ("audit.verify", "Had the audit looked through"),
    ("audit.verify_end", "The audit was looked through"),
    ("brokerage.accept", "Accepted a brokerage"),
    ("brokerage.invite", "Invited somebody of a brokerage"),
    ("brokerage.manager", "Named the account manager"),
    ("brokerage.refuse", "Refused a brokerage"),
    ("brokerage.start", "Started a brokerage"),
    ("certificate.make", "Made a certificate"),
    ("check.again", "Had an attempt checked again"),
    ("check.decide", "A check was decided"),
    ("check.decide_by_hand", "Decided by hand"),
    ("check.drop", "A check of what is in use was dropped"),
    ("check.look_for_sent", "Looked whether a check had sent something"),
    ("check.stop_waiting", "Ended the waiting for a provider"),
    ("connection.close", "Closed a connection"),
    ("connection.close_read", "Read why a connection was closed"),
    ("connection.create", "Made a connection"),
    ("connection.enable", "Said from when a connection is enabled"),
    ("connection.name", "Gave a connection its ID"),
    ("connection.reopen", "Opened a connection again"),
    ("guide.send_step", "Sent a step of a guide"),
    ("hand.ask", "Asked for a decision by hand"),
    ("hand.decline", "Declined a decision by hand"),
    ("hand.withdraw", "Took back the wish to decide by hand"),
    ("invitation.revoke", "Took an invitation back"),
    ("item.hand_back", "Gave a connection back"),
    ("item.hand_over", "Handed a connection over"),
    ("item.return", "What was put off came back"),
    ("item.snooze", "Put a connection off"),
    ("item.take", "Took a connection"),
    ("item.wake", "Took back what was put off"),
    ("job.park", "A job was given up"),
    ("letter.send", "Sent a letter to a provider"),
    ("mail.send_again", "Had a mail sent once more"),
    ("mailbox.clear", "Removed a test entry"),
    ("mailbox.clear_again", "Had a test entry removed again"),
    ("mailbox.leave", "Gave up removing a test entry"),
    ("message.send", "Wrote to an office"),
    ("names.allow", "Allowed used names again"),
    ("note.leave", "Left a note"),
    ("person.invite", "Invited somebody of an office"),
    ("person.remove", "Took somebody's access away"),
    ("person.sign_in", "Somebody of an office signed in"),
    ("person.sign_out", "Somebody of an office signed out"),
    ("question.answer", "Answered a question"),
    ("question.ask", "Asked us something"),
    ("roster.again", "Had all mailboxes checked again"),
    ("roster.end", "The check of all mailboxes ended"),
    ("roster.start", "Had all mailboxes checked"),
    ("roster.stop", "Stopped the check of all mailboxes"),
    ("rotation.roll_back", "Went back to the secret before"),
    ("rotation.start", "Began to renew a secret"),
    ("secret.destroy", "A secret was deleted"),
    ("secret.remind", "A reminder of an ending secret"),
    ("session.end", "Ended sessions of one's own"),
    ("shared_key.allow", "Let a shared key stand"),
    ("sign_in.ask", "Asked for a sign-in code"),
    ("sign_in.lock", "A sign-in was locked"),
    ("sign_in.prove", "Proved an address by a code"),
    ("sign_in.turn_away", "A sign-in of a refused brokerage was turned away"),
    ("staff.end_sessions", "Ended sessions of our own people"),
    ("staff.keys", "Switched single letters on or off"),
    ("staff.mail", "Chose which mails one wants"),
    ("staff.refuse", "A sign-in of ours was refused"),
    ("staff.sign_in", "One of us signed in"),
    ("staff.sign_out", "One of us signed out"),
    ("view.change", "Changed a saved list of the queue"),
    ("view.remove", "Removed a saved list of the queue"),
    ("view.save", "Saved a list of the queue"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The files that write lines of the audit, as they stand.
    fn sources(folder: &std::path::Path, all: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                sources(&path, all);
            } else {
                all.push(std::fs::read_to_string(path).expect("a text"));
            }
        }
    }

    #[test]
    fn every_verb_that_is_written_has_words() {
        let mut all = Vec::new();
        sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/actions"), &mut all);
        let mut seen = 0;
        for text in &all {
            for (place, _) in text.match_indices("AuditLine::new(") {
                let call = &text[place..];
                let call = &call[..call.find(')').map_or(call.len(), |end| call.len().min(end + 120))];
                let verb = call.split('"').nth(1).filter(|verb| verb.contains('.') && !verb.contains(' '));
                if let Some(verb) = verb {
                    assert!(!verb_words(verb).is_empty(), "{verb} has no words");
                    seen += 1;
                }
            }
        }
        assert!(seen > 40, "the lines of the audit were found: {seen}");
        assert_eq!(verb_words("x.y"), "");
        assert!(VERBS.is_sorted_by_key(|(verb, _)| *verb), "by the verb");
    }
}
