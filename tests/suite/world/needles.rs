//! The search for needles: what was typed in a journey is looked for, in every form it could have taken, where it
//! must not be.

use std::collections::{BTreeMap, HashMap};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};

use super::seen::{Needle, NeedleKind};

/// The byte sequences that give a text away: itself, in hexadecimal, in base64 at each of the three places in a
/// group, in UTF-16, escaped for a URL.
pub fn forms(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = text.as_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        ("as it is", bytes.to_vec()),
        ("in hexadecimal", hex.clone().into_bytes()),
        ("in hexadecimal", hex.to_uppercase().into_bytes()),
        ("in UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("in UTF-16", text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ("reversed", bytes.iter().rev().copied().collect()),
    ];
    for lead in 0..3 {
        let mut padded = vec![0; lead];
        padded.extend_from_slice(bytes);
        let whole = padded.len() / 3 * 3;
        // The first group holds the filling, an unfinished last one what follows: neither is the text alone.
        let skip = lead.div_ceil(3) * 4;
        for encoded in [STANDARD_NO_PAD.encode(&padded[..whole]), URL_SAFE_NO_PAD.encode(&padded[..whole])] {
            forms.push(("in base64", encoded.as_bytes()[skip..].to_vec()));
        }
    }
    let escaped: String = bytes
        .iter()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) => char::from(*byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    forms.push(("escaped", escaped.into_bytes()));
    forms.sort();
    forms.dedup_by(|a, b| a.1 == b.1);
    forms
}

/// Needles of some kinds, ready to be looked for: every form under its first eight bytes, in small letters.
pub struct Sought {
    forms: HashMap<[u8; 8], Vec<Form>>,
    /// Which pairs of first bytes there are, so that most places of a long text cost one look.
    pairs: Vec<bool>,
}

struct Form {
    bytes: Vec<u8>,
    sentence: String,
}

impl Sought {
    pub fn of(needles: &[Needle], kinds: &[NeedleKind]) -> Sought {
        let mut sought = Sought { forms: HashMap::new(), pairs: vec![false; 1 << 16] };
        for needle in needles.iter().filter(|needle| kinds.contains(&needle.kind)) {
            for (form, bytes) in forms(&needle.text) {
                let bytes = bytes.to_ascii_lowercase();
                let first = *bytes.first_chunk::<8>().expect("needles are long enough");
                sought.pairs[pair(first[0], first[1])] = true;
                let sentence = format!("{} {form}: {}", needle.what, needle.text);
                sought.forms.entry(first).or_default().push(Form { bytes, sentence });
            }
        }
        sought
    }

    pub fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }
}

fn pair(a: u8, b: u8) -> usize {
    usize::from(a) << 8 | usize::from(b)
}

/// What was found, one sentence each, and how often.
#[derive(Default)]
pub struct Finds(BTreeMap<String, usize>);

impl Finds {
    /// Looks into a place.
    pub fn search(&mut self, place: &str, hay: &[u8], sought: &Sought) {
        let hay = hay.to_ascii_lowercase();
        for (at, window) in hay.windows(8).enumerate() {
            if !sought.pairs[pair(window[0], window[1])] {
                continue;
            }
            let Some(forms) = window.first_chunk().and_then(|first| sought.forms.get(first)) else {
                continue;
            };
            for form in forms.iter().filter(|form| hay[at..].starts_with(&form.bytes)) {
                *self.0.entry(format!("{place} holds {}", form.sentence)).or_default() += 1;
            }
        }
    }

    /// Fails the test when there is any.
    pub fn must_be_none(self) {
        assert!(self.0.is_empty(), "needles were found:\n{:#?}", self.0);
    }
}

#[test]
fn a_needle_is_found_in_each_of_its_forms_and_only_then() {
    use base64::engine::general_purpose::STANDARD;
    let text = "Q8~wrong+secret/value";
    let needle = Needle { what: "a secret", text: text.to_owned(), kind: NeedleKind::Secret };
    let sought = Sought::of(&[needle], &[NeedleKind::Secret]);
    let found = |hay: &[u8]| {
        let mut finds = Finds::default();
        finds.search("here", hay, &sought);
        !finds.0.is_empty()
    };
    let hex: String = text.bytes().map(|byte| format!("{byte:02X}")).collect();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for lead in ["", "a", "ab", "abc", "{\"client_secret\":\""] {
        assert!(
            found(STANDARD.encode(format!("{lead}{text}\" and more")).as_bytes()),
            "base64 after {lead:?}"
        );
        assert!(found(URL_SAFE_NO_PAD.encode(format!("{lead}{text}")).as_bytes()), "base64 after {lead:?}");
    }
    assert!(found(format!("log: {text}").as_bytes()) && found(hex.as_bytes()) && found(&utf16));
    assert!(found(b"client_secret=Q8~wrong%2Bsecret%2Fvalue&x=1"));
    assert!(!found(b"Q8~wrong and nothing more") && !found(b""));
}
