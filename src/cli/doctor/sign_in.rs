//! The staff's sign-in: the provider that the settings name, as it shows itself to this machine.

use super::{Finding, Findings};
use crate::{
    app::outside,
    clock::Clock,
    config::{OpenId, Settings},
    net::Failure,
    openid::{Challenge, Looked, Refusal, Trouble},
};

/// What production is called in `[product] environment`.
const PRODUCTION: &str = "production";
/// An issuer in an answer may be of any length; so many letters of it are shown.
const SHOWN: usize = 100;

pub(super) async fn look(settings: &Settings, findings: &mut Findings) {
    let Some(said) = &settings.openid else {
        return findings.add(Finding::note(
            "sign-in provider",
            "[staff.openid] is not set: nobody can sign in on a staff site of these settings",
            "register the staff site at the company's provider and set it; nothing, where only other roles run here",
        ));
    };
    way(settings, said, findings);
    match outside::openid(settings, &Clock::system()) {
        Ok(Some(openid)) => shown(settings, said, &openid.look().await, findings),
        Ok(None) => {}
        Err(error) => findings.add(Finding::red(
            "sign-in provider",
            error.to_string(),
            "see [staff.openid] ca_file and [network]",
        )),
    }
    findings.add(Finding::good(
        "sign-in return",
        format!(
            "people come back to {}; it is to be registered there to the letter",
            settings.staff.public_url.join(outside::STAFF_RETURN)
        ),
    ));
}

/// Anything but a public host on the usual port, trusted by a public authority.
fn way(settings: &Settings, said: &OpenId, findings: &mut Findings) {
    if said.loopback.is_some() {
        let text = "the provider speaks http on this machine, which is for the demo and for tests";
        let to_do = "set [staff.openid] issuer to the company's provider";
        return findings.add(if settings.product.environment == PRODUCTION {
            Finding::red("sign-in way", text, to_do)
        } else {
            Finding::note("sign-in way", text, to_do)
        });
    }
    let Some((host, port)) = said.host_and_port() else { return };
    let mut own = Vec::new();
    if port != 443 {
        own.push(format!("on port {port}"));
    }
    if !said.private_networks.is_empty() {
        own.push(format!("within {}", said.private_networks.join(", ")));
    }
    if let Some(file) = &said.ca_file {
        own.push(format!("with a certificate of {} only", file.display()));
    }
    if !own.is_empty() {
        findings.add(Finding::note(
            "sign-in way",
            format!("{host} alone may be called {}", own.join(", ")),
            "nothing, where the provider is inside of the company; else take it out of [staff.openid]",
        ));
    }
}

fn shown(settings: &Settings, said: &OpenId, looked: &Looked, findings: &mut Findings) {
    let issuer = &said.issuer;
    match &looked.keys {
        Ok((count, names)) => {
            findings.add(Finding::good(
                "sign-in provider",
                format!("{issuer} describes itself as the settings say"),
            ));
            findings.add(Finding::good(
                "sign-in keys",
                format!("tokens can be believed by {count} of its keys: {}", names.join(", ")),
            ));
        }
        Err(trouble) => findings.add(red(issuer, trouble, settings)),
    }
    match looked.challenge {
        Some(Challenge::Taken) => {
            findings.add(Finding::good("sign-in PKCE", "the provider takes code challenges (S256)"));
        }
        Some(Challenge::NotSaid) => findings.add(Finding::note(
            "sign-in PKCE",
            "the provider does not say whether it takes code challenges (S256); one is sent all the same",
            "see in its papers that it holds sign-ins against the challenge",
        )),
        // The description could not be used: that finding says more.
        None => {}
    }
}

fn red(issuer: &str, trouble: &Trouble, settings: &Settings) -> Finding {
    let provider = |text: String, to_do: &str| Finding::red("sign-in provider", text, to_do);
    match trouble {
        Trouble::NoAnswer(refusal) => {
            provider(format!("{issuer} {}", no_answer(refusal)), mend(refusal, settings))
        }
        Trouble::NoDescription => provider(
            format!("what answers at {issuer} is no description of an OpenID provider"),
            "see [staff.openid] issuer: behind it stands /.well-known/openid-configuration",
        ),
        Trouble::OtherIssuer(found) => {
            let found: String = found.chars().take(SHOWN).collect();
            provider(
                format!("{issuer} says that it is {found:?}"),
                "set [staff.openid] issuer as the provider writes it, to the letter, if that is yours",
            )
        }
        Trouble::Address(name) => provider(
            format!("{issuer} names a {name} that may not be called"),
            "each of its addresses must be https with a name; see how the provider is set up",
        ),
        Trouble::NoSecret => provider(
            format!("{issuer} takes no secret of an application"),
            "allow client_secret_basic or client_secret_post at the provider",
        ),
        Trouble::NoChallenge => Finding::red(
            "sign-in PKCE",
            format!("{issuer} takes no code challenge by S256"),
            "switch PKCE with S256 on at the provider",
        ),
        Trouble::NoKeys(refusal) => Finding::red(
            "sign-in keys",
            format!("the keys of {issuer} cannot be had: {}", no_answer(refusal)),
            "see whether this machine may call where its jwks_uri leads to",
        ),
        Trouble::NoUsableKey => Finding::red(
            "sign-in keys",
            format!("{issuer} has no key by which tokens are believed"),
            "let it sign by RS256 (2048 bits or more), ES256 or EdDSA",
        ),
    }
}

fn no_answer(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Away(failure) => format!("gives no answer: {failure}"),
        Refusal::Busy => "says that it cannot answer now".to_owned(),
        _ => "gives no answer that can be read".to_owned(),
    }
}

fn mend(refusal: &Refusal, settings: &Settings) -> &'static str {
    let has_networks = settings.openid.as_ref().is_some_and(|said| !said.private_networks.is_empty());
    match refusal {
        Refusal::Away(Failure::Private) => {
            "it is inside of the company: name its networks in [staff.openid] private_networks"
        }
        Refusal::Away(Failure::Forbidden) if has_networks => {
            "all of its addresses must lie in [staff.openid] private_networks"
        }
        Refusal::Away(Failure::Tls(_)) => {
            "see its certificate; one of a private authority needs [staff.openid] ca_file"
        }
        Refusal::Away(_) => "see [staff.openid] issuer, and whether this machine may call it",
        _ => "see whether the provider runs",
    }
}
