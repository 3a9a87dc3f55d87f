//! What is different between two attempts of one connection, in the words of their forms. None of it is a secret: a
//! secret is only ever said to be another one.

use super::{
    address::MailAddress,
    app::{AppSettings, ProofTerms},
    credential::CredentialSettings,
    dates,
    exchange::ExchangeNames,
};

/// One answer that is not the same in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What the form calls it.
    pub what: &'static str,
    /// What it was; `None` where nothing was given.
    pub before: Option<String>,
    /// What it is now.
    pub now: Option<String>,
}

/// What changed from the settings of one attempt to those of a later one, in the order of the form.
pub fn between(before: &CredentialSettings, now: &CredentialSettings) -> Vec<Difference> {
    let (before, now) = (facts(before), facts(now));
    let mut names: Vec<&'static str> = now.iter().map(|(name, _)| *name).collect();
    names.extend(before.iter().map(|(name, _)| *name).filter(|name| !now.iter().any(|(n, _)| n == name)));
    let of = |facts: &[(&str, String)], name: &str| {
        facts.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    };
    names
        .into_iter()
        .map(|what| Difference { what, before: of(&before, what), now: of(&now, what) })
        .filter(|difference| difference.before != difference.now)
        .collect()
}

type Facts = Vec<(&'static str, String)>;

fn facts(settings: &CredentialSettings) -> Facts {
    let mut facts = match settings {
        CredentialSettings::ExchangeBasic(server) => {
            let mut facts = account(server.service_account.as_str(), &server.names);
            facts.extend(server.ews_url.as_ref().map(|url| ("EWS URL", url.to_string())));
            let pin = server.certificate.as_ref();
            facts.extend(pin.map(|pin| ("Certificate fingerprint", pin.as_hex().to_owned())));
            facts
        }
        CredentialSettings::Microsoft365Password(settings) => {
            let mut facts = account(settings.service_account.as_str(), &settings.names);
            let client = settings.client_id.as_ref();
            facts.extend(client.map(|id| ("Application (client) ID", id.as_str().to_owned())));
            facts
        }
        CredentialSettings::GraphCertificate(settings) | CredentialSettings::GraphSecret(settings) => {
            app(settings)
        }
        CredentialSettings::EwsSecret(settings) => {
            let mut facts = app(&settings.app);
            let account = settings.service_account.as_ref();
            facts.extend(account.map(|account| ("Service account", account.as_str().to_owned())));
            facts
        }
        CredentialSettings::GoogleDelegated(_) => Vec::new(),
        CredentialSettings::GoogleKey(settings) => vec![
            ("Service account", settings.account.email.clone()),
            ("Client ID", settings.account.client_id.clone()),
            ("Project", settings.account.project.clone()),
            ("Key ID", settings.account.key_id.clone()),
        ],
    };
    facts.push(("Test mailbox", settings.test_mailbox().as_str().to_owned()));
    let outside = outside(settings);
    facts.extend(outside.map(|mailbox| ("Mailbox that must be refused", mailbox.as_str().to_owned())));
    facts
}

const fn outside(settings: &CredentialSettings) -> Option<&MailAddress> {
    match settings {
        CredentialSettings::ExchangeBasic(server) => server.outside_mailbox.as_ref(),
        _ => match settings.app() {
            Some(app) => app.outside_mailbox.as_ref(),
            None => None,
        },
    }
}

fn account(login: &str, names: &ExchangeNames) -> Facts {
    vec![
        ("Display name of the service account", names.account.as_str().to_owned()),
        ("Service account", login.to_owned()),
        ("Role group", names.role_group.as_str().to_owned()),
    ]
}

fn app(app: &AppSettings) -> Facts {
    let mut facts = vec![
        ("Name of the app", app.names.app.as_str().to_owned()),
        ("Directory (tenant) ID", app.tenant.as_str().to_owned()),
        ("Application (client) ID", app.client_id.as_str().to_owned()),
    ];
    match &app.terms {
        ProofTerms::Certificate { certificate } => {
            facts.push(("Certificate, thumbprint", certificate.thumbprint.clone()));
        }
        ProofTerms::Secret { secret_expires_on } => {
            let name = app.names.secret.as_ref();
            facts.extend(name.map(|name| ("Description of the client secret", name.as_str().to_owned())));
            facts.push(("Client secret ends", dates::words(*secret_expires_on)));
        }
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(json: &str) -> CredentialSettings {
        serde_json::from_str(json).expect("settings")
    }

    fn graph(app: &str, client: &str) -> CredentialSettings {
        settings(&format!(
            r#"{{"kind":"graph_secret","tenant":{{"domain":"lakeshore.example"}},"client_id":"{client}","secret_expires_on":"2028-11-21","test_mailbox":"pat@lakeshore.example","names":{{"app":"{app}","secret":"Engage access"}}}}"#
        ))
    }

    #[test]
    fn only_what_changed_is_told() {
        let first = graph("MoxiEngage", "5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11");
        assert_eq!(between(&first, &first), []);
        let second = graph("MoxiEngage2", "5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11");
        let told = between(&first, &second);
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].what, "Name of the app");
        assert_eq!(told[0].before.as_deref(), Some("MoxiEngage"));
        assert_eq!(told[0].now.as_deref(), Some("MoxiEngage2"));
    }

    #[test]
    fn what_was_not_given_before_is_told_as_new() {
        let server = |url: &str| {
            settings(&format!(
                r#"{{"kind":"exchange_basic","service_account":"svc@lakeshore.example","ews_url":{url},"certificate":null,"test_mailbox":"pat@lakeshore.example","outside_mailbox":null,"names":{{"account":"MoxiEngage Service","role_group":"Impersonation"}}}}"#
            ))
        };
        let told = between(&server("null"), &server("\"mail.lakeshore.example\""));
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!((told[0].what, told[0].before.as_deref()), ("EWS URL", None));
        assert!(told[0].now.as_deref().is_some_and(|url| url.contains("mail.lakeshore.example")));
    }
}
