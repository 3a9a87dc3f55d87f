//! Tables that people open in a spreadsheet.

/// A cell of the table, always quoted. A sign at its beginning that starts a formula gets one before it that does not.
pub(super) fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (text, kept) in [
            ("ida@elm.example", "\"ida@elm.example\""),
            ("=cmd|' /C calc'!A0@x.example", "\"'=cmd|' /C calc'!A0@x.example\""),
            ("+1@x.example", "\"'+1@x.example\""),
            ("-1", "\"'-1\""),
            ("@x", "\"'@x\""),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("a\"b,c", "\"a\"\"b,c\""),
            ("", "\"\""),
        ] {
            assert_eq!(cell(text), kept);
        }
    }
}
