//! Where settings stand before anybody asks for them: the file's tables and the environment, each with its place.

use std::collections::BTreeMap;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::problem::{Place, Problem};

/// A value as it was written.
pub(super) enum Raw {
    Text(String),
    Whole(i64),
    Flag(bool),
    List(Vec<String>),
    Table(BTreeMap<String, String>),
    /// From the environment: whatever the setting wants to read in it.
    Untyped(String),
    /// Something no setting takes, by its name.
    Other(&'static str),
}

/// A value and its place.
pub(super) struct Entry {
    pub(super) raw: Raw,
    pub(super) place: Place,
}

/// The entries of each section.
pub(super) type Sections = BTreeMap<String, BTreeMap<String, Entry>>;

/// Sections that stand inside of others.
const INNER: &[&str] = &["staff.openid"];

/// Reads the file's text; what cannot be read becomes a problem, the rest goes on.
pub(super) fn from_file(name: &str, text: &str, problems: &mut Vec<Problem>) -> Sections {
    let line = |offset: usize| text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1;
    let place = |offset: usize| Place::Line { file: name.to_owned(), line: line(offset) };
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        // The error's own text may quote the line, and the line may hold a password.
        problems.push(Problem {
            place: place(error.span().map_or(0, |span| span.start)),
            sentence: format!("this is not TOML: {}", error.message()),
        });
    }
    let mut sections = Sections::new();
    for (key, value) in root.into_inner() {
        let start = key.span().start;
        let section = key.into_inner().into_owned();
        match value.into_inner() {
            DeValue::Table(table) => keep(&mut sections, section, table, &place),
            _ => problems.push(Problem {
                place: place(start),
                sentence: format!("`{section}` stands outside a section; put it under one, such as [portal]"),
            }),
        }
    }
    sections
}

/// Keeps a section's entries; a section inside of it is one of its own, under both names.
fn keep(sections: &mut Sections, name: String, table: DeTable<'_>, place: &impl Fn(usize) -> Place) {
    let mut entries = BTreeMap::new();
    for (key, value) in table {
        let at = place(key.span().start);
        let inner = format!("{name}.{}", key.get_ref());
        if INNER.contains(&inner.as_str()) && value.get_ref().is_table() {
            if let DeValue::Table(table) = value.into_inner() {
                keep(sections, inner, table, place);
            }
        } else {
            entries.insert(key.into_inner().into_owned(), Entry { raw: raw(value), place: at });
        }
    }
    sections.insert(name, entries);
}

fn raw(value: Spanned<DeValue<'_>>) -> Raw {
    match value.into_inner() {
        DeValue::String(text) => Raw::Text(text.into_owned()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Raw::Other("a number too large"), Raw::Whole),
        DeValue::Boolean(flag) => Raw::Flag(flag),
        DeValue::Array(items) => items
            .into_iter()
            .map(|item| match item.into_inner() {
                DeValue::String(text) => Some(text.into_owned()),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()
            .map_or(Raw::Other("a list of other things than texts"), Raw::List),
        DeValue::Table(table) => table
            .into_iter()
            .map(|(key, value)| match value.into_inner() {
                DeValue::String(text) => Some((key.into_inner().into_owned(), text.into_owned())),
                _ => None,
            })
            .collect::<Option<BTreeMap<_, _>>>()
            .map_or(Raw::Other("a table of other things than texts"), Raw::Table),
        DeValue::Float(_) => Raw::Other("a number with a point"),
        DeValue::Datetime(_) => Raw::Other("a date"),
    }
}

/// Lays `MOXI_SECTION__KEY` variables over the file's entries, `MOXI_STAFF__OPENID__KEY` for a section inside of another.
/// `MOXI_LOG` is short for `MOXI_LOG__LEVEL`.
pub(super) fn lay_over(sections: &mut Sections, variables: impl IntoIterator<Item = (String, String)>) {
    for (variable, value) in variables {
        let Some(name) = variable.strip_prefix("MOXI_") else { continue };
        let (section, key) = match name.rsplit_once("__") {
            Some((section, key)) => (section.replace("__", ".").to_lowercase(), key.to_lowercase()),
            None if name == "LOG" => ("log".to_owned(), "level".to_owned()),
            None => continue,
        };
        let entry = Entry { raw: Raw::Untyped(value), place: Place::Variable(variable) };
        let entries = sections.entry(section).or_default();
        // A secret set here must push aside the same secret set the other way in the file.
        match key.strip_suffix("_file") {
            Some(inline) => entries.remove(inline),
            None => entries.remove(&format!("{key}_file")),
        };
        entries.insert(key, entry);
    }
}
