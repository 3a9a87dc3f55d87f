//! A notice becomes subject, text and HTML. Each kind has three templates under `templates/mail/`; the text comes
//! first and is complete on its own.

use askama::Template;
use zeroize::Zeroizing;

use super::{
    composed::{Composed, Letterhead, fitted, whole},
    notice::{
        Accepted, AccessNews, AccessTold, Answer, Closed, DailyMail, Enabled, Ending, Failed, GuideStep,
        Invitation, Message, NeedsStaff, Notice, PagePath, ProviderLetter, Question, Received, Reopened,
        RosterEnded, Rotated, SignInCode, StaffCase, StaffNews, StaffTold, Verified, Waiting,
    },
};
use crate::domain::roster::RosterEnd;

/// Composes a mail.
///
/// Errs only when a template fails, which the tests rule out for every kind.
pub fn compose(notice: &Notice, head: &Letterhead) -> Result<Composed, askama::Error> {
    match notice {
        Notice::SignInCode(mail) => sign_in_code(mail, head),
        Notice::Received(mail) => received(mail, head),
        Notice::Verified(mail) => verified(mail, head),
        Notice::Failed(mail) => failed(mail, head),
        Notice::Waiting(mail) => waiting(mail, head),
        Notice::NeedsStaff(mail) => needs_staff(mail, head),
        Notice::Accepted(mail) => accepted(mail, head),
        Notice::Invitation(mail) => invitation(mail, head),
        Notice::GuideStep(mail) => guide_step(mail, head),
        Notice::RosterEnded(mail) => roster_ended(mail, head),
        Notice::Ending(mail) => ending(mail, head),
        Notice::Access(mail) => access(mail, head),
        Notice::Question(mail) => question(mail, head),
        Notice::Answer(mail) => answer(mail, head),
        Notice::ProviderLetter(mail) => provider_letter(mail, head),
        Notice::Rotated(mail) => rotated(mail, head),
        Notice::Closed(mail) => closed(mail, head),
        Notice::Reopened(mail) => reopened(mail, head),
        Notice::Enabled(mail) => enabled(mail, head),
        Notice::Staff(mail) => staff(mail, head),
        Notice::Daily(mail) => daily(mail, head),
        Notice::Message(mail) => message(mail, head),
    }
}

fn sign_in_code(mail: &SignInCode, head: &Letterhead) -> Result<Composed, askama::Error> {
    #[derive(Template)]
    #[template(path = "mail/sign_in_code/subject.txt")]
    struct Subject<'a> {
        name: &'a str,
    }
    #[derive(Template)]
    #[template(path = "mail/sign_in_code/body.txt")]
    struct Text<'a> {
        mail: &'a SignInCode,
        head: &'a Letterhead,
    }
    #[derive(Template)]
    #[template(path = "mail/sign_in_code/body.html")]
    struct Html<'a> {
        mail: &'a SignInCode,
        head: &'a Letterhead,
        link: &'a str,
        title: &'a str,
    }
    let subject = fitted(&head.brand, |name| Subject { name }.render())?;
    let text = Zeroizing::new(Text { mail, head }.render()?);
    // A mail with a code leads nowhere: the code goes into the window that is open already.
    let html = Html { mail, head, link: "", title: &subject }.render()?;
    Ok(Composed::new(subject, &text, html))
}

/// The three templates of a kind that is about a submission or told to our own people, and the function that renders
/// them. `$name` is the part of the subject that is cut when the subject is too long, unless `$fit` leaves it `whole`;
/// `$page` is where it leads.
macro_rules! about_a_case {
    (@$fit:ident $compose:ident, $mail:ident, $subject:literal, $text:literal, $html:literal, |$m:ident| $name:expr, $page:expr) => {
        fn $compose($m: &$mail, head: &Letterhead) -> Result<Composed, askama::Error> {
            #[derive(Template)]
            #[template(path = $subject)]
            struct Subject<'a> {
                mail: &'a $mail,
                name: &'a str,
            }
            #[derive(Template)]
            #[template(path = $text)]
            struct Text<'a> {
                mail: &'a $mail,
                head: &'a Letterhead,
                link: &'a str,
            }
            #[derive(Template)]
            #[template(path = $html)]
            struct Html<'a> {
                mail: &'a $mail,
                head: &'a Letterhead,
                link: &'a str,
                title: &'a str,
            }
            let mail = $m;
            let subject = $fit($name, |name| Subject { mail, name }.render())?;
            let link = &head.link(&$page);
            let text = Text { mail, head, link }.render()?;
            let html = Html { mail, head, link, title: &subject }.render()?;
            Ok(Composed::new(subject, &text, html))
        }
    };
    ($compose:ident, $mail:ident, $subject:literal, $text:literal, $html:literal, |$m:ident| $name:expr, $page:expr) => {
        about_a_case!(@fitted $compose, $mail, $subject, $text, $html, |$m| $name, $page);
    };
    ($compose:ident, $mail:ident, $subject:literal, $text:literal, $html:literal, |$m:ident| $name:expr) => {
        about_a_case!(@fitted $compose, $mail, $subject, $text, $html, |$m| $name, $m.case.page);
    };
}

