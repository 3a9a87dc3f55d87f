//! The catalogue of causes: what can be wrong with a credential, in plain words, with the exact mend.
//!
//! The diagnosis names a cause by its id; everything that people read about it stands here. An id never changes
//! its meaning; new findings get new ids.

use super::{
    address::MailAddress,
    app::AppSettings,
    check::CauseId,
    credential::CredentialSettings,
    exchange::ExchangeSettings,
    google::{self, GoogleKeySettings},
    microsoft365::PasswordSettings,
    naming,
    text::ObjectName,
};

/// Who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The brokerage's own mail administrator.
    Admin,
    /// Their hosting provider, or whoever runs their network.
    HostingProvider,
    /// MoxiWorks.
    #[serde(rename = "moxiworks")]
    MoxiWorks,
    /// The provider of the mail system.
    Provider,
}

impl Who {
    /// How a page says it, after "Who can mend it: ".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Admin => "you, or the person who administers your mail system",
            Self::HostingProvider => "your hosting provider or network team",
            Self::MoxiWorks => "MoxiWorks",
            Self::Provider => "the provider of your mail system",
        }
    }
}

/// What helps after this cause, and therefore what becomes of the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Somebody has to act; looking again by ourselves would show the same.
    Act,
    /// Somebody has to act, and the provider then takes its time: after a person says it is done, waiting helps.
    ActThenWait,
    /// The change was probably made and is not in force everywhere yet.
    Wait,
    /// The other side was busy or the network hiccuped; trying again soon helps.
    Retry,
    /// Our own fault or our own set-up: staff look at it, the admin is never blamed.
    Ours,
    /// It works; this should be mended all the same.
    Advise,
}

/// Whether a cause lies in the secret itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretFault {
    /// It does not.
    No,
    /// It may; where something else about the account was mended, the same secret is right.
    Maybe,
    /// It does: nothing that is mended elsewhere makes this secret work.
    Yes,
}

/// One step of a mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Mend {
    /// What to do, with the provider's own names for its buttons.
    pub text: &'static str,
    /// The PowerShell command that does it, where there is one.
    pub command: Option<&'static str>,
    /// A value to be copied into the provider's page, where there is one.
    pub copy: Option<&'static str>,
    /// Whether it takes another test mailbox: that mends nothing where each mailbox of a list counts.
    #[serde(skip)]
    pub exchanges_mailbox: bool,
}

/// One entry of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    /// The stable id.
    pub id: &'static str,
    /// The heading of the failure page.
    pub title: &'static str,
    /// What it means, in a sentence or three.
    pub meaning: &'static str,
    /// What to do, in order; may be empty only where nobody has to act.
    pub mend: &'static [Mend],
    /// Who can do it.
    pub who: Who,
    /// What helps.
    pub remedy: Remedy,
    /// How long a change takes to show, where waiting is part of the mend.
    pub waits: Option<&'static str>,
    /// Whether a fresh start with new names is the default after it (identity and permission), or the names are
    /// kept (network, provider, test mailbox).
    pub renew: bool,
    /// Whether the secret is at fault: then the names are kept, and a new attempt asks for a new one.
    pub secret: SecretFault,
    /// Whether the likeliest mend is another answer: then a new attempt stands before another check of the same one.
    pub answer: bool,
    /// What provokes it: names of the simulator's samples, of tests that plan a fault (`fault:...`), or the steps of
    /// guides at which an administrator tells it (`guide:KIND/STEP`).
    pub scenarios: &'static [&'static str],
    /// What the administrator sees on pages that we never do, where they tell the cause and not a check: half a
    /// sentence, which the step of the guide asks about.
    pub told: Option<&'static str>,
    /// What is different about it where the server is the customer's own.
    pub own_server: Option<&'static OwnServer>,
}

/// What a finding means where the customer named the server and can mend it. On a host of the provider the same
/// finding is for the provider, for us or for time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnServer {
    /// The heading of the failure page.
    pub title: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What to do, in order.
    pub mend: &'static [Mend],
    /// Who can do it.
    pub who: Who,
    /// What helps; never waiting, whose words stand beside the cause.
    pub remedy: Remedy,
}

impl Cause {
    /// The entry as it reads, and what helps, where the server is the customer's own or is not.
    pub const fn on(self, own_server: bool) -> Self {
        match self.own_server {
            Some(own) if own_server => Self {
                title: own.title,
                meaning: own.meaning,
                mend: own.mend,
                who: own.who,
                remedy: own.remedy,
                ..self
            },
            _ => self,
        }
    }

