//! One question, one command, one answer.

use alloc::string::String;
use core::fmt::Write as _;
use core::str;

use redis::{Cmd, Value};

use super::RedisStoreError;
use crate::replay::{ReplayKey, Seen};
use crate::time::Timestamp;

/// `SET <prefix><key in hex> <now> NX PX <lifetime> GET`: look up and insert in one command (step R-3).
///
/// The value is the caller's time in microseconds since 1970, which a replay gets back as its `first_seen`.
pub(super) fn command(prefix: &str, key: &ReplayKey, now: Timestamp, keep_until: Timestamp) -> Cmd {
    let mut command = redis::cmd("SET");
    command.arg(name(prefix, key)).arg(now.unix_micros());
    command.arg("NX").arg("PX").arg(lifetime_millis(now, keep_until)).arg("GET");
    command
}

/// What the server's answer says: the old value, or nothing if there was none and the new one was set.
pub(super) fn seen(answer: &Value) -> Result<Seen, RedisStoreError> {
    match answer {
        Value::Nil => Ok(Seen::Fresh),
        Value::BulkString(octets) => str::from_utf8(octets)
            .ok()
            .and_then(|text| text.parse().ok())
            .map(|micros| Seen::Replay { first_seen: Timestamp::from_unix_micros(micros) })
            .ok_or(RedisStoreError::NotUnderstood),
        _ => Err(RedisStoreError::NotUnderstood),
    }
}

/// All 32 octets count.
fn name(prefix: &str, key: &ReplayKey) -> String {
    let mut name = String::with_capacity(prefix.len().saturating_add(64));
    name.push_str(prefix);
    for octet in key.as_octets() {
        // Writing to a string does not fail.
        let _ = write!(name, "{octet:02x}");
    }
    name
}

/// From `now` to past `keep_until`: the next whole millisecond, so at least one.
fn lifetime_millis(now: Timestamp, keep_until: Timestamp) -> u64 {
    let lifetime = keep_until.saturating_since(now);
    u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX).saturating_add(1).min(LONGEST_MILLIS)
}

/// A hundred years. Redis refuses a lifetime that overflows when the time is added to it.
const LONGEST_MILLIS: u64 = 100 * 366 * 86_400_000;

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(micros: i64) -> Timestamp {
        Timestamp::from_unix_micros(micros)
    }

    #[test]
    fn the_command_is_as_documented() {
        let key = ReplayKey::from_octets(core::array::from_fn(|at| u8::try_from(at).unwrap()));
        let packed = command("kerbside:", &key, at(1_000_000), at(3_000_001)).get_packed_command();
        let words: alloc::vec::Vec<_> = str::from_utf8(&packed).unwrap().split("\r\n").skip(2).step_by(2).collect();
        let name = "kerbside:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        assert_eq!(words, ["SET", name, "1000000", "NX", "PX", "2001", "GET"]);
    }

    #[test]
    fn every_octet_of_the_key_is_in_its_name() {
        let octets = [0; 32];
        let plain = name("", &ReplayKey::from_octets(octets));
        for position in 0..32 {
            let mut changed = octets;
            changed[position] = 1;
            assert_ne!(name("", &ReplayKey::from_octets(changed)), plain, "octet {position}");
        }
        assert_eq!(plain.len(), 64);
    }

    #[test]
    fn a_lifetime_reaches_past_keep_until_and_is_never_zero() {
        for (now, keep_until, millis) in
            [(0, 0, 1), (5, 0, 1), (0, 1, 1), (0, 999, 1), (0, 1_000, 2), (0, 1_001, 2), (-1_000, 1_000, 3)]
        {
            assert_eq!(lifetime_millis(at(now), at(keep_until)), millis, "{now} {keep_until}");
        }
        assert_eq!(lifetime_millis(at(0), at(i64::MAX)), LONGEST_MILLIS);
    }

    #[test]
    fn only_nothing_is_fresh_and_only_a_time_is_a_replay() {
        assert_eq!(seen(&Value::Nil), Ok(Seen::Fresh));
        let first_seen = at(-12);
        assert_eq!(seen(&Value::BulkString(b"-12".to_vec())), Ok(Seen::Replay { first_seen }));
        for other in [
            Value::Okay,
            Value::Int(7),
            Value::BulkString(b"".to_vec()),
            Value::BulkString(b"tomorrow".to_vec()),
            Value::BulkString(b"\xff".to_vec()),
            Value::SimpleString("7".into()),
            Value::Array([Value::Nil].into()),
        ] {
            assert_eq!(seen(&other), Err(RedisStoreError::NotUnderstood), "{other:?}");
        }
    }
}