about_a_case!(
    received,
    Received,
    "mail/received/subject.txt",
    "mail/received/body.txt",
    "mail/received/body.html",
    |mail| mail.case.connection.as_str()
);
about_a_case!(
    verified,
    Verified,
    "mail/verified/subject.txt",
    "mail/verified/body.txt",
    "mail/verified/body.html",
    |mail| mail.case.connection.as_str()
);
about_a_case!(
    @whole failed,
    Failed,
    "mail/failed/subject.txt",
    "mail/failed/body.txt",
    "mail/failed/body.html",
    |mail| &mail.title,
    mail.case.page
);
about_a_case!(
    waiting,
    Waiting,
    "mail/waiting/subject.txt",
    "mail/waiting/body.txt",
    "mail/waiting/body.html",
    |mail| mail.case.connection.as_str()
);
about_a_case!(
    needs_staff,
    NeedsStaff,
    "mail/needs_staff/subject.txt",
    "mail/needs_staff/body.txt",
    "mail/needs_staff/body.html",
    |mail| mail.case.connection.as_str()
);
about_a_case!(
    guide_step,
    GuideStep,
    "mail/guide_step/subject.txt",
    "mail/guide_step/body.txt",
    "mail/guide_step/body.html",
    |mail| &mail.step
);
about_a_case!(
    rotated,
    Rotated,
    "mail/rotated/subject.txt",
    "mail/rotated/body.txt",
    "mail/rotated/body.html",
    |mail| mail.case.connection.as_str()
);
about_a_case!(
    message,
    Message,
    "mail/message/subject.txt",
    "mail/message/body.txt",
    "mail/message/body.html",
    |mail| mail.case.connection.as_str()
);
about_a_case!(
    closed,
    Closed,
    "mail/closed/subject.txt",
    "mail/closed/body.txt",
    "mail/closed/body.html",
    |mail| mail.case.connection.as_str()
);
about_a_case!(
    reopened,
    Reopened,
    "mail/reopened/subject.txt",
    "mail/reopened/body.txt",
    "mail/reopened/body.html",
    |mail| mail.case.connection.as_str()
);
about_a_case!(
    enabled,
    Enabled,
    "mail/enabled/subject.txt",
    "mail/enabled/body.txt",
    "mail/enabled/body.html",
    |mail| mail.case.connection.as_str()
);
about_a_case!(
    roster_ended,
    RosterEnded,
    "mail/roster_ended/subject.txt",
    "mail/roster_ended/body.txt",
    "mail/roster_ended/body.html",
    |mail| mail.case.connection.as_str()
);
about_a_case!(
    access,
    AccessNews,
    "mail/access/subject.txt",
    "mail/access/body.txt",
    "mail/access/body.html",
    |mail| mail.case.connection.as_str()
);
about_a_case!(
    ending,
    Ending,
    "mail/ending/subject.txt",
    "mail/ending/body.txt",
    "mail/ending/body.html",
    |mail| mail.case.connection.as_str()
);
/// The three templates of a kind that is about a brokerage, and the function that renders them.
macro_rules! about_a_brokerage {
    ($compose:ident, $mail:ident, $subject:literal, $text:literal, $html:literal, |$m:ident| $page:expr) => {
        fn $compose($m: &$mail, head: &Letterhead) -> Result<Composed, askama::Error> {
            #[derive(Template)]
            #[template(path = $subject)]
            struct Subject<'a> {
                name: &'a str,
            }
            #[derive(Template)]
            #[template(path = $text)]
            struct Text<'a> {
                mail: &'a $mail,
                head: &'a Letterhead,
                link: &'a str,
            }
            #[derive(Template)]
            #[template(path = $html)]
            struct Html<'a> {
                mail: &'a $mail,
                head: &'a Letterhead,
                link: &'a str,
                title: &'a str,
            }
            let subject = fitted($m.company.as_str(), |name| Subject { name }.render())?;
            let link = &head.link(&$page);
            let text = Text { mail: $m, head, link }.render()?;
            let html = Html { mail: $m, head, link, title: &subject }.render()?;
            Ok(Composed::new(subject, &text, html))
        }
    };
}

