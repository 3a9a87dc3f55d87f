//! DNS messages on the wire: questions read, answers written. Every read is bounds-checked.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Response codes used here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Code {
    Good = 0,
    FormatError = 1,
    ServerFailure = 2,
    NoSuchName = 3,
    NotImplemented = 4,
}

pub(crate) const A: u16 = 1;
pub(crate) const CNAME: u16 = 5;
const SOA: u16 = 6;
pub(crate) const MX: u16 = 15;
pub(crate) const TXT: u16 = 16;
pub(crate) const AAAA: u16 = 28;
pub(crate) const SRV: u16 = 33;
const OPT: u16 = 41;
const ANY_CLASS: u16 = 255;
const IN: u16 = 1;

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Question {
    pub(crate) id: u16,
    /// Lower case, without the final dot.
    pub(crate) name: String,
    pub(crate) kind: u16,
    /// The question as it stood, to be repeated in the answer.
    raw: Vec<u8>,
    recursion: bool,
    /// Largest answer over UDP the client takes; none without the extension.
    udp_size: Option<u16>,
}

/// Why a message cannot be answered with data.
#[derive(Debug, PartialEq)]
pub(crate) enum Refused {
    /// Too short to hold even an id, or an answer: nothing is sent back.
    Silent,
    /// Sent back with this code under this id.
    Told(u16, Code),
}

/// A resource record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) name: String,
    pub(crate) data: Data,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Data {
    A(Ipv4Addr),
    Aaaa(Ipv6Addr),
    Cname(String),
    Mx(u16, String),
    Txt(String),
    Srv { priority: u16, weight: u16, port: u16, host: String },
}

/// Reads one question; anything that does not fit is refused without a panic.
pub(crate) fn read(packet: &[u8]) -> Result<Question, Refused> {
    let id = word(packet, 0).ok_or(Refused::Silent)?;
    let flags = word(packet, 2).ok_or(Refused::Silent)?;
    if flags & 0x8000 != 0 {
        return Err(Refused::Silent);
    }
    let broken = Refused::Told(id, Code::FormatError);
    if flags & 0x7800 != 0 {
        return Err(Refused::Told(id, Code::NotImplemented));
    }
    question(packet, id, flags).ok_or(broken)
}

fn question(packet: &[u8], id: u16, flags: u16) -> Option<Question> {
    let (questions, answers, authorities) = (word(packet, 4)?, word(packet, 6)?, word(packet, 8)?);
    if (questions, answers, authorities) != (1, 0, 0) {
        return None;
    }
    let (name, after) = read_name(packet, 12)?;
    let (kind, class) = (word(packet, after)?, word(packet, after + 2)?);
    if class != IN && class != ANY_CLASS {
        return None;
    }
    let udp_size = extension(packet, after + 4, word(packet, 10)?)?;
    let raw = packet.get(12..after + 4)?.to_vec();
    Some(Question { id, name, kind, raw, recursion: flags & 0x0100 != 0, udp_size })
}

/// Looks through the additional records for the size extension.
fn extension(packet: &[u8], mut at: usize, count: u16) -> Option<Option<u16>> {
    let mut size = None;
    for _ in 0..count {
        let (_, after) = read_name(packet, at)?;
        if word(packet, after)? == OPT {
            size = Some(word(packet, after + 2)?);
        }
        at = after + 10 + usize::from(word(packet, after + 8)?);
        packet.get(..at)?;
    }
    Some(size)
}

/// A name without compression (questions need none), lower case, and where it ends.
fn read_name(packet: &[u8], mut at: usize) -> Option<(String, usize)> {
    let start = at;
    let mut name = String::new();
    loop {
        let length = usize::from(*packet.get(at)?);
        at += 1;
        if length == 0 {
            return Some((name, at));
        }
        if length > 63 || at + length - start > 254 {
            return None;
        }
        let label = packet.get(at..at + length)?;
        if !label.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'.') {
            return None;
        }
        if !name.is_empty() {
            name.push('.');
        }
        name.extend(label.iter().map(|byte| char::from(byte.to_ascii_lowercase())));
        at += length;
    }
}

fn word(packet: &[u8], at: usize) -> Option<u16> {
    let bytes = packet.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes([bytes[0], bytes[1]]))
}

impl Question {
    /// The largest answer to send over UDP.
    pub(crate) fn udp_limit(&self) -> usize {
        usize::from(self.udp_size.unwrap_or(512)).clamp(512, 1232)
    }

