//! Tables that people open in a spreadsheet.

/// What starts a formula, in the forms of East Asian keyboards too.
const STARTS: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
/// Where a cell may begin. Spreadsheets of many countries part cells at semicolons and leave the commas alone; the rest of
/// a cell of ours that holds one begins a cell of its own there, whatever quotes stand around it.
const PARTS: [char; 5] = [',', ';', '\t', '\r', '\n'];

/// A cell of the table, always quoted. A sign that could start a formula gets one before it that does not.
pub(super) fn cell(text: &str) -> String {
    let guard = if text.starts_with(['\t', '\r', '\n']) { "'" } else { "" };
    let mut cell = format!("\"{guard}");
    let mut begins = true;
    for letter in text.chars() {
        if begins && STARTS.contains(&letter) {
            cell.push('\'');
        }
        begins = PARTS.contains(&letter);
        cell.push(letter);
        if letter == '"' {
            cell.push('"');
        }
    }
    cell.push('"');
    cell
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
            ("\t=1", "\"'\t'=1\""),
            ("\r=1", "\"'\r'=1\""),
            ("\r1", "\"'\r1\""),
            ("x;=HYPERLINK(1)", "\"x;'=HYPERLINK(1)\""),
            ("x\t@y\n-1,+2", "\"x\t'@y\n'-1,'+2\""),
            ("\u{ff1d}1", "\"'\u{ff1d}1\""),
            ("a-b+c=d@e; f", "\"a-b+c=d@e; f\""),
            ("a\"b,c", "\"a\"\"b,c\""),
            ("", "\"\""),
        ] {
            assert_eq!(cell(text), kept);
        }
    }
}
