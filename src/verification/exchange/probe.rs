//! One place of autodiscover, looked at without a password.

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::{
    domain::exchange::CertificatePin,
    net::{
        Answer, Failure,
        dialer::{Call, Dialer, Secured},
        failure::TlsProblem,
        guard::HostName,
    },
    verification::{
        evidence::Trait,
        ews::{read_xml, traits},
    },
};

use super::{cloud, place::Place, pox};

/// What a place came to.
pub(super) enum Tried {
    /// It says where EWS is, without a password.
    Tells(String),
    /// It looks like Exchange and takes a password.
    Asks(Box<Secured>),
    /// It leads to another place.
    Leads(String),
    /// It is Exchange, and cannot answer now.
    Busy(Answer),
    /// Its certificate is for other names.
    OtherNames,
    /// Something answers that knows nothing of autodiscover, such as a web site; what, in words.
    Elsewhere(String),
    /// Nothing that helps; why, in words.
    Nothing(String),
}

/// Looks at a place.
pub(super) async fn look(
    dialer: &Dialer,
    pin: Option<&CertificatePin>,
    place: &Place,
    address: &str,
) -> Tried {
    let mut line = match connect(dialer, pin, &place.host).await {
        Ok(line) => line,
        Err(Failure::Tls(TlsProblem::NameMismatch)) => return Tried::OtherNames,
        Err(failure) => return Tried::Nothing(failure.to_string()),
    };
    if let Some(url) = told_in_json(&mut line, address).await {
        return Tried::Tells(url);
    }
    match line.send(question(place, address)).await {
        Ok(answer) => judge(line, answer),
        Err(failure) => Tried::Nothing(failure.to_string()),
    }
}

/// A secured connection. A pin is for the server; autodiscover may stand elsewhere, with a public certificate.
async fn connect(dialer: &Dialer, pin: Option<&CertificatePin>, host: &HostName) -> Result<Secured, Failure> {
    let secured = dialer.resolve(host).await?.connect().await?.secure(pin).await;
    match secured {
        Err(lost) if lost.failure == Failure::Tls(TlsProblem::NotPinned) => {
            let connected = dialer.resolve(host).await?.connect().await?;
            connected.secure(None).await.map_err(|lost| lost.failure)
        }
        secured => secured.map_err(|lost| lost.failure),
    }
}

/// Newer servers say where EWS is to everybody.
async fn told_in_json(line: &mut Secured, address: &str) -> Option<String> {
    let path = cloud::path(address)?;
    let call = Call { method: Method::GET, path, headers: HeaderMap::new(), body: Vec::new() };
    let answer = line.send(call).await.ok()?;
    cloud::url_in(answer.status, &answer.body)
}

/// The question for an address, as every version of Exchange takes it.
pub(super) fn question(place: &Place, address: &str) -> Call {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"));
    headers.insert(header::ACCEPT, HeaderValue::from_static("text/xml"));
    Call {
        method: Method::POST,
        path: place.path.clone(),
        headers,
        body: pox::question(address).into_bytes(),
    }
}

fn judge(line: Secured, answer: Answer) -> Tried {
    let traits = traits(&answer);
    let has = |wanted| traits.contains(&wanted);
    let exchange = has(Trait::Exchange);
    let leads = answer.headers.get(header::LOCATION).and_then(|to| to.to_str().ok());
    match (answer.status, leads) {
        (status, Some(to)) if status.is_redirection() && to.to_ascii_lowercase().contains("autodiscover") => {
            Tried::Leads(to.to_owned())
        }
        (status, Some(_)) if status.is_redirection() => {
            Tried::Elsewhere("a web site that leads elsewhere".to_owned())
        }
        (StatusCode::UNAUTHORIZED, _) if exchange && has(Trait::Basic) => Tried::Asks(Box::new(line)),
        (StatusCode::UNAUTHORIZED, _) if exchange => {
            Tried::Nothing("takes no password over Basic authentication".to_owned())
        }
        (StatusCode::UNAUTHORIZED, _) => {
            Tried::Nothing("asks for a sign-in, and is no Exchange server".to_owned())
        }
        (StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE, _) if has(Trait::Exchange) => {
            Tried::Busy(answer)
        }
        (StatusCode::OK, _) if read_xml(&answer.body).is_ok_and(|root| root.name == "Autodiscover") => {
            match pox::read(&answer.body) {
                pox::Told::Ews { url, .. } => Tried::Tells(url),
                _ => Tried::Nothing("answers without a sign-in and says nothing".to_owned()),
            }
        }
        (status, _) if has(Trait::Html) => {
            Tried::Elsewhere(format!("a web site answers (HTTP {})", status.as_u16()))
        }
        (status, _) => Tried::Elsewhere(format!("no autodiscover (HTTP {})", status.as_u16())),
    }
}
