//! One mail of each content, for the test that renders them all.

use jiff::civil::date;

use super::{
    composed::Letterhead,
    mend::MendLine,
    notice::{
        Accepted, AccessNews, AccessTold, Answer, Case, Closed, DailyItem, DailyMail, Doer, Enabled, Ending,
        Failed, GuideStep, Invitation, Message, NeedsStaff, Notice, PagePath, ProviderLetter, Question,
        QuestionCase, Reason, Received, Reopened, RosterEnded, Rotated, Share, SignInCode, StaffCase,
        StaffNews, StaffTold, Verified, Waiting, Warning,
    },
};
use crate::domain::{
    access::SaidNo,
    attempt::AttemptEnd,
    audit::Checkpoint,
    browser::Browser,
    connection::{CloseReason, system},
    duty::Duty,
    ids::{AccessId, BrokerageId, ConnectionId},
    instant::Instant,
    kind::AccessKind,
    renewal::Renewal,
    review::NeedRule,
    roster::{RosterEnd, RosterTally},
    text::{CompanyName, ConnectionName},
};

/// A letterhead with everything, and one with nothing that can be left out.
pub(super) fn letterheads() -> [Letterhead; 2] {
    let full = Letterhead {
        base_url: "https://connect.moxi.example".into(),
        brand: "MoxiEngage".into(),
        support_address: Some("help@moxi.example".into()),
        support_phone: Some("+1 206 555 0100".into()),
        support_hours: Some("8am to 6pm CT, Monday to Friday".into()),
    };
    let bare = Letterhead { support_address: None, support_phone: None, support_hours: None, ..full.clone() };
    [full, bare]
}

fn case(connection: &str, attempt: i64) -> Case {
    Case {
        company: CompanyName::parse("Lakeshore Réalty & Sons").expect("a name"),
        connection: ConnectionName::parse(connection).expect("a name"),
        reference: format!("LKS-0042-{attempt}"),
        attempt,
        kind: AccessKind::GraphSecret,
        system: AccessKind::GraphSecret.title(),
        page: Case::page_of(&ConnectionId::from_random([7; 16])),
        beside: attempt == 2,
        checkpoint: (attempt > 1).then_some(Checkpoint { seq: 123_456_789, hash: [0xab; 32] }),
    }
}

fn doer(name: &str, ours: bool) -> Doer {
    if ours { Doer::Ours(name.to_owned()) } else { Doer::Theirs("Ida Berg".to_owned()) }
}

/// A connection of this name was submitted.
pub(super) fn received(name: &str) -> Notice {
    Notice::Received(Received { case: case(name, 1) })
}

