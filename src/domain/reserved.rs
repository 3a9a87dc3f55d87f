//! Names that never lead to a public server, whatever a name server says.

/// Their ends: special-use names (RFC 6761, 6762, 7686, 8375, 9476), the one that was set aside for private use, and
/// those that offices and devices use inside without asking. `example` is not among them: instructions and samples use
/// it, and no such name has an address.
const ENDS: &[&str] = &[
    "alt",
    "arpa",
    "corp",
    "home",
    "home.arpa",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "onion",
    "private",
    "test",
];

/// Whether a name, in lower case and without a trailing dot, is one of these or lies below one.
pub fn is_never_public(name: &str) -> bool {
    ENDS.iter().any(|end| name.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_names_are_told_from_names_that_only_end_alike() {
        for special in [
            "mail.localhost",
            "localhost",
            "exch01.corp.local",
            "mail.lakeshore.test",
            "mail.invalid",
            "x.onion",
            "mail.lakeshore.internal",
            "router.home.arpa",
            "1.168.192.in-addr.arpa",
            "mail.alt",
            "exch.lakeshore.private",
        ] {
            assert!(is_never_public(special), "{special}");
        }
        for public in
            ["mail.lakeshore.example", "mail.mylocal.com", "test.com", "mail.test.org", "onion.example"]
        {
            assert!(!is_never_public(public), "{public}");
        }
    }
}
