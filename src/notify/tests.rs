//! What every mail owes, whatever it tells.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    compose::compose,
    composed::{Composed, LONGEST_SUBJECT},
    finish::{Letter, Sender},
    flowed::{COLUMNS, SET_OFF},
    notice::Notice,
    samples::{letterheads, samples},
};
use crate::domain::{
    address::MailAddress,
    ids::{BrokerageId, MailId},
    instant::Instant,
    mail::MailKind,
    renewal::Renewal,
    text::PersonName,
};

fn each(mut look: impl FnMut(&Notice, &Composed)) {
    let heads = letterheads();
    let notices = samples();
    let kinds: BTreeSet<&str> = notices.iter().map(|notice| notice.kind().as_str()).collect();
    assert_eq!(kinds.len(), MailKind::ALL.len(), "a sample of each kind");
    for (notice, head) in notices.iter().flat_map(|notice| heads.iter().map(move |head| (notice, head))) {
        look(notice, &compose(notice, head).expect("composes"));
    }
}

fn is_about_an_attempt(notice: &Notice) -> bool {
    if let Notice::Closed(mail) = notice {
        return !mail.take_back.is_empty();
    }
    let others = [
        MailKind::SignInCode,
        MailKind::Accepted,
        MailKind::Invitation,
        MailKind::RosterEnded,
        MailKind::Question,
        MailKind::Answer,
        MailKind::ProviderLetter,
    ];
    !others.contains(&notice.kind()) && !notice.kind().is_to_staff()
}

/// How the path begins that a mail leads to.
fn page_of(notice: &Notice) -> &'static str {
    match notice.kind() {
        MailKind::Accepted => "/overview",
        MailKind::Invitation => "/invitation/qqqqq",
        MailKind::Question => "/brokerages/brk_",
        MailKind::Answer => "/questions",
        MailKind::StaffDaily => "/",
        MailKind::LooksRefused => "/audit",
        MailKind::SecondWanted => "/access/acc_",
        kind if kind.is_about_access() => "/access/acc_",
        _ => "/connections/con_",
    }
}

#[test]
fn a_subject_is_one_short_line_with_the_outcome_and_the_attempt() {
    each(|notice, mail| {
        let subject = &mail.subject;
        // What failed is told whole, and no word is cut: a host or an id of which a part is missing helps nobody.
        let word = subject.split(' ').map(|word| word.chars().count()).max().unwrap_or_default();
        let failed = match notice {
            Notice::Failed(_) => true,
            Notice::Staff(mail) => !mail.told.reason().is_empty(),
            _ => false,
        };
        assert!(subject.chars().count() <= LONGEST_SUBJECT || failed || word > 25, "{subject}");
        assert!(!subject.contains(char::is_control) && !subject.is_empty(), "{subject}");
        let outcome = match notice {
            Notice::SignInCode(_) => "Your sign-in code for MoxiEngage",
            Notice::Received(_) => "Received: ",
            Notice::Verified(_) => "Verified: ",
            Notice::Failed(mail) if mail.case.beside => "Not renewed: ",
            Notice::Failed(_) => "Not connected: ",
            Notice::Rotated(_) => "Renewed: ",
            Notice::Closed(mail) if !mail.begun => "Noted: your office does not go on for now",
            Notice::Closed(_) => "Closed: ",
            Notice::Reopened(_) => "Open again: ",
            Notice::Enabled(_) => "Enabled: ",
            Notice::Message(_) => "About your connection: ",
            Notice::Waiting(_) => "Waiting: ",
            Notice::NeedsStaff(_) => "In our hands: ",
            Notice::Accepted(_) => "Accepted: ",
            Notice::Ending(_) => "Ends ",
            Notice::Invitation(_) => "Invitation: connect the mail of ",
            Notice::GuideStep(_) => "A step for you: ",
            Notice::RosterEnded(_) => "Mailboxes: ",
            Notice::Question(_) => "Question of ",
            Notice::Answer(_) => "Your question: ",
            Notice::ProviderLetter(_) => "Help with our mail: ",
            Notice::Access(mail) => mail.told.words(),
            Notice::Staff(mail) => mail.told.words(),
            Notice::Daily(_) => {
                if mail.subject.starts_with('1') {
                    "1 thing waits"
                } else {
                    "24 things wait"
                }
            }
        };
        assert!(subject.starts_with(outcome), "{subject}");
        let of_attempt = is_about_an_attempt(notice);
        assert!(!of_attempt || subject.ends_with(')') && subject.contains("(attempt "), "{subject}");
    });
}

