//! What every kind of mail is made of: the letterhead, a subject that fits, and a text that is wrapped and overwritten when
//! it goes.

use zeroize::{Zeroize, Zeroizing};

use super::{
    flowed::{flowed, guids, guids_shortened},
    notice::{PagePath, StaffNews},
};

/// The longest subject, in characters: telephones cut longer ones. One that names what failed is as long as that takes: what
/// a telephone cuts is whole when the mail is opened, what we cut is not.
pub const LONGEST_SUBJECT: usize = 60;

/// What every mail says of us, and where its links lead. It comes from the settings, never from a request.
#[derive(Debug, Clone)]
pub struct Letterhead {
    /// The portal's own address: `https://connect.moxi.example`, no slash at the end.
    pub base_url: String,
    /// The name people know us by.
    pub brand: String,
    /// Where people write for help.
    pub support_address: Option<String>,
    /// The number people call for help.
    pub support_phone: Option<String>,
    /// When somebody answers.
    pub support_hours: Option<String>,
}

impl Letterhead {
    /// The address of a page of ours.
    pub(super) fn link(&self, page: &PagePath) -> String {
        format!("{}{}", self.base_url.trim_end_matches('/'), page.as_str())
    }

    /// The page on which one of our own people chooses which mails they want.
    pub(super) fn choices(&self) -> String {
        self.link(&StaffNews::choices())
    }
}

/// A composed mail. It is overwritten when it goes, since one kind carries a code.
pub struct Composed {
    /// One line, at most [`LONGEST_SUBJECT`] characters where a name in it can be cut between two words.
    pub subject: String,
    /// Plain text, complete on its own, in lines of at most 76 columns.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

impl Composed {
    /// Wraps the text. One id of a tenant or an app stands whole, as it has to be compared; of several each is shortened:
    /// together they would tell a stranger where a stolen secret fits.
    pub(super) fn new(subject: String, text: &str, html: String) -> Self {
        let html = Zeroizing::new(html);
        if guids(&[&subject, text, &html]) <= 1 {
            return Self { subject, text: flowed(text), html: String::clone(&html) };
        }
        Self {
            subject: guids_shortened(&subject),
            text: flowed(&Zeroizing::new(guids_shortened(text))),
            html: guids_shortened(&html),
        }
    }
}

impl Drop for Composed {
    fn drop(&mut self) {
        self.text.zeroize();
        self.html.zeroize();
    }
}

/// Renders a subject; where it is too long, once more with the name cut.
pub(super) fn fitted(
    name: &str,
    render: impl Fn(&str) -> Result<String, askama::Error>,
) -> Result<String, askama::Error> {
    let whole = render(name)?.trim().to_owned();
    let over = whole.chars().count().saturating_sub(LONGEST_SUBJECT);
    if over == 0 {
        return Ok(whole);
    }
    let room = name.chars().count().saturating_sub(over + 1);
    Ok(render(&cut(name, room))?.trim().to_owned())
}

/// Renders a subject as long as it is: what failed is not cut.
pub(super) fn whole(
    name: &str,
    render: impl Fn(&str) -> Result<String, askama::Error>,
) -> Result<String, askama::Error> {
    Ok(render(name)?.trim().to_owned())
}

/// The first words of a name and an ellipsis. Never a part of a word: half a host or half an id is worse than a long line.
fn cut(name: &str, room: usize) -> String {
    let mut kept = String::new();
    for word in name.split_whitespace() {
        let longer = kept.chars().count() + word.chars().count() + usize::from(!kept.is_empty());
        if !kept.is_empty() {
            if longer > room {
                return format!("{kept}…");
            }
            kept.push(' ');
        }
        kept.push_str(word);
    }
    kept
}
