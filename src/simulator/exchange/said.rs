//! Answers and refusals, as Exchange writes them.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;

use super::schema::{MESSAGES, SOAP, TYPES};
use crate::simulator::web::set;
use crate::simulator::world::server::Envelope;

const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";
const ERRORS: &str = "http://schemas.microsoft.com/exchange/services/2006/errors";

/// A call refused as a whole.
#[derive(Debug)]
pub(crate) struct Refused {
    code: String,
    text: String,
    back_off_millis: Option<u64>,
}

impl Refused {
    pub(crate) fn new(code: &str, text: impl Into<String>) -> Refused {
        Refused { code: code.to_owned(), text: text.into(), back_off_millis: None }
    }

    /// A request that is not as its schema says.
    pub(crate) fn schema(text: &str) -> Refused {
        Refused::new("ErrorSchemaValidation", format!("The request failed schema validation: {text}"))
    }

    /// One that asks to wait.
    pub(crate) fn waiting(mut self, millis: Option<u64>) -> Refused {
        self.back_off_millis = millis;
        self
    }
}

/// One message of an answer that says no.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) code: String,
    pub(crate) text: String,
}

impl Problem {
    pub(crate) fn new(code: &str, text: impl Into<String>) -> Problem {
        Problem { code: code.to_owned(), text: text.into() }
    }

    /// A mailbox or folder that is closed to the caller.
    pub(crate) fn denied() -> Problem {
        Problem::new("ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    }

    pub(crate) fn no_item() -> Problem {
        Problem::new("ErrorItemNotFound", "The specified object was not found in the store.")
    }

    pub(crate) fn no_folder() -> Problem {
        Problem::new("ErrorFolderNotFound", "The specified folder could not be found in the store.")
    }
}

/// The answer to an operation: one message each.
pub(crate) fn answer(operation: &str, messages: Vec<Result<String, Problem>>) -> String {
    let one = |message: Result<String, Problem>| match message {
        Ok(inner) => format!(
            "<m:{operation}ResponseMessage ResponseClass=\"Success\"><m:ResponseCode>NoError</m:ResponseCode>{inner}\
             </m:{operation}ResponseMessage>"
        ),
        Err(problem) => format!(
            "<m:{operation}ResponseMessage ResponseClass=\"Error\">{}{}</m:{operation}ResponseMessage>",
            said(&problem),
            emptiness(operation)
        ),
    };
    let messages: String = messages.into_iter().map(one).collect();
    format!(
        "<m:{operation}Response><m:ResponseMessages>{messages}</m:ResponseMessages></m:{operation}Response>"
    )
}

/// What an error message says before anything else.
pub(crate) fn said(problem: &Problem) -> String {
    format!(
        "<m:MessageText>{}</m:MessageText><m:ResponseCode>{}</m:ResponseCode>\
         <m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>",
        escaped(&problem.text),
        escaped(&problem.code)
    )
}

/// What stands where the result would.
fn emptiness(operation: &str) -> &'static str {
    match operation {
        "GetFolder" => "<m:Folders/>",
        "CreateItem" | "GetItem" => "<m:Items/>",
        _ => "",
    }
}

/// An answer in its envelope.
pub(crate) fn envelope(inner: &str, kind: Envelope, version: [u16; 4]) -> Response {
    let text = wrapped(inner, kind, version);
    response(StatusCode::OK, text, kind)
}

/// A refusal in its envelope, with the status that goes with it.
pub(crate) fn fault(refused: &Refused, kind: Envelope, version: [u16; 4]) -> Response {
    let (code, text) = (escaped(&refused.code), escaped(&refused.text));
    let wait = refused.back_off_millis.map(|millis| {
        format!(
            "<t:MessageXml xmlns:t=\"{TYPES}\"><t:Value Name=\"BackOffMilliseconds\">{millis}</t:Value></t:MessageXml>"
        )
    });
    let detail = format!(
        "<e:ResponseCode xmlns:e=\"{ERRORS}\">{code}</e:ResponseCode><e:Message xmlns:e=\"{ERRORS}\">{text}</e:Message>{}",
        wait.unwrap_or_default()
    );
    let inner = if kind == Envelope::Soap12 {
        format!(
            "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value xmlns:a=\"{TYPES}\">a:{code}</s:Value>\
             </s:Subcode></s:Code><s:Reason><s:Text xml:lang=\"en-US\">{text}</s:Text></s:Reason><s:Detail>{detail}\
             </s:Detail></s:Fault>"
        )
    } else {
        format!(
            "<s:Fault><faultcode xmlns:a=\"{TYPES}\">a:{code}</faultcode><faultstring xml:lang=\"en-US\">{text}\
             </faultstring><detail>{detail}</detail></s:Fault>"
        )
    };
    let text = wrapped(&inner, kind, version);
    response(StatusCode::INTERNAL_SERVER_ERROR, text, kind)
}

fn wrapped(inner: &str, kind: Envelope, [major, minor, build, part]: [u16; 4]) -> String {
    let soap = if kind == Envelope::Soap12 { SOAP12 } else { SOAP };
    let header = format!(
        "<s:Header><h:ServerVersionInfo MajorVersion=\"{major}\" MinorVersion=\"{minor}\" \
         MajorBuildNumber=\"{build}\" MinorBuildNumber=\"{part}\" Version=\"V2017_07_11\" xmlns:h=\"{TYPES}\"/>\
         </s:Header>"
    );
    let header = if kind == Envelope::Headerless { "" } else { &header };
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><s:Envelope xmlns:s=\"{soap}\">{header}\
         <s:Body xmlns:m=\"{MESSAGES}\" xmlns:t=\"{TYPES}\">{inner}</s:Body></s:Envelope>"
    )
}

fn response(status: StatusCode, text: String, kind: Envelope) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let soap12 = kind == Envelope::Soap12;
    set(
        &mut response,
        "content-type",
        if soap12 { "application/soap+xml; charset=utf-8" } else { "text/xml; charset=utf-8" },
    );
    response
}

/// Text as it stands in XML.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // What XML cannot hold at all.
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            other => out.push(other),
        }
    }
    out
}

/// An element around a text.
pub(crate) fn element(name: &str, text: &str) -> String {
    format!("<t:{name}>{}</t:{name}>", escaped(text))
}