#[test]
fn the_text_is_complete_on_its_own_and_narrow() {
    each(|notice, mail| {
        for line in mail.text.lines() {
            // An address is not wrapped: no mail program would join it again.
            let address = line.starts_with("https://") && !line.contains(' ');
            // Nor is a command: it would not be the same any more.
            let code = line.starts_with(SET_OFF);
            assert!(address || code || line.chars().count() <= COLUMNS, "{line}");
            assert!(!line.contains(char::is_control), "{line}");
        }
        assert!(!mail.text.contains("\n\n\n") && !mail.text.starts_with('\n'), "{}", mail.text);
        let code = notice.kind() == MailKind::SignInCode;
        let link = format!("https://connect.moxi.example{}", page_of(notice));
        // Who gets the letter for the mail provider may not sign in.
        let leads = !code && notice.kind() != MailKind::ProviderLetter;
        assert_eq!(mail.text.contains(&link), leads, "{}", mail.text);
        assert_eq!(mail.text.lines().any(|line| line == "K7QM2X9D"), code, "{}", mail.text);
        assert!(mail.text.contains("\n-- \n"), "{}", mail.text);
    });
}

#[test]
fn the_html_is_small_accessible_and_fetches_nothing() {
    each(|notice, mail| {
        let html = &mail.html;
        assert!(html.len() <= 25 * 1024, "{} bytes", html.len());
        for (needle, times) in [
            ("<h1", 1),
            ("<html lang=\"en\">", 1),
            ("<title></title>", 0),
            ("<meta name=\"color-scheme\" content=\"light dark\">", 1),
            ("<div role=\"main\">", 1),
            ("<table", html.matches("<table role=\"presentation\"").count()),
        ] {
            assert_eq!(html.matches(needle).count(), times, "{needle} in\n{html}");
        }
        for unwanted in
            ["<img", "<script", "<link", "<form", "<iframe", "url(", "@import", "src=", " on", "http:"]
        {
            let allowed = unwanted == " on" && !html.contains("onclick") && !html.contains("onload");
            assert!(allowed || !html.contains(unwanted), "{unwanted} in\n{html}");
        }
        let own = html.matches(&format!("href=\"https://connect.moxi.example{}", page_of(notice))).count();
        let choices = "href=\"https://connect.moxi.example/account\"";
        // The daily mail leads to the first page: every address begins with that.
        let also = if page_of(notice) == "/" { 0 } else { html.matches(choices).count() };
        assert_eq!(html.matches("href=").count(), own + also, "{html}");
        assert_eq!(html.matches("https://").count(), html.matches("https://connect.moxi.example/").count());
    });
}

#[test]
fn nothing_is_left_of_a_template_and_names_stay_text() {
    each(|_, mail| {
        for part in [&mail.subject, &mail.text, &mail.html] {
            let without_name = part.replace("{{7*7}}", "").replace("&#123;&#123;7*7&#125;&#125;", "");
            for rest in ["{{", "}}", "{%", "%}", "None", "Some("] {
                assert!(!without_name.contains(rest), "{rest} in\n{part}");
            }
        }
        assert!(!mail.html.contains("<b>"), "{}", mail.html);
    });
}

#[test]
fn of_a_tenants_and_an_apps_id_one_stands_whole_and_two_do_not() {
    let ids = ["5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11", "9c1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d12"];
    let (mut whole, mut shortened) = (0, 0);
    each(|_, mail| {
        for part in [&mail.subject, &mail.text, &mail.html] {
            let [in_full, cut] = [0, 8].map(|end| {
                ids.iter()
                    .filter(|id| {
                        if end == 0 {
                            part.contains(**id)
                        } else {
                            part.contains(&format!("{}…", &id[..end]))
                        }
                    })
                    .count()
            });
            assert!(in_full == 0 || in_full == 1 && cut == 0, "{part}");
            whole += in_full;
            shortened += cut;
        }
    });
    assert!(whole > 0 && shortened > 0, "{whole} whole, {shortened} shortened");
}

#[test]
fn no_word_of_a_subject_is_cut() {
    let host = "exchange-mail-of-the-northern-offices.rivertown.example";
    let names = [host.to_owned(), format!("{host} and more"), format!("All of {host} and more")];
    let subjects = names.map(|name| {
        let notice = super::samples::received(&name);
        let [head, _] = letterheads();
        let composed = compose(&notice, &head).expect("composes");
        composed.subject.clone()
    });
    let of = |name: &str| format!("Received: {name} is being checked (attempt 1)");
    assert_eq!(subjects, [of(host), of(&format!("{host}…")), of("All of…")]);
}

