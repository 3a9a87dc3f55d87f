//! What a token says of itself. Read for diagnosis only: nothing is ever allowed because of it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

use crate::{domain::guid::Guid, verification::evidence::Finding};

/// The most permissions listed; a real app has a handful.
const ROLES: usize = 64;

/// The claims that matter here.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Claims {
    aud: Option<String>,
    tid: Option<String>,
    appid: Option<String>,
    azp: Option<String>,
    idtyp: Option<String>,
    scp: Option<String>,
    roles: Option<Vec<String>>,
}

impl Claims {
    /// Reads the middle part of a token. `None` when it is no token of three parts with claims inside: such a
    /// token is used all the same, and the mailbox service judges it.
    pub(super) fn read(token: &str) -> Option<Self> {
        let mut parts = token.split('.');
        let (_, claims, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
            return None;
        };
        let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
        serde_json::from_slice(&claims).ok()
    }

    /// The permissions it carries; none means that access can come from roles in Exchange Online only.
    pub(super) fn roles(&self) -> Vec<String> {
        self.roles.iter().flatten().take(ROLES).cloned().collect()
    }

    /// What speaks against using it: a claim that is there and says something else than was asked for.
    pub(super) fn objection(&self, tenant: &Guid, client: &Guid, audiences: &[String]) -> Option<Finding> {
        let other = |claim: &Option<String>, wanted: &Guid| {
            claim.as_ref().is_some_and(|text| !text.eq_ignore_ascii_case(wanted.as_str()))
        };
        if other(&self.tid, tenant) || other(&self.appid, client) || other(&self.azp, client) {
            return Some(Finding::OtherIdentity);
        }
        let audience = |aud: &String| audiences.iter().any(|known| known == aud.trim_end_matches('/'));
        if self.aud.as_ref().is_some_and(|aud| !audience(aud)) {
            return Some(Finding::OtherAudience);
        }
        None
    }

    /// The same for a token that is to stand for the app itself.
    pub(super) fn objection_to_app(
        &self,
        tenant: &Guid,
        client: &Guid,
        audiences: &[String],
    ) -> Option<Finding> {
        let person = self.scp.is_some() || self.idtyp.as_ref().is_some_and(|idtyp| idtyp != "app");
        self.objection(tenant, client, audiences).or_else(|| person.then_some(Finding::NotAnApp))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guid(last: char) -> Guid {
        Guid::parse(&format!("5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d1{last}")).expect("a guid")
    }

    fn token(claims: &str) -> String {
        format!("e30.{}.x", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_token_for_somebody_else_is_objected_to() {
        let good = format!(
            r#"{{"aud":"https://graph.microsoft.com","tid":"{}","appid":"{}","idtyp":"app","roles":["Mail.Send"]}}"#,
            guid('1'),
            guid('2')
        );
        let graph = ["https://graph.microsoft.com".to_owned()];
        let read = |text: &str| {
            Claims::read(&token(text)).expect("claims").objection_to_app(&guid('1'), &guid('2'), &graph)
        };
        assert_eq!(read(&good), None);
        assert_eq!(read(&good.replace("2d11", "2d13")), Some(Finding::OtherIdentity));
        assert_eq!(read(&good.replace("2d12", "2d13")), Some(Finding::OtherIdentity));
        assert_eq!(read(&good.replace("graph.microsoft", "outlook.office365")), Some(Finding::OtherAudience));
        assert_eq!(read(&good.replace(r#""idtyp":"app""#, r#""idtyp":"user""#)), Some(Finding::NotAnApp));
        assert_eq!(read(&good.replace(r#""idtyp":"app""#, r#""scp":"User.Read""#)), Some(Finding::NotAnApp));
        assert_eq!(read("{}"), None);
    }

    #[test]
    fn what_is_no_token_has_no_claims() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        for text in [
            "",
            "opaque",
            "a.b",
            "a.b.c.d",
            "a.!!.c",
            &token("[]x"),
            &token(&deep),
            &token(r#"{"tid":"a","tid":"b"}"#),
        ] {
            assert!(Claims::read(text).is_none(), "{}", text.len());
        }
    }
}
