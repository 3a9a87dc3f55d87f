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
    let folded = within(&folded).to_owned();
    let length = folded.chars().count();
    (length > 0 && length <= LONGEST_SEARCH && !folded.contains('\0')).then_some(folded)
}

/// The ids of our own that stand in a text: a pasted address of a page, or an id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Named<'a> {
    /// A connection's.
    pub connection: Option<&'a str>,
    /// A check's.
    pub check: Option<&'a str>,
    /// A brokerage's.
    pub brokerage: Option<&'a str>,
}

/// The first id of each sort in a text.
pub fn named(typed: &str) -> Named<'_> {
    let mut found = Named::default();
    for part in typed.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        let place = match part.split_once('_') {
            Some(("con", _)) => &mut found.connection,
            Some(("chk", _)) => &mut found.check,
            Some(("brk", _)) => &mut found.brokerage,
            _ => continue,
        };
        place.get_or_insert(part);
    }
    found
}

/// What a connection is kept under, of what people hold in their hands: the domain of a mail address, the reference of an
/// attempt's.
fn within(folded: &str) -> &str {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((_, domain)) = folded.rsplit_once('@').filter(|(_, domain)| domain.contains('.')) {
        return domain;
    }
    match folded.rsplit_once('-') {
        Some((reference, attempt)) if digits(attempt) => match reference.split_once('-') {
            Some((office, number)) if !office.is_empty() && digits(number) => reference,
            _ => folded,
        },
        _ => folded,
    }
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
    fn the_ids_of_a_pasted_address_are_found() {
        let page = named("https://staff.moxi.example/connections/con_1/checks/chk_2?x=brk_3#con_4");
        let all = Named { connection: Some("con_1"), check: Some("chk_2"), brokerage: Some("brk_3") };
        assert_eq!(page, all);
        assert_eq!(named(" con_1 ").connection, Some("con_1"));
        assert_eq!(named("Harbor & Pine, con, brk"), Named::default());
    }

    #[test]
    fn a_search_is_folded_and_short() {
        assert_eq!(search_text("  Harbor   & "), Some("harbor &".to_owned()));
        assert_eq!(search_text(" "), None);
        assert_eq!(search_text("%_"), Some("%_".to_owned()));
        assert_eq!(search_text("LKS-0042-2"), Some("lks-0042".to_owned()), "the reference of an attempt");
        assert_eq!(search_text("LKS-0042"), Some("lks-0042".to_owned()));
        assert_eq!(search_text("24-7 Homes-2"), Some("24-7 homes-2".to_owned()));
        assert_eq!(search_text("Pat@Harbor.example"), Some("harbor.example".to_owned()));
        assert_eq!(search_text(&"x".repeat(10_240)), None);
    }
}
