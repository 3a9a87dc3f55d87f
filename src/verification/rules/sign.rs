//! Signs, the scene they are looked for in, and what good answers may say that is not good.

use crate::verification::{
    evidence::{Finding, Shown, Trait},
    step::StepId,
};

/// One thing to look at.
#[derive(Debug, Clone, Copy)]
pub enum Sign {
    /// It happened in one of these steps.
    On(&'static [StepId]),
    /// The status is one of these.
    Status(&'static [u16]),
    /// One of these error codes is in the answer, on any level.
    Code(&'static [&'static str]),
    /// One of these numbers of the sign-in service is in the answer.
    Aad(&'static [u32]),
    /// The answer has this about it.
    Is(Trait),
    /// The answer has nothing of this about it.
    Not(Trait),
    /// The answer holds an error code that no rule before knows.
    SomeCode,
    /// Microsoft 365 says that the mailbox is there (or is not). Never holds when it was not asked.
    Hosted(bool),
    /// The service has ended by now.
    Retired,
    /// The app proves itself with a certificate.
    Certified,
    /// The credential was accepted before, in the same check.
    Proven,
    /// The login is written with the domain first.
    OlderLogin,
    /// This phrase of [`PHRASES`] is in the server's words.
    Says(&'static str),
    /// The answer demands further claims.
    ClaimsChallenge,
    /// The token is readable and lacks the permission this step needs.
    RoleAbsent,
    /// What signs in is our own, and ours to mend.
    Ours,
    /// What opened belongs to the service account that signed in.
    Itself,
    /// Another step that reads the mailbox, or asks for a part of it, worked.
    OthersOpened,
    /// The directory shows (or does not show) a licence. Never holds when the directory was not read.
    Licensed(bool),
}

/// Signs and the cause they point to.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The cause.
    pub cause: &'static str,
    /// All of them must hold.
    pub signs: &'static [Sign],
}

/// Whose answer is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The sign-in service of Microsoft 365.
    SignIn,
    /// Graph.
    Graph,
    /// EWS of a server that a customer named.
    Exchange,
    /// EWS of Exchange Online.
    ExchangeOnline,
    /// The place where Google's service accounts sign in.
    GoogleToken,
    /// Google's interfaces.
    Google,
    /// The sign-in service of Microsoft 365, asked with the password of a service account.
    Password,
    /// EWS of Exchange Online, asked as a service account.
    AccountOnline,
}

impl Speaker {
    /// All of them.
    #[cfg(test)]
    pub const ALL: &[Self] = &[
        Self::SignIn,
        Self::Graph,
        Self::Exchange,
        Self::ExchangeOnline,
        Self::GoogleToken,
        Self::Google,
        Self::Password,
        Self::AccountOnline,
    ];
}

/// What is known around the answer that is judged.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The step it belongs to.
    pub step: StepId,
    /// Whose answer it is.
    pub speaker: Speaker,
    /// Permissions of which one is enough for the step, the one that the guide names first.
    pub needs: &'static [&'static str],
    /// The permissions in the token, where it could be read.
    pub roles: Option<&'a [String]>,
    /// Whether another step that reads the mailbox, or asks for a part of it, worked.
    pub opened: bool,
    /// Whether what signs in is our own.
    pub ours: bool,
    /// Whether what opened belongs to the service account that signed in, and not to the test mailbox.
    pub itself: bool,
    /// Whether the credential was accepted before.
    pub proven: bool,
    /// Whether the login is written with the domain first.
    pub older_login: bool,
    /// Whether the mailbox is in Microsoft 365, where Microsoft 365 tells.
    pub hosted: Option<bool>,
    /// Whether the day is over on which the service ends.
    pub retired: bool,
    /// Whether the app proves itself with a certificate.
    pub certified: bool,
    /// Whether the account has a licence, where the directory could be read.
    pub licensed: Option<bool>,
}

/// Every phrase a rule may look for, in lower case. Words are matched only where no code tells causes apart.
pub const PHRASES: &[&str] = &[
    "[raop]",
    "apponly accesspolicy",
    "access to odata is disabled",
    "conditional access",
    "key used is expired",
    // Google tells many causes by one code.
    "invalid email or user id",
    "the account has been deleted",
    "invalid impersonation",
    "reasonable timeframe",
    "invalid jwt signature",
    "no valid verifier",
    "account not found",
    "reauth related error",
    "mail service not enabled",
    "precondition check failed",
    "delegation denied",
    "recipient address required",
];

