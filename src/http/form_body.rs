//! The bytes of a form become pairs of texts, or a refusal: strict in kind, size, letters and repetition.

use axum::{
    body::Body,
    http::{HeaderMap, header, request::Parts},
};
use http_body_util::BodyExt;
use serde::{
    Deserializer,
    de::{
        DeserializeOwned, IntoDeserializer, Visitor,
        value::{Error as FormError, MapDeserializer},
    },
    forward_to_deserialize_any,
};
use zeroize::{Zeroize, Zeroizing};

use super::{body_guard::BodyFault, error::PageError, form_files};

/// A form is at most this long; one that brings a large file says so itself.
pub(super) const MOST_BYTES: usize = 64 * 1024;
const MOST_FIELDS: usize = 100;

/// What was typed, in the order it was sent. Cleared from memory when dropped.
pub(super) struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// Takes a field out.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let place = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.remove(place).1)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The page's own struct, filled with what was typed. Errs when a field without a default is missing.
    pub(super) fn into_fields<T: DeserializeOwned>(mut self) -> Result<T, FormError> {
        let pairs = std::mem::take(&mut self.0).into_iter().map(|(name, value)| (name, Typed(value)));
        T::deserialize(MapDeserializer::new(pairs))
    }
}

/// One value; a text, or an `Option` of one where a page may lack the field.
struct Typed(String);

impl<'de> Deserializer<'de> for Typed {
    type Error = FormError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        visitor.visit_string(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        visitor.visit_some(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl IntoDeserializer<'_, FormError> for Typed {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl Drop for Pairs {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            value.zeroize();
        }
    }
}

/// Reads a form of at most `most` bytes; one with `files` may also come in parts.
pub(super) async fn read(parts: &Parts, body: Body, files: &[&str], most: usize) -> Result<Pairs, PageError> {
    if !files.is_empty()
        && let Some(boundary) = form_files::boundary(&parts.headers)
    {
        return in_parts(&collect(body, most).await?, boundary, files);
    }
    if !is_form(&parts.headers) {
        return Err(PageError::WrongKind);
    }
    pairs(&collect(body, most).await?)
}

fn in_parts(body: &[u8], boundary: &str, files: &[&str]) -> Result<Pairs, PageError> {
    let mut pairs = Pairs(Vec::new());
    for (name, mut text) in form_files::parts(body, boundary, files)? {
        add(&mut pairs, name, std::mem::take(&mut *text))?;
    }
    Ok(pairs)
}

/// Adds a pair. Errs when the name is there already, or when there are too many.
fn add(pairs: &mut Pairs, name: String, value: String) -> Result<(), PageError> {
    if pairs.0.iter().any(|(known, _)| *known == name) {
        return Err(unreadable("A field was sent twice, so we cannot tell which one you mean."));
    }
    if pairs.0.len() == MOST_FIELDS {
        return Err(PageError::TooLarge);
    }
    pairs.0.push((name, value));
    Ok(())
}

/// One content type, once; a charset other than UTF-8 would mean other letters than we read.
fn is_form(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(line), None) = (lines.next().and_then(|line| line.to_str().ok()), lines.next()) else {
        return false;
    };
    let (kind, rest) = line.split_once(';').unwrap_or((line, ""));
    let charset = rest.trim();
    kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
        && (charset.is_empty() || charset.eq_ignore_ascii_case("charset=utf-8"))
}

async fn collect(mut body: Body, most: usize) -> Result<Zeroizing<Vec<u8>>, PageError> {
    // The full size at once: a vector that grows leaves copies of what it held behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(most));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| fault(&error))?;
        if let Ok(data) = frame.into_data() {
            if bytes.len() + data.len() > most {
                return Err(PageError::TooLarge);
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}

fn fault(error: &(dyn std::error::Error + 'static)) -> PageError {
    let mut cause = Some(error);
    while let Some(error) = cause {
        match error.downcast_ref() {
            Some(BodyFault::TooSlow) => return PageError::TooSlow,
            Some(BodyFault::TooLarge) => return PageError::TooLarge,
            None => cause = error.source(),
        }
    }
    PageError::Garbled
}

fn pairs(body: &[u8]) -> Result<Pairs, PageError> {
    let mut pairs = Pairs(Vec::new());
    for piece in body.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty()) {
        let mut halves = piece.splitn(2, |byte| *byte == b'=');
        let name = text(halves.next().unwrap_or_default())?;
        let value = text(halves.next().unwrap_or_default())?;
        add(&mut pairs, name, value)?;
    }
    Ok(pairs)
}

fn text(raw: &[u8]) -> Result<String, PageError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(raw.len()));
    let mut rest = raw.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<&u8>| {
                    byte.and_then(|byte| char::from(*byte).to_digit(16)).ok_or(PageError::Garbled)
                };
                let value = digit(rest.next())? << 4 | digit(rest.next())?;
                u8::try_from(value).map_err(|_| PageError::Garbled)?
            }
            plain => *plain,
        });
    }
    if bytes.contains(&0) {
        return Err(unreadable(
            "A field holds a character that cannot be typed (NUL). Type the answer instead of pasting it.",
        ));
    }
    // An exact copy: a longer buffer would be moved again when the text becomes a secret, and leave itself behind.
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(unreadable(
            "A field holds letters in a coding other than UTF-8. Type the answer instead of pasting it.",
        )),
    }
}

fn unreadable(sentence: &str) -> PageError {
    PageError::Unreadable(format!("{sentence} Nothing was saved."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn read(body: &str) -> Result<Vec<(String, String)>, PageError> {
        pairs(body.as_bytes()).map(|mut pairs| std::mem::take(&mut pairs.0))
    }

    #[test]
    fn letters_come_out_as_they_were_typed() {
        let read = read("a=1+2&b=%C3%A9%26%3D&c&=d").expect("reads");
        let expected = [("a", "1 2"), ("b", "\u{e9}&="), ("c", ""), ("", "d")];
        assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn odd_forms_are_refused() {
        for body in ["a=%00", "a=%ff", "a=1&b=2&a=3", "%61=1&a=2"] {
            assert!(matches!(read(body), Err(PageError::Unreadable(_))), "{body}");
        }
        for body in ["a=%", "a=%4", "a=%zz", "a=%+1"] {
            assert_eq!(read(body), Err(PageError::Garbled), "{body}");
        }
        let many: String = (0..101).map(|number| format!("f{number}=1&")).collect();
        assert_eq!(read(&many), Err(PageError::TooLarge));
    }

    #[test]
    fn only_a_form_is_a_form() {
        let said = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::CONTENT_TYPE, HeaderValue::from_static(line));
            }
            is_form(&headers)
        };
        const FORM: &str = "application/x-www-form-urlencoded";
        assert!(said(&[FORM]));
        assert!(said(&["Application/X-WWW-Form-Urlencoded; charset=UTF-8"]));
        for lines in [
            &[][..],
            &["application/json"],
            &["multipart/form-data; boundary=x"],
            &["text/plain"],
            &["application/x-www-form-urlencoded; charset=utf-16"],
            &[FORM, FORM],
            &["application/x-www-form-urlencodedx"],
        ] {
            assert!(!said(lines), "{lines:?}");
        }
    }
}
