//! A tenant as it stands: the script with its ids, secrets and mailboxes filled in.

use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};

use super::password::PasswordScript;
use super::script::{
    AppScript, EwsPolicy, MailboxScript, Place, Sending, TenantScript, Uploaded, needed_roles, some_contacts,
};
use super::server::{AccountScript, ExchangeScript, RoleGroupScript};
use super::workspace::Workspace;
use crate::simulator::identity::{stable_guid, stable_password, stable_secret};

/// An organisation of the simulated Microsoft 365.
pub(crate) struct Tenant {
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) id: String,
    pub(crate) script: TenantScript,
    pub(crate) apps: Vec<App>,
    pub(crate) mailboxes: Vec<MailboxScript>,
    /// The office's own Exchange server.
    pub(crate) server: Option<Server>,
    /// The office's Google Workspace.
    pub(crate) google: Option<Workspace>,
    /// Accounts in Microsoft 365 that sign in with a password, and their role groups.
    pub(crate) directory: Option<Server>,
}

/// An Exchange server with its accounts filled in.
pub(crate) struct Server {
    pub(crate) script: ExchangeScript,
    pub(crate) accounts: Vec<Account>,
}

/// A directory account with what it was given.
pub(crate) struct Account {
    pub(crate) script: AccountScript,
    pub(crate) password: String,
    /// When the password ends; none is never.
    pub(crate) password_ends: Option<Timestamp>,
}

/// An app registration with what it was given.
pub(crate) struct App {
    pub(crate) script: AppScript,
    pub(crate) client_id: String,
    /// Of the enterprise application, which the token names.
    pub(crate) object_id: String,
    pub(crate) secret: String,
    pub(crate) secret_expires: Timestamp,
    /// When its certificates count as ended; none is as they say themselves.
    pub(crate) certificates_end: Option<Timestamp>,
}

impl Tenant {
    /// Fills in what the script leaves open; secrets run from `started`.
    pub(crate) fn new(script: TenantScript, started: Timestamp) -> Tenant {
        let name = script.name.get_ref().clone();
        let domain = script.domain.get_ref().clone();
        let id = script.id.as_ref().map(|id| id.get_ref().to_ascii_lowercase());
        let mut apps: Vec<App> = script.app.iter().map(|app| App::new(&name, app.clone(), started)).collect();
        if apps.is_empty() {
            apps.push(App::new(&name, plain_app(), started));
        }
        let mut mailboxes = script.mailbox.clone();
        for local in ["agent", "outside", script.admin.as_str()] {
            if !mailboxes.iter().any(|mailbox| mailbox.name == local) {
                mailboxes.push(plain_mailbox(local));
            }
        }
        for number in 1..=script.agents {
            let local = format!("agent-{number:04}");
            if !mailboxes.iter().any(|mailbox| mailbox.name == local) {
                mailboxes.push(plain_mailbox(&local));
            }
        }
        let server = script.exchange.clone().map(|server| Server::new(&name, server, started));
        let directory = script.password.clone().map(|password| {
            let PasswordScript { account, role_group, .. } = password;
            Server::new(&name, ExchangeScript { account, role_group, ..ExchangeScript::default() }, started)
        });
        for account in server.iter().chain(&directory).flat_map(|server| &server.accounts) {
            if !account.script.without_mailbox {
                mailboxes.push(plain_mailbox(&account.script.name));
            }
        }
        let google = script.google.clone().map(|google| Workspace::new(&domain, google));
        for user in google.iter().flat_map(|google| &google.script.user) {
            if !mailboxes.iter().any(|mailbox| mailbox.name == user.name) {
                mailboxes.push(plain_mailbox(&user.name));
            }
        }
        let id = id.unwrap_or_else(|| stable_guid(&format!("tenant {name}")));
        Tenant { name, domain, id, script, apps, mailboxes, server, google, directory }
    }

    /// The same tenant after everything that was wrong with it has been put right.
    pub(crate) fn healed(mut self) -> Tenant {
        self.script.roles_only = false;
        self.script.denied.clear();
        self.script.agent_blocked = false;
        self.script.policy_blocks = false;
        self.script.refusal = None;
        self.script.fault.clear();
        self.script.ews = EwsPolicy::Allowed;
        if let Some(password) = &mut self.script.password {
            (password.tokens_only, password.answer) = (false, None);
        }
        if let Some(server) = &mut self.server {
            server.heal();
        }
        if let Some(google) = &mut self.google {
            google.heal();
        }
        for mailbox in &mut self.mailboxes {
            mailbox.place = Place::Cloud;
            mailbox.sending = Sending::Allowed;
            mailbox.full = false;
        }
        for app in &mut self.apps {
            app.script.certificates_allowed = true;
            app.script.roles.extend(needed_roles());
            app.script.roles.sort();
            app.script.roles.dedup();
        }
        self
    }

    /// Is it called this: by name, domain or id, without regard to case?
    pub(crate) fn is_called(&self, key: &str) -> bool {
        [&self.name, &self.domain, &self.id].iter().any(|own| own.eq_ignore_ascii_case(key))
    }

    /// Are its mailboxes and its sign-in with Microsoft?
    pub(crate) fn is_in_microsoft_365(&self) -> bool {
        self.server.is_none() && self.google.is_none()
    }

    pub(crate) fn app(&self, client_id: &str) -> Option<&App> {
        self.apps.iter().find(|app| app.script.registered && app.client_id.eq_ignore_ascii_case(client_id))
    }

