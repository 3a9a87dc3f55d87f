//! What a scenario text may say: tenants as TOML tables, every field with its usual value.

use serde::Deserialize;
use toml::Spanned;

use crate::simulator::clouds::Cloud;
use crate::simulator::faults::Fault;
use crate::simulator::operation::Operation;
use crate::simulator::world::password::PasswordScript;
use crate::simulator::world::server::ExchangeScript;
use crate::simulator::world::workspace::GoogleScript;

/// A whole scenario text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Script {
    #[serde(default)]
    pub(crate) tenant: Vec<TenantScript>,
}

/// One tenant, and the sample credential that shows it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantScript {
    pub(crate) name: Spanned<String>,
    pub(crate) title: String,
    pub(crate) domain: Spanned<String>,
    pub(crate) company: String,
    pub(crate) person: String,
    /// Local part of the brokerage admin's address.
    #[serde(default = "office")]
    pub(crate) admin: String,
    pub(crate) id: Option<Spanned<String>>,
    #[serde(default = "yes")]
    pub(crate) exists: bool,
    #[serde(default)]
    pub(crate) cloud: Cloud,
    #[serde(default)]
    pub(crate) graph: Service,
    /// Does the tenant take application access only through Exchange roles?
    #[serde(default)]
    pub(crate) roles_only: bool,
    /// An old application access policy denies these mailboxes (local parts), whatever was consented.
    #[serde(default)]
    pub(crate) denied: Vec<String>,
    /// EWS is off for these mailboxes alone (local parts).
    #[serde(default)]
    pub(crate) ews_off: Vec<String>,
    /// The user agent rules of the organisation refuse us.
    #[serde(default)]
    pub(crate) agent_blocked: bool,
    /// A conditional access policy for workload identities blocks us.
    #[serde(default)]
    pub(crate) policy_blocks: bool,
    /// Every sickness of the tenant ends some time after its first request.
    #[serde(default)]
    pub(crate) heals: bool,
    /// The sign-in service refuses with this, whatever is asked.
    pub(crate) refusal: Option<RefusalScript>,
    /// Does Exchange Online answer EWS calls of ours?
    #[serde(default)]
    pub(crate) ews: EwsPolicy,
    /// The office's own Exchange server; a tenant that has one is not in Microsoft 365.
    pub(crate) exchange: Option<ExchangeScript>,
    /// The office's Google Workspace; a tenant that has one is not in Microsoft 365.
    pub(crate) google: Option<GoogleScript>,
    /// Accounts in Microsoft 365 that sign in with a password.
    pub(crate) password: Option<PasswordScript>,
    #[serde(default)]
    pub(crate) app: Vec<AppScript>,
    #[serde(default)]
    pub(crate) mailbox: Vec<MailboxScript>,
    /// So many more agents with a plain mailbox each: `agent-0001` and on.
    #[serde(default)]
    pub(crate) agents: usize,
    #[serde(default)]
    pub(crate) fault: Vec<FaultScript>,
    pub(crate) sample: Option<SampleScript>,
}

/// Does the organisation have the mailbox service?
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Service {
    #[default]
    Available,
    /// The service was never switched on in the tenant.
    Missing,
    /// There is no subscription for it.
    NotSubscribed,
}

/// What the organisation has decided about EWS in Exchange Online.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EwsPolicy {
    /// Switched off, as it is where nobody has decided anything.
    #[default]
    Disabled,
    /// On, and our app is not on the list.
    NotListed,
    /// On, and our app is on the list.
    Allowed,
}

/// An answer of the sign-in service in its own words.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefusalScript {
    pub(crate) code: u32,
    #[serde(default = "bad_request")]
    pub(crate) status: u16,
    pub(crate) error: String,
    pub(crate) text: String,
}

/// Which certificate lies with an app when the simulator starts.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Uploaded {
    #[default]
    Nothing,
    /// The one that samples are tried with.
    Own,
    /// Another one.
    Other,
}

/// An app registration with its one secret and its certificates.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AppScript {
    pub(crate) name: String,
    #[serde(default = "yes")]
    pub(crate) registered: bool,
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    #[serde(default = "yes")]
    pub(crate) enterprise_application: bool,
    #[serde(default)]
    pub(crate) public_client: bool,
    #[serde(default)]
    pub(crate) assignment_required: bool,
    #[serde(default = "yes")]
    pub(crate) consent: bool,
    /// Application permissions with consent, as the token's `roles` will hold them.
    #[serde(default = "needed_roles")]
    pub(crate) roles: Vec<String>,
    /// Application permissions of Exchange Online with consent, for tokens that are for it.
    #[serde(default)]
    pub(crate) office_roles: Vec<String>,
    /// Exchange roles assigned, without their prefix `Application `.
    #[serde(default)]
    pub(crate) exchange_roles: Vec<String>,
    /// Mailboxes (local parts) the Exchange roles reach; empty is all.
    #[serde(default)]
    pub(crate) reach: Vec<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) secret: Option<String>,
    /// Days from the start until the secret expires; negative is in the past.
    #[serde(default = "twenty_months")]
    pub(crate) secret_days: i32,
    #[serde(default)]
    pub(crate) certificate: Uploaded,
    /// Days from the start until the app's certificates count as ended, whatever stands in them.
    pub(crate) certificate_days: Option<i32>,
    /// Does a policy of the tenant allow the app's certificates?
    #[serde(default = "yes")]
    pub(crate) certificates_allowed: bool,
}