/// One of each kind and content: plain, full, and with names that try to be something else.
pub(super) fn samples() -> Vec<Notice> {
    let long = "The connection of all our eleven offices along the northern and the southern lakeshore";
    let long = &long[..78];
    let hostile = "<b>{{7*7}}</b> =?utf-8?q?x?= $(id) \"&amp;\" 5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11";
    let code = |browser| {
        Notice::SignInCode(SignInCode { code: "K7QM2X9D".to_owned().into(), valid_minutes: 10, browser })
    };
    let mut all = vec![code(None), code(Browser::parse("Firefox on Windows"))];
    let (told, page) = (StaffTold::LooksRefused { most: 20 }, StaffNews::audit());
    all.push(Notice::Staff(StaffNews { told, page }));
    for name in ["Office mail", long, hostile] {
        all.push(received(name));
        all.push(Notice::NeedsStaff(NeedsStaff { case: case(name, 3) }));
        all.push(Notice::Waiting(Waiting {
            case: case(name, 1),
            waiting_for: "Microsoft is still applying the permission that was granted to your app.".into(),
            next_look: Instant::from_micros(1_795_257_720_000_000),
            mend: if name == "Office mail" { Vec::new() } else { mend(name) },
            who: "you, or the person who administers your mail system".into(),
        }));
        let company = || CompanyName::parse(name).expect("a name");
        all.push(Notice::Accepted(Accepted { company: company() }));
        let token = "q".repeat(43);
        let until = Instant::from_micros(1_795_257_720_000_000);
        for duty in Duty::ALL {
            all.push(Notice::Invitation(Invitation::new(company(), "Dana Reyes", *duty, &token, until)));
        }
        all.push(Notice::GuideStep(GuideStep {
            case: case(name, 2),
            sender: "Ida Berg".into(),
            step: name.to_owned(),
        }));
        all.push(question(name, true));
        all.push(question(name, false));
        all.push(Notice::Answer(Answer {
            company: CompanyName::parse(name).expect("a name"),
            question: vec![name.to_owned(), "--".into(), "> From here".into()],
            answer: vec!["It stands under \"Certificates & secrets\".".into(), name.to_owned()],
            by: "Dana Reyes".into(),
        }));
        all.push(Notice::Message(Message {
            case: case(name, 2),
            by: "Dana Reyes".into(),
            lines: vec![
                "Hello,".into(),
                String::new(),
                "1. Open \"Certificates & secrets\".".into(),
                name.to_owned(),
                "--".into(),
                "> From here".into(),
            ],
        }));
        all.push(Notice::ProviderLetter(ProviderLetter {
            company: CompanyName::parse(name).expect("a name"),
            reference: "LKS-0042-2".into(),
            sender: "Ida Berg".into(),
            lines: vec![
                name.to_owned(),
                String::new(),
                "1. In tenant 5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11".into(),
            ],
        }));
        all.push(ending(name, AccessKind::GraphSecret, 60));
        all.push(ending(name, AccessKind::GraphCertificate, 1));
        all.push(ending(name, AccessKind::EwsSecret, 0));
        all.push(ending(name, AccessKind::ExchangeBasic, 14));
        all.push(ending(name, AccessKind::Microsoft365Password, 7));
        all.extend(access(name));
        all.extend(staff(name, hostile));
        all.push(daily(name, 1));
        all.push(daily(name, 24));
        for (ends_on, went_back) in
            [(Some(date(2030, 11, 3)), false), (None, false), (Some(date(2028, 11, 3)), true)]
        {
            all.push(Notice::Rotated(Rotated {
                case: case(name, 3),
                ends_on,
                went_back,
                same: ends_on.is_none(),
            }));
        }
        let until = Instant::from_micros(1_795_257_720_000_000);
        let closed = |name, reason, take_back| {
            let begun = reason != CloseReason::FreeGmail;
            let mut case = case(name, 1);
            if !begun {
                case.system = system(case.kind, false);
            }
            Notice::Closed(Closed { case, reason, until, by: doer(name, !begun), take_back, begun })
        };
        all.extend(CloseReason::ALL.iter().zip(AccessKind::ALL).map(|(reason, kind)| {
            let kept = ![CloseReason::FreeGmail, CloseReason::ChangedMind].contains(reason);
            closed(name, *reason, if kept { kind.take_back() } else { "" })
        }));
        all.extend([false, true].map(|tried| {
            Notice::Reopened(Reopened {
                case: case(name, if tried { 2 } else { 1 }),
                by: doer(name, tried),
                tried,
            })
        }));
        all.extend([false, true].map(|has_come| {
            Notice::Enabled(Enabled { case: case(name, 3), on: date(2026, 11, 30), has_come })
        }));
        for mail in [
            Notice::Received(Received { case: case(name, 2) }),
            Notice::NeedsStaff(NeedsStaff { case: case(name, 2) }),
            failed_of(name, 2, "The client secret has expired", Renewal::Secret),
        ] {
            all.push(mail);
        }
        all.push(verified(name, false));
        all.push(verified(name, true));
        all.push(failed(name, "The client secret has expired", Renewal::Secret));
        all.push(failed(name, "The app is not allowed to do this", Renewal::Names));
        all.push(failed(name, PERMISSION, Renewal::Names));
        all.push(failed(name, MISTYPED, Renewal::Nothing));
        all.push(failed(name, hostile, Renewal::Nothing));
        all.extend(RosterEnd::ALL.iter().map(|end| roster_ended(name, *end)));
    }
    all.push(Notice::Waiting(Waiting {
        case: case("Second office", 1),
        waiting_for: "The sign-in works. The failed step names the permission that is missing.".into(),
        next_look: Instant::from_micros(1_795_257_720_000_000),
        mend: mend("Second office"),
        who: "you, or the person who administers your mail system".into(),
    }));
    all
}