#[test]
fn text_and_html_tell_the_same() {
    let words = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 3);
        words.map(str::to_lowercase).collect()
    };
    each(|_, mail| {
        let body = mail.html.split_once("<body").map_or("", |(_, body)| body);
        let shown: String = body
            .split('<')
            .filter_map(|part| part.split_once('>'))
            .map(|(_, text)| format!("{text} "))
            .collect();
        let (text, html) = (words(&mail.text), words(&shown));
        let missing: Vec<_> = text.difference(&html).collect();
        assert!(missing.len() <= 12, "only in the text: {missing:?}");
    });
}

#[test]
fn the_failed_mail_encourages() {
    each(|notice, mail| {
        let says = "Most offices that resubmitted passed at their second attempt";
        // What is only checked again is not resubmitted.
        let resubmits = matches!(
            notice,
            Notice::Failed(about)
                if about.renewal > Renewal::Nothing && !about.again_first && !about.case.beside
        );
        assert_eq!(mail.text.replace(" \n", " ").contains(says), resubmits);
        assert_eq!(mail.html.contains(says), resubmits);
    });
}

/// Relative luminance and contrast as WCAG 2 defines them.
fn contrast(one: &str, two: &str) -> f64 {
    let luminance = |colour: &str| {
        let channel = |place: usize| {
            let value =
                f64::from(u8::from_str_radix(&colour[place..place + 2], 16).expect("a colour")) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    };
    let (one, two) = (luminance(one), luminance(two));
    (one.max(two) + 0.05) / (one.min(two) + 0.05)
}

/// The colours of each class: as inline styles give them, and as the dark theme overrides them.
fn colours(html: &str, dark: bool) -> BTreeMap<(String, &'static str), String> {
    let mut found = BTreeMap::new();
    let blocks: Vec<(String, String)> = if dark {
        let rules =
            html.split_once("prefers-color-scheme: dark").and_then(|(_, rest)| rest.split_once("</style>"));
        let lines =
            rules.map_or("", |(rules, _)| rules).lines().filter_map(|line| line.trim().strip_prefix('.'));
        lines
            .filter_map(|line| line.split_once(' '))
            .map(|(class, rest)| (class.into(), rest.into()))
            .collect()
    } else {
        let tags = html.split("class=\"").skip(1).filter_map(|tag| tag.split_once('"'));
        tags.map(|(class, rest)| (class.into(), rest.split('>').next().unwrap_or_default().into())).collect()
    };
    for (class, style) in blocks {
        for declaration in style.split([';', '{', '"']) {
            let (name, value) = declaration.split_once(':').unwrap_or_default();
            let value = value.trim().trim_end_matches(" !important");
            match name.trim() {
                "color" => _ = found.insert((class.clone(), "text"), value.to_owned()),
                "background-color" => _ = found.insert((class.clone(), "ground"), value.to_owned()),
                _ => {}
            }
        }
    }
    found
}

#[test]
fn text_can_be_read_in_both_themes() {
    each(|_, mail| {
        for dark in [false, true] {
            let colours = colours(&mail.html, dark);
            let ground = |class: &str| colours.get(&(class.to_owned(), "ground"));
            let grounds: Vec<&String> = ["page", "card"].iter().filter_map(|class| ground(class)).collect();
            assert_eq!(grounds.len(), 2, "{colours:?}");
            let texts = colours.iter().filter(|((_, sort), _)| *sort == "text");
            let mut seen = 0;
            for ((class, _), text) in texts {
                let own = ground(class);
                for ground in own.map_or(grounds.clone(), |own| vec![own]) {
                    let ratio = contrast(text, ground);
                    assert!(ratio >= 4.5, "{class} {text} on {ground}: {ratio:.2}, dark: {dark}");
                    seen += 1;
                }
            }
            // A mail without a button has two colours of text on two grounds.
            assert!(seen >= 4, "{seen} pairs were looked at");
        }
        // Every class that has a colour by day has one by night.
        let (day, night) = (colours(&mail.html, false), colours(&mail.html, true));
        assert!(day.keys().all(|key| night.contains_key(key)), "{day:?}\n{night:?}");
    });
}

#[test]
fn a_mail_about_a_submission_quotes_the_audits_checkpoint_where_there_is_one() {
    let quoted = format!("123456789:{}", "ab".repeat(32));
    let mut with = 0;
    each(|notice, mail| {
        let case = match notice {
            Notice::Received(about) => &about.case,
            Notice::Verified(about) => &about.case,
            Notice::Failed(about) => &about.case,
            Notice::Waiting(about) => &about.case,
            Notice::NeedsStaff(about) => &about.case,
            _ => return,
        };
        let is_quoted = case.checkpoint.is_some();
        with += usize::from(is_quoted);
        assert_eq!(mail.text.contains(&quoted), is_quoted, "{}", mail.text);
        assert_eq!(mail.html.contains(&quoted), is_quoted, "{}", mail.html);
    });
    assert!(with > 0, "some have one");
}

/// The finished bytes of a mail to somebody of a brokerage.
fn finished(kind: MailKind, mail: &Composed) -> Vec<u8> {
    let sender =
        Sender::parse("MoxiEngage <connect@moxi.example>", Some("help@moxi.example")).expect("a sender");
    let brokerage = BrokerageId::from_random([3; 16]);
    let letter = Letter {
        to: &MailAddress::parse("ida@lakeshore.example").expect("an address"),
        to_name: Some(&PersonName::parse("Ida Berg").expect("a name")),
        message_id: &sender.message_id(kind, &MailId::from_random([5; 16])),
        date: Instant::from_micros(1_795_257_720_000_000),
        thread: (kind != MailKind::SignInCode).then_some(&brokerage),
        reply_to: None,
    };
    sender.finish(mail, letter).expect("a message").to_vec()
}

/// Whether a notice has plain names: those with odd ones read the same.
fn is_plain(notice: &Notice, mail: &Composed) -> bool {
    let odd = mail.html.contains("7*7") || mail.html.contains("northern");
    notice.kind() == MailKind::SignInCode || !odd
}

/// Each mail as it leaves, kept under `tests/mails` for people to read: a changed word is seen before it is sent. After a
/// change that is meant, `INSTA_UPDATE=always cargo test --lib notify::` keeps the new ones.
#[test]
fn every_mail_leaves_as_it_was_agreed() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../tests/mails");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let [head, _] = letterheads();
    let mut numbers = BTreeMap::new();
    for notice in samples() {
        let mail = compose(&notice, &head).expect("composes");
        if !is_plain(&notice, &mail) {
            continue;
        }
        let kind = notice.kind();
        let bytes = finished(kind, &mail);
        assert_eq!(
            bytes,
            finished(kind, &compose(&notice, &head).expect("composes")),
            "a repeat is the same"
        );
        let message = String::from_utf8_lossy(&bytes).into_owned();
        let headers = message.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n", "\n");
        let number = numbers.entry(kind.as_str()).and_modify(|number| *number += 1).or_insert(1);
        let name = format!("{}-{number}", kind.as_str());
        settings.bind(|| {
            let whole = format!("{headers}\n\n{}\n\n{}", mail.text, mail.html);
            insta::assert_snapshot!(name.as_str(), whole);
        });
    }
    assert_eq!(numbers.len(), MailKind::ALL.len(), "one of each kind");
}

