//! An EWS request as it was sent, read by its schema: namespaces count, and so does the order of elements.

use roxmltree::{Document, Node};

use super::order;
use super::said::Refused;
use super::schema::{MESSAGES, SOAP, TYPES};
use crate::simulator::operation::Operation;

/// Schema versions that servers know, oldest first.
const VERSIONS: [&str; 11] = [
    "Exchange2007",
    "Exchange2007_SP1",
    "Exchange2009",
    "Exchange2010",
    "Exchange2010_SP1",
    "Exchange2010_SP2",
    "Exchange2012",
    "Exchange2013",
    "Exchange2013_SP1",
    "Exchange2015",
    "Exchange2016",
];

/// A request that has been read.
pub(crate) struct Asked<'a> {
    /// The element inside the body.
    pub(crate) call: Node<'a, 'a>,
    /// The element that says for whom, if there is one.
    pub(crate) impersonation: Option<Node<'a, 'a>>,
}

/// Reads the request; a broken one is refused as Exchange refuses it.
pub(crate) fn read<'a>(document: &'a Document<'a>) -> Result<Asked<'a>, Refused> {
    let envelope = document.root_element();
    if !envelope.has_tag_name((SOAP, "Envelope")) {
        return Err(Refused::schema("The root element of the request is no SOAP envelope."));
    }
    let header = envelope.children().find(|node| node.has_tag_name((SOAP, "Header")));
    let body = envelope.children().find(|node| node.has_tag_name((SOAP, "Body")));
    let body = body.ok_or_else(|| Refused::schema("The request has no SOAP body."))?;
    let call = body.first_element_child();
    let call = call.ok_or_else(|| Refused::schema("The SOAP body of the request is empty."))?;
    if operation(call).is_none() {
        let name = call.tag_name().name();
        let text = format!("The element 'Body' in namespace '{SOAP}' has invalid child element '{name}'.");
        return Err(Refused::schema(&text));
    }
    if let Some(version) = header.and_then(|header| types(header, "RequestServerVersion")) {
        let version = version.attribute("Version").unwrap_or_default();
        if !VERSIONS.contains(&version) {
            let text = format!("The server version '{version}' of the request is not valid.");
            return Err(Refused::new("ErrorInvalidServerVersion", text));
        }
    }
    order::check(call)?;
    Ok(Asked { call, impersonation: header.and_then(|header| types(header, "ExchangeImpersonation")) })
}

/// What an element of the messages' namespace asks for.
pub(crate) fn operation(call: Node<'_, '_>) -> Option<Operation> {
    let known = match call.tag_name().name() {
        "GetServerTimeZones" => Operation::EwsTimeZones,
        "GetPasswordExpirationDate" => Operation::EwsPasswordExpiry,
        "GetFolder" => Operation::EwsGetFolder,
        "FindFolder" => Operation::EwsFindFolder,
        "SyncFolderItems" => Operation::EwsSync,
        "FindItem" => Operation::EwsFindItem,
        "GetItem" => Operation::EwsGetItem,
        "CreateItem" => Operation::EwsCreateItem,
        "DeleteItem" => Operation::EwsDeleteItem,
        "ConvertId" => Operation::EwsConvertId,
        "ResolveNames" => Operation::EwsResolveNames,
        _ => return None,
    };
    (call.tag_name().namespace() == Some(MESSAGES)).then_some(known)
}

/// The operation of a body that may be anything.
pub(crate) fn operation_of(body: &[u8]) -> Operation {
    let found = std::str::from_utf8(body).ok().and_then(|text| {
        let document = Document::parse(text).ok()?;
        let body = document.root_element().children().find(|node| node.has_tag_name((SOAP, "Body")))?;
        operation(body.first_element_child()?)
    });
    found.unwrap_or(Operation::EwsOther)
}

/// A child of the types' namespace.
pub(crate) fn types<'a>(node: Node<'a, 'a>, name: &'static str) -> Option<Node<'a, 'a>> {
    node.children().find(|child| child.has_tag_name((TYPES, name)))
}

/// A child of the messages' namespace.
pub(crate) fn messages<'a>(node: Node<'a, 'a>, name: &'static str) -> Option<Node<'a, 'a>> {
    node.children().find(|child| child.has_tag_name((MESSAGES, name)))
}

/// The text of a child of the types' namespace.
pub(crate) fn text<'a>(node: Node<'a, 'a>, name: &'static str) -> Option<&'a str> {
    types(node, name)?.text().map(str::trim)
}
