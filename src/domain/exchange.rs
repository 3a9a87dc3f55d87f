//! What an Exchange server of the customer's own is reached with: a login, a password, and where the server is.

use secrecy::{ExposeSecret, SecretString};

use super::{
    address::{MailAddress, MailDomain},
    naming::numbered,
    reserved::is_never_public,
    text::{ObjectName, is_hidden},
};

/// The login of a service account, exactly as it was typed: `moxi.svc@lakeshore.example` or `LAKESHORE\moxi.svc`.
/// Some servers take only one of the two forms, and a try with the other would count as a wrong password.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Login(String);

/// What is wrong with a text that was given as a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginProblem {
    /// Nothing was entered.
    Empty,
    /// Neither of the two forms.
    Form,
    /// Far longer than a login can be.
    TooLong,
}

impl LoginProblem {
    /// The sentence beside the field.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Empty => "Enter the service account's login",
            Self::Form => {
                "Write the login as name@your-domain.com or as DOMAIN\\name, exactly as the account signs in"
            }
            Self::TooLong => "Enter only the login: it has at most 256 characters",
        }
    }
}

impl Login {
    /// Reads a login; blanks around it are cut off.
    ///
    /// Errs when it has neither form: an account, one `@` and a domain, or a domain, one backslash and an account. A
    /// colon would end the name in Basic authentication (RFC 7617, section 2).
    pub fn parse(raw: &str) -> Result<Self, LoginProblem> {
        let text = raw.trim_matches(|c: char| c.is_whitespace() || is_hidden(c));
        if text.is_empty() {
            return Err(LoginProblem::Empty);
        }
        if text.chars().count() > 256 {
            return Err(LoginProblem::TooLong);
        }
        let foreign =
            |c: char| c.is_control() || c.is_whitespace() || is_hidden(c) || ":\"<>|*?,;/[]".contains(c);
        let parts = text.split_once('\\').or_else(|| text.split_once('@'));
        let formed = parts.is_some_and(|(one, other)| {
            let end = |part: &str| !part.is_empty() && !part.contains(['\\', '@']);
            end(one) && end(other)
        });
        if formed && !text.contains(foreign) { Ok(Self(text.to_owned())) } else { Err(LoginProblem::Form) }
    }

    /// The login as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its domain and its account's own name.
    fn parts(&self) -> (&str, &str) {
        let (one, other) = self.0.split_once('\\').unwrap_or_default();
        self.0.split_once('@').map_or((one, other), |(account, domain)| (domain, account))
    }

    /// The account's own name without its domain, for comparison: the same in whichever form the login is written.
    pub fn account(&self) -> String {
        self.parts().1.to_lowercase()
    }

    /// Whether both are of one name, in whichever form each is written.
    pub fn is_same_account(&self, other: &Self) -> bool {
        self.account() == other.account()
    }

    /// The login that attempt `n` proposes: the same with the attempt's number, in place of the one before.
    pub fn numbered(&self, attempt: i64) -> String {
        let (domain, account) = self.parts();
        let account = account.strip_suffix(&(attempt - 1).to_string()).unwrap_or(account);
        let account = numbered(account, attempt);
        if self.0.contains('\\') { format!("{domain}\\{account}") } else { format!("{account}@{domain}") }
    }

    /// The mail address it reads as, when it has the form of one.
    pub fn as_address(&self) -> Option<MailAddress> {
        MailAddress::parse(&self.0).ok()
    }
}

/// Where EWS answers: `https://HOST/EWS/Exchange.asmx`. Port and path are always these, so only the host is kept.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct EwsUrl(MailDomain);

/// What is wrong with a text that was given as an EWS URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EwsUrlProblem {
    /// No such URL; what it should probably be, where that can be told.
    Form(Option<EwsUrl>),
    /// Microsoft 365's own host: another kind of connection.
    Cloud,
    /// A name that is good only inside an office or a device, and never on the internet.
    Inner,
}

