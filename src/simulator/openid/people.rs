//! The sample people of the company.

use serde::Serialize;

/// One of the company's people.
#[derive(Clone, Debug, Serialize)]
pub struct Colleague {
    /// The account, as the token's subject names it.
    pub account: &'static str,
    /// Their name.
    pub name: &'static str,
    /// Their address.
    pub email: &'static str,
    /// The values of the claim `roles`; none: somebody without a role on the staff site.
    pub roles: &'static [&'static str],
}

pub(crate) const PEOPLE: &[Colleague] = &[
    Colleague { account: "dana", name: "Dana Reyes", email: "dana@moxiworks.example", roles: &["reviewer"] },
    Colleague {
        account: "mara",
        name: "Mara Lindt",
        email: "mara@moxiworks.example",
        roles: &["account_manager"],
    },
    Colleague { account: "kim", name: "Kim Oduya", email: "kim@moxiworks.example", roles: &["support"] },
    Colleague {
        account: "ravi",
        name: "Ravi Anand",
        email: "ravi@moxiworks.example",
        roles: &["operations"],
    },
    Colleague {
        account: "noor",
        name: "Noor Haddad",
        email: "noor@moxiworks.example",
        roles: &["operations"],
    },
    Colleague { account: "olga", name: "Olga Weiss", email: "olga@moxiworks.example", roles: &["owner"] },
    Colleague { account: "ines", name: "Ines Falk", email: "ines@moxiworks.example", roles: &["auditor"] },
    Colleague { account: "tom", name: "Tom Berger", email: "tom@moxiworks.example", roles: &[] },
];

/// Who has this account.
pub(crate) fn colleague(account: &str) -> Option<&'static Colleague> {
    PEOPLE.iter().find(|colleague| colleague.account == account)
}