about_a_brokerage!(
    accepted,
    Accepted,
    "mail/accepted/subject.txt",
    "mail/accepted/body.txt",
    "mail/accepted/body.html",
    |mail| Accepted::page()
);
about_a_brokerage!(
    invitation,
    Invitation,
    "mail/invitation/subject.txt",
    "mail/invitation/body.txt",
    "mail/invitation/body.html",
    |mail| mail.page
);

about_a_brokerage!(
    question,
    Question,
    "mail/question/subject.txt",
    "mail/question/body.txt",
    "mail/question/body.html",
    |mail| mail.page
);
about_a_brokerage!(
    answer,
    Answer,
    "mail/answer/subject.txt",
    "mail/answer/body.txt",
    "mail/answer/body.html",
    |mail| PagePath::questions()
);

fn provider_letter(mail: &ProviderLetter, head: &Letterhead) -> Result<Composed, askama::Error> {
    #[derive(Template)]
    #[template(path = "mail/provider_letter/subject.txt")]
    struct Subject<'a> {
        mail: &'a ProviderLetter,
        name: &'a str,
    }
    #[derive(Template)]
    #[template(path = "mail/provider_letter/body.txt")]
    struct Text<'a> {
        mail: &'a ProviderLetter,
        head: &'a Letterhead,
    }
    #[derive(Template)]
    #[template(path = "mail/provider_letter/body.html")]
    struct Html<'a> {
        mail: &'a ProviderLetter,
        head: &'a Letterhead,
        link: &'a str,
        title: &'a str,
    }
    let subject = fitted(mail.company.as_str(), |name| Subject { mail, name }.render())?;
    let text = Text { mail, head }.render()?;
    // Who gets it cannot sign in, so it leads nowhere.
    let html = Html { mail, head, link: "", title: &subject }.render()?;
    Ok(Composed::new(subject, &text, html))
}

fn staff(mail: &StaffNews, head: &Letterhead) -> Result<Composed, askama::Error> {
    #[derive(Template)]
    #[template(path = "mail/staff/subject.txt")]
    struct Subject<'a> {
        mail: &'a StaffNews,
        name: &'a str,
    }
    #[derive(Template)]
    #[template(path = "mail/staff/body.txt")]
    struct Text<'a> {
        mail: &'a StaffNews,
        head: &'a Letterhead,
        link: &'a str,
    }
    #[derive(Template)]
    #[template(path = "mail/staff/body.html")]
    struct Html<'a> {
        mail: &'a StaffNews,
        head: &'a Letterhead,
        link: &'a str,
        title: &'a str,
    }
    let name = mail.told.about().map(StaffCase::name).unwrap_or_default();
    // The name is cut where both are too long for a telephone; the reason never is.
    let subject = fitted(&name, |name| Subject { mail, name }.render())? + &mail.told.reason();
    let link = &head.link(&mail.page);
    let text = Text { mail, head, link }.render()?;
    let html = Html { mail, head, link, title: &subject }.render()?;
    Ok(Composed::new(subject, &text, html))
}

fn daily(mail: &DailyMail, head: &Letterhead) -> Result<Composed, askama::Error> {
    #[derive(Template)]
    #[template(path = "mail/daily/body.txt")]
    struct Text<'a> {
        mail: &'a DailyMail,
        head: &'a Letterhead,
        link: &'a str,
    }
    #[derive(Template)]
    #[template(path = "mail/daily/body.html")]
    struct Html<'a> {
        mail: &'a DailyMail,
        head: &'a Letterhead,
        link: &'a str,
        title: &'a str,
    }
    let subject = mail.words();
    let link = &head.link(&DailyMail::page());
    let text = Text { mail, head, link }.render()?;
    let html = Html { mail, head, link, title: &subject }.render()?;
    Ok(Composed::new(subject, &text, html))
}