impl EwsUrlProblem {
    /// The entry of the catalogue that says more.
    pub const fn cause(&self) -> &'static str {
        match self {
            Self::Form(_) | Self::Inner => "form_ews_url",
            Self::Cloud => "form_wrong_path_exo",
        }
    }

    /// The sentence beside the field.
    pub fn sentence(&self) -> String {
        match self {
            Self::Form(Some(likely)) => format!("Write the whole address. It is probably {likely}"),
            Self::Form(None) => {
                "Write the address as https://mail.your-domain.com/EWS/Exchange.asmx, with your server's public name"
                    .to_owned()
            }
            Self::Cloud => {
                "This is the address of Microsoft 365, not of a server of your own. Start a connection and choose Microsoft 365"
                    .to_owned()
            }
            Self::Inner => {
                "This name works only inside your office. Enter the name under which the server is reached from outside, such as mail.your-domain.com"
                    .to_owned()
            }
        }
    }
}

impl EwsUrl {
    /// The one path of EWS on Exchange Server.
    pub const PATH: &'static str = "/EWS/Exchange.asmx";

    /// Reads the URL. The host has to be a public name; paths are compared without regard to case, as IIS does.
    ///
    /// Errs when it is no such URL, or the host of Microsoft 365, or a name that is never public.
    pub fn parse(raw: &str) -> Result<Self, EwsUrlProblem> {
        let text = raw.trim_matches(|c: char| c.is_whitespace() || is_hidden(c));
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let host = authority.strip_suffix(":443").unwrap_or(authority);
        let Some(host) =
            MailDomain::parse(host).ok().filter(|read| read.as_str() == host.to_ascii_lowercase())
        else {
            return Err(EwsUrlProblem::Form(None));
        };
        if is_cloud(host.as_str()) {
            return Err(EwsUrlProblem::Cloud);
        }
        if is_never_public(host.as_str()) {
            return Err(EwsUrlProblem::Inner);
        }
        let whole = scheme.eq_ignore_ascii_case("https") && path.eq_ignore_ascii_case(Self::PATH);
        if whole { Ok(Self(host)) } else { Err(EwsUrlProblem::Form(Some(Self(host)))) }
    }

    /// The URL on this host.
    pub const fn on(host: MailDomain) -> Self {
        Self(host)
    }

    /// The host's name.
    pub fn host(&self) -> &str {
        self.0.as_str()
    }
}

impl std::fmt::Display for EwsUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "https://{}{}", self.0.as_str(), Self::PATH)
    }
}

fn is_cloud(host: &str) -> bool {
    ["office365.com", "office.com", "outlook.com", "office365.us", "partner.outlook.cn"]
        .iter()
        .any(|end| host == *end || host.ends_with(&format!(".{end}")))
}

/// The SHA-256 fingerprint of the one certificate, or of the one issuer, that an admin has compared and trusts for this
/// connection. Nothing else in the chain is trusted because of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct CertificatePin(String);

impl CertificatePin {
    /// Reads a fingerprint as tools print it: 64 hexadecimal digits, with or without colons and blanks. `None` when
    /// it is none.
    pub fn parse(raw: &str) -> Option<Self> {
        let digits: String =
            raw.chars().filter(|c| !c.is_whitespace() && *c != ':' && !is_hidden(*c)).collect();
        let formed = digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        formed.then(|| Self(digits.to_ascii_lowercase()))
    }

    /// The 64 digits in lower case.
    pub fn as_hex(&self) -> &str {
        &self.0
    }
}

/// The names that the Exchange guide lets an admin choose.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ExchangeNames {
    /// The display name of the service account.
    pub account: ObjectName,
    /// The role group that carries the right to impersonate.
    pub role_group: ObjectName,
}

