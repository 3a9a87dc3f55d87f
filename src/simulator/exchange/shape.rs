//! Which properties a request wants of items and folders.

use roxmltree::Node;

use super::asked::{text, types};
use super::schema::TYPES;

/// What a request wants beside the id.
pub(crate) struct Shape {
    all: bool,
    wanted: Vec<String>,
    /// Keys of extended properties.
    extended: Vec<String>,
}

impl Shape {
    /// Reads `ItemShape` or `FolderShape`.
    pub(crate) fn read(node: Option<Node<'_, '_>>) -> Shape {
        let base = node.and_then(|node| text(node, "BaseShape")).unwrap_or("AllProperties");
        let more = node.and_then(|node| types(node, "AdditionalProperties"));
        let fields = more.iter().flat_map(|more| more.children().filter(Node::is_element));
        let mut shape = Shape { all: base != "IdOnly", wanted: Vec::new(), extended: Vec::new() };
        for field in fields {
            match field.tag_name().name() {
                "ExtendedFieldURI" => shape.extended.extend(extended_key(field)),
                _ => shape.wanted.extend(field.attribute("FieldURI").map(str::to_owned)),
            }
        }
        shape
    }

    /// Is this property wanted, such as `contacts:GivenName`?
    pub(crate) fn wants(&self, uri: &str) -> bool {
        self.all || self.wanted.iter().any(|wanted| wanted == uri)
    }

    /// Is the extended property of this key wanted?
    pub(crate) fn wants_extended(&self, key: &str) -> bool {
        self.extended.iter().any(|wanted| wanted == key)
    }
}

/// The key under which an extended property is kept: its set and its name or number.
pub(crate) fn extended_key(field: Node<'_, '_>) -> Option<String> {
    if !field.has_tag_name((TYPES, "ExtendedFieldURI")) {
        return None;
    }
    let set = field.attribute("PropertySetId").or(field.attribute("DistinguishedPropertySetId"));
    let name = field.attribute("PropertyName").or(field.attribute("PropertyId"));
    match (set, name, field.attribute("PropertyTag")) {
        (Some(set), Some(name), None) => Some(format!("{}/{name}", set.to_ascii_lowercase())),
        (None, None, Some(tag)) => Some(format!("tag/{}", tag.to_ascii_lowercase())),
        _ => None,
    }
}
