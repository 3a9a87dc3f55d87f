//! What a server says first under TLS 1.2, read in passing: until the keys change it is not encrypted.

use rustls::pki_types::CertificateDer;

use crate::net::failure::TlsProblem;

/// The most bytes of a first flight that are kept.
pub(super) const MOST: usize = 128 * 1024;

/// A first flight, as far as it has come. What has been read is not read again, however the flight is cut: only what is
/// not a whole record or message yet waits for the rest.
#[derive(Default)]
pub(super) struct Flight {
    /// The presented chain, leaf first; empty until it is there as a whole.
    pub(super) chain: Vec<CertificateDer<'static>>,
    /// Whether a certificate of ours was asked for.
    pub(super) asked: bool,
    /// Whether nothing more belongs to it.
    pub(super) whole: bool,
    /// How many bytes have come.
    pub(super) heard: usize,
    record: Vec<u8>,
    message: Vec<u8>,
}

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;

impl Flight {
    /// Reads what comes next.
    ///
    /// Errs when the server refuses, speaks an older version, or speaks something else.
    pub(super) fn read_on(&mut self, more: &[u8]) -> Result<(), TlsProblem> {
        self.heard += more.len();
        self.record.extend_from_slice(more);
        let mut done = 0;
        while let Some((kind, payload)) = record(&self.record[done..]) {
            done += RECORD + payload.len();
            match kind {
                HANDSHAKE => self.message.extend_from_slice(payload),
                ALERT => return Err(refusal(payload)),
                _ => return Err(TlsProblem::NotTls),
            }
            self.read_messages()?;
        }
        self.record.drain(..done);
        match self.record.first() {
            Some(kind) if !matches!(*kind, ALERT | HANDSHAKE) => Err(TlsProblem::NotTls),
            _ => Ok(()),
        }
    }

    fn read_messages(&mut self) -> Result<(), TlsProblem> {
        let mut done = 0;
        while let Some((kind, body)) = message(&self.message[done..]) {
            done += MESSAGE + body.len();
            match (kind, body) {
                // Server hello: the version stands first.
                (2, [3, minor, ..]) if *minor < 3 => return Err(TlsProblem::VersionTooOld),
                (11, [_, _, _, list @ ..]) => self.chain = certificates(list),
                (13, _) => self.asked = true,
                (14, _) => self.whole = true,
                _ => {}
            }
        }
        self.message.drain(..done);
        Ok(())
    }
}

/// The length of a record's head: kind, version, length.
const RECORD: usize = 5;

/// The length of a message's head: kind, length.
const MESSAGE: usize = 4;

/// The first record, if it is whole: its kind and what it carries.
fn record(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<RECORD>()?;
    let [kind, _, _, high, low] = *head;
    let payload = rest.get(..usize::from(u16::from_be_bytes([high, low])))?;
    #[cfg(test)]
    tests::count(payload);
    Some((kind, payload))
}

/// The first message, if it is whole.
fn message(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<MESSAGE>()?;
    let [kind, a, b, c] = *head;
    let body = rest.get(..length([a, b, c]))?;
    #[cfg(test)]
    tests::count(body);
    Some((kind, body))
}

const fn refusal(alert: &[u8]) -> TlsProblem {
    match alert {
        [_, 40 | 71] => TlsProblem::NoCommonCipher,
        [_, 70] => TlsProblem::VersionTooOld,
        _ => TlsProblem::Other,
    }
}

fn certificates(mut list: &[u8]) -> Vec<CertificateDer<'static>> {
    let mut chain = Vec::new();
    while let Some((size, rest)) = list.split_first_chunk::<3>() {
        let Some((der, after)) = rest.split_at_checked(length(*size)) else { break };
        chain.push(CertificateDer::from(der.to_vec()));
        list = after;
    }
    chain
}

const fn length([a, b, c]: [u8; 3]) -> usize {
    u32::from_be_bytes([0, a, b, c]) as usize
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        /// How many bytes were taken out of records and messages.
        static WORK: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn count(bytes: &[u8]) {
        WORK.set(WORK.get() + bytes.len());
    }

    fn read(bytes: &[u8]) -> Result<Flight, TlsProblem> {
        let mut flight = Flight::default();
        flight.read_on(bytes).map(|()| flight)
    }

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let size = u32::try_from(body.len()).expect("short").to_be_bytes();
        [&[kind, size[1], size[2], size[3]], body].concat()
    }

    fn records(kind: u8, bytes: &[u8], size: usize) -> Vec<u8> {
        let record = |part: &[u8]| {
            [&[kind, 3, 3][..], &u16::try_from(part.len()).expect("short").to_be_bytes(), part].concat()
        };
        bytes.chunks(size).flat_map(record).collect()
    }

    fn whole(minor: u8) -> Vec<u8> {
        let certificates = [&[0, 0, 12][..], &[0, 0, 4], b"leaf", &[0, 0, 2], b"ca"].concat();
        [message(2, &[3, minor, 0, 0]), message(11, &certificates), message(13, b"x"), message(14, b"")]
            .concat()
    }

    #[test]
    fn a_flight_is_read_once_it_is_whole_however_it_is_cut() {
        for size in [1, 3, 7, 1000] {
            let bytes = records(HANDSHAKE, &whole(3), size);
            for step in [1, 2, 5, 11, bytes.len()] {
                let mut flight = Flight::default();
                for part in bytes.chunks(step) {
                    assert!(!flight.whole, "{size} {step}");
                    flight.read_on(part).expect("a part of a flight");
                }
                assert_eq!((flight.chain.len(), flight.chain[0].as_ref()), (2, &b"leaf"[..]));
                assert!(flight.asked && flight.whole, "{size} {step}");
                assert_eq!(flight.heard, bytes.len());
            }
        }
    }

    #[test]
    fn a_flight_that_drips_is_read_once_all_the_same() {
        let long = [whole(3), message(22, &[7; 60_000])].concat();
        for size in [1, 500, 16_000] {
            let bytes = records(HANDSHAKE, &long, size);
            for step in [1, 100] {
                WORK.set(0);
                let mut flight = Flight::default();
                for part in bytes.chunks(step) {
                    flight.read_on(part).expect("a part of a flight");
                }
                // Once out of its record and once out of its message.
                assert!(WORK.get() <= 2 * bytes.len(), "{size} {step}: {} for {}", WORK.get(), bytes.len());
                assert!(flight.record.capacity() < 40_000, "what was read is not kept");
            }
        }
    }

    #[test]
    fn refusals_and_strangers_are_told_apart() {
        let problem = |bytes: &[u8]| read(bytes).err();
        assert_eq!(problem(&records(ALERT, &[2, 40], 2)), Some(TlsProblem::NoCommonCipher));
        assert_eq!(problem(&records(ALERT, &[2, 70], 2)), Some(TlsProblem::VersionTooOld));
        assert_eq!(problem(&records(ALERT, &[2, 112], 2)), Some(TlsProblem::Other));
        assert_eq!(problem(&records(HANDSHAKE, &whole(1), 500)), Some(TlsProblem::VersionTooOld));
        assert_eq!(problem(b"HTTP/1.1 400 Bad Request\r\n"), Some(TlsProblem::NotTls));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
            let _ = read(&records(HANDSHAKE, &bytes, 90));
            let _ = read(&bytes);
        }
    }
}
