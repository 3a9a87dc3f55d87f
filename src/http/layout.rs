//! What the frame around every page shows: title, navigation, colours, help.

use std::{fmt, sync::Arc};

use crate::{
    config::About,
    domain::staff::{self, Deed, StaffRole},
};

use super::{front::Audience, urls};

/// The colours a reader wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the device is set.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// In the order the footer shows them.
    pub const ALL: &[Self] = &[Self::Auto, Self::Light, Self::Dark];

    /// Reads the word of the cookie and the form; anything else is `Auto`.
    pub fn from_word(word: &str) -> Self {
        Self::ALL.iter().copied().find(|theme| theme.word() == word).unwrap_or_default()
    }

    /// The word of the cookie and the form.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// What the button says.
    pub const fn title(&self) -> &'static str {
        match self {
            Self::Auto => "As my device",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// The attribute of the page's root element; none when the device decides.
    pub fn attribute(&self) -> askama::filters::Safe<&'static str> {
        askama::filters::Safe(match self {
            Self::Auto => "",
            Self::Light => " data-theme=\"light\"",
            Self::Dark => " data-theme=\"dark\"",
        })
    }
}

/// An entry of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tab {
    /// What it says.
    pub name: &'static str,
    /// Where it leads.
    pub url: &'static str,
    /// What a role must allow, where the page is not for all of our own people.
    pub deed: Option<Deed>,
}

impl Tab {
    const fn new(name: &'static str, url: &'static str) -> Self {
        Self { name, url, deed: None }
    }

    const fn only_for(name: &'static str, url: &'static str, deed: Deed) -> Self {
        Self { name, url, deed: Some(deed) }
    }
}

/// The overview of one's connections.
pub const OVERVIEW: Tab = Tab::new("Overview", urls::OVERVIEW);

/// Who can sign in for the brokerage.
pub const PEOPLE: Tab = Tab::new("People", urls::PEOPLE);

/// Who asked to look at the brokerage's secrets, and who looked.
pub const ACCESS: Tab = Tab::new("Access", urls::ACCESS);

/// The queue of connections on the staff site.
pub const QUEUE: Tab = Tab::new("Queue", urls::HOME);
/// What a check can name, on the staff site.
pub const CAUSES: Tab = Tab::new("Causes", urls::CAUSES);
/// Inviting a brokerage on the staff site.
pub const INVITE: Tab = Tab::only_for("Invite", urls::INVITE, Deed::InviteAdmin);
/// How offices get on, on the staff site.
pub const FIGURES: Tab = Tab::new("Figures", urls::FIGURES);
/// Every mail that was written, on the staff site.
pub const MAILS: Tab = Tab::new("Mails", urls::MAILS);
/// Who asked to look at which secrets, on the staff site.
pub const ALL_ACCESS: Tab = Tab::only_for("Access", urls::ACCESS, Deed::ReadAccess);
/// Who did what, on the staff site.
pub const AUDIT: Tab = Tab::only_for("Audit", urls::AUDIT, Deed::ReadAudit);
/// Who one is on the staff site, and what one may do there.
pub const ACCOUNT: Tab = Tab::new("You", urls::ACCOUNT);

/// The hidden value of every form; it proves that the page was ours and this browser's.
#[derive(Clone, PartialEq, Eq)]
pub struct FormToken(pub(super) String);

impl FormToken {
    /// Whether there is none: then the frame shows no form of its own.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for FormToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for FormToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormToken")
    }
}

impl askama::FastWritable for FormToken {
    fn write_into(&self, dest: &mut dyn fmt::Write, _: &dyn askama::Values) -> askama::Result<()> {
        Ok(dest.write_str(&self.0)?)
    }
}

