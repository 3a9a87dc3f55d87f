//! The envelope around each question.

use super::xml::escape;

/// The schema a question is written in. Every server we may meet knows one of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// The newest that the documentation names for servers.
    Exchange2013,
    /// For servers that refuse it.
    Exchange2010,
}

impl Schema {
    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exchange2013 => "Exchange2013_SP1",
            Self::Exchange2010 => "Exchange2010_SP2",
        }
    }
}

/// How a mailbox is named when it is acted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// By its main address.
    Primary,
    /// By any of its addresses.
    Any,
}

impl Naming {
    const fn element(self) -> &'static str {
        match self {
            Self::Primary => "PrimarySmtpAddress",
            Self::Any => "SmtpAddress",
        }
    }
}

/// A question, and whose mailbox it is asked as; nobody's but the caller's own where there is none.
pub fn envelope(schema: Schema, mailbox: Option<(Naming, &str)>, question: &str) -> String {
    let acting = mailbox.map_or_else(String::new, |(naming, mailbox)| {
        let (element, mailbox) = (naming.element(), escape(mailbox));
        format!(
            "<t:ExchangeImpersonation><t:ConnectingSID><t:{element}>{mailbox}</t:{element}>\
             </t:ConnectingSID></t:ExchangeImpersonation>"
        )
    });
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:m=\"http://schemas.microsoft.com/exchange/services/2006/messages\" \
         xmlns:t=\"http://schemas.microsoft.com/exchange/services/2006/types\">\
         <soap:Header><t:RequestServerVersion Version=\"{}\"/>{acting}</soap:Header>\
         <soap:Body>{question}</soap:Body></soap:Envelope>",
        schema.name()
    )
}
