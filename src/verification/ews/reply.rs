//! What a server says in EWS: one or more messages, or a fault. Codes stay text: a server may know newer ones.

use std::time::Duration;

use super::xml::{Element, NotRead, Space, read as read_xml};

/// The longest pause a server may ask for; whoever asks for more is asked again after this.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// How a message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// It worked.
    Success,
    /// It worked, with a remark.
    Warning,
    /// It did not, or nobody can tell.
    Error,
}

/// One message of an answer.
#[derive(Debug)]
pub struct Message {
    /// How it ended.
    pub class: Class,
    /// Its code: `NoError`, `ErrorItemNotFound`, or one that we do not know. Empty when it has none.
    pub code: String,
    /// The server's words.
    pub text: String,
    /// How long the server asks to wait, capped.
    pub back_off: Option<Duration>,
    /// The whole message.
    pub body: Element,
}

/// An answer in EWS.
#[derive(Debug)]
pub struct Reply {
    /// The messages, or the one fault as a message.
    pub messages: Vec<Message>,
    /// Version and build of the server: `Exchange 2016 (15.1.2507.39)`.
    pub server: Option<String>,
    /// Whether it was a fault: then nothing was carried out.
    pub fault: bool,
}

/// What an answer's body is.
#[derive(Debug)]
pub enum Body {
    /// An answer in EWS.
    Ews(Reply),
    /// An envelope that holds nothing we know, or what holds it stands twice.
    Odd,
    /// Some other XML, an envelope of something else included.
    Xml,
    /// XML beyond our caps.
    Beyond,
    /// No XML.
    Other,
}

/// Reads an answer's body, whatever its status. EWS is known by its namespaces: an envelope of something else is none.
pub fn read(bytes: &[u8]) -> Body {
    let mut root = match read_xml(bytes) {
        Ok(root) if root.name == "Envelope" && root.space == Space::Soap => root,
        Ok(_) => return Body::Xml,
        Err(NotRead::Beyond) => return Body::Beyond,
        Err(NotRead::Broken) => return Body::Other,
    };
    let server = root.child("Header").and_then(|header| header.child("ServerVersionInfo")).and_then(version);
    let Some(content) = root.take("Body").and_then(only) else { return Body::Odd };
    match (content.space, content.name.as_str()) {
        (Space::Soap, "Fault") => Body::Ews(Reply { messages: vec![fault(content)], server, fault: true }),
        (Space::Messages, _) => carried(content, server),
        _ => Body::Xml,
    }
}

fn only(mut parent: Element) -> Option<Element> {
    parent.children.pop().filter(|_| parent.children.is_empty())
}

fn carried(mut content: Element, server: Option<String>) -> Body {
    let messages: Vec<Message> = match content.take("ResponseMessages") {
        Some(list) => list.children.into_iter().map(message).collect(),
        None => vec![message(content)],
    };
    let known = messages.iter().all(|message| message.body.attribute("ResponseClass").is_some());
    if messages.is_empty() || !known {
        return Body::Odd;
    }
    Body::Ews(Reply { messages, server, fault: false })
}

impl Reply {
    /// Whether every message is usable.
    pub fn is_good(&self) -> bool {
        !self.fault && self.messages.iter().all(|message| message.class != Class::Error)
    }

    /// The messages that are not, without those that only say that an earlier one failed.
    pub fn errors(&self) -> impl Iterator<Item = &Message> {
        let said = |message: &&Message| {
            message.class == Class::Error && message.code != "ErrorBatchProcessingStopped"
        };
        self.messages.iter().filter(said)
    }

    /// The first element of this name in any message.
    pub fn find(&self, name: &str) -> Option<&Element> {
        self.messages.iter().find_map(|message| message.body.all(name).into_iter().next())
    }
}

