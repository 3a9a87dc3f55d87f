//! What earlier attempts left behind on the office's side: only what those attempts really named, and only what the
//! present one does not use. Each has the place where it is removed, and the command that asks before it removes it.

use super::{
    answers::{Answers, field},
    app::AppSettings,
    cause::quoted,
    credential::CredentialSettings,
    kind::AccessKind,
    shell,
    text::fold,
};

/// What sort of thing was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Thing {
    /// A role group that carried the right to act for agents.
    RoleGroup,
    /// A service account.
    ServiceAccount,
    /// A client secret in an app that is still used.
    ClientSecret,
    /// A certificate of ours in an app that is still used.
    Certificate,
    /// An app registration.
    App,
    /// A key of a Google service account that is still used.
    GoogleKey,
    /// A Google service account.
    GoogleAccount,
}

impl Thing {
    /// Every sort.
    pub const ALL: &[Self] = &[
        Self::RoleGroup,
        Self::ServiceAccount,
        Self::ClientSecret,
        Self::Certificate,
        Self::App,
        Self::GoogleKey,
        Self::GoogleAccount,
    ];

    /// The word in forms and in the table of ticks.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RoleGroup => "role-group",
            Self::ServiceAccount => "service-account",
            Self::ClientSecret => "client-secret",
            Self::Certificate => "certificate",
            Self::App => "app",
            Self::GoogleKey => "google-key",
            Self::GoogleAccount => "google-account",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|thing| thing.as_str() == word)
    }

    /// What pages call it, before its name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::RoleGroup => "Role group",
            Self::ServiceAccount => "Service account",
            Self::ClientSecret => "Client secret",
            Self::Certificate => "Certificate",
            Self::App => "App registration",
            Self::GoogleKey => "Key",
            Self::GoogleAccount => "Service account",
        }
    }
}

/// Something that an earlier attempt left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// The attempt that named it, the latest where several did.
    pub attempt: i64,
    /// What it is.
    pub thing: Thing,
    /// What the office called it.
    pub name: String,
    /// Where it is removed with clicks.
    pub place: String,
    /// Where the command runs, and the command: it shows the thing first and asks before it removes it.
    pub command: Option<(&'static str, String)>,
}

/// A thing that an attempt named, with the key by which it is known again.
struct Named {
    thing: Thing,
    key: String,
    name: String,
    place: String,
    command: Option<(&'static str, String)>,
}

/// What is still used, by which left-overs are told from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InUse(Vec<(Thing, String)>);

impl InUse {
    /// The same, and what these settings name.
    #[must_use]
    pub fn and(mut self, settings: &CredentialSettings) -> Self {
        self.0.extend(named(settings).into_iter().map(|named| (named.thing, named.key)));
        self
    }

    /// The same, and what was typed for an attempt to come.
    #[must_use]
    pub fn and_typed(mut self, answers: &Answers) -> Self {
        let text = |field| answers.text(field).trim();
        let client = fold(text(field::CLIENT_ID));
        let typed = [
            (Thing::App, client.clone()),
            (Thing::ClientSecret, of_app(&client, text(field::SECRET_NAME))),
            (Thing::ServiceAccount, fold(text(field::SERVICE_ACCOUNT))),
            (Thing::RoleGroup, fold(text(field::ROLE_GROUP))),
        ];
        self.0.extend(typed);
        let account = answers.sealed_account();
        self.0.extend(account.iter().flat_map(|account| {
            [
                (Thing::GoogleAccount, fold(&account.email)),
                (Thing::GoogleKey, of_app(&fold(&account.email), &account.key_id)),
            ]
        }));
        self
    }

