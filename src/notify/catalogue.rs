//! One mail of each kind with invented names, for our own people who want to see what customers get.

use jiff::{SignedDuration, civil::date};

use super::mend::MendLine;
use super::notice::{
    Accepted, AccessNews, AccessTold, Answer, Case, Closed, DailyItem, DailyMail, Doer, Enabled, Ending,
    Failed, GuideStep, Invitation, Message, NeedsStaff, Notice, PagePath, ProviderLetter, Question,
    QuestionCase, Reason, Received, Reopened, RosterEnded, Rotated, Share, SignInCode, StaffCase, StaffNews,
    StaffTold, Verified, Waiting,
};
use crate::domain::{
    access::MOST_AN_HOUR,
    audit::Checkpoint,
    browser::Browser,
    connection::CloseReason,
    duty::Duty,
    ids::{AccessId, BrokerageId, ConnectionId},
    instant::Instant,
    kind::AccessKind,
    mail::MailKind,
    renewal::Renewal,
    review::NeedRule,
    roster::{RosterEnd, RosterTally},
    text::{CompanyName, ConnectionName},
};

/// A mail of this kind to an office that there is not. Links in it lead nowhere.
pub fn example(kind: MailKind, now: Instant) -> Notice {
    let until = now.plus(SignedDuration::from_hours(12));
    match kind {
        MailKind::SignInCode => Notice::SignInCode(SignInCode {
            code: "K7QM2X9D".to_owned().into(),
            valid_minutes: 10,
            browser: Browser::parse("Firefox on Windows"),
        }),
        MailKind::Received => Notice::Received(Received { case: case(1) }),
        MailKind::Verified => Notice::Verified(Verified {
            case: case(2),
            tested: ["Sign in as your app", "Read and synchronise contacts", "Read the calendar"]
                .map(str::to_owned)
                .to_vec(),
            warnings: Vec::new(),
            secret_expires_on: Some(date(2028, 11, 3)),
            by_hand: false,
        }),
        MailKind::Failed => Notice::Failed(Failed {
            case: case(1),
            title: "The client secret has expired".into(),
            meaning: "Microsoft no longer takes the value that was entered, because its last day is over."
                .into(),
            mend: vec![
                MendLine::new(
                    "In Entra, open App registrations, your app, then Certificates & secrets.".into(),
                    None,
                ),
                MendLine::new("Press New client secret, and copy its value at once.".into(), None),
            ],
            who: "you, or the person who administers your mail system".into(),
            renewal: Renewal::Secret,
            again_first: false,
            by_hand: false,
        }),
        MailKind::Waiting => Notice::Waiting(Waiting {
            case: case(1),
            waiting_for: "Microsoft is still applying the permission that was granted to your app.".into(),
            next_look: now.plus(SignedDuration::from_hours(1)),
            mend: Vec::new(),
            who: "you, or the person who administers your mail system".into(),
        }),
        MailKind::NeedsStaff => Notice::NeedsStaff(NeedsStaff { case: case(1) }),
        MailKind::Accepted => Notice::Accepted(Accepted { company: company() }),
        MailKind::Invitation => Notice::Invitation(Invitation::new(
            company(),
            "Dana Reyes",
            Duty::ItAdmin,
            "an-invented-link-that-leads-nowhere",
            until,
        )),
        MailKind::GuideStep => Notice::GuideStep(GuideStep {
            case: case(1),
            sender: "Ida Berg".into(),
            step: "Grant admin consent".into(),
        }),
        MailKind::RosterEnded => Notice::RosterEnded(roster()),
        MailKind::Ending => Notice::Ending(Ending {
            case: case(2),
            ends_on: date(2028, 11, 3),
            days_left: 30,
            holder: "MoxiEngage2".into(),
        }),
        MailKind::Question => Notice::Question(question()),
        MailKind::Answer => Notice::Answer(Answer {
            company: company(),
            question: vec!["Where do I find the tenant id?".into()],
            answer: vec!["In Entra, on the page \"Overview\" of your organisation.".into()],
            by: "Dana Reyes".into(),
        }),
        MailKind::ProviderLetter => Notice::ProviderLetter(ProviderLetter {
            company: company(),
            reference: "LKS-0042-2".into(),
            sender: "Ida Berg".into(),
            lines: vec!["Our mail server answers with a certificate whose last day is over.".into()],
        }),
        MailKind::AccessAsked => access(AccessTold::Asked { until }),
        MailKind::AccessOpened => access(AccessTold::Opened {
            second: "Omar Haddad".into(),
            emergency: false,
            until,
            said_no: None,
        }),
        MailKind::AccessLooked => access(AccessTold::Looked { at: now }),
        MailKind::AccessStopped => access(AccessTold::Stopped { by: "Ida Berg".into() }),
        MailKind::AccessAnswered => access(AccessTold::Answered { until: Some(until) }),
        MailKind::Rotated => Notice::Rotated(Rotated {
            case: case(3),
            ends_on: Some(date(2030, 11, 3)),
            went_back: false,
            same: false,
        }),
        MailKind::Closed => Notice::Closed(Closed {
            case: case(1),
            reason: CloseReason::ALL[0],
            until: now.plus(SignedDuration::from_hours(7 * 24)),
            by: Doer::Theirs("Ida Berg".into()),
            take_back: AccessKind::GraphSecret.take_back(),
            begun: true,
        }),
        MailKind::Reopened => {
            Notice::Reopened(Reopened { case: case(2), by: Doer::Ours("Dana Reyes".into()), tried: true })
        }
        MailKind::Message => Notice::Message(Message {
            case: case(2),
            by: "Dana Reyes".into(),
            lines: [
                "Hello,",
                "",
                "Microsoft does not take the client secret: its last day is over.",
                "",
                "1. In Entra, open App registrations, your app, then Certificates & secrets.",
            ]
            .map(str::to_owned)
            .to_vec(),
        }),
        MailKind::Enabled => {
            Notice::Enabled(Enabled { case: case(2), on: date(2026, 11, 30), has_come: false })
        }
        MailKind::StaffNeed => staff(StaffTold::Needs {
            about: about(),
            why: Reason {
                rule: NeedRule::CouldNotTell,
                cause: Some("Microsoft asks us to come back later".to_owned()),
            },
            due: until.words(),
        }),
        MailKind::StaffOverdue => staff(StaffTold::Overdue {
            about: about(),
            why: Reason::of(NeedRule::OfficeAsked),
            due: now.words(),
        }),
        MailKind::StaffDaily => Notice::Daily(DailyMail {
            items: vec![DailyItem {
                about: about(),
                why: Reason::of(NeedRule::FailedTwice),
                due: until.words(),
                overdue: false,
            }],
            more: 0,
            overdue: 0,
        }),
        MailKind::SecondWanted => {
            staff(StaffTold::SecondWanted { about: about(), emergency: false, said_no: None })
        }
        MailKind::LooksRefused => staff(StaffTold::LooksRefused { most: MOST_AN_HOUR }),
        MailKind::KeeperTold => {
            staff(StaffTold::Failed { about: about(), cause: "The client secret has expired".to_owned() })
        }
        MailKind::HandedOver => staff(StaffTold::HandedOver { about: about(), by: "Dana Reyes".into() }),
    }
}

