//! JSON of the other side, read so that a hostile one costs little more than its text.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::Value;

/// The most entries that one page of a list may have: twice the most that is asked for at once.
pub const ENTRIES: usize = 5_000;

/// The longest error that is looked into, in bytes; real ones have one or two thousand. A tree of values may take a
/// hundred times the room of its text.
const LOOKED_INTO: usize = 64 * 1024;

/// An error's body; nothing where it is no JSON, or too long.
pub fn looked_into(body: &[u8]) -> Value {
    let short = Some(body).filter(|body| body.len() <= LOOKED_INTO);
    short.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default()
}

/// Reads a list and keeps one entry more than `MOST`, so that whoever asks sees that there are too many: an empty object
/// takes thirty times the room of its text.
///
/// Errs when it is no list of such entries.
pub fn few<'de, D, T, const MOST: usize>(list: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Few<T, const MOST: usize>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for Few<T, MOST> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
            let mut kept = Vec::new();
            while kept.len() <= MOST {
                match list.next_element()? {
                    Some(entry) => kept.push(entry),
                    None => return Ok(kept),
                }
            }
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(kept)
        }
    }
    list.deserialize_seq(Few::<T, MOST>(PhantomData))
}
