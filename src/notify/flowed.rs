//! Plain text for mails: lines of at most 76 columns that mail programs may join again (format=flowed, RFC 3676).

use std::collections::BTreeSet;

/// The widest line.
pub(super) const COLUMNS: usize = 76;

/// The line before a signature; mail programs know it by its blank.
const SIGNATURE: &str = "-- ";

/// What stands before a line that is copied as it is.
pub(super) const SET_OFF: &str = "     ";

/// Wraps each paragraph (one line of a template). A line that goes on ends with a blank; a line that begins with `>`
/// or `From ` gets a blank in front, which mail programs take away again. A line that begins with a tab is a command or a
/// value: it is set off and never wrapped.
pub(super) fn flowed(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 32);
    let mut empty_before = true;
    for line in text.lines() {
        let paragraph = line.trim();
        // Templates leave empty lines where they have conditions; one between paragraphs is enough.
        if paragraph.is_empty() && empty_before {
            continue;
        }
        empty_before = paragraph.is_empty();
        match paragraph {
            "" => out.push('\n'),
            "--" => out.extend([SIGNATURE, "\n"]),
            code if line.starts_with('\t') => out.extend([SET_OFF, code, "\n"]),
            _ => wrap(paragraph, &mut out),
        }
    }
    let end = out.trim_end_matches('\n').len();
    out.truncate(end);
    out.push('\n');
    out
}

fn wrap(paragraph: &str, out: &mut String) {
    let mut line = String::new();
    for word in paragraph.split_whitespace() {
        // Two columns are kept: for the blank that says the line goes on, and for one in front.
        if line.is_empty() {
            line.push_str(word);
        } else if columns(&line) + 1 + columns(word) <= COLUMNS - 2 {
            line.push(' ');
            line.push_str(word);
        } else {
            push(&line, true, out);
            word.clone_into(&mut line);
        }
    }
    push(&line, false, out);
}

fn push(line: &str, goes_on: bool, out: &mut String) {
    if line.starts_with('>') || line.starts_with("From ") {
        out.push(' ');
    }
    out.push_str(line);
    out.push_str(if goes_on { " \n" } else { "\n" });
}

fn columns(text: &str) -> usize {
    text.chars().count()
}

/// How many different GUIDs these texts hold.
pub(super) fn guids(texts: &[&str]) -> usize {
    let found = |text: &str| -> Vec<String> {
        let letters: Vec<char> = text.to_ascii_lowercase().chars().collect();
        letters.windows(36).filter(|window| is_guid(window)).map(|guid| guid.iter().collect()).collect()
    };
    texts.iter().flat_map(|text| found(text)).collect::<BTreeSet<_>>().len()
}

/// Shortens every GUID to its first eight digits. A tenant and an app that stand in one mail in full would tell a
/// stranger where a stolen secret fits.
pub(super) fn guids_shortened(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let (mut out, mut place) = (String::with_capacity(text.len()), 0);
    while place < letters.len() {
        if letters.get(place..place + 36).is_some_and(is_guid) {
            out.extend(&letters[place..place + 8]);
            out.push('…');
            place += 36;
        } else {
            out.push(letters[place]);
            place += 1;
        }
    }
    out
}

fn is_guid(letters: &[char]) -> bool {
    letters.iter().enumerate().all(|(place, letter)| match place {
        8 | 13 | 18 | 23 => *letter == '-',
        _ => letter.is_ascii_hexdigit(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_go_on_with_a_blank_and_paragraphs_end_without() {
        let text = format!("{}\n\n\n\n> quoted\nFrom here\n--\n", ["word"; 40].join(" "));
        let flowed = flowed(&text);
        assert!(flowed.lines().all(|line| line.chars().count() <= COLUMNS), "{flowed}");
        assert!(flowed.starts_with("word word") && flowed.contains("word \nword"));
        assert!(flowed.ends_with("word\n\n > quoted\n From here\n-- \n"), "{flowed}");
    }

    #[test]
    fn guids_are_shortened_wherever_they_stand() {
        let text = "Tenant 5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11, app 9c1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d12.";
        assert_eq!(guids_shortened(text), "Tenant 5f1b9a52…, app 9c1b9a52….");
        assert_eq!(guids(&[text, "5F1B9A52-7A0E-4C43-9A5A-3A7E0F6C2D11"]), 2);
        assert_eq!(guids_shortened("é 5f1b9a52-7a0e ö"), "é 5f1b9a52-7a0e ö");
    }

    proptest! {
        #[test]
        fn joining_the_lines_gives_the_paragraph_back(words in proptest::collection::vec("[a-zäé€.,>]{1,30}", 1..60)) {
            let paragraph = words.join(" ");
            let wrapped = flowed(&paragraph);
            let joined: String = wrapped
                .lines()
                .map(|line| line.strip_prefix(' ').unwrap_or(line))
                .collect();
            prop_assert_eq!(joined, paragraph);
            prop_assert!(wrapped.lines().all(|line| line.chars().count() <= COLUMNS));
        }
    }
}