fn company() -> CompanyName {
    CompanyName::from_stored("Lakeshore Realty".to_owned())
}

fn connection() -> ConnectionName {
    ConnectionName::from_stored("Main office".to_owned())
}

fn case(attempt: i64) -> Case {
    Case {
        company: company(),
        connection: connection(),
        reference: format!("LKS-0042-{attempt}"),
        attempt,
        kind: AccessKind::GraphSecret,
        system: AccessKind::GraphSecret.title(),
        page: Case::page_of(&ConnectionId::from_random([0; 16])),
        beside: false,
        checkpoint: Some(Checkpoint { seq: 1234, hash: [0xab; 32] }),
    }
}

fn about() -> StaffCase {
    StaffCase::from(&case(1))
}

fn staff(told: StaffTold) -> Notice {
    let page =
        StaffNews::page_of(told.kind(), &ConnectionId::from_random([0; 16]), &AccessId::from_random([0; 16]));
    Notice::Staff(StaffNews { told, page })
}

fn access(told: AccessTold) -> Notice {
    let page = Case::access_of(&AccessId::from_random([0; 16]));
    Notice::Access(AccessNews { case: Case { page, ..case(2) }, asker: "Lee Park".into(), told })
}

fn question() -> Question {
    Question {
        company: company(),
        asker: "Ida Berg".into(),
        lines: vec!["Where do I find the tenant id?".into()],
        case: Some(QuestionCase { connection: connection(), reference: "LKS-0042".into() }),
        cause: None,
        asked_on: PagePath::overview(),
        page: PagePath::brokerage(&BrokerageId::from_random([0; 16])),
    }
}

fn roster() -> RosterEnded {
    RosterEnded {
        case: case(2),
        end: RosterEnd::Done,
        tally: RosterTally { mailboxes: 120, work: 118, fail: 2, outside: 0, refused: 0, wrong: 0 },
        shares: vec![Share { title: "No such mailbox".into(), count: 2 }],
        sign_in: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::{compose::compose, samples::letterheads};

    #[test]
    fn every_kind_has_its_example() {
        let now = Instant::from_micros(1_795_257_720_000_000);
        for kind in MailKind::ALL {
            let notice = example(*kind, now);
            assert_eq!(notice.kind(), *kind);
            let mail = compose(&notice, &letterheads()[0]).expect("composes");
            assert!(!mail.subject.is_empty() && !mail.text.is_empty() && !mail.html.is_empty(), "{kind:?}");
        }
    }
}
