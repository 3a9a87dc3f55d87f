//! Mail addresses and domains.

/// Why a text is no mail address we can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressProblem {
    /// Nothing was entered.
    Empty,
    /// It has not the shape name@domain.
    Shape,
    /// Letters outside ASCII: mail systems differ in what they take, so it is asked for in ASCII.
    NotAscii,
}

impl AddressProblem {
    /// The sentence beside a field, for a field called `what` ("your work e-mail").
    pub fn sentence(self, what: &str) -> String {
        match self {
            Self::Empty => format!("Enter {what}"),
            Self::Shape => format!("Enter {what} in the form name@yourdomain.com"),
            Self::NotAscii => format!("Use only letters from a to z, digits and . _ - + in {what}"),
        }
    }
}

/// A domain name in lower-case ASCII with at least two labels.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct MailDomain(String);

/// Domains whose mailboxes belong to private persons. Such an address proves nothing about an office, so it
/// needs an invitation.
const CONSUMER: &[&str] = &[
    "aol.com",
    "comcast.net",
    "duck.com",
    "fastmail.com",
    "gmail.com",
    "gmx.com",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mac.com",
    "mail.com",
    "me.com",
    "msn.com",
    "outlook.com",
    "pm.me",
    "proton.me",
    "protonmail.com",
    "rocketmail.com",
    "sbcglobal.net",
    "verizon.net",
    "yahoo.com",
    "yandex.com",
    "ymail.com",
    "zoho.com",
    "att.net",
    "cox.net",
    "bellsouth.net",
    "charter.net",
    "earthlink.net",
    "hotmail.co.uk",
    "yahoo.co.uk",
    "yahoo.ca",
    "live.ca",
    "outlook.de",
    "hotmail.fr",
];

impl MailDomain {
    /// Parses a domain: letters, digits and hyphens in labels of 1 to 63, at least two, 253 in all.
    pub fn parse(raw: &str) -> Result<Self, AddressProblem> {
        let text = raw.trim().to_ascii_lowercase();
        if text.is_empty() {
            return Err(AddressProblem::Empty);
        }
        if !text.is_ascii() {
            return Err(AddressProblem::NotAscii);
        }
        let label_ok = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let labels: Vec<&str> = text.split('.').collect();
        let last_is_name = labels.last().is_some_and(|l| l.bytes().any(|b| b.is_ascii_alphabetic()));
        if text.len() <= 253 && labels.len() >= 2 && last_is_name && labels.iter().all(|l| label_ok(l)) {
            Ok(Self(text))
        } else {
            Err(AddressProblem::Shape)
        }
    }

    /// The domain in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the other domain or a name below it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0 == other.0 || self.0.strip_suffix(&other.0).is_some_and(|below| below.ends_with('.'))
    }

    /// Whether mailboxes of this domain belong to private persons, so that the address proves no office.
    pub fn is_consumer(&self) -> bool {
        CONSUMER.contains(&self.0.as_str())
    }
}

impl std::fmt::Display for MailDomain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A mail address: a dot-atom before the @, a [`MailDomain`] behind it. Compared without regard to case.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct MailAddress(String);

impl MailAddress {
    /// Parses an address as a person types it, blanks around it ignored. Quoted local parts and address
    /// literals are refused: no office mailbox has them, and they are a way to smuggle.
    pub fn parse(raw: &str) -> Result<Self, AddressProblem> {
        let text = raw.trim();
        if text.is_empty() {
            return Err(AddressProblem::Empty);
        }
        if !text.is_ascii() {
            return Err(AddressProblem::NotAscii);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressProblem::Shape)?;
        let domain = MailDomain::parse(domain).map_err(|_| AddressProblem::Shape)?;
        let atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
        let local_ok = (1..=64).contains(&local.len())
            && local.bytes().all(atom)
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        if local_ok && text.len() <= 254 {
            Ok(Self(format!("{local}@{domain}")))
        } else {
            Err(AddressProblem::Shape)
        }
    }

    /// The address; the domain is in lower case, the part before the @ as it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The whole address in lower case, for comparison and look-up.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// The domain of the address.
    pub fn domain(&self) -> MailDomain {
        MailDomain(self.0.rsplit_once('@').map(|(_, domain)| domain.to_owned()).unwrap_or_default())
    }

    /// The address with most of its first part hidden: `i…@lakeshore.example`.
    pub fn masked(&self) -> String {
        let first = self.0.chars().next().unwrap_or('…');
        format!("{first}…@{}", self.domain())
    }
}

impl PartialEq for MailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for MailAddress {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_people_have_are_taken() {
        for (raw, kept) in [
            (" It@Lakeshore.Example ", "It@lakeshore.example"),
            ("a.b+c@x-y.example.com", "a.b+c@x-y.example.com"),
        ] {
            assert_eq!(MailAddress::parse(raw).map(|a| a.as_str().to_owned()), Ok(kept.to_owned()));
        }
        assert_eq!(MailAddress::parse("a@b.example"), MailAddress::parse("A@B.example"));
        assert_eq!(
            MailAddress::parse("it@lakeshore.example").map(|a| a.masked()),
            Ok("i…@lakeshore.example".to_owned())
        );
    }

    #[test]
    fn addresses_that_smuggle_are_refused() {
        for raw in [
            "x",
            "x@localhost",
            "x@1.2.3.4",
            "\"a b\"@x.example",
            "a@x.example\r\nBcc: b@y.example",
            "a@@x.example",
            ".a@x.example",
            "a..b@x.example",
            "a@-x.example",
            "a b@x.example",
            "a@[127.0.0.1]",
            "a@x.example,b@y.example",
        ] {
            assert_eq!(MailAddress::parse(raw), Err(AddressProblem::Shape), "{raw}");
        }
        assert_eq!(MailAddress::parse("ä@x.example"), Err(AddressProblem::NotAscii));
        assert_eq!(MailAddress::parse("  "), Err(AddressProblem::Empty));
    }

    #[test]
    fn private_domains_are_known() {
        assert!(MailAddress::parse("pat@Gmail.com").is_ok_and(|a| a.domain().is_consumer()));
        assert!(MailAddress::parse("pat@lakeshore.example").is_ok_and(|a| !a.domain().is_consumer()));
    }
}