/// What goes with the password of a service account.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ExchangeSettings {
    /// The service account's login.
    pub service_account: Login,
    /// Where EWS is; without it autodiscover looks for it by the test mailbox's domain. A host given here is one that
    /// the admin agreed to send the password to.
    pub ews_url: Option<EwsUrl>,
    /// The certificate, or the issuer, that is trusted for this connection; with it those of public authorities are not.
    pub certificate: Option<CertificatePin>,
    /// The mailbox the check acts as.
    pub test_mailbox: MailAddress,
    /// A mailbox that the credential must not reach, where the office named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside_mailbox: Option<MailAddress>,
    /// What the admin called things.
    pub names: ExchangeNames,
}

/// What is wrong with a text that was given as a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordProblem {
    /// Nothing was entered.
    Empty,
    /// Only dots, bullets or stars: the masked value was copied.
    Masked,
    /// A line break, a NUL or another character that no password field takes.
    Foreign,
    /// Longer than Windows takes.
    TooLong,
}

impl PasswordProblem {
    /// The sentence beside the field.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Empty => "Enter the password of the service account",
            Self::Masked => "This is the masked password. Copy it from where it was set, or set a new one",
            Self::Foreign => {
                "Copy the password again: it holds a line break or characters that cannot be seen"
            }
            Self::TooLong => "Enter only the password: Windows takes at most 256 characters",
        }
    }
}

/// The password of a service account. It shows itself to nobody: no `Debug`, no `Display`, no `Clone`.
pub struct ServicePassword(SecretString);

impl ServicePassword {
    /// Parses what was typed, byte for byte: a blank at either end may belong to a password.
    ///
    /// Errs when it cannot be one: see [`PasswordProblem`].
    pub fn parse(raw: &str) -> Result<Self, PasswordProblem> {
        match () {
            () if raw.trim().is_empty() => Err(PasswordProblem::Empty),
            () if raw.chars().all(|c| "•*●.…".contains(c)) => Err(PasswordProblem::Masked),
            () if raw.chars().any(|c| c.is_control() || is_hidden(c)) => Err(PasswordProblem::Foreign),
            () if raw.chars().count() > 256 => Err(PasswordProblem::TooLong),
            () => Ok(Self(SecretString::from(raw.to_owned()))),
        }
    }

    /// Takes back what the vault opened.
    pub fn from_opened(secret: SecretString) -> Self {
        Self(secret)
    }

    /// The value, for the vault that seals it and for the request that carries it. Nobody else asks.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// How many characters it has: all that pages say of it.
    pub fn letters(&self) -> usize {
        self.0.expose_secret().chars().count()
    }