fn message(body: Element) -> Message {
    let code = body.text_of("ResponseCode").unwrap_or_default().to_owned();
    let twice = body.children.iter().filter(|child| child.name == "ResponseCode").count() > 1;
    let class = match body.attribute("ResponseClass") {
        _ if twice => Class::Error,
        Some("Success") => Class::Success,
        Some("Warning") => Class::Warning,
        _ => Class::Error,
    };
    let text = body.text_of("MessageText").unwrap_or_default().to_owned();
    Message { class, code, text, back_off: back_off(&body), body }
}

/// A fault of SOAP 1.1 or 1.2. The precise code stands in the details; else it is the end of the fault's own code.
fn fault(fault: Element) -> Message {
    let detail = fault.child("detail").or_else(|| fault.child("Detail"));
    let precise =
        detail.and_then(|detail| detail.all("ResponseCode").first().map(|code| code.text.trim().to_owned()));
    let own = fault.text_of("faultcode").map(str::to_owned).or_else(|| {
        fault
            .child("Code")
            .and_then(|code| code.all("Value").last().map(|value| value.text.trim().to_owned()))
    });
    let own = own.map(|code| code.rsplit(':').next().unwrap_or_default().to_owned());
    let text = fault.text_of("faultstring").map(str::to_owned);
    let text =
        text.or_else(|| fault.child("Reason").and_then(|reason| reason.text_of("Text")).map(str::to_owned));
    Message {
        class: Class::Error,
        code: precise.or(own).unwrap_or_default(),
        text: text.unwrap_or_default(),
        back_off: back_off(&fault),
        body: fault,
    }
}

fn back_off(element: &Element) -> Option<Duration> {
    let values = element.all("Value");
    let asked = values.iter().find(|value| value.attribute("Name") == Some("BackOffMilliseconds"))?;
    let digits = asked.text.trim();
    let number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    // More digits than a number holds is more than the cap.
    number.then(|| Duration::from_millis(digits.parse().unwrap_or(u64::MAX)).min(LONGEST_PAUSE))
}

