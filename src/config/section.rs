//! Reading one section: each setting is asked for by name and type; whatever is left over is unknown.

use std::{collections::BTreeMap, fs, ops::RangeInclusive, path::PathBuf, time::Duration};

use jiff::SignedDuration;
use secrecy::SecretString;

use super::{
    problem::{Place, Problem, nearest},
    source::{Entry, Raw, Sections},
};

/// A secret's file may hold this many bytes: keys and passwords are short, and a wrong path may be a log.
const SECRET_FILE_CAP: u64 = 64 * 1024;

/// A section that is being read.
pub(super) struct Section<'a> {
    name: &'static str,
    entries: BTreeMap<String, Entry>,
    asked: Vec<&'static str>,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Section<'a> {
    pub(super) fn open(sections: &mut Sections, name: &'static str, problems: &'a mut Vec<Problem>) -> Self {
        Self { name, entries: sections.remove(name).unwrap_or_default(), asked: Vec::new(), problems }
    }

    /// A problem with the setting `key`, at `place` or, when it stands nowhere, under its own name.
    pub(super) fn complain(&mut self, place: Option<Place>, key: &str, sentence: impl Into<String>) {
        let place = place.unwrap_or_else(|| Place::Setting(format!("{}.{key}", self.name)));
        self.problems.push(Problem { place, sentence: sentence.into() });
    }

    fn take(&mut self, key: &'static str) -> Option<Entry> {
        self.asked.push(key);
        self.entries.remove(key)
    }

    fn wrong(&mut self, key: &str, place: Place, what: &str, found: &str) {
        let sentence = format!("`{}.{key}` must be {what}; it is {found}", self.name);
        self.complain(Some(place), key, sentence);
    }

    /// A text.
    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        self.parsed(key, "a text in quotes", |text| Some(text.to_owned()))
    }

    /// A text that `parse` understands; `what` completes the sentence "must be ...".
    pub(super) fn parsed<T>(
        &mut self,
        key: &'static str,
        what: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        self.placed(key, what, parse).map(|(value, _)| value)
    }

    /// The same with its place, for rules that look at several settings.
    pub(super) fn placed<T>(
        &mut self,
        key: &'static str,
        what: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<(T, Place)> {
        let Entry { raw, place } = self.take(key)?;
        match raw {
            Raw::Text(text) | Raw::Untyped(text) => match parse(&text).filter(|_| !text.is_empty()) {
                Some(value) => return Some((value, place)),
                None if text.is_empty() => self.wrong(key, place, what, "empty"),
                None => self.wrong(key, place, what, &format!("{text:?}")),
            },
            other => self.wrong(key, place, what, other.word()),
        }
        None
    }

    /// A whole number within bounds.
    pub(super) fn whole(&mut self, key: &'static str, bounds: RangeInclusive<u32>) -> Option<u32> {
        let Entry { raw, place } = self.take(key)?;
        let what = format!("a whole number from {} to {}", bounds.start(), bounds.end());
        let number = match &raw {
            Raw::Whole(number) => u32::try_from(*number).ok(),
            Raw::Untyped(text) => text.parse().ok(),
            other => {
                self.wrong(key, place, &what, other.word());
                return None;
            }
        };
        match number.filter(|number| bounds.contains(number)) {
            Some(number) => Some(number),
            None => {
                self.wrong(key, place, &what, "outside of that");
                None
            }
        }
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, key: &'static str) -> Option<bool> {
        let Entry { raw, place } = self.take(key)?;
        match raw {
            Raw::Flag(flag) => Some(flag),
            Raw::Untyped(text) if text == "true" || text == "false" => Some(text == "true"),
            Raw::Untyped(text) => {
                self.wrong(key, place, "true or false", &format!("{text:?}"));
                None
            }
            other => {
                self.wrong(key, place, "true or false", other.word());
                None
            }
        }
    }

    /// A span of time such as "30 s" or "5 min".
    pub(super) fn duration(
        &mut self,
        key: &'static str,
        bounds: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        let what = format!(
            "a span of time such as \"30 s\" or \"5 min\", from {} s to {} s",
            bounds.start().as_secs(),
            bounds.end().as_secs()
        );
        self.parsed(key, &what, |text| span(text).filter(|span| bounds.contains(span)))
    }

    /// A list whose items `parse` understands; in a variable the items stand between commas.
    pub(super) fn list<T>(
        &mut self,
        key: &'static str,
        what: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Entry { raw, place } = self.take(key)?;
        let items = match raw {
            Raw::List(items) => items,
            Raw::Untyped(text) => {
                text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
            }
            other => {
                self.wrong(key, place, &format!("a list, each item {what}"), other.word());
                return None;
            }
        };
        let mut read = Vec::with_capacity(items.len());
        for item in items {
            match parse(&item) {
                Some(value) => read.push(value),
                None => {
                    self.wrong(
                        key,
                        place.clone(),
                        &format!("a list, each item {what}"),
                        &format!("{item:?} in one place"),
                    );
                }
            }
        }
        Some(read)
    }

    /// Pairs of texts; in a variable `name=value` between commas.
    pub(super) fn pairs<K, V>(
        &mut self,
        key: &'static str,
        what: &str,
        parse: impl Fn(&str, &str) -> Option<(K, V)>,
    ) -> Option<Vec<(K, V)>> {
        let Entry { raw, place } = self.take(key)?;
        let pairs: Vec<(String, String)> = match raw {
            Raw::Table(table) => table.into_iter().collect(),
            Raw::Untyped(text) => text
                .split(',')
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
                .collect(),
            other => {
                self.wrong(key, place, &format!("pairs of {what}"), other.word());
                return None;
            }
        };
        let mut read = Vec::with_capacity(pairs.len());
        for (name, value) in pairs {
            match parse(&name, &value) {
                Some(pair) => read.push(pair),
                None => self.wrong(
                    key,
                    place.clone(),
                    &format!("pairs of {what}"),
                    &format!("{name:?} = {value:?} in one place"),
                ),
            }
        }
        Some(read)
    }

    /// A path; relative ones start where the process was started.
    pub(super) fn path(&mut self, key: &'static str) -> Option<PathBuf> {
        self.parsed(key, "a path", |text| Some(PathBuf::from(text)))
    }

    /// A secret, given in the setting itself or in the file that `file_key` names, but not both.
    pub(super) fn secret(&mut self, key: &'static str, file_key: &'static str) -> Option<SecretString> {
        let inline = self.take(key);
        let file = self.placed(file_key, "a path", |text| Some(PathBuf::from(text)));
        match (inline, file) {
            (Some(Entry { place, .. }), Some(_)) => {
                let sentence = format!("`{0}.{key}` and `{0}.{file_key}` are both set; keep one", self.name);
                self.complain(Some(place), key, sentence);
                None
            }
            (Some(Entry { raw: Raw::Text(text) | Raw::Untyped(text), place }), None) => {
                if text.is_empty() {
                    self.wrong(key, place, "a text in quotes", "empty");
                    return None;
                }
                Some(SecretString::from(text))
            }
            (Some(Entry { raw, place }), None) => {
                self.wrong(key, place, "a text in quotes", raw.word());
                None
            }
            (None, Some((path, place))) => match secret_from(&path) {
                Ok(secret) => Some(secret),
                Err(why) => {
                    self.wrong(file_key, place, "a file that can be read", &why);
                    None
                }
            },
            (None, None) => None,
        }
    }

    /// Whether the setting stands anywhere; it counts as asked for only when it is read.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Whether nothing at all is set.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Complains about everything nobody asked for.
    pub(super) fn close(mut self) {
        for (key, Entry { place, .. }) in std::mem::take(&mut self.entries) {
            let ending = match nearest(&key, self.asked.iter().copied()) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("[{}] takes {}", self.name, self.asked.join(", ")),
            };
            let sentence = format!("`{}.{key}` is not a setting; {ending}", self.name);
            self.complain(Some(place), &key, sentence);
        }
    }
}

impl Raw {
    fn word(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Untyped(_) => "a text",
            Self::Whole(_) => "a number",
            Self::Flag(_) => "true or false",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Other(word) => word,
        }
    }
}

/// Reads "30 s", "5 min", "1 h".
pub(super) fn span(text: &str) -> Option<Duration> {
    text.parse::<SignedDuration>().ok().and_then(|span| Duration::try_from(span).ok())
}

fn secret_from(path: &std::path::Path) -> Result<SecretString, String> {
    let size = fs::metadata(path).map_err(|error| format!("{path:?}: {error}"))?.len();
    if size > SECRET_FILE_CAP {
        return Err(format!("{path:?}, {size} bytes long, and a secret has at most {SECRET_FILE_CAP}"));
    }
    let text = fs::read_to_string(path).map_err(|error| format!("{path:?}: {error}"))?;
    let text = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    match text {
        "" => Err(format!("{path:?}, which is empty")),
        text => Ok(SecretString::from(text)),
    }
}