/// A rule.
pub const fn rule(cause: &'static str, signs: &'static [Sign]) -> Rule {
    Rule { cause, signs }
}

/// For what good answers say.
pub const fn finding(finding: Finding) -> &'static str {
    match finding {
        Finding::OtherIdentity => "token_mismatch",
        Finding::OtherAudience => "graph_token_rejected",
        Finding::NotAnApp => "token_not_app",
        Finding::OtherCloud => "national_cloud",
        Finding::ForeignTenant => "tenant_of_others",
        Finding::NotListed => "change_feed_lag",
        Finding::LeftBehind => "test_item_left_behind",
        Finding::ItemGone => "item_gone",
        Finding::ScopeOpen => "scope_not_effective",
        Finding::ExcessPermissions => "excess_permissions",
        Finding::ExpiresSoon => "client_secret_expires_soon",
        Finding::OwnCertificateEndsSoon => "client_certificate_expires_soon",
        Finding::PasswordEndsSoon => "password_expires_soon",
        Finding::ForeignLetters => "form_password_non_ascii",
        Finding::CertificateEndsSoon => "tls_cert_expires_soon",
        Finding::LegacyEncryption => "tls_legacy_ciphers",
        Finding::OutsideGroup => "service_account_outside_group",
        Finding::NoOwnMailbox => "service_account_no_mailbox",
        Finding::NothingFound => "autodiscover_nothing_found",
        Finding::RootIsWebSite => "autodiscover_root_is_website",
        Finding::RedirectLoop => "autodiscover_redirect_loop",
        Finding::OtherDomain => "autodiscover_redirect_other_domain",
        Finding::NotAgreed => "autodiscover_not_agreed",
        Finding::InsecureRedirect => "autodiscover_insecure_redirect",
        Finding::UnknownAddress => "autodiscover_unknown_address",
        Finding::NoEwsUrl => "autodiscover_no_ews_url",
        Finding::InternalUrlOnly => "autodiscover_internal_url_only",
        Finding::AliasCertificate => "autodiscover_cname_certificate",
        Finding::InCloud => "mailbox_in_cloud",
        Finding::ForeignServer => "server_of_others",
        Finding::EwsEnds => "ews_retirement",
        Finding::NoOwnKey => "google_our_setup",
    }
}

impl Scene<'_> {
    /// A step that stands for itself.
    pub const fn of(speaker: Speaker, step: StepId) -> Self {
        Self {
            step,
            speaker,
            needs: &[],
            roles: None,
            opened: false,
            ours: false,
            itself: false,
            proven: false,
            older_login: false,
            hosted: None,
            retired: false,
            certified: false,
            licensed: None,
        }
    }

    /// Whether the token is readable and lacks what the step needs.
    fn lacks_role(&self) -> bool {
        let enough = |role: &String| self.needs.contains(&role.as_str());
        !self.needs.is_empty() && self.roles.is_some_and(|roles| !roles.iter().any(enough))
    }
}

impl Rule {
    /// Whether all signs hold.
    pub fn holds(&self, shown: &Shown, scene: &Scene<'_>) -> bool {
        self.signs.iter().all(|sign| sign.holds(shown, scene))
    }
}

impl Sign {
    fn holds(&self, shown: &Shown, scene: &Scene<'_>) -> bool {
        match *self {
            Self::On(steps) => steps.contains(&scene.step),
            Self::Status(statuses) => statuses.contains(&shown.status),
            Self::Code(codes) => shown.codes.iter().any(|code| codes.contains(&code.as_str())),
            // An empty list asks for an answer without any number.
            Self::Aad([]) => shown.aad.is_empty(),
            Self::Aad(numbers) => shown.aad.iter().any(|number| numbers.contains(number)),
            Self::Is(wanted) => shown.traits.contains(&wanted),
            Self::Not(unwanted) => !shown.traits.contains(&unwanted),
            Self::Proven => scene.proven,
            Self::OlderLogin => scene.older_login,
            Self::Hosted(wanted) => scene.hosted == Some(wanted),
            Self::Retired => scene.retired,
            Self::Certified => scene.certified,
            Self::SomeCode => !shown.codes.is_empty(),
            Self::Says(phrase) => shown.phrases.contains(&phrase),
            Self::ClaimsChallenge => shown.claims_challenge,
            Self::RoleAbsent => scene.lacks_role(),
            Self::Ours => scene.ours,
            Self::Itself => scene.itself,
            Self::OthersOpened => scene.opened,
            Self::Licensed(wanted) => scene.licensed == Some(wanted),
        }
    }
}
