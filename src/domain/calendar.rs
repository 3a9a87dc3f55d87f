//! The last day of a secret as a calendar file (RFC 5545): one all-day entry with alarms, so that it stands in the
//! calendar of whoever looks after it, whatever becomes of our mails.

use std::fmt::Write as _;

use jiff::{ToSpan, civil::Date};

use super::instant::Instant;

/// The longest line in octets, without its end: RFC 5545, 3.1.
const LONGEST: usize = 75;

/// An all-day entry.
#[derive(Debug, Clone)]
pub struct LastDay<'a> {
    /// By what a calendar knows it again when the file is opened twice; unique in the world.
    pub uid: &'a str,
    /// When the file was made.
    pub made_at: Instant,
    /// The day.
    pub on: Date,
    /// What stands in the calendar.
    pub title: &'a str,
    /// What stands in the entry.
    pub text: &'a str,
    /// The page that mends it.
    pub url: &'a str,
    /// Days before the day on which the calendar is to say so; none of the day itself, which the entry is.
    pub alarms: &'a [i32],
}

impl LastDay<'_> {
    /// The file.
    pub fn file(&self) -> String {
        let day = |day: Date| day.strftime("%Y%m%d").to_string();
        let next = self.on.checked_add(1.day()).unwrap_or(self.on);
        let mut file = String::new();
        let mut line = |text: &str| folded(&mut file, text);
        for text in
            ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//MoxiWorks//moxi-onboard//EN", "METHOD:PUBLISH"]
        {
            line(text);
        }
        line("BEGIN:VEVENT");
        line(&format!("UID:{}", escaped(self.uid)));
        line(&format!("DTSTAMP:{}", stamp(self.made_at)));
        line(&format!("DTSTART;VALUE=DATE:{}", day(self.on)));
        line(&format!("DTEND;VALUE=DATE:{}", day(next)));
        line(&format!("SUMMARY:{}", escaped(self.title)));
        line(&format!("DESCRIPTION:{}", escaped(self.text)));
        line(&format!("URL:{}", self.url));
        // It takes no time of anybody's day.
        line("TRANSP:TRANSPARENT");
        for before in self.alarms.iter().filter(|before| **before > 0) {
            line("BEGIN:VALARM");
            line("ACTION:DISPLAY");
            line(&format!("DESCRIPTION:{}", escaped(self.title)));
            // Nine in the morning of that day: an all-day entry begins at midnight.
            line(&format!("TRIGGER:-P{}DT15H", before - 1));
            line("END:VALARM");
        }
        line("END:VEVENT");
        line("END:VCALENDAR");
        file
    }
}

fn stamp(at: Instant) -> String {
    let digits: String = at.rfc3339().chars().filter(|letter| !"-:".contains(*letter)).collect();
    let seconds = digits.split(['.', 'Z']).next().unwrap_or_default();
    format!("{seconds}Z")
}

/// A text with what the format means something by taken its meaning: RFC 5545, 3.3.11.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, letter| {
        match letter {
            '\\' | ';' | ',' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            '\n' => escaped.push_str("\\n"),
            letter if letter.is_control() => {}
            letter => escaped.push(letter),
        }
        escaped
    })
}

/// Writes a line, broken where it is too long; no letter is torn apart.
fn folded(file: &mut String, text: &str) {
    let mut room = LONGEST;
    for letter in text.chars() {
        if letter.len_utf8() > room {
            file.push_str("\r\n ");
            room = LONGEST - 1;
        }
        let _ = write!(file, "{letter}");
        room -= letter.len_utf8();
    }
    file.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn file(title: &str) -> String {
        LastDay {
            uid: "att_1@connect.moxi.example",
            made_at: Instant::from_micros(1_795_257_720_000_000),
            on: date(2028, 11, 30),
            title,
            text: "Renew it before; see the page.\nUntil then, everything works.",
            url: "https://connect.moxi.example/connections/con_1/renew",
            alarms: &[60, 30, 1, 0],
        }
        .file()
    }

    #[test]
    fn it_is_a_calendar_of_one_day_with_its_alarms() {
        let file = file("The client secret ends");
        assert!(
            file.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") && file.ends_with("END:VCALENDAR\r\n")
        );
        assert!(file.contains("\r\nDTSTART;VALUE=DATE:20281130\r\nDTEND;VALUE=DATE:20281201\r\n"), "{file}");
        assert!(file.contains("\r\nDTSTAMP:20261121T104200Z\r\n"), "{file}");
        assert_eq!(file.matches("BEGIN:VALARM").count(), 3, "{file}");
        assert!(file.contains("TRIGGER:-P59DT15H") && file.contains("TRIGGER:-P0DT15H"), "{file}");
        assert!(
            file.contains("Renew it before\\; see the page.\\nUntil then\\, everything works."),
            "{file}"
        );
    }

    #[test]
    fn no_name_breaks_out_of_its_line_and_no_line_is_too_long() {
        let hostile = format!("Büro\r\nBEGIN:VEVENT\u{7}, {}", "é".repeat(200));
        let file = file(&hostile);
        assert_eq!(file.matches("BEGIN:VEVENT\r\n").count(), 1, "{file}");
        assert!(file.split("\r\n").all(|line| line.len() <= LONGEST), "{file}");
        assert!(!file.replace("\r\n", "").contains(['\r', '\n', '\u{7}']), "{file}");
        let whole = file.replace("\r\n ", "");
        assert!(whole.contains(&"é".repeat(200)), "{whole}");
    }
}
