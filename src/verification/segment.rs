//! Texts of others as part of a path.

/// A text as one segment of a path: everything but letters, digits and `-_~` is escaped. `None` for what would
/// leave its place in the path however it is written.
pub fn segment(text: &str) -> Option<String> {
    if text.is_empty() || text.len() > 1024 || text.bytes().all(|b| b == b'.') {
        return None;
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_~.".contains(&b);
    let escape = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    Some(text.bytes().map(escape).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_stays_one_segment() {
        assert_eq!(segment("a+b'c@lakeshore.example").as_deref(), Some("a%2Bb%27c%40lakeshore.example"));
        assert_eq!(segment("AAMk/..=?#%").as_deref(), Some("AAMk%2F..%3D%3F%23%25"));
        for wrong in ["", ".", "..", &"x".repeat(1025)] {
            assert_eq!(segment(wrong), None);
        }
    }
}