/// Where a mailbox is and what it takes.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailboxScript {
    /// Local part of the address.
    pub(crate) name: String,
    /// Local parts of further addresses.
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
    #[serde(default)]
    pub(crate) place: Place,
    #[serde(default = "yes")]
    pub(crate) licensed: bool,
    #[serde(default)]
    pub(crate) full: bool,
    #[serde(default)]
    pub(crate) sending: Sending,
    #[serde(default = "some_contacts")]
    pub(crate) contacts: usize,
}

/// Where a mailbox is.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    #[default]
    Cloud,
    /// The account exists, the mailbox is not usable (yet).
    NotProvisioned,
    OnPremises,
    /// On the office's own server as well, of which only autodiscover knows: the account itself looks like one whose
    /// mailbox is not ready.
    Hybrid,
    /// Nobody of that name.
    Nowhere,
}

/// What happens to mail of a mailbox.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sending {
    #[default]
    Allowed,
    Blocked,
    /// Accepts messages without recipients, which no real server does: what a check must raise an alarm about.
    Alarm,
}

/// A fault that belongs to a tenant.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultScript {
    pub(crate) operation: Operation,
    pub(crate) fault: Fault,
    /// How often; 0 is always.
    #[serde(default)]
    pub(crate) times: u32,
}

/// The credential that shows this tenant, and what a check should make of it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SampleScript {
    /// The access kind; by default the one that the tenant is made for.
    pub(crate) kind: Option<Kind>,
    pub(crate) verdict: Verdict,
    pub(crate) cause: Option<String>,
    /// The app whose ids are typed; the first by default.
    pub(crate) app: Option<String>,
    /// Local part of the test mailbox.
    #[serde(default = "agent")]
    pub(crate) mailbox: String,
    /// Typed instead of the tenant's id: `mistyped` stands for an id that no tenant has. The second credential has the
    /// right one.
    pub(crate) typed_tenant: Option<String>,
    /// Typed instead of the app's secret.
    pub(crate) typed_secret: Option<String>,
    /// The app of the second, good credential.
    pub(crate) second: Option<String>,
    /// A mailbox (local part) with which the same credential would pass.
    pub(crate) other_mailbox: Option<String>,
    /// A mailbox (local part) that must be refused.
    pub(crate) outside: Option<String>,
    /// The service account that is typed; the first by default.
    pub(crate) account: Option<String>,
    /// The service account of the second, good credential.
    pub(crate) second_account: Option<String>,
    /// Typed instead of the account's password.
    pub(crate) typed_password: Option<String>,
    /// Entered instead of the good key file: `oauth_client`, `authorized_user`, `other_token_uri`, `truncated` or
    /// `broken_key`.
    pub(crate) typed_key: Option<String>,
    /// Is the login typed in the older form, domain first?
    #[serde(default)]
    pub(crate) older_login: bool,
    /// Is the URL left to autodiscover?
    #[serde(default)]
    pub(crate) without_url: bool,
    /// Is the fingerprint of the certificate typed?
    #[serde(default)]
    pub(crate) pinned: bool,
}

/// An access kind that samples are made for.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    GraphCertificate,
    GraphSecret,
    EwsSecret,
    ExchangeBasic,
    GoogleDelegated,
    GoogleKey,
    Microsoft365Password,
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::GraphCertificate => "graph_certificate",
            Kind::GraphSecret => "graph_secret",
            Kind::EwsSecret => "ews_secret",
            Kind::ExchangeBasic => "exchange_basic",
            Kind::GoogleDelegated => "google_delegated",
            Kind::GoogleKey => "google_key",
            Kind::Microsoft365Password => "microsoft365_password",
        }
    }
}

/// What a check comes to.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Passed,
    PassedWithWarnings,
    Failed,
    WaitingForProvider,
    CouldNotTell,
}

impl Verdict {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::PassedWithWarnings => "passed_with_warnings",
            Verdict::Failed => "failed",
            Verdict::WaitingForProvider => "waiting_for_provider",
            Verdict::CouldNotTell => "could_not_tell",
        }
    }
}

fn yes() -> bool {
    true
}
fn office() -> String {
    "office".into()
}
fn agent() -> String {
    "agent".into()
}
fn bad_request() -> u16 {
    400
}
fn twenty_months() -> i32 {
    608
}
pub(crate) fn some_contacts() -> usize {
    12
}
pub(crate) fn needed_roles() -> Vec<String> {
    ["Contacts.ReadWrite", "Calendars.ReadWrite", "Mail.Send", "MailboxSettings.Read"]
        .map(String::from)
        .to_vec()
}