    fn has(&self, thing: Thing, key: &str) -> bool {
        self.0.iter().any(|(known, held)| *known == thing && held == key)
    }
}

/// What these earlier attempts left, beside what is still used: the latest attempt first, each thing once.
pub fn leftovers<'a>(
    earlier: impl IntoIterator<Item = (i64, &'a CredentialSettings)>,
    used: &InUse,
) -> Vec<Leftover> {
    let mut earlier: Vec<_> = earlier.into_iter().collect();
    earlier.sort_by_key(|(attempt, _)| std::cmp::Reverse(*attempt));
    let (mut seen, mut left) = (Vec::new(), Vec::new());
    for (attempt, settings) in earlier {
        let things = named(settings);
        // What stands in an app that goes away goes with it.
        let gone = |outer: Thing| {
            things.iter().any(|named| named.thing == outer && !used.has(named.thing, &named.key))
        };
        let (app, account) = (gone(Thing::App), gone(Thing::GoogleAccount));
        for named in things {
            let inner = match named.thing {
                Thing::ClientSecret | Thing::Certificate => app,
                Thing::GoogleKey => account,
                _ => false,
            };
            let key = (named.thing, named.key);
            if inner || used.has(key.0, &key.1) || seen.contains(&key) {
                continue;
            }
            seen.push(key);
            let Named { thing, name, place, command, .. } = named;
            let own_server = matches!(settings, CredentialSettings::ExchangeBasic(_));
            let command = command.map(|(shell, text)| (shell, shell::before(&text, own_server) + &text));
            left.push(Leftover { attempt, thing, name, place, command });
        }
    }
    left
}

fn of_app(app: &str, inner: &str) -> String {
    format!("{app}/{}", fold(inner))
}

fn named(settings: &CredentialSettings) -> Vec<Named> {
    match settings {
        CredentialSettings::ExchangeBasic(_) | CredentialSettings::Microsoft365Password(_) => {
            of_account(settings)
        }
        CredentialSettings::GraphCertificate(app) | CredentialSettings::GraphSecret(app) => app_things(app),
        CredentialSettings::EwsSecret(ews) => app_things(&ews.app),
        // The delegation goes to our own number: there is nothing that the office named.
        CredentialSettings::GoogleDelegated(_) => Vec::new(),
        CredentialSettings::GoogleKey(settings) => {
            let account = &settings.account;
            let email = fold(&account.email);
            let place = format!(
                "console.cloud.google.com > IAM & Admin > Service Accounts, project {}",
                account.project
            );
            vec![
                Named {
                    thing: Thing::GoogleKey,
                    key: of_app(&email, &account.key_id),
                    name: account.key_id.clone(),
                    place: format!("{place} > {} > Keys", account.email),
                    command: None,
                },
                Named {
                    thing: Thing::GoogleAccount,
                    key: email,
                    name: account.email.clone(),
                    place: format!(
                        "{place}. Then admin.google.com > Security > API controls > Manage domain-wide delegation: remove {}",
                        account.client_id
                    ),
                    command: None,
                },
            ]
        }
    }
}

fn of_account(settings: &CredentialSettings) -> Vec<Named> {
    let Some((login, names)) = settings.service_account() else { return Vec::new() };
    let cloud = settings.kind() == AccessKind::Microsoft365Password;
    let (group, account) = (quoted(names.role_group.as_str()), quoted(login.as_str()));
    let shell = if cloud { "Exchange Online PowerShell" } else { "Exchange Management Shell" };
    let (roles, people) = if cloud {
        ("admin.exchange.microsoft.com > Roles > Admin roles", "admin.microsoft.com > Users > Active users")
    } else {
        (
            "Exchange admin center > permissions > admin roles",
            "Exchange admin center > recipients > mailboxes",
        )
    };
    let remove_account = if cloud {
        (
            "Microsoft Graph PowerShell",
            format!(
                "Get-MgUser -UserId '{account}' | Format-List DisplayName, UserPrincipalName\nRemove-MgUser -UserId '{account}' -Confirm"
            ),
        )
    } else {
        (
            shell,
            format!(
                "Get-Mailbox '{account}' | Format-List DisplayName, UserPrincipalName\nRemove-Mailbox '{account}' -Confirm"
            ),
        )
    };
    vec![
        Named {
            thing: Thing::RoleGroup,
            key: names.role_group.key(),
            name: names.role_group.as_str().to_owned(),
            place: roles.to_owned(),
            command: Some((
                shell,
                format!(
                    "Get-RoleGroup '{group}' | Format-List Name, Roles, Members\nRemove-RoleGroup '{group}' -BypassSecurityGroupManagerCheck -Confirm"
                ),
            )),
        },
        Named {
            thing: Thing::ServiceAccount,
            key: fold(login.as_str()),
            name: format!("{} ({})", names.account, login.as_str()),
            place: people.to_owned(),
            command: Some(remove_account),
        },
    ]
}

fn app_things(app: &AppSettings) -> Vec<Named> {
    const SHELL: &str = "Microsoft Graph PowerShell";
    let client = fold(app.client_id.as_str());
    let find = format!("$app = Get-MgApplication -Filter \"appId eq '{client}'\"");
    let all = "entra.microsoft.com > Entra ID > App registrations > All applications";
    let inside = format!("{all} > {} > Certificates & secrets", app.names.app);
    let mut things = Vec::new();
    if let Some(secret) = &app.names.secret {
        let name = quoted(secret.as_str());
        things.push(Named {
            thing: Thing::ClientSecret,
            key: of_app(&client, secret.as_str()),
            name: secret.as_str().to_owned(),
            place: format!("{inside} > Client secrets"),
            command: Some((
                SHELL,
                format!(
                    "{find}\n$old = $app.PasswordCredentials | Where-Object DisplayName -eq '{name}'\n$old | Format-List DisplayName, EndDateTime\n$old | ForEach-Object {{ Remove-MgApplicationPassword -ApplicationId $app.Id -KeyId $_.KeyId -Confirm }}"
                ),
            )),
        });
    }
    if let Some(certificate) = app.certificate() {
        things.push(Named {
            thing: Thing::Certificate,
            key: of_app(&client, &certificate.thumbprint),
            name: certificate.thumbprint.clone(),
            place: format!("{inside} > Certificates"),
            command: None,
        });
    }
    things.push(Named {
        thing: Thing::App,
        name: format!("{} ({})", app.names.app, app.client_id.as_str()),
        key: client,
        place: format!("{all} > {} > Delete", app.names.app),
        command: Some((
            SHELL,
            format!(
                "{find}\n$app | Format-List DisplayName, AppId\n$app | ForEach-Object {{ Remove-MgApplication -ApplicationId $_.Id -Confirm }}"
            ),
        )),
    });
    things
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: &str = "5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11";
    const OTHER: &str = "9c1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d12";

    fn settings(json: &str) -> CredentialSettings {
        serde_json::from_str(json).expect("settings")
    }

    fn graph(app: &str, client: &str, secret: &str) -> CredentialSettings {
        settings(&format!(
            r#"{{"kind":"graph_secret","tenant":{{"domain":"lakeshore.example"}},"client_id":"{client}","secret_expires_on":"2028-11-21","test_mailbox":"pat@lakeshore.example","names":{{"app":"{app}","secret":"{secret}"}}}}"#
        ))
    }

    fn server(login: &str, group: &str) -> CredentialSettings {
        settings(&format!(
            r#"{{"kind":"exchange_basic","service_account":"{login}","ews_url":null,"certificate":null,"test_mailbox":"pat@lakeshore.example","names":{{"account":"MoxiEngage Service","role_group":"{group}"}}}}"#
        ))
    }

    fn told(left: &[Leftover]) -> Vec<(i64, Thing, &str)> {
        left.iter().map(|one| (one.attempt, one.thing, one.name.as_str())).collect()
    }

    #[test]
    fn a_new_app_leaves_the_old_one_and_a_kept_one_only_its_secret() {
        let first = graph("MoxiEngage", CLIENT, "Engage access");
        let kept = graph("MoxiEngage", CLIENT, "Engage access2");
        let fresh = graph("MoxiEngage2", OTHER, "Engage access2");
        let beside = |now: &CredentialSettings| leftovers([(1, &first)], &InUse::default().and(now));
        assert_eq!(told(&beside(&kept)), [(1, Thing::ClientSecret, "Engage access")]);
        let named = format!("MoxiEngage ({CLIENT})");
        assert_eq!(told(&beside(&fresh)), [(1, Thing::App, named.as_str())]);
        assert_eq!(beside(&first), []);
    }

    #[test]
    fn each_thing_is_told_once_with_the_latest_attempt_that_named_it() {
        let first = server("svc@lakeshore.example", "Impersonation");
        let second = server("SVC@lakeshore.example", "Impersonation2");
        let now = InUse::default().and(&server("svc3@lakeshore.example", "Impersonation3"));
        let left = leftovers([(1, &first), (2, &second)], &now);
        assert_eq!(
            left.iter().map(|one| (one.attempt, one.thing)).collect::<Vec<_>>(),
            [(2, Thing::RoleGroup), (2, Thing::ServiceAccount), (1, Thing::RoleGroup)]
        );
    }

    #[test]
    fn a_name_cannot_end_its_quotes() {
        let hostile = server("svc@lakeshore.example", "a'; Remove-Mailbox * ‘x");
        let left = leftovers([(1, &hostile)], &InUse::default());
        let (_, command) = left[0].command.as_ref().expect("a command");
        assert!(command.contains("'a''; Remove-Mailbox * ‘‘x'"), "{command}");
        assert!(
            left.iter().all(|one| one.command.as_ref().is_none_or(|(_, text)| text.contains("-Confirm")))
        );
    }

    #[test]
    fn what_is_typed_for_the_next_attempt_is_no_left_over() {
        let first = server("svc@lakeshore.example", "Impersonation");
        let answers = Answers::empty(AccessKind::ExchangeBasic)
            .with(field::SERVICE_ACCOUNT, " SVC@lakeshore.example")
            .with(field::ROLE_GROUP, "Impersonation2");
        let left = leftovers([(1, &first)], &InUse::default().and_typed(&answers));
        assert_eq!(told(&left), [(1, Thing::RoleGroup, "Impersonation")]);
    }

    #[test]
    fn words_read_back() {
        assert!(Thing::ALL.iter().all(|thing| Thing::parse(thing.as_str()) == Some(*thing)));
    }
}
