//! Whether a large ticket comes through (CAS-04, KTB-25).

use super::{Doctor, FindingKind, Findings, Subject};
use alloc::format;

/// What stands around the base64 text: `Authorization: Negotiate ` before it, CR and LF behind it.
const AROUND: usize = "Authorization: Negotiate \r\n".len();

/// The largest ticket that Windows makes of itself: `MaxTokenSize`, 48,000 octets since Windows 8 and Server 2012 (KB 327825).
const LARGE_TOKEN: usize = 48_000;

/// The octets of the line `Authorization: Negotiate …` with a token of so many octets, its line break counted.
#[must_use]
pub fn header_octets(token_octets: usize) -> usize {
    token_octets.div_ceil(3).saturating_mul(4).saturating_add(AROUND)
}

/// The largest token whose line fits into so many octets: the other way round.
#[must_use]
pub fn token_octets_in_header(header_octets: usize) -> usize {
    (header_octets.saturating_sub(AROUND) / 4).saturating_mul(3)
}

pub(super) fn check(doctor: &Doctor<'_>, findings: &mut Findings) {
    let own = doctor.limits.token_octets;
    if own < LARGE_TOKEN {
        findings.push(
            FindingKind::LimitsToken,
            Subject::Limits,
            format!(
                "tokens of more than {own} octets are refused here with Token.TooLarge, and users in many groups \
                 have tickets of up to {LARGE_TOKEN}"
            ),
            format!("raise `Limits::token_octets` to at least {LARGE_TOKEN}; the default is 65536"),
        );
    }
    let wanted = own.min(LARGE_TOKEN);
    let Some(limit) = doctor.header_limit else { return };
    if token_octets_in_header(limit) < wanted {
        let line = header_octets(wanted);
        findings.push(
            FindingKind::LimitsHeader,
            Subject::Limits,
            format!(
                "a header line of {limit} octets holds a token of {} at most, and one of {wanted} needs {line}: \
                 the proxy answers 400 or 431 to users in many groups, and nothing is seen here",
                token_octets_in_header(limit)
            ),
            "let each server and proxy take header lines of 65536 octets (nginx `large_client_header_buffers 4 \
             64k`, Apache `LimitRequestFieldSize 65536`, IIS `MaxFieldLength` 65534 and `MaxRequestBytes` 131072, \
             Tomcat `maxHttpHeaderSize=\"131072\"`, HAProxy `tune.bufsize 131072`, Envoy `max_request_headers_kb: \
             96`, Node.js `--max-http-header-size=131072`, hyper `max_header_list_size(131072)`)",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_tokens_and_of_their_lines_are_inverse() {
        assert_eq!(header_octets(0), 27);
        assert_eq!([1, 2, 3, 4].map(header_octets), [31, 31, 31, 35]);
        assert_eq!(header_octets(48_000), 64_027);
        for token in 0..1_000 {
            let room = token_octets_in_header(header_octets(token));
            assert!(room >= token && room < token + 3, "{token}");
        }
        assert_eq!([0, 27, 30, 31].map(token_octets_in_header), [0, 0, 0, 3]);
    }
}
