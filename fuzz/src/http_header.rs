//! Header lines of HTTP, one to a line of the input, as a server would hand them over.
//!
//! What must hold: every input has a state; a token that was read is written and read again as the same; and a second opinion,
//! which cuts the lines at every comma and knows nothing of quotes, finds at least the schemes that were found.

use kerbside::Limits;
use kerbside::http::{Answer, AuthItems, NegotiateHeader, Party};

/// Checks everything that must hold for the octets.
pub fn run(octets: &[u8]) {
    let lines: Vec<&[u8]> = octets.split(|octet| *octet == b'\n').collect();
    lines.iter().for_each(|line| is_in_the_line(line));
    let mut limits = Limits::default();
    limits.header_octets = 1_000;
    match NegotiateHeader::read(lines.iter().copied(), &limits) {
        Ok(header) => {
            assert!(!header.name().is_empty());
            if let Some(token) = header.token() {
                assert!(token.len() <= 750, "{} octets are longer than the limit", token.len());
                is_read_as_it_is_written(&header, token);
            }
        }
        Err(error) => assert!(!error.to_string().is_empty() && !error.hint().is_empty()),
    }
}

fn is_read_as_it_is_written(header: &NegotiateHeader, token: &[u8]) {
    let answer = Answer::go_on(Party::Origin, token);
    let (_, value) = answer.header().expect("it has a token");
    assert_eq!(NegotiateHeader::read([value.as_bytes()], &Limits::default()).as_ref(), Ok(header));
}

fn is_in_the_line(line: &[u8]) {
    let pieces: Vec<&[u8]> = line.split(|octet| *octet == b',').map(<[u8]>::trim_ascii).collect();
    let mut from = 0;
    for item in AuthItems::new(line).flatten() {
        let scheme = item.scheme().as_bytes();
        let at = pieces.iter().skip(from).position(|piece| piece.starts_with(scheme));
        from += at.expect("a scheme begins a piece of the line, and they are in order") + 1;
        assert!(item.parameters().len() < line.len());
    }
}
