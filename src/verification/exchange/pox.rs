//! Autodiscover's XML: the question for an address, and what the answer says.

use crate::verification::ews::{Element, escape, read_xml};

/// What a server says to the question for an address.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Where EWS is.
    Ews {
        /// The address, as written.
        url: String,
        /// Whether it was given for clients inside only.
        inside: bool,
    },
    /// Settings without EWS.
    NoEws,
    /// Ask for another address.
    OtherAddress(String),
    /// Ask at another place.
    OtherPlace(String),
    /// The server refuses: its number and words.
    Error(String, String),
    /// Nothing that can be understood.
    Odd,
}

/// The question for an address.
pub(super) fn question(address: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006\">\
         <Request><EMailAddress>{}</EMailAddress><AcceptableResponseSchema>\
         http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a\
         </AcceptableResponseSchema></Request></Autodiscover>",
        escape(address)
    )
}

/// Reads an answer. Outside addresses go before inside ones.
pub(super) fn read(body: &[u8]) -> Told {
    let Some(root) = read_xml(body).ok().filter(|root| root.name == "Autodiscover") else { return Told::Odd };
    let Some(response) = root.child("Response") else { return Told::Odd };
    if let Some(error) = response.child("Error") {
        let part = |name| error.text_of(name).unwrap_or_default().to_owned();
        return Told::Error(part("ErrorCode"), part("Message"));
    }
    let Some(account) = response.child("Account") else { return Told::Odd };
    let text = |name| account.text_of(name).map(str::to_owned);
    match account.text_of("Action").map(str::to_ascii_lowercase).as_deref() {
        Some("redirectaddr") => text("RedirectAddr").map_or(Told::Odd, Told::OtherAddress),
        Some("redirecturl") => text("RedirectUrl").map_or(Told::Odd, Told::OtherPlace),
        Some("settings") => settings(account),
        _ => Told::Odd,
    }
}

fn settings(account: &Element) -> Told {
    let protocols: Vec<&Element> = account.children.iter().filter(|child| child.name == "Protocol").collect();
    let of = |kind: &str, name: &str| {
        let named = protocols.iter().filter(|protocol| protocol.text_of("Type") == Some(kind));
        named.filter_map(|protocol| protocol.text_of(name)).find(|url| !url.is_empty()).map(str::to_owned)
    };
    for (kind, inside) in [("EXPR", false), ("EXHTTP", false), ("EXCH", true)] {
        if let Some(url) = of(kind, "EwsUrl").or_else(|| of(kind, "ASUrl")) {
            return Told::Ews { url, inside };
        }
    }
    Told::NoEws
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(inner: &str) -> Vec<u8> {
        let head = "<?xml version='1.0'?><Autodiscover xmlns='http://x'><Response xmlns='http://y'><Account>";
        format!("{head}{inner}</Account></Response></Autodiscover>").into_bytes()
    }

    fn protocol(kind: &str, name: &str, url: &str) -> String {
        format!("<Protocol><Type>{kind}</Type><{name}>{url}</{name}></Protocol>")
    }

    #[test]
    fn the_outside_address_goes_first() {
        let inside = protocol("EXCH", "EwsUrl", "https://in/EWS/Exchange.asmx");
        let outside = protocol("EXPR", "EwsUrl", "https://out/EWS/Exchange.asmx");
        let both = account(&format!("<Action>settings</Action>{inside}{outside}"));
        let url = "https://out/EWS/Exchange.asmx".to_owned();
        assert_eq!(read(&both), Told::Ews { url, inside: false });
        let only = account(&format!("<Action>settings</Action>{inside}"));
        assert!(matches!(read(&only), Told::Ews { inside: true, .. }));
        assert_eq!(read(&account("<Action>settings</Action>")), Told::NoEws);
    }

    #[test]
    fn redirects_errors_and_nonsense_are_told_apart() {
        let to = account("<Action>redirectAddr</Action><RedirectAddr>a@b.example</RedirectAddr>");
        assert_eq!(read(&to), Told::OtherAddress("a@b.example".to_owned()));
        let to = account("<Action>redirectUrl</Action><RedirectUrl>https://b.example/x</RedirectUrl>");
        assert_eq!(read(&to), Told::OtherPlace("https://b.example/x".to_owned()));
        let error = b"<Autodiscover><Response><Error Time='1'><ErrorCode>500</ErrorCode><Message>No.</Message></Error></Response></Autodiscover>";
        assert_eq!(read(error), Told::Error("500".to_owned(), "No.".to_owned()));
        for odd in [&b"<html/>"[..], b"", b"<Autodiscover/>", b"{}"] {
            assert_eq!(read(odd), Told::Odd);
        }
        assert!(question("a&b@lakeshore.example").contains("a&amp;b@lakeshore.example"));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = (read(&bytes), read(&account(&String::from_utf8_lossy(&bytes))));
        }

        #[test]
        fn an_address_is_told_as_it_was_written(url in "\\PC{1,60}", kind in "(EXPR|EXHTTP|EXCH)", blank in "[ \n]{0,4}") {
            let url = url.trim();
            proptest::prop_assume!(!url.is_empty());
            let inner = protocol(&kind, "EwsUrl", &format!("{blank}{}{blank}", escape(url)));
            let told = read(&account(&format!("{blank}<Action>settings</Action>{blank}{inner}")));
            // Characters that cannot be seen and that XML cannot hold were left out when it was written.
            let url: String = url.chars().filter(|c| escape(&c.to_string()).chars().next().is_some()).collect();
            proptest::prop_assert_eq!(told, Told::Ews { url: url.trim().to_owned(), inside: kind == "EXCH" });
        }
    }
}