    /// The id as checks carry it.
    pub const fn cause_id(&self) -> CauseId {
        CauseId::known(self.id)
    }

    /// The steps of guides at which an administrator tells it: the access kind's id, and the step's.
    pub fn told_at(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let scenarios = self.scenarios.iter();
        scenarios.filter_map(|name| name.strip_prefix("guide:").and_then(|place| place.split_once('/')))
    }

    /// The steps of the mend that help here.
    pub fn steps(&self, names: &Names) -> impl Iterator<Item = &'static Mend> + use<> {
        let of_a_list = names.of_a_list;
        self.mend.iter().filter(move |step| !(of_a_list && step.exchanges_mailbox))
    }

    /// "no", or how long to wait: the `waits` of the public list.
    pub fn waits_words(&self) -> &'static str {
        self.waits.unwrap_or("no")
    }
}

/// The names that texts of the catalogue are filled with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// The tenant: its id or a domain.
    pub tenant: String,
    /// The application (client) id.
    pub client: String,
    /// The test mailbox.
    pub agent: String,
    /// What the admin called the app.
    pub app_name: String,
    /// What the admin called the secret.
    pub secret_name: String,
    /// The thumbprint of the certificate that we made, as Entra shows it.
    pub thumbprint: String,
    /// The name of the group of agents.
    pub group: String,
    /// Our outgoing addresses, as a list for people.
    pub egress: String,
    /// How support is reached.
    pub support: String,
    /// The login of the service account.
    pub service_account: String,
    /// The display name of the service account.
    pub account_name: String,
    /// The role group that carries the right to impersonate.
    pub role_group: String,
    /// The authentication policy that lets the service account sign in.
    pub policy: String,
    /// The host of EWS, where it was given; words for it where it is looked for.
    pub host: String,
    /// The domain of the test mailbox.
    pub domain: String,
    /// What a service account of Google has to be allowed, parted by commas.
    pub scopes: String,
    /// The page of Google's Admin console on which it is allowed.
    pub link: String,
    /// The project in Google Cloud that the service account belongs to.
    pub project: String,
    /// Whether the server is the customer's own, which decides how some causes read.
    pub own_server: bool,
    /// Whether it is about a mailbox out of a list, and not about the one that was entered for the test.
    pub of_a_list: bool,
}

/// The placeholders that texts may hold.
pub const PLACEHOLDERS: &[&str] = &[
    "tenant",
    "client",
    "agent",
    "app_name",
    "secret_name",
    "thumbprint",
    "group",
    "egress",
    "support",
    "service_account",
    "account_name",
    "role_group",
    "policy",
    "host",
    "domain",
    "scopes",
    "link",
    "project",
];

impl Names {
    /// What stands for the server's name where it is not known yet.
    pub const UNKNOWN_HOST: &'static str = "your-mail-server";

    /// What stands for the app's id where no app is used.
    pub const UNKNOWN_CLIENT: &'static str = "the client ID of your app";

    /// The names that the settings of an attempt bring. Our addresses and how support is reached are the caller's.
    pub fn of(settings: &CredentialSettings, attempt: i64) -> Self {
        let names = match settings {
            CredentialSettings::ExchangeBasic(exchange) => Self::of_exchange(exchange),
            CredentialSettings::GraphCertificate(app) | CredentialSettings::GraphSecret(app) => {
                Self::of_app(app)
            }
            CredentialSettings::EwsSecret(ews) => Self::of_app(&ews.app),
            CredentialSettings::GoogleDelegated(settings) => Self::of_mailbox(&settings.test_mailbox),
            CredentialSettings::GoogleKey(settings) => Self::of_google_key(settings),
            CredentialSettings::Microsoft365Password(account) => {
                Self { app_name: naming::app_name(attempt), ..Self::of_microsoft365(account) }
            }
        };
        Self { group: naming::group_name(attempt), policy: naming::policy_name(attempt), ..names }
    }

    /// Those of a service account on a server of the customer's own.
    pub fn of_exchange(exchange: &ExchangeSettings) -> Self {
        let host = exchange.ews_url.as_ref().map_or(Self::UNKNOWN_HOST, |url| url.host());
        Self {
            service_account: exchange.service_account.as_str().to_owned(),
            account_name: exchange.names.account.as_str().to_owned(),
            role_group: exchange.names.role_group.as_str().to_owned(),
            host: host.to_owned(),
            own_server: true,
            ..Self::of_mailbox(&exchange.test_mailbox)
        }
    }