fn question(name: &str, full: bool) -> Notice {
    let case = QuestionCase {
        connection: ConnectionName::parse(name).expect("a name"),
        reference: "LKS-0042-2".into(),
    };
    Notice::Question(Question {
        company: CompanyName::parse(name).expect("a name"),
        asker: "Ida <b>Berg</b>".into(),
        lines: vec![name.to_owned(), String::new(), "--".into(), "From here".into()],
        case: full.then_some(case),
        cause: full.then(|| "client_secret_invalid".to_owned()),
        asked_on: PagePath::overview(),
        page: PagePath::brokerage(&BrokerageId::from_random([3; 16])),
    })
}

fn ending(name: &str, kind: AccessKind, days_left: i32) -> Notice {
    Notice::Ending(Ending {
        case: Case { kind, system: kind.title(), ..case(name, 2) },
        ends_on: date(2028, 11, 3),
        days_left,
        holder: "MoxiEngage <2>".into(),
    })
}

fn said_no(name: &str, at: Instant) -> Option<SaidNo> {
    Some(SaidNo { asker: name.to_owned(), at, stopped: false })
}

fn access(name: &str) -> Vec<Notice> {
    let until = Instant::from_micros(1_795_257_720_000_000);
    let said_no = |emergency| said_no(name, until).filter(|_| emergency);
    let opened = |emergency| AccessTold::Opened {
        second: name.to_owned(),
        emergency,
        until,
        said_no: said_no(emergency),
    };
    let told = vec![
        AccessTold::Asked { until },
        opened(false),
        opened(true),
        AccessTold::Looked { at: until },
        AccessTold::Stopped { by: name.to_owned() },
        AccessTold::Ended { why: AttemptEnd::Replaced },
        AccessTold::Ended { why: AttemptEnd::Closed },
        AccessTold::Answered { until: Some(until) },
        AccessTold::Answered { until: None },
    ];
    let news = |told| {
        let page = Case::access_of(&AccessId::from_random([7; 16]));
        Notice::Access(AccessNews { case: Case { page, ..case(name, 2) }, asker: name.to_owned(), told })
    };
    told.into_iter().map(news).collect()
}

fn staff(name: &str, hostile: &str) -> Vec<Notice> {
    let due = || "23 November 2026, 12:00 CST".to_owned();
    let about = || StaffCase::from(&case(name, 2));
    let odd = name == hostile;
    let told = vec![
        StaffTold::Needs {
            about: about(),
            why: Reason {
                rule: NeedRule::CouldNotTell,
                cause: Some("Microsoft asks us to come back later".to_owned()),
            },
            due: due(),
        },
        StaffTold::Overdue { about: about(), why: Reason::of(NeedRule::OfficeAsked), due: due() },
        StaffTold::Emergency { about: about(), due: due(), overdue: false },
        StaffTold::Emergency { about: about(), due: due(), overdue: true },
        StaffTold::SecondWanted { about: about(), emergency: false, said_no: None },
        StaffTold::SecondWanted {
            about: about(),
            emergency: true,
            said_no: said_no(name, Instant::from_micros(1_795_257_720_000_000)),
        },
        StaffTold::Verified { about: about() },
        StaffTold::Failed {
            about: about(),
            cause: if odd { hostile.to_owned() } else { "The client secret has expired".to_owned() },
        },
        StaffTold::Opened { about: about(), emergency: true },
        StaffTold::Opened { about: about(), emergency: false },
        StaffTold::HandedOver { about: about(), by: name.to_owned() },
    ];
    let news = |told: StaffTold| {
        let (connection, access) = (ConnectionId::from_random([7; 16]), AccessId::from_random([7; 16]));
        let page = StaffNews::page_of(told.kind(), &connection, &access);
        Notice::Staff(StaffNews { told, page })
    };
    told.into_iter().map(news).collect()
}

