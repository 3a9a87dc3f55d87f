//! The entries of the catalogue, by the layer in which they are found.
//!
//! Whoever adds one writes for a reader of twelve: short sentences, the provider's own names for its buttons, and
//! the next thing to do. The tests below hold the rest.

mod app_certificate;
mod autodiscover;
mod certificate;
mod ews;
mod ews_server;
mod exchange_online;
mod form;
mod front;
mod google;
mod google_access;
mod graph;
mod mailbox;
mod network;
mod own_server;
mod parts;
mod password;
mod permission;
mod sign_in;
mod tenant;
mod windows_sign_in;

use super::cause::Cause;

const GROUPS: &[&[Cause]] = &[
    form::CAUSES,
    network::CAUSES,
    certificate::CAUSES,
    autodiscover::CAUSES,
    front::CAUSES,
    tenant::CAUSES,
    sign_in::CAUSES,
    app_certificate::CAUSES,
    windows_sign_in::CAUSES,
    password::CAUSES,
    permission::CAUSES,
    exchange_online::CAUSES,
    mailbox::CAUSES,
    ews::CAUSES,
    ews_server::CAUSES,
    graph::CAUSES,
    google::CAUSES,
    google_access::CAUSES,
];

/// Every cause, in the order of the layers: form, network, what answers, tenant, sign-in, permission, mailbox,
/// service.
pub fn all() -> impl Iterator<Item = &'static Cause> {
    GROUPS.iter().flat_map(|group| group.iter())
}

/// What a cause of one mailbox becomes where other mailboxes open with the same credential: what looked like a rule of
/// the whole organisation is then one about this mailbox.
pub const BESIDE_OTHERS: &[(&str, &str)] =
    &[("exo_ews_disabled", "exo_ews_partial_off"), ("exo_rbac_required", "exo_rbac_scope_excludes")];

/// The cause of one mailbox of many, where others open with the same credential; `None` where it stays what it is.
pub fn beside_others(id: &str) -> Option<&'static Cause> {
    let found = BESIDE_OTHERS.iter().find(|(alone, _)| *alone == id)?;
    find(found.1)
}