#[test]
fn every_mail_says_that_a_machine_wrote_it_and_stands_in_its_brokerages_thread() {
    each(|notice, mail| {
        let bytes = finished(notice.kind(), mail);
        let message = String::from_utf8_lossy(&bytes).into_owned();
        let (headers, body) = message.split_once("\r\n\r\n").expect("headers and body");
        let has = |line: &str| headers.split("\r\n").any(|header| header.starts_with(line));
        for line in [
            "Message-ID: <",
            "Date: ",
            "Reply-To: help@moxi.example",
            "Auto-Submitted: auto-generated",
            "X-Auto-Response-Suppress: OOF, AutoReply",
            "Content-Language: en",
            "Content-Type: multipart/alternative;",
        ] {
            assert!(has(line), "{line} in\n{headers}");
        }
        let thread = format!("<{}@moxi.example>", BrokerageId::from_random([3; 16]));
        let threaded = notice.kind() != MailKind::SignInCode;
        assert_eq!(has(&format!("References: {thread}")), threaded, "{headers}");
        assert_eq!(has(&format!("In-Reply-To: {thread}")), threaded, "{headers}");
        assert!(!has("List-Unsubscribe") && !has("Bcc"), "{headers}");
        let first = body.find("text/plain").expect("a text");
        assert!(body.find("text/html").expect("HTML") > first, "the text comes first");
    });
}

/// Where the environment names a folder, the HTML of each mail is kept there, for what looks at finished pages.
#[test]
fn the_html_is_kept_for_those_who_look_at_it() {
    let Some(folder) = std::env::var_os("MOXI_SAMPLES") else { return };
    let [head, _] = letterheads();
    for (at, notice) in samples().iter().enumerate() {
        let html = &compose(notice, &head).expect("composes").html;
        let file = format!("mail-{}-{at:02}.html", notice.kind().as_str());
        std::fs::write(std::path::Path::new(&folder).join(file), html).expect("a mail is kept");
    }
}
