//! Read a roster: a table of mailboxes as spreadsheets and admin centres save it.
//!
//! The separator may be a comma, a semicolon or a tab. The address column is the one whose heading says so, in any of
//! the words that Exchange, Microsoft 365 and Google write over it; a table without headings is read by the first
//! column that holds an address. Whatever else is in the table is left alone.

use std::collections::BTreeMap;

use csv::{ByteRecord, ReaderBuilder};

use crate::domain::{
    address::MailAddress,
    roster::{BadLine, LineProblem, MOST_MAILBOXES, RosterMailbox},
};

/// The longest table, in bytes: 20,000 lines of a hundred letters.
pub const LONGEST: usize = 2 * 1024 * 1024;

/// How files begin that are no CSV: 16 bits a letter, as they came or as a form read them, and a spreadsheet's own.
const NOT_CSV: &[&[u8]] = &[b"\xff\xfe", b"\xfe\xff", b"\xef\xbf\xbd\xef\xbf\xbd", b"PK\x03\x04"];

/// Headings over a column of addresses, in small letters without blanks and signs. A mailbox's own address comes
/// before a login, which may differ from it.
const HEADINGS: &[&str] = &[
    "mailbox",
    "primarysmtpaddress",
    "primarysmtp",
    "smtpaddress",
    "emailaddress",
    "email",
    "mail",
    "address",
    "userprincipalname",
    "username",
    "primaryemail",
];

/// What was read: mailboxes, and the lines that could not be.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RosterTable {
    /// Each mailbox once, in the order of the table.
    pub mailboxes: Vec<RosterMailbox>,
    /// Lines that cannot be used, in the order of the table.
    pub bad: Vec<BadLine>,
}

/// Why a table cannot be read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TableProblem {
    /// It is larger than [`LONGEST`].
    #[error("the table is larger than 2 MiB; leave only the column of addresses in it")]
    TooLarge,
    /// It has more mailboxes than [`MOST_MAILBOXES`].
    #[error("the table has more than 20,000 mailboxes; divide it")]
    TooMany,
    /// It is text of 16 bits a letter, or a spreadsheet's own format.
    #[error("this is no CSV file; save the table as \"CSV UTF-8 (comma delimited)\"")]
    NotCsv,
    /// There is nothing in it.
    #[error("the table is empty; write one mail address on each line")]
    Empty,
    /// No column holds addresses.
    #[error("no column holds mail addresses; write \"mailbox\" over the one that does")]
    NoColumn,
}

/// Reads a table. Errs when it cannot be read at all; a line that cannot be used is named in what is given back.
pub fn read_roster(bytes: &[u8]) -> Result<RosterTable, TableProblem> {
    if bytes.len() > LONGEST {
        return Err(TableProblem::TooLarge);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if text.contains(&0) || NOT_CSV.iter().any(|start| text.starts_with(start)) {
        return Err(TableProblem::NotCsv);
    }
    let mut records = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(text))
        .from_reader(text)
        .into_byte_records()
        .map_while(Result::ok)
        .filter(|record| record.iter().any(|cell| !cell.trim_ascii().is_empty()));
    let first = records.next().ok_or(TableProblem::Empty)?;
    let heading = heading(&first);
    let column = heading.or_else(|| first.iter().position(|cell| cell.contains(&b'@')));
    let column = column.ok_or(TableProblem::NoColumn)?;
    let data = heading.is_none().then_some(first).into_iter().chain(records);
    let mut table = RosterTable::default();
    let mut lines = BTreeMap::new();
    let mut count = LineCount { text, at: 0, line: 1 };
    for record in data {
        let line = count.line_of(&record);
        match address(&record, column).and_then(|mailbox| new(mailbox, line, &mut lines)) {
            Ok(mailbox) => table.mailboxes.push(RosterMailbox { line, mailbox, outside: false }),
            Err(problem) => table.bad.push(BadLine::new(line, problem, &quoted(&record, column))),
        }
        if table.mailboxes.len() > MOST_MAILBOXES {
            return Err(TableProblem::TooMany);
        }
    }
    if table == RosterTable::default() { Err(TableProblem::Empty) } else { Ok(table) }
}

/// Counts lines up to a record. The reader's own count is that of the blank line before one.
struct LineCount<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl LineCount<'_> {
    /// The line on which a record begins; records come in the order of the text.
    fn line_of(&mut self, record: &ByteRecord) -> u64 {
        let start = record.position().map_or(0, csv::Position::byte);
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        while let Some(byte) = self.text.get(self.at) {
            if self.at >= start && !matches!(byte, b'\r' | b'\n') {
                break;
            }
            self.line += u64::from(*byte == b'\n');
            self.at += 1;
        }
        self.line
    }
}