    /// What is worth saying of it, although it is taken as it is; empty when nothing is.
    pub fn remark(&self) -> &'static str {
        match (self.has_outer_blank(), self.is_ascii()) {
            (false, true) => "",
            (true, true) => {
                "It begins or ends with a blank. If that came along by copying, enter it once more."
            }
            (false, false) => {
                "It holds letters beyond a to z, and some servers refuse those. If the check fails at the sign-in, set a password of plain letters, digits and signs."
            }
            (true, false) => {
                "It begins or ends with a blank, and it holds letters beyond a to z, which some servers refuse. If the check fails at the sign-in, set a password of plain letters, digits and signs."
            }
        }
    }

    /// Whether it is plain ASCII: over Basic authentication other characters are known to be refused by some servers.
    pub fn is_ascii(&self) -> bool {
        self.0.expose_secret().is_ascii()
    }

    /// Whether a blank stands at either end, which is more often copied along than meant.
    pub fn has_outer_blank(&self) -> bool {
        let text = self.0.expose_secret();
        text.trim().len() != text.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_taken_as_it_was_typed() {
        for good in ["moxi.svc@lakeshore.example", "LAKESHORE\\moxi.svc", "Lakeshore.example\\Moxi_Svc$"] {
            assert_eq!(Login::parse(&format!(" {good} ")).expect("a login").as_str(), good);
        }
        for (wrong, problem) in [
            ("", LoginProblem::Empty),
            ("moxi", LoginProblem::Form),
            ("a@b@c", LoginProblem::Form),
            ("A\\B\\c", LoginProblem::Form),
            ("a:b@lakeshore.example", LoginProblem::Form),
            ("a b@lakeshore.example", LoginProblem::Form),
            ("@lakeshore.example", LoginProblem::Form),
        ] {
            assert_eq!(Login::parse(wrong).err(), Some(problem), "{wrong}");
        }
    }

    #[test]
    fn a_login_gets_the_number_of_its_attempt() {
        let login = |text: &str| Login::parse(text).expect("a login");
        assert_eq!(login("moxi.svc@lakeshore.example").numbered(2), "moxi.svc2@lakeshore.example");
        assert_eq!(login("LAKESHORE\\moxi.svc2").numbered(3), "LAKESHORE\\moxi.svc3");
        assert!(login("LAKESHORE\\Moxi.svc").is_same_account(&login("moxi.svc@lakeshore.example")));
        assert!(!login("LAKESHORE\\moxi.svc").is_same_account(&login("LAKESHORE\\moxi.svc2")));
    }

    #[test]
    fn an_ews_url_has_one_path_and_one_port() {
        for good in [
            "https://mail.lakeshore.example/EWS/Exchange.asmx",
            "https://mail.lakeshore.example:443/ews/exchange.asmx",
            " HTTPS://MAIL.lakeshore.example/EWS/Exchange.asmx ",
        ] {
            let url = EwsUrl::parse(good).expect(good);
            assert_eq!(url.to_string(), "https://mail.lakeshore.example/EWS/Exchange.asmx");
        }
        let proposal =
            Some(EwsUrl::parse("https://mail.lakeshore.example/EWS/Exchange.asmx").expect("a url"));
        for near in [
            "mail.lakeshore.example",
            "http://mail.lakeshore.example/EWS/Exchange.asmx",
            "https://mail.lakeshore.example/owa",
        ] {
            assert_eq!(EwsUrl::parse(near), Err(EwsUrlProblem::Form(proposal.clone())), "{near}");
        }
        for wrong in [
            "https://user:pw@mail.lakeshore.example/EWS/Exchange.asmx",
            "https://mail.lakeshore.example:8443/EWS/Exchange.asmx",
            "https://127.0.0.1/EWS/Exchange.asmx",
            "https://localhost/EWS/Exchange.asmx",
            "",
        ] {
            assert_eq!(EwsUrl::parse(wrong), Err(EwsUrlProblem::Form(None)), "{wrong}");
        }
        assert_eq!(
            EwsUrl::parse("https://outlook.office365.com/EWS/Exchange.asmx"),
            Err(EwsUrlProblem::Cloud)
        );
        for inner in [
            "mail.localhost",
            "exch01.lakeshore.local",
            "mail.test",
            "mail.invalid",
            "x.onion",
            "mail.home.arpa",
        ] {
            for text in [inner.to_owned(), format!("https://{inner}/EWS/Exchange.asmx")] {
                assert_eq!(EwsUrl::parse(&text), Err(EwsUrlProblem::Inner), "{text}");
            }
        }
    }

    #[test]
    fn a_fingerprint_is_read_as_tools_print_it() {
        let hex = "AB".repeat(32);
        let colons = vec!["AB"; 32].join(":");
        assert_eq!(CertificatePin::parse(&hex), CertificatePin::parse(&colons));
        assert_eq!(CertificatePin::parse(&hex).expect("a pin").as_hex(), "ab".repeat(32));
        assert_eq!(CertificatePin::parse("AB:CD"), None);
        assert_eq!(CertificatePin::parse(&"zz".repeat(32)), None);
    }

    #[test]
    fn a_password_keeps_its_blanks() {
        let password = ServicePassword::parse(" with blanks ").expect("a password");
        assert!(password.expose() == " with blanks " && password.has_outer_blank() && password.is_ascii());
        for (wrong, problem) in [
            ("  ", PasswordProblem::Empty),
            ("••••••", PasswordProblem::Masked),
            ("two\nlines", PasswordProblem::Foreign),
        ] {
            assert_eq!(ServicePassword::parse(wrong).err(), Some(problem), "{wrong:?}");
        }
    }
}
