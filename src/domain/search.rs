//! What a connection is found by: folded texts that a search compares with their beginnings.

use std::collections::BTreeSet;

use super::text::fold;

/// The longest search; a longer one finds nothing, for no name is that long.
pub const LONGEST_SEARCH: usize = 120;
/// A name is found by its beginning and by the beginning of each of its first so many words.
const MOST_WORDS: usize = 12;

/// The texts under which a connection is kept: each name from each of its words on, the others as they are.
pub fn search_words(names: &[&str], whole: &[&str]) -> BTreeSet<String> {
    let mut words: BTreeSet<String> = whole.iter().map(|text| fold(text)).collect();
    for name in names {
        let folded = fold(name);
        let starts = folded.match_indices(' ').map(|(at, _)| at + 1);
        for at in std::iter::once(0).chain(starts).take(MOST_WORDS) {
            words.insert(folded[at..].to_owned());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What somebody searches for, folded; `None` where nothing can begin with it.
pub fn search_text(typed: &str) -> Option<String> {
    // Folding a text of any length would cost time for nothing.
    let short: String = typed.trim().chars().take(LONGEST_SEARCH + 1).collect();
    let folded = fold(&short);
    let length = folded.chars().count();
    (length > 0 && length <= LONGEST_SEARCH && !folded.contains('\0')).then_some(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_each_of_its_words() {
        let words = search_words(&["Harbor &  Pine"], &["HRB-0042", "harbor.example"]);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        assert_eq!(words, ["& pine", "harbor & pine", "harbor.example", "hrb-0042", "pine"]);
    }

    #[test]
    fn a_search_is_folded_and_short() {
        assert_eq!(search_text("  Harbor   & "), Some("harbor &".to_owned()));
        assert_eq!(search_text(" "), None);
        assert_eq!(search_text("%_"), Some("%_".to_owned()));
        assert_eq!(search_text(&"x".repeat(10_240)), None);
    }
}
