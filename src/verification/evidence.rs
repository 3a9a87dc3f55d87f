//! What a call showed. These types cannot hold a secret: every text in them has passed through a [`Scrub`].

use std::time::Duration;

use crate::net::Failure;

/// What one step has to show when it did not simply work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// No answer came.
    Lost(Failure),
    /// An answer came that is not the one that proves the step.
    Shown(Box<Shown>),
    /// The time of the whole check was over.
    OutOfTime,
    /// The answer was good and what it said is not.
    Found(Finding),
    /// The sign-in may not be tried now.
    Paused,
}

/// What good answers may say that is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// The token is for another tenant or app than the form says.
    OtherIdentity,
    /// The token is for another service.
    OtherAudience,
    /// The token stands for a person.
    NotAnApp,
    /// The tenant is in a cloud whose hosts we have not.
    OtherCloud,
    /// The tenant is not the one that owns the domain to which checks are bound.
    ForeignTenant,
    /// The list of changes does not show what was written.
    NotListed,
    /// What was written could not be removed.
    LeftBehind,
    /// What was written was gone before it was removed.
    ItemGone,
    /// The token carries permissions that are not needed.
    ExcessPermissions,
    /// A mailbox opened that must be refused.
    ScopeOpen,
    /// The secret ends within 60 days.
    ExpiresSoon,
    /// The certificate of the app ends within 60 days.
    OwnCertificateEndsSoon,
    /// The password ends within 30 days.
    PasswordEndsSoon,
    /// A password was refused that holds letters beyond plain ASCII.
    ForeignLetters,
    /// The server's certificate ends within 30 days.
    CertificateEndsSoon,
    /// Only the old ways of encrypting are in common.
    LegacyEncryption,
    /// The service account may not act as itself.
    OutsideGroup,
    /// The service account has no mailbox.
    NoOwnMailbox,
    /// Autodiscover: nothing answered.
    NothingFound,
    /// Autodiscover: the domain itself has a web site that knows nothing of it.
    RootIsWebSite,
    /// Autodiscover: led in a circle, or through too many places.
    RedirectLoop,
    /// Autodiscover: led to a host of another domain.
    OtherDomain,
    /// Autodiscover: a server was found, and nothing says that the password may go there.
    NotAgreed,
    /// Autodiscover: led to a place without encryption.
    InsecureRedirect,
    /// Autodiscover: the server knows no such address.
    UnknownAddress,
    /// Autodiscover: the server names no EWS.
    NoEwsUrl,
    /// Autodiscover: the server names only an EWS for inside.
    InternalUrlOnly,
    /// Autodiscover: an alias leads to a host with a certificate for other names.
    AliasCertificate,
    /// The mailbox is in Microsoft 365.
    InCloud,
    /// The server is not one of the domain to which checks are bound.
    ForeignServer,
    /// EWS ends soon in Microsoft 365.
    EwsEnds,
    /// We have no service account of our own to sign in with.
    NoOwnKey,
}

impl Finding {
    /// All of them.
    #[cfg(test)]
    pub const ALL: &[Self] = &[
        Self::OtherIdentity,
        Self::OtherAudience,
        Self::NotAnApp,
        Self::OtherCloud,
        Self::ForeignTenant,
        Self::NotListed,
        Self::LeftBehind,
        Self::ItemGone,
        Self::ExcessPermissions,
        Self::ScopeOpen,
        Self::ExpiresSoon,
        Self::OwnCertificateEndsSoon,
        Self::PasswordEndsSoon,
        Self::ForeignLetters,
        Self::CertificateEndsSoon,
        Self::LegacyEncryption,
        Self::OutsideGroup,
        Self::NoOwnMailbox,
        Self::NothingFound,
        Self::RootIsWebSite,
        Self::RedirectLoop,
        Self::OtherDomain,
        Self::NotAgreed,
        Self::InsecureRedirect,
        Self::UnknownAddress,
        Self::NoEwsUrl,
        Self::InternalUrlOnly,
        Self::AliasCertificate,
        Self::InCloud,
        Self::ForeignServer,
        Self::EwsEnds,
        Self::NoOwnKey,
    ];