    /// Those of a service account of Microsoft 365.
    pub fn of_microsoft365(account: &PasswordSettings) -> Self {
        let client = account.client_id.as_ref().map_or(Self::UNKNOWN_CLIENT, |id| id.as_str());
        Self {
            tenant: account.domain().to_string(),
            client: client.to_owned(),
            app_name: naming::app_name(1),
            service_account: account.service_account.as_str().to_owned(),
            account_name: account.names.account.as_str().to_owned(),
            role_group: account.names.role_group.as_str().to_owned(),
            ..Self::of_mailbox(&account.test_mailbox)
        }
    }

    /// Those of an app registration.
    pub fn of_app(app: &AppSettings) -> Self {
        let text = |name: &Option<ObjectName>| name.as_ref().map(|name| name.as_str().to_owned());
        Self {
            tenant: app.tenant.as_str().to_owned(),
            client: app.client_id.as_str().to_owned(),
            app_name: app.names.app.as_str().to_owned(),
            secret_name: text(&app.names.secret).unwrap_or_default(),
            thumbprint: app.certificate().map(|it| it.thumbprint.clone()).unwrap_or_default(),
            ..Self::of_mailbox(&app.test_mailbox)
        }
    }

    /// Those of a service account of Google that the office made itself.
    pub fn of_google_key(settings: &GoogleKeySettings) -> Self {
        let account = &settings.account;
        Self {
            service_account: account.email.clone(),
            project: account.project.clone(),
            ..Self::of_mailbox(&settings.test_mailbox).delegated_to(Some(&account.client_id))
        }
    }

    /// The same names with the number that the office delegates to; words for it, where nobody has set it.
    #[must_use]
    pub fn delegated_to(self, client_id: Option<&str>) -> Self {
        let link = client_id.and_then(google::delegation_link);
        Self {
            client: client_id.unwrap_or("the number that MoxiWorks names to you").to_owned(),
            link: link.unwrap_or_else(|| "https://admin.google.com/ac/owl/domainwidedelegation".to_owned()),
            scopes: google::scopes_text(),
            ..self
        }
    }

    /// Those of a mailbox alone.
    pub fn of_mailbox(mailbox: &MailAddress) -> Self {
        Self { agent: mailbox.as_str().to_owned(), domain: mailbox.domain().to_string(), ..Self::default() }
    }

    /// The same names for a mailbox out of a list.
    #[must_use]
    pub fn for_one_of_many(self, mailbox: &str) -> Self {
        Self { agent: mailbox.to_owned(), of_a_list: true, ..self }
    }

    fn value(&self, placeholder: &str) -> Option<&str> {
        Some(match placeholder {
            "tenant" => &self.tenant,
            "client" => &self.client,
            "agent" => &self.agent,
            "app_name" => &self.app_name,
            "secret_name" => &self.secret_name,
            "thumbprint" => &self.thumbprint,
            "group" => &self.group,
            "egress" => &self.egress,
            "support" => &self.support,
            "service_account" => &self.service_account,
            "account_name" => &self.account_name,
            "role_group" => &self.role_group,
            "policy" => &self.policy,
            "host" => &self.host,
            "domain" => &self.domain,
            "scopes" => &self.scopes,
            "link" => &self.link,
            "project" => &self.project,
            _ => return None,
        })
    }
}

/// Fills a sentence. What a name brings is put in as it is and never read as a placeholder again; braces that are
/// no placeholder stay. Where a mailbox of a list is told of, none is "the test mailbox".
pub fn fill(text: &str, names: &Names) -> String {
    if names.of_a_list {
        return fill_with(&text.replace("test mailbox", "mailbox"), names, str::to_owned);
    }
    fill_with(text, names, str::to_owned)
}

/// Fills a PowerShell command. Commands hold their placeholders inside single quotes, and a quote within a name is
/// doubled, so that a name can never end the text it stands in.
pub fn fill_command(command: &str, names: &Names) -> String {
    fill_with(command, names, quoted)
}

/// A value for the inside of single quotes in PowerShell: it cannot end them, and holds no control characters.
pub fn quoted(value: &str) -> String {
    let quotes = ['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'];
    value.chars().filter(|c| !c.is_control()).fold(String::new(), |mut out, c| {
        if quotes.contains(&c) {
            out.push(c);
        }
        out.push(c);
        out
    })
}

fn fill_with(text: &str, names: &Names, write: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let found = after.split_once('}').and_then(|(name, tail)| Some((names.value(name)?, tail)));
        match found {
            Some((value, tail)) => {
                out.push_str(&write(value));
                rest = tail;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}