fn daily(name: &str, count: usize) -> Notice {
    let due = || "23 November 2026, 12:00 CST".to_owned();
    let item = |at: usize| DailyItem {
        about: StaffCase::from(&case(name, 2)),
        why: Reason::of(NeedRule::ALL[at % NeedRule::ALL.len()]),
        due: due(),
        overdue: at > 0 && at < 3,
    };
    let items: Vec<DailyItem> = (0..count.min(20)).map(item).collect();
    let overdue = items.iter().filter(|item| item.overdue).count();
    Notice::Daily(DailyMail { items, more: count.saturating_sub(20), overdue })
}

fn verified(name: &str, full: bool) -> Notice {
    let tested = ["Sign in as your app", "Read and synchronise contacts", "Read the calendar"];
    let warning = Warning {
        title: "The app may do more than it needs".into(),
        meaning: "It holds the permission Mail.ReadWrite, which MoxiEngage never uses.".into(),
    };
    Notice::Verified(Verified {
        case: case(name, 12),
        by_hand: false,
        tested: if full { tested.map(str::to_owned).to_vec() } else { Vec::new() },
        warnings: if full { vec![warning] } else { Vec::new() },
        secret_expires_on: full.then(|| date(2028, 11, 3)),
    })
}

fn roster_ended(name: &str, end: RosterEnd) -> Notice {
    let shares = [("No such mailbox", 118), ("The mailbox is still being made", 2)];
    let shares = shares.map(|(title, count)| Share { title: title.to_owned(), count });
    Notice::RosterEnded(RosterEnded {
        case: case(name, 2),
        end,
        tally: RosterTally {
            mailboxes: 20_000,
            work: 19_880,
            fail: 120,
            outside: if name.len() > 70 { 2 } else { 0 },
            refused: if name.len() > 70 { 1 } else { 0 },
            wrong: if name.len() > 70 { 1 } else { 0 },
        },
        shares: if end == RosterEnd::NotOpened { Vec::new() } else { shares.to_vec() },
        sign_in: (end == RosterEnd::NotOpened).then(|| "The client secret has expired".to_owned()),
    })
}

/// The title of a cause that is mended in place, although new names come after it.
const MISTYPED: &str = "There is no mailbox with this address";
const PERMISSION: &str = "The app lacks a permission";

/// Steps with and without something to copy; `name` stands in what is copied.
fn mend(name: &str) -> Vec<MendLine> {
    let of = |text: &str, code: Option<&str>| MendLine::new(text.to_owned(), code);
    vec![
        of("In Entra, open App registrations, your app, then Certificates & secrets.", None),
        of(
            "In tenant 5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11 find app 9c1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d12 and press \
             New client secret.",
            None,
        ),
        of(
            "Open PowerShell as an administrator and look at the list that your organization keeps:",
            Some(&format!(
                "Connect-ExchangeOnline\nGet-OrganizationConfig | Format-List EwsEnabled, EwsApplicationAccessPolicy, EwsAllowList\n'{name}'"
            )),
        ),
        of(
            "Write the whole list:",
            Some("Set-OrganizationConfig -EwsAllowedAppIDs '9c1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d12'"),
        ),
    ]
}

fn failed(name: &str, title: &str, renewal: Renewal) -> Notice {
    failed_of(name, 1, title, renewal)
}

fn failed_of(name: &str, attempt: i64, title: &str, renewal: Renewal) -> Notice {
    Notice::Failed(Failed {
        case: case(name, attempt),
        by_hand: false,
        title: title.to_owned(),
        meaning: "Microsoft no longer takes the value that was entered, because its last day is over.".into(),
        mend: mend(title),
        who: "you, or the person who administers your mail system".into(),
        renewal,
        again_first: title == PERMISSION || (renewal == Renewal::Nothing && title != MISTYPED),
    })
}

#[test]
fn a_page_path_leads_to_our_own_pages_only() {
    assert!(PagePath::parse("/connections/con_1/attempts/2").is_some());
    for wrong in ["", "x", "//evil.example", "/a?b=c", "/a#b", "/a\\b", "/a b", "/a\r\nb", "/é", "https:/x"]
    {
        assert_eq!(PagePath::parse(wrong), None, "{wrong:?}");
    }
}