    /// Whether it is worth a word and fails nothing.
    pub const fn warns(self) -> bool {
        matches!(
            self,
            Self::NotListed
                | Self::LeftBehind
                | Self::ItemGone
                | Self::RootIsWebSite
                | Self::ExcessPermissions
                | Self::ScopeOpen
                | Self::ExpiresSoon
                | Self::OwnCertificateEndsSoon
                | Self::PasswordEndsSoon
                | Self::ForeignLetters
                | Self::CertificateEndsSoon
                | Self::LegacyEncryption
                | Self::OutsideGroup
                | Self::NoOwnMailbox
                | Self::EwsEnds
        )
    }
}

/// What an answer on the way to EWS may have about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trait {
    /// Exchange itself answered.
    Exchange,
    /// An envelope of SOAP.
    Soap,
    /// XML that is no envelope of EWS.
    Xml,
    /// XML with far more in it than an honest answer has.
    Beyond,
    /// A web page.
    Html,
    /// A web page that asks for a password.
    LoginForm,
    /// Nothing.
    Empty,
    /// The server offers some way to sign in.
    Challenge,
    /// It offers Basic.
    Basic,
    /// It offers Windows authentication.
    Windows,
    /// It offers tokens only.
    OnlyBearer,
    /// Leads to a login form.
    ToForms,
    /// Leads to a federation service.
    ToFederation,
    /// Leads to a gateway's policy page.
    ToGateway,
    /// Leads to a gateway that is set up wrongly.
    ToPortal,
    /// Leads to Exchange's own page for trouble.
    ToErrorPage,
    /// Leads to EWS on another host.
    ToOtherHost,
    /// A firewall or delivery service in front answered.
    Wall,
    /// Windows answered for a web application that does not run.
    HttpSys,
    /// The web application does not start.
    AppBroken,
    /// Exchange's front end could not pass it on.
    FrontEnd,
    /// A proxy does not know the host's name.
    HostUnknown,
    /// The rule about encryption disagrees with what stands in front.
    SslRule,
    /// A certificate of ours is demanded.
    ClientCertificate,
    /// The address that we come from is not let in.
    AddressRejected,
    /// A provider of hosted Exchange answered.
    Hoster,
    /// The line is missing by which the mailbox's server is found.
    NoAnchor,
    /// The account is locked.
    LockedOut,
    /// EWS is off for the tenant or the mailbox.
    EwsOff,
    /// EWS is on, and this app is not on the list.
    AppNotListed,
    /// The account has to sign in with more than its password.
    AppPassword,
    /// A policy of the tenant refuses passwords over Basic authentication.
    BasicBlocked,
    /// The tenant's own sign-in server does not answer the provider.
    FederationSilent,
    /// A policy of the tenant refuses this sign-in.
    ConditionalAccess,
}

/// An answer, reduced to what diagnosis and people need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// The HTTP status.
    pub status: u16,
    /// Error codes, from the outermost to the innermost.
    pub codes: Vec<String>,
    /// Numbers of the sign-in service, or of what Exchange says of a token.
    pub aad: Vec<u32>,
    /// The server's own words, cleaned and shortened.
    pub words: Option<String>,
    /// Who wrote it, and what it has about it.
    pub traits: Vec<Trait>,
    /// Phrases that rules look for and that stood in the server's words before they were shortened.
    pub phrases: Vec<&'static str>,
    /// Whether the answer demands a token that satisfies further claims.
    pub claims_challenge: bool,
    /// How long the server asks to wait, capped.
    pub retry_after: Option<Duration>,
    /// Labels and values for people: request ids, trace ids, times.
    pub marks: Vec<(&'static str, String)>,
}