    /// The answer: records, or none with the zone's own record so that clients know how long to believe it.
    pub(crate) fn answer(&self, code: Code, records: &[Record]) -> Vec<u8> {
        let mut out = Vec::with_capacity(256);
        let flags = 0x8480 | if self.recursion { 0x0100 } else { 0 } | code as u16;
        let empty = records.is_empty() && matches!(code, Code::Good | Code::NoSuchName);
        let counts = [1, records.len() as u16, u16::from(empty), u16::from(self.udp_size.is_some())];
        put(&mut out, &[self.id, flags]);
        put(&mut out, &counts);
        out.extend_from_slice(&self.raw);
        for record in records {
            write_record(&mut out, record);
        }
        if empty {
            write_zone_record(&mut out);
        }
        if self.udp_size.is_some() {
            out.push(0);
            put(&mut out, &[OPT, 1232, 0, 0, 0]);
        }
        out
    }

    /// The head of an answer that says: ask again over TCP.
    pub(crate) fn truncated(&self) -> Vec<u8> {
        let mut out = self.answer(Code::ServerFailure, &[]);
        out[3] &= 0xf0;
        out[2] |= 0x02;
        out
    }
}

/// An answer to a message that could not be read.
pub(crate) fn refusal(id: u16, code: Code) -> Vec<u8> {
    let mut out = Vec::with_capacity(12);
    put(&mut out, &[id, 0x8080 | code as u16, 0, 0, 0, 0]);
    out
}

fn put(out: &mut Vec<u8>, words: &[u16]) {
    for word in words {
        out.extend_from_slice(&word.to_be_bytes());
    }
}

fn write_name(out: &mut Vec<u8>, name: &str) {
    for label in name.split('.').filter(|label| !label.is_empty()) {
        let label = &label.as_bytes()[..label.len().min(63)];
        out.push(label.len() as u8);
        out.extend_from_slice(label);
    }
    out.push(0);
}

/// Nothing may be kept by clients, because scripts change answers from one moment to the next.
const LIFETIME: [u16; 2] = [0, 0];

fn write_record(out: &mut Vec<u8>, record: &Record) {
    let mut data = Vec::new();
    let kind = match &record.data {
        Data::A(ip) => {
            data.extend_from_slice(&ip.octets());
            A
        }
        Data::Aaaa(ip) => {
            data.extend_from_slice(&ip.octets());
            AAAA
        }
        Data::Cname(host) => {
            write_name(&mut data, host);
            CNAME
        }
        Data::Mx(preference, host) => {
            put(&mut data, &[*preference]);
            write_name(&mut data, host);
            MX
        }
        Data::Txt(text) => {
            for part in text.as_bytes().chunks(255) {
                data.push(part.len() as u8);
                data.extend_from_slice(part);
            }
            TXT
        }
        Data::Srv { priority, weight, port, host } => {
            put(&mut data, &[*priority, *weight, *port]);
            write_name(&mut data, host);
            SRV
        }
    };
    write_name(out, &record.name);
    put(out, &[kind, IN]);
    put(out, &LIFETIME);
    put(out, &[data.len() as u16]);
    out.extend_from_slice(&data);
}

fn write_zone_record(out: &mut Vec<u8>) {
    let mut data = Vec::new();
    write_name(&mut data, "ns.simulator.example");
    write_name(&mut data, "hostmaster.simulator.example");
    put(&mut data, &[0, 1, 0, 60, 0, 60, 0, 60, 0, 0]);
    write_name(out, "example");
    put(out, &[SOA, IN]);
    put(out, &LIFETIME);
    put(out, &[data.len() as u16]);
    out.extend_from_slice(&data);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packet(name: &str, kind: u16) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out, &[7, 0x0100, 1, 0, 0, 0]);
        write_name(&mut out, name);
        put(&mut out, &[kind, IN]);
        out
    }

    #[test]
    fn a_question_is_read_without_case() {
        let question = read(&packet("Graph.Microsoft.COM", A)).expect("a good question");
        assert_eq!((question.name.as_str(), question.kind, question.id), ("graph.microsoft.com", A, 7));
    }

    #[test]
    fn broken_messages_are_refused() {
        assert_eq!(read(&[]), Err(Refused::Silent));
        assert_eq!(read(&[0, 7, 0x80, 0]), Err(Refused::Silent));
        let mut loops = packet("a", A);
        loops[12] = 0xc0;
        assert_eq!(read(&loops), Err(Refused::Told(7, Code::FormatError)));
        let mut update = packet("a", A);
        update[2] = 0x28;
        assert_eq!(read(&update), Err(Refused::Told(7, Code::NotImplemented)));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            if let Ok(question) = read(&bytes) {
                prop_assert!(question.answer(Code::Good, &[]).len() >= 12);
            }
        }

        #[test]
        fn a_damaged_question_never_panics(at in 0usize..40, with in any::<u8>(), cut in 0usize..40) {
            let mut bytes = packet("login.microsoftonline.com", A);
            let length = bytes.len();
            bytes[at % length] = with;
            bytes.truncate(length - cut % length);
            let _ = read(&bytes);
        }
    }
}
