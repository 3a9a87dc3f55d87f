//! The words of the letter for the mail provider. Pure: the page reads, this words.

use crate::{actions::cause_words::CauseWords, domain::cause::Names};

/// A letter.
pub(super) struct Letter {
    pub(super) reference: String,
    pub(super) lines: Vec<String>,
}

/// What a letter is made of.
pub(super) struct LetterFacts<'a> {
    pub(super) company: &'a str,
    pub(super) brand: &'a str,
    pub(super) kind: &'a str,
    pub(super) reference: String,
    pub(super) cause: &'a CauseWords,
    /// What the server said at the step that failed; no secret is in it.
    pub(super) words: Option<&'a str>,
    pub(super) names: &'a Names,
    /// When the check ended, in words: it is looked for in their logs.
    pub(super) at: Option<String>,
}

impl Letter {
    /// Words it.
    pub(super) fn of(facts: &LetterFacts<'_>) -> Self {
        let LetterFacts { company, brand, cause, names, .. } = facts;
        let mut lines = vec![
            format!(
                "We are {company}. We connect our mailboxes to {brand}, so that it keeps contacts and calendars in step and sends mail as our agents. A check of the connection failed, and we need you to mend it. There is no password and no secret in this letter."
            ),
            String::new(),
            format!("What was found: {}", cause.title),
            cause.meaning.clone(),
        ];
        if let Some(words) = facts.words {
            lines.extend([String::new(), "What your server said:".to_owned()]);
            lines.extend(words.lines().map(str::to_owned));
        }
        lines.extend([String::new(), "What we need from you:".to_owned()]);
        for (number, step) in (1..).zip(cause.mend.iter().filter(|step| !is_ours(&step.text))) {
            lines.push(format!("{number}. {}", step.text));
            let more = step.command.iter().chain(&step.copy);
            lines.extend(more.flat_map(|text| text.lines()).map(str::to_owned));
        }
        if let Some(waits) = cause.waits {
            lines.push(format!("A change can take {waits} to show."));
        }
        lines.extend([String::new(), "The names:".to_owned()]);
        lines.push(format!("Mail system: {}", facts.kind));
        let host = Some(names.host.as_str()).filter(|host| *host != Names::UNKNOWN_HOST);
        let known = [
            ("Server", host.unwrap_or_default()),
            ("Service account", names.service_account.as_str()),
            ("Role group", names.role_group.as_str()),
            ("App", names.app_name.as_str()),
            ("Mailbox that was tested", names.agent.as_str()),
        ];
        let known = known.into_iter().filter(|(_, value)| !value.is_empty());
        lines.extend(known.map(|(what, value)| format!("{what}: {value}")));
        lines.push(format!("It connects over HTTPS, from {}.", names.egress));
        if let Some(at) = &facts.at {
            lines.push(format!("Time of the check: {at}"));
        }
        lines.push(format!("Our reference: {}", facts.reference));
        Self { reference: facts.reference.clone(), lines }
    }

    #[cfg(test)]
    pub(super) fn sample(agent: &str) -> Self {
        use crate::domain::check::CauseId;

        let names = Names {
            agent: agent.to_owned(),
            service_account: "svc@lakeshore.example".to_owned(),
            egress: "203.0.113.10".to_owned(),
            host: Names::UNKNOWN_HOST.to_owned(),
            ..Names::default()
        };
        let cause = CauseWords::of(Some(&CauseId::known("impersonation_denied_user")), &names);
        Self::of(&LetterFacts {
            company: "Lakeshore Realty",
            brand: "MoxiEngage",
            kind: "Exchange on our own server",
            reference: "LKS-0042-2".to_owned(),
            cause: &cause,
            words: Some("ErrorImpersonateUserDenied\nThe account does not have permission"),
            names: &names,
            at: Some("21 November 2026, 10:42 UTC".to_owned()),
        })
    }
}

/// Whether a step is done on our own pages, which whoever gets the letter does not see.
fn is_ours(step: &str) -> bool {
    let step = step.to_lowercase();
    ["check again", "new attempt", "next attempt"].iter().any(|words| step.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_says_what_was_found_what_is_needed_and_from_where_we_come() {
        let text = Letter::sample("pat@lakeshore.example").lines.join("\n");
        for words in [
            "We are Lakeshore Realty",
            "What was found: ",
            "ErrorImpersonateUserDenied",
            "1. ",
            "Service account: svc@lakeshore.example",
            "203.0.113.10",
            "Time of the check: 21 November 2026, 10:42 UTC",
            "LKS-0042-2",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(
            !text.contains(Names::UNKNOWN_HOST) && !text.contains("App:"),
            "only names that are known: {text}"
        );
        assert!(!text.to_lowercase().contains("check again"), "no button of ours is named: {text}");
    }
}