/// Version and build, from numbers only: what a server writes there may hold anything.
fn version(info: &Element) -> Option<String> {
    let number = |name: &str| info.attribute(name)?.parse::<u32>().ok();
    let (major, minor) = (number("MajorVersion")?, number("MinorVersion")?);
    let name = match (major, minor) {
        (14, _) => "Exchange 2010",
        (15, 0) => "Exchange 2013",
        (15, 1) => "Exchange 2016",
        (15, 2) => "Exchange 2019 or SE",
        (15, 20) => "Exchange Online",
        _ => "Exchange",
    };
    let build = number("MajorBuildNumber").zip(number("MinorBuildNumber"));
    let build = build.map_or_else(String::new, |(one, two)| format!(".{one}.{two}"));
    Some(format!("{name} ({major}.{minor}{build})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(body: &str) -> Reply {
        match read(body.as_bytes()) {
            Body::Ews(reply) => reply,
            other => panic!("{other:?}"),
        }
    }

    const SPACES: &str = "xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' \
                          xmlns:m='http://schemas.microsoft.com/exchange/services/2006/messages'";

    fn soap(content: &str) -> String {
        format!("<s:Envelope {SPACES}><s:Body>{content}</s:Body></s:Envelope>")
    }

    #[test]
    fn faults_of_both_soaps_are_read() {
        let old = soap(
            "<s:Fault><faultcode>a:ErrorOther</faultcode><faultstring>No.</faultstring><detail><e:ResponseCode>\
             ErrorImpersonateUserDenied</e:ResponseCode></detail></s:Fault>",
        );
        let new = soap(
            "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>a:ErrorServerBusy</s:Value></s:Subcode>\
             </s:Code><s:Reason><s:Text>Wait.</s:Text></s:Reason><s:Detail><t:MessageXml>\
             <t:Value Name='BackOffMilliseconds'>1500</t:Value></t:MessageXml></s:Detail></s:Fault>",
        );
        let (old, new) = (reply(&old), reply(&new));
        assert_eq!(
            (old.messages[0].code.as_str(), old.messages[0].text.as_str()),
            ("ErrorImpersonateUserDenied", "No.")
        );
        assert_eq!(
            (new.messages[0].code.as_str(), new.messages[0].text.as_str()),
            ("ErrorServerBusy", "Wait.")
        );
        assert_eq!(new.messages[0].back_off, Some(Duration::from_millis(1500)));
        assert!(old.fault && new.fault && !old.is_good());
    }

    #[test]
    fn each_message_has_its_own_end() {
        let three = soap(
            "<m:XResponse><m:ResponseMessages><m:X ResponseClass='Success'><m:ResponseCode>NoError</m:ResponseCode></m:X>\
             <m:X ResponseClass='Warning'><m:ResponseCode>WarningNew</m:ResponseCode></m:X>\
             <m:X ResponseClass='Error'><m:MessageText>Gone.</m:MessageText><m:ResponseCode>ErrorSomethingNew</m:ResponseCode>\
             </m:X><m:X ResponseClass='Error'><m:ResponseCode>ErrorBatchProcessingStopped</m:ResponseCode></m:X>\
             </m:ResponseMessages></m:XResponse>",
        );
        let reply = reply(&three);
        assert!(!reply.is_good() && reply.messages.len() == 4);
        let errors: Vec<_> = reply.errors().map(|message| message.code.as_str()).collect();
        assert_eq!(errors, ["ErrorSomethingNew"]);
    }

    #[test]
    fn what_stands_twice_is_not_believed() {
        let twice = soap(
            "<m:X ResponseClass='Success'><m:ResponseCode>NoError</m:ResponseCode><m:ResponseCode>ErrorX</m:ResponseCode></m:X>",
        );
        assert!(!reply(&twice).is_good());
        let bodies = soap("<m:X ResponseClass='Success'/></s:Body><s:Body>");
        assert!(matches!(read(bodies.as_bytes()), Body::Odd));
        assert!(matches!(read(soap("<m:X ResponseClass='Success'/><m:Y/>").as_bytes()), Body::Odd));
        assert!(matches!(read(soap("").as_bytes()), Body::Odd));
        assert!(matches!(read(soap("<m:X/>").as_bytes()), Body::Odd));
        assert!(matches!(read(b"<html/>"), Body::Xml));
        assert!(matches!(read(b"hello"), Body::Other));
    }

    #[test]
    fn an_envelope_of_something_else_is_no_answer_in_ews() {
        let good = soap("<m:X ResponseClass='Success'/>");
        assert!(reply(&good).is_good());
        let new = good.replace("schemas.xmlsoap.org/soap/envelope/", "www.w3.org/2003/05/soap-envelope");
        assert!(reply(&new).is_good(), "SOAP 1.2");
        for (own, foreign) in [
            ("schemas.xmlsoap.org", "evil.example"),
            ("2006/messages", "2006/types"),
            ("xmlns:m", "xmlns:n"),
            ("xmlns:s", "xmlns:t"),
        ] {
            let other = good.replacen(own, foreign, 1);
            assert!(matches!(read(other.as_bytes()), Body::Xml), "{other}");
        }
        let fault = soap("<m:Fault ResponseClass='Success'><faultcode>a:ErrorX</faultcode></m:Fault>");
        assert!(!reply(&fault).fault, "a message may call itself what it likes");
    }

    #[test]
    fn a_server_is_named_by_numbers_only() {
        let named = |attributes: &str| {
            let head =
                format!("<s:Header><h:ServerVersionInfo xmlns:h='h' {attributes}/></s:Header><s:Body>");
            reply(&soap("<m:X ResponseClass='Success'/>").replace("<s:Body>", &head)).server
        };
        let build = "MajorVersion='15' MinorVersion='1' MajorBuildNumber='2507' MinorBuildNumber='39'";
        assert_eq!(named(build).as_deref(), Some("Exchange 2016 (15.1.2507.39)"));
        assert_eq!(named("MajorVersion='99' MinorVersion='0'").as_deref(), Some("Exchange (99.0)"));
        assert_eq!(named("MajorVersion='&lt;b&gt;' MinorVersion='&#27;[31m'"), None);
    }
}
