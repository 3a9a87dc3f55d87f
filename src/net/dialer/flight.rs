//! What a server says first under TLS 1.2, read in passing: until the keys change it is not encrypted.

use rustls::pki_types::CertificateDer;

use crate::net::failure::TlsProblem;

/// The most bytes of a first flight that are kept.
pub(super) const MOST: usize = 128 * 1024;

/// A first flight, as far as it has come.
#[derive(Default)]
pub(super) struct Flight {
    /// The presented chain, leaf first; empty until it is there as a whole.
    pub(super) chain: Vec<CertificateDer<'static>>,
    /// Whether a certificate of ours was asked for.
    pub(super) asked: bool,
    /// Whether nothing more belongs to it.
    pub(super) whole: bool,
}

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;

/// Reads the bytes that have come so far.
///
/// Errs when the server refuses, speaks an older version, or speaks something else.
pub(super) fn read(bytes: &[u8]) -> Result<Flight, TlsProblem> {
    let (mut rest, mut messages) = (bytes, Vec::new());
    while let Some((kind, payload, after)) = record(rest) {
        match kind {
            HANDSHAKE => messages.extend_from_slice(payload),
            ALERT => return Err(refusal(payload)),
            _ => return Err(TlsProblem::NotTls),
        }
        rest = after;
    }
    match rest.first() {
        Some(kind) if !matches!(*kind, ALERT | HANDSHAKE) => Err(TlsProblem::NotTls),
        _ => flight(&messages),
    }
}

fn record(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<5>()?;
    let [kind, _, _, high, low] = *head;
    let (payload, after) = rest.split_at_checked(usize::from(u16::from_be_bytes([high, low])))?;
    Some((kind, payload, after))
}

const fn refusal(alert: &[u8]) -> TlsProblem {
    match alert {
        [_, 40 | 71] => TlsProblem::NoCommonCipher,
        [_, 70] => TlsProblem::VersionTooOld,
        _ => TlsProblem::Other,
    }
}

fn flight(messages: &[u8]) -> Result<Flight, TlsProblem> {
    let mut flight = Flight::default();
    let mut rest = messages;
    while let Some((head, after)) = rest.split_first_chunk::<4>() {
        let [kind, a, b, c] = *head;
        let Some((body, after)) = after.split_at_checked(length([a, b, c])) else { break };
        match (kind, body) {
            // Server hello: the version stands first.
            (2, [3, minor, ..]) if *minor < 3 => return Err(TlsProblem::VersionTooOld),
            (11, [_, _, _, list @ ..]) => flight.chain = certificates(list),
            (13, _) => flight.asked = true,
            (14, _) => flight.whole = true,
            _ => {}
        }
        rest = after;
    }
    Ok(flight)
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
    use super::*;

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
            for end in 0..bytes.len() {
                assert!(read(&bytes[..end]).is_ok_and(|flight| !flight.whole), "{size} {end}");
            }
            let flight = read(&bytes).expect("a flight");
            assert_eq!((flight.chain.len(), flight.chain[0].as_ref()), (2, &b"leaf"[..]));
            assert!(flight.asked && flight.whole);
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