/// The sign of the first line that separates columns most often.
fn separator(text: &[u8]) -> u8 {
    let first =
        text.split(|byte| matches!(byte, b'\n' | b'\r')).find(|line| !line.is_empty()).unwrap_or(text);
    let count = |sign: &u8| first.iter().filter(|byte| *byte == sign).count();
    // The last of equals wins, so a comma does.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

fn heading(first: &ByteRecord) -> Option<usize> {
    let headings: Vec<String> = first.iter().map(plain).collect();
    HEADINGS.iter().find_map(|known| headings.iter().position(|heading| heading == known))
}

fn plain(cell: &[u8]) -> String {
    let letters = cell.iter().filter(|byte| byte.is_ascii_alphanumeric());
    letters.map(|byte| char::from(byte.to_ascii_lowercase())).collect()
}

fn address(record: &ByteRecord, column: usize) -> Result<MailAddress, LineProblem> {
    let cell = record.get(column).unwrap_or_default().trim_ascii();
    if cell.is_empty() {
        return Err(LineProblem::NoAddress);
    }
    let text = std::str::from_utf8(cell).map_err(|_| LineProblem::NotText)?;
    MailAddress::parse(text).map_err(|_| LineProblem::NotAnAddress)
}

/// What a person looks for in their table: the cell that should hold an address, or the others where it is empty.
fn quoted(record: &ByteRecord, column: usize) -> String {
    let cell = record.get(column).unwrap_or_default().trim_ascii();
    if !cell.is_empty() {
        return String::from_utf8_lossy(cell).into_owned();
    }
    let others = record.iter().map(<[u8]>::trim_ascii).filter(|cell| !cell.is_empty());
    others.map(String::from_utf8_lossy).collect::<Vec<_>>().join(", ")
}

fn new(
    mailbox: MailAddress,
    line: u64,
    lines: &mut BTreeMap<String, u64>,
) -> Result<MailAddress, LineProblem> {
    match lines.insert(mailbox.as_str().to_lowercase(), line) {
        None => Ok(mailbox),
        Some(first) => {
            lines.insert(mailbox.as_str().to_lowercase(), first);
            Err(LineProblem::Repeated { first })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Lines<T> = Vec<(u64, T)>;

    fn read(text: &str) -> (Lines<String>, Lines<LineProblem>) {
        let table = read_roster(text.as_bytes()).expect("a table");
        let mailboxes = table.mailboxes.into_iter().map(|one| (one.line, one.mailbox.as_str().to_owned()));
        (mailboxes.collect(), table.bad.into_iter().map(|bad| (bad.line, bad.problem)).collect())
    }

    #[test]
    fn tables_of_spreadsheets_and_admin_centres_are_read() {
        let two = vec![(2, "ida@elm.example".to_owned()), (3, "jo@elm.example".to_owned())];
        for text in [
            "mailbox\nida@elm.example\njo@elm.example\n",
            "\u{feff}Name;E-Mail Address\r\nIda;ida@elm.example\r\nJo;jo@elm.example\r\n",
            "\"DisplayName\",\"PrimarySmtpAddress\"\n\"Hall, Ida\",\"ida@elm.example\"\nJo,jo@elm.example",
            "User principal name\tMail\nx@other.example\tida@elm.example\ny@other.example\tjo@elm.example\n",
        ] {
            assert_eq!(read(text), (two.clone(), vec![]), "{text:?}");
        }
        let (bare, bad) = read("Ida, ida@elm.example \nJo,jo@elm.example\n");
        assert_eq!(
            (bare[0].clone(), bare[1].clone(), bad),
            ((1, two[0].1.clone()), (2, two[1].1.clone()), vec![])
        );
    }

    #[test]
    fn a_line_that_cannot_be_used_is_named_by_its_number() {
        let (good, bad) =
            read("mailbox,x\nida@elm.example,1\n,2\nno address,3\nIDA@elm.example,4\n\njo@elm.example\n");
        assert_eq!(good.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 7]);
        assert_eq!(
            bad,
            [
                (3, LineProblem::NoAddress),
                (4, LineProblem::NotAnAddress),
                (5, LineProblem::Repeated { first: 2 })
            ]
        );
    }

    #[test]
    fn what_is_no_table_is_refused_as_a_whole() {
        let many: String = (0..=MOST_MAILBOXES).map(|n| format!("a{n}@elm.example\n")).collect();
        for (bytes, problem) in [
            (&b"\xff\xfem\0"[..], TableProblem::NotCsv),
            (b"PK\x03\x04\0\0", TableProblem::NotCsv),
            (b"  \n\n", TableProblem::Empty),
            (b"mailbox\n", TableProblem::Empty),
            (b"name\nIda\n", TableProblem::NoColumn),
            (&vec![b'a'; LONGEST + 1], TableProblem::TooLarge),
            (many.as_bytes(), TableProblem::TooMany),
        ] {
            assert_eq!(read_roster(bytes).err(), Some(problem));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_and_no_line_is_lost(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(table) = read_roster(&bytes) {
                let read = table.mailboxes.len() + table.bad.len();
                prop_assert!(read >= 1 && read <= bytes.len());
            }
        }

        #[test]
        fn every_address_of_a_column_is_found_once(names in proptest::collection::btree_set("[a-z]{1,8}", 1..30)) {
            let text = names.iter().fold("mailbox\n".to_owned(), |text, name| format!("{text}{name}@elm.example\n"));
            let table = read_roster(text.as_bytes()).expect("a table");
            prop_assert_eq!(table.mailboxes.len(), names.len());
            prop_assert!(table.bad.is_empty());
        }
    }
}