/// What the frame shows. Handlers take it as an argument (it is an extractor) and put it into their page.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The colours.
    pub theme: Theme,
    /// Who to ask for help.
    pub about: Arc<About>,
    /// The hidden value of every form.
    pub token: FormToken,
    /// A fresh key for a form that creates or submits something.
    pub form_key: String,
    /// The page's own path and query: the colour switch leads back to it.
    pub here: String,
    /// For whom the site is.
    pub audience: Audience,
    /// Whether somebody is signed in.
    pub signed_in: bool,
    /// Their name, where the site shows it.
    pub name: Option<String>,
    /// Their roles at the time of signing in, on the staff site. Pages ask the row; the menu is only a menu.
    pub roles: Vec<StaffRole>,
    /// One line about what was just done.
    pub flash: Option<String>,
    /// One line about what the last action did not do, and why.
    pub trouble: Option<String>,
    /// Whether the page shows a refused form: then its title says so first.
    pub failed: bool,
    /// The entry of the navigation that the page belongs to.
    pub at: Option<Tab>,
}

impl Layout {
    /// A frame for a page that knows nothing of its reader.
    pub fn bare(about: Arc<About>) -> Self {
        Self {
            theme: Theme::Auto,
            about,
            token: FormToken(String::new()),
            form_key: String::new(),
            here: urls::HOME.to_owned(),
            audience: Audience::Brokerages,
            signed_in: false,
            name: None,
            roles: Vec::new(),
            flash: None,
            trouble: None,
            failed: false,
            at: None,
        }
    }

    /// The same frame for a page under one entry of the navigation.
    pub fn at(mut self, tab: Tab) -> Self {
        self.at = Some(tab);
        self
    }

    /// The same frame for a page that shows a refused form.
    pub fn failed(mut self, failed: bool) -> Self {
        self.failed = failed;
        self
    }

    /// The entries of the navigation for this reader.
    pub fn tabs(&self) -> Vec<Tab> {
        let tabs: &[Tab] = match self.audience {
            _ if !self.signed_in => &[],
            Audience::Brokerages => &[OVERVIEW, PEOPLE, ACCESS],
            Audience::Staff => &[QUEUE, CAUSES, FIGURES, INVITE, MAILS, ALL_ACCESS, AUDIT, ACCOUNT],
        };
        tabs.iter().filter(|tab| tab.deed.is_none_or(|deed| self.may(deed))).copied().collect()
    }

    fn may(&self, deed: Deed) -> bool {
        self.roles.iter().any(|role| staff::may(*role, deed))
    }

    /// Whether this is the site for our own people.
    pub fn is_staff(&self) -> bool {
        self.audience == Audience::Staff
    }

    /// Whether the frame shows the box for a question: to whoever is signed in for an office.
    pub fn may_ask(&self) -> bool {
        self.signed_in && !self.is_staff() && !self.token.is_empty()
    }

    /// Whether the page belongs to an entry.
    pub fn is_at(&self, tab: &Tab) -> bool {
        self.at.as_ref() == Some(tab)
    }

    /// A frame as a signed-in reader sees it, for samples.
    #[cfg(test)]
    pub fn sample() -> Self {
        let about = About {
            support_hours: Some("8am to 6pm CT, Monday to Friday".to_owned()),
            support_phone: Some("+1 555 0100".to_owned()),
            support_address: Some("help@moxi.example".to_owned()),
            egress_addresses: vec!["203.0.113.10".to_owned(), "203.0.113.11".to_owned()],
            ..About::default()
        };
        Self {
            signed_in: true,
            token: FormToken("sample-token".to_owned()),
            form_key: "sample-key".to_owned(),
            flash: Some("Saved.".to_owned()),
            ..Self::bare(Arc::new(about))
        }
    }
    /// The same on the staff site.
    #[cfg(test)]
    pub fn staff_sample() -> Self {
        Self {
            audience: Audience::Staff,
            name: Some("Dana Reyes".to_owned()),
            roles: StaffRole::ALL.to_vec(),
            trouble: Some("A colleague has this. Nothing was done.".to_owned()),
            ..Self::sample()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_read_the_list_of_requests_finds_it_in_the_navigation() {
        for role in StaffRole::ALL {
            let layout = Layout { roles: vec![*role], signed_in: true, ..Layout::staff_sample() };
            let found = layout.tabs().contains(&ALL_ACCESS);
            assert_eq!(found, staff::may(*role, Deed::ReadAccess), "{role:?}");
        }
    }
}
