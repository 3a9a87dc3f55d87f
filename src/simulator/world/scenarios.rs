//! Scenario texts read: the built-in one and one more, with mistakes told by line.

use std::collections::BTreeSet;
use std::path::Path;

use super::script::{Script, TenantScript};
use crate::simulator::identity::is_guid;
use crate::simulator::settings::{Scenarios, StartError};

/// What each built-in text is called, and the text.
const BUILT_IN: &[(&str, &str)] = &[
    ("built-in scenarios", include_str!("tenants.toml")),
    ("built-in scenarios of certificates", include_str!("certificates.toml")),
    ("built-in scenarios of Exchange", include_str!("exchange.toml")),
    ("built-in scenarios of EWS", include_str!("ews.toml")),
    ("built-in scenarios of passwords", include_str!("password.toml")),
    ("built-in scenarios of Google", include_str!("google.toml")),
    ("built-in scenarios of scopes", include_str!("scopes.toml")),
];

/// The tenants of a start, in the order of the texts.
pub(crate) fn read(scenarios: &Scenarios) -> Result<Vec<TenantScript>, StartError> {
    let mut tenants = Vec::new();
    for (origin, text) in BUILT_IN.iter().copied() {
        tenants.extend(parse(text, origin)?);
    }
    let added = match scenarios {
        Scenarios::BuiltIn => Vec::new(),
        Scenarios::Text(text) => parse(text, "scenarios")?,
        Scenarios::File(path) => parse(&text_of(path)?, &path.display().to_string())?,
    };
    for tenant in added {
        tenants.retain(|known| !clash(known, &tenant));
        tenants.push(tenant);
    }
    Ok(tenants)
}

/// A later tenant replaces an earlier one with which it cannot live side by side.
fn clash(known: &TenantScript, new: &TenantScript) -> bool {
    known.name.get_ref() == new.name.get_ref() || known.domain.get_ref() == new.domain.get_ref()
}

fn text_of(path: &Path) -> Result<String, StartError> {
    std::fs::read_to_string(path).map_err(|source| StartError::File { path: path.to_owned(), source })
}

fn parse(text: &str, origin: &str) -> Result<Vec<TenantScript>, StartError> {
    let mistake = |at: usize, reason: String| StartError::Scenario {
        origin: origin.to_owned(),
        line: line_of(text, at),
        reason,
    };
    let script: Script = toml::from_str(text)
        .map_err(|error| mistake(error.span().map_or(0, |span| span.start), error.message().to_owned()))?;
    let mut taken = BTreeSet::new();
    for tenant in &script.tenant {
        check(tenant, &mut taken).map_err(|(at, reason)| mistake(at, reason))?;
    }
    Ok(script.tenant)
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|&&byte| byte == b'\n').count() + 1
}

/// What the types cannot say; a mistake is told at the place of the word it is about.
fn check(tenant: &TenantScript, taken: &mut BTreeSet<String>) -> Result<(), (usize, String)> {
    let at_name = tenant.name.span().start;
    let name = tenant.name.get_ref();
    let domain = tenant.domain.get_ref();
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Err((at_name, format!("name {name:?}: only a to z, 0 to 9 and - are allowed")));
    }
    if !domain.ends_with(".example") || domain.to_ascii_lowercase() != *domain {
        return Err((
            tenant.domain.span().start,
            format!("domain {domain:?}: must be lower case and end in .example"),
        ));
    }
    for word in [name, domain] {
        if !taken.insert(word.clone()) {
            return Err((at_name, format!("{word:?} is already taken by an earlier tenant")));
        }
    }
    if let Some(id) = &tenant.id
        && !is_guid(id.get_ref())
    {
        return Err((id.span().start, format!("id {:?}: must be a GUID", id.get_ref())));
    }
    let Some(sample) = &tenant.sample else { return Ok(()) };
    let accounts = tenant.exchange.iter().flat_map(|server| &server.account);
    let of_password = tenant.password.iter().flat_map(|password| &password.account);
    let accounts = accounts.chain(of_password);
    let keyed = tenant.google.iter().flat_map(|google| &google.account);
    let keyed = keyed.map(|account| account.name.as_str());
    let accounts: Vec<&str> = accounts.map(|account| account.name.as_str()).chain(keyed).collect();
    for wanted in [&sample.account, &sample.second_account].into_iter().flatten() {
        if !accounts.contains(&wanted.as_str()) {
            let reason = format!("the sample of {name:?} names the account {wanted:?}, which is not there");
            return Err((at_name, reason));
        }
    }
    for wanted in [&sample.app, &sample.second].into_iter().flatten() {
        if !tenant.app.iter().any(|app| app.name == *wanted) {
            return Err((
                at_name,
                format!("the sample of {name:?} names the app {wanted:?}, which is not there"),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(text: &str) -> String {
        match read(&Scenarios::Text(text.into())) {
            Ok(_) => "accepted".into(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn built_in_tenants_are_in_order() {
        assert!(read(&Scenarios::BuiltIn).is_ok_and(|tenants| tenants.len() > 25));
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        let head = "[[tenant]]\nname = \"mine\"\ntitle = \"t\"\ncompany = \"c\"\nperson = \"p\"\n";
        let unknown = failure(&format!("{head}domain = \"mine.example\"\ncolour = 1\n"));
        assert!(unknown.starts_with("scenarios, line 7: unknown field `colour`"), "{unknown}");
        let foreign = failure(&format!("{head}domain = \"mine.test\"\n"));
        assert!(foreign.starts_with("scenarios, line 6: domain"), "{foreign}");
        let twice = format!("{head}domain = \"mine.example\"\n");
        assert!(failure(&format!("{twice}{twice}")).contains("line 8: \"mine\" is already taken"));
        assert!(failure("[[tenant]\n").starts_with("scenarios, line 1"));
    }

    #[test]
    fn a_tenant_of_the_same_name_replaces_the_built_in_one() {
        let text = "[[tenant]]\nname = \"healthy\"\ntitle = \"t\"\ncompany = \"Mine\"\nperson = \"p\"\n\
                    domain = \"mine.example\"\n";
        let tenants = read(&Scenarios::Text(text.into())).unwrap_or_default();
        let found: Vec<_> = tenants.iter().filter(|t| t.name.get_ref() == "healthy").collect();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].company, "Mine");
    }
}