/// The cause with this id; `None` when this version knows none.
pub fn find(id: &str) -> Option<&'static Cause> {
    all().find(|cause| cause.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::cause::{Names, PLACEHOLDERS, Remedy, fill, fill_command};

    fn texts(cause: &Cause) -> Vec<&'static str> {
        let mut texts = vec![cause.title, cause.meaning];
        texts.extend(cause.mend.iter().map(|mend| mend.text));
        texts.extend(cause.waits);
        texts.extend(cause.told);
        if let Some(own) = cause.own_server {
            texts.extend([own.title, own.meaning]);
            texts.extend(own.mend.iter().map(|mend| mend.text));
        }
        texts
    }

    /// The entry as it reads on a host of the provider, and on a server of the customer's own.
    fn readings() -> impl Iterator<Item = Cause> {
        all().flat_map(|cause| [cause.on(false), cause.on(true)])
    }

    #[test]
    fn every_cause_stands_once_and_says_all_it_must() {
        let mut ids = BTreeSet::new();
        for cause in all() {
            assert!(ids.insert(cause.id), "{} stands twice", cause.id);
            assert!(cause.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'));
            assert!(texts(cause).iter().all(|text| text.len() > 8), "{} has an empty text", cause.id);
            assert!(!cause.scenarios.is_empty(), "{}", cause.id);
            let told = if cause.told.is_some() { cause.scenarios.len() } else { 0 };
            assert_eq!(cause.told_at().count(), told, "{}: a check sees it, or a person tells it", cause.id);
            assert_eq!(find(cause.id), Some(cause));
        }
        assert_eq!(find("no_such_cause"), None);
    }

    #[test]
    fn each_reading_says_all_it_must() {
        for cause in readings() {
            assert!(!cause.title.ends_with('.') && cause.meaning.ends_with('.'), "{}", cause.id);
            assert!(cause.title.chars().count() <= 90, "{}: the title is a heading", cause.id);
            assert!(
                !cause.title.contains('{'),
                "{}: a title stands in lists, where no name is known",
                cause.id
            );
            assert!(!cause.mend.is_empty(), "{} leaves people alone", cause.id);
            let waiting = matches!(cause.remedy, Remedy::Wait | Remedy::ActThenWait);
            assert_eq!(waiting, cause.waits.is_some(), "{}: waiting and its words go together", cause.id);
        }
    }

    #[test]
    fn what_happens_on_an_own_server_speaks_of_no_provider() {
        let of_a_server = |name: &&str| name.starts_with("exchange-") && *name != "exchange-roles-required";
        for cause in all().filter(|cause| cause.scenarios.iter().any(of_a_server)) {
            let own = cause.on(true);
            for text in [own.title, own.meaning].into_iter().chain(own.mend.iter().map(|mend| mend.text)) {
                let cloud = ["Entra admin center", "your tenant", "Microsoft asks", "Microsoft could"];
                assert!(!cloud.iter().any(|word| text.contains(word)), "{}: {text:?}", cause.id);
            }
        }
    }

    #[test]
    fn the_words_are_kind_and_plain() {
        for cause in all() {
            for text in texts(cause) {
                let lower = text.to_lowercase();
                for word in ["invalid", "illegal", "oops", "please", "simply", "just ", "obviously", "utiliz"]
                {
                    assert!(!lower.contains(word), "{}: {word:?} in {text:?}", cause.id);
                }
                for sentence in text.split(['.', ':', ';', '?']) {
                    let words = sentence.split_whitespace().count();
                    assert!(words <= 30, "{}: {words} words in {sentence:?}", cause.id);
                }
            }
        }
    }

    #[test]
    fn placeholders_are_known_and_commands_quote_them() {
        for cause in readings() {
            for mend in cause.mend {
                let command = mend.command.unwrap_or_default();
                for name in PLACEHOLDERS {
                    let bare = command.matches(&format!("{{{name}}}")).count();
                    let quoted = command.matches(&format!("'{{{name}}}'")).count();
                    assert_eq!(bare, quoted, "{}: {{{name}}} stands outside quotes", cause.id);
                }
                let value = mend.copy.unwrap_or_default();
                let text = format!("{} {} {command} {value}", cause.meaning, mend.text);
                let filled = fill(&text, &Names::default());
                let left = filled.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
                for (name, _) in left {
                    let word = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
                    assert!(!word, "{}: {{{name}}} is no placeholder", cause.id);
                }
            }
        }
    }

    #[test]
    fn of_a_list_no_mailbox_is_the_one_of_the_test_and_none_is_exchanged() {
        let names = Names::default().for_one_of_many("agent@lakeshore.example");
        for cause in readings() {
            for mend in cause.mend.iter().filter(|mend| !mend.exchanges_mailbox) {
                for other in ["another test mailbox", "another agent", "mailbox in a new attempt"] {
                    assert!(
                        !mend.text.contains(other),
                        "{}: {:?} exchanges the mailbox",
                        cause.id,
                        mend.text
                    );
                }
            }
            let steps: Vec<_> = cause.steps(&names).collect();
            assert!(cause.mend.is_empty() || !steps.is_empty(), "{}: nothing is left to do", cause.id);
            let told = steps.iter().map(|mend| mend.text).chain([cause.title, cause.meaning]);
            for text in told.map(|text| fill(text, &names)) {
                assert!(
                    !text.contains("test mailbox") && !text.contains("{agent}"),
                    "{}: {text:?}",
                    cause.id
                );
            }
        }
    }

    #[test]
    fn names_cannot_end_a_command_nor_be_read_twice() {
        let names = Names { agent: "o'brien{client}`$(x)@lakeshore.example".to_owned(), ..Names::default() };
        assert_eq!(
            fill_command("Get-User '{agent}' | % { $_ }", &names),
            "Get-User 'o''brien{client}`$(x)@lakeshore.example' | % { $_ }"
        );
        assert_eq!(
            fill("to {agent}, {nobody}", &names),
            "to o'brien{client}`$(x)@lakeshore.example, {nobody}"
        );
    }
}