    /// The account in Microsoft 365 of this login.
    pub(crate) fn cloud_account(&self, login: &str) -> Option<&Account> {
        let (local, domain) = login.rsplit_once('@')?;
        let directory = self.directory.as_ref().filter(|_| domain.eq_ignore_ascii_case(&self.domain))?;
        directory.account(local)
    }

    pub(crate) fn mailbox(&self, address: &str) -> Option<&MailboxScript> {
        let (local, domain) = address.rsplit_once('@')?;
        let here = domain.eq_ignore_ascii_case(&self.domain);
        self.mailboxes.iter().find(|mailbox| here && mailbox.name.eq_ignore_ascii_case(local))
    }

    /// The mailbox that has this address beside its main one.
    pub(crate) fn mailbox_of_alias(&self, address: &str) -> Option<&MailboxScript> {
        let (local, domain) = address.rsplit_once('@')?;
        let here = domain.eq_ignore_ascii_case(&self.domain);
        let named = |alias: &String| alias.eq_ignore_ascii_case(local);
        self.mailboxes.iter().find(|mailbox| here && mailbox.aliases.iter().any(named))
    }

    pub(crate) fn address(&self, local: &str) -> String {
        format!("{local}@{}", self.domain)
    }
}

impl Server {
    fn new(tenant: &str, script: ExchangeScript, started: Timestamp) -> Server {
        let mut script = script;
        if script.account.is_empty() {
            script.account.push(AccountScript {
                name: "moxi.svc".into(),
                title: "MoxiEngage Service".into(),
                ..AccountScript::default()
            });
        }
        if script.role_group.is_empty() {
            let members = script.account.iter().map(|account| account.name.clone()).collect();
            script.role_group.push(RoleGroupScript {
                name: "Impersonation".into(),
                members,
                scope: Vec::new(),
            });
        }
        let account = |script: &AccountScript| Account {
            password: script
                .password
                .clone()
                .unwrap_or_else(|| stable_password(&format!("{tenant} {}", script.name))),
            password_ends: script.password_days.map(|days| days_after(started, days)),
            script: script.clone(),
        };
        let accounts = script.account.iter().map(account).collect();
        Server { script, accounts }
    }

    /// Puts right what a person puts right without a new credential.
    fn heal(&mut self) {
        let right = ExchangeScript::default();
        self.script.challenges = right.challenges;
        self.script.anonymous = right.anonymous;
        self.script.tls = None;
        self.script.dns = None;
        self.script.read_only.clear();
    }

    pub(crate) fn account(&self, name: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.script.name.eq_ignore_ascii_case(name))
    }

    /// The role group through which an account may act for a mailbox, both by their local parts.
    pub(crate) fn may_act(&self, account: &str, mailbox: &str) -> bool {
        let names = |list: &[String], name: &str| list.iter().any(|one| one.eq_ignore_ascii_case(name));
        self.script.role_group.iter().any(|group| {
            names(&group.members, account) && (group.scope.is_empty() || names(&group.scope, mailbox))
        })
    }
}

impl App {
    fn new(tenant: &str, script: AppScript, started: Timestamp) -> App {
        let words = format!("{tenant} {}", script.name);
        App {
            client_id: script.client_id.clone().unwrap_or_else(|| stable_guid(&format!("client {words}"))),
            object_id: stable_guid(&format!("object {words}")),
            secret: script.secret.clone().unwrap_or_else(|| stable_secret(&format!("secret {words}"))),
            secret_expires: days_after(started, script.secret_days),
            certificates_end: script.certificate_days.map(|days| days_after(started, days)),
            script,
        }
    }

    /// The day the admin centre shows as the secret's last.
    pub(crate) fn secret_expires_on(&self) -> civil::Date {
        self.secret_expires.to_zoned(TimeZone::UTC).date()
    }

    /// Does an Exchange role of this app allow `permission` on this mailbox?
    pub(crate) fn reaches(&self, permission: &str, mailbox: &MailboxScript) -> bool {
        let in_scope = self.script.reach.is_empty() || self.script.reach.contains(&mailbox.name);
        in_scope && self.script.exchange_roles.iter().any(|role| covers(role, permission))
    }
}

/// Does a granted permission include the one asked for? Writing includes reading.
pub(crate) fn covers(granted: &str, asked: &str) -> bool {
    granted == asked || asked.strip_suffix(".Read").is_some_and(|stem| granted == format!("{stem}.ReadWrite"))
}

fn days_after(start: Timestamp, days: i32) -> Timestamp {
    start.checked_add((i64::from(days) * 24).hours()).unwrap_or(start)
}

fn plain_app() -> AppScript {
    AppScript {
        name: "MoxiEngage".into(),
        registered: true,
        enabled: true,
        enterprise_application: true,
        public_client: false,
        assignment_required: false,
        consent: true,
        roles: needed_roles(),
        office_roles: Vec::new(),
        exchange_roles: Vec::new(),
        reach: Vec::new(),
        client_id: None,
        secret: None,
        secret_days: 608,
        certificate: Uploaded::Nothing,
        certificate_days: None,
        certificates_allowed: true,
    }
}

fn plain_mailbox(local: &str) -> MailboxScript {
    MailboxScript {
        name: local.into(),
        aliases: Vec::new(),
        place: Place::Cloud,
        licensed: true,
        full: false,
        sending: Sending::Allowed,
        contacts: some_contacts(),
    }
}
