//! What a server says about itself, and whether it may be asked.

use alloc::borrow::ToOwned;
use alloc::string::String;

use redis::{ErrorKind, RedisError, ServerErrorKind};

use super::{EvictionPolicy, RedisStoreError};

/// What a server says about itself in `INFO`, for a line in the log at the start. `None` where it does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedisServer {
    /// Its name, if it is not Redis: `valkey`.
    pub name: Option<String>,
    /// Its version; Valkey's own, not the version of Redis that it says it is compatible with.
    pub version: Option<String>,
    /// `noeviction`, or how it chooses what to forget early when memory runs out.
    pub maxmemory_policy: Option<String>,
    /// Entries that it has forgotten early since it started, other users' included. Anything but zero may have let replays
    /// through.
    pub evicted_keys: Option<u64>,
    /// Whether it writes its append-only file, without which a restart forgets what came since the last snapshot, or all.
    pub append_only: Option<bool>,
    /// Replicas that are connected. A failover to one of them can lose the last entries.
    pub replicas: Option<u64>,
    /// The version of Redis that decides what `SET` takes.
    redis_version: Option<String>,
}

impl RedisServer {
    /// The first version that takes `NX` and `GET` in one `SET`.
    const OLDEST_MAJOR: u64 = 7;

    /// Reads the answer to `INFO`. A user who may not ask for it learns nothing, and that is no failure.
    pub(super) fn read(answer: Result<String, RedisError>) -> Result<Self, RedisError> {
        match answer {
            Ok(info) => Ok(Self::from_info(&info)),
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoPerm) => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    fn from_info(info: &str) -> Self {
        let field = |name: &str| {
            let mut lines = info.lines().filter_map(|line| line.trim_end().split_once(':'));
            lines.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
        };
        let number = |name: &str| field(name).and_then(|value| value.parse().ok());
        let redis_version = field("redis_version");
        Self {
            name: field("server_name").filter(|name| name != "redis"),
            version: field("valkey_version").or_else(|| redis_version.clone()),
            maxmemory_policy: field("maxmemory_policy"),
            evicted_keys: number("evicted_keys"),
            append_only: field("aof_enabled").map(|value| value == "1"),
            replicas: number("connected_slaves"),
            redis_version,
        }
    }

    /// Whether a server like this keeps what it is given, as far as it says.
    pub(super) fn judge(&self, eviction: EvictionPolicy) -> Result<(), RedisStoreError> {
        let major = self.redis_version.as_deref().and_then(|version| version.split('.').next()?.parse::<u64>().ok());
        if major.is_some_and(|major| major < Self::OLDEST_MAJOR) {
            return Err(RedisStoreError::TooOld { version: self.version.clone() });
        }
        match eviction {
            EvictionPolicy::Allow => Ok(()),
            EvictionPolicy::Refuse if self.maxmemory_policy.as_deref() == Some("noeviction") => Ok(()),
            EvictionPolicy::Refuse => Err(RedisStoreError::Evicts { policy: self.maxmemory_policy.clone() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    const INFO: &str = "# Server\r\nredis_version:7.0.15\r\n\r\n# Memory\r\nmaxmemory_policy:noeviction\r\n# Persistence\r\n\
                        aof_enabled:1\r\n# Stats\r\nevicted_keys:3\r\n# Replication\r\nconnected_slaves:2\r\n";

    #[test]
    fn what_redis_says_is_read() {
        let server = RedisServer::from_info(INFO);
        assert_eq!((server.name.as_deref(), server.version.as_deref()), (None, Some("7.0.15")));
        assert_eq!((server.evicted_keys, server.append_only, server.replicas), (Some(3), Some(true), Some(2)));
        assert_eq!(server.judge(EvictionPolicy::Refuse), Ok(()));
    }

    #[test]
    fn valkey_is_known_by_its_own_version() {
        let server = RedisServer::from_info(
            "redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.1\r\nmaxmemory_policy:noeviction",
        );
        assert_eq!((server.name.as_deref(), server.version.as_deref()), (Some("valkey"), Some("8.1.1")));
        assert_eq!(server.judge(EvictionPolicy::Refuse), Ok(()));
    }

    #[test]
    fn old_servers_are_refused_and_those_of_7_0_are_not() {
        for (version, good) in [("7.0.0", true), ("10.1", true), ("6.2.18", false), ("5.0", false)] {
            let server = RedisServer::from_info(&INFO.replace("7.0.15", version));
            let expected = if good { Ok(()) } else { Err(RedisStoreError::TooOld { version: Some(version.into()) }) };
            assert_eq!(server.judge(EvictionPolicy::Allow), expected, "{version}");
        }
    }

    #[test]
    fn every_policy_but_noeviction_is_refused_unless_allowed() {
        for policy in ["volatile-lru", "allkeys-lfu", "volatile-ttl", "allkeys-random", ""] {
            let server = RedisServer::from_info(&INFO.replace("noeviction", policy));
            let refused = Err(RedisStoreError::Evicts { policy: Some(policy.into()) });
            assert_eq!(server.judge(EvictionPolicy::Refuse), refused);
            assert_eq!(server.judge(EvictionPolicy::Allow), Ok(()));
        }
        let silent = RedisServer::from_info(&format!("{}x", INFO.replace("maxmemory_policy", "unknown")));
        assert_eq!(silent.judge(EvictionPolicy::Refuse), Err(RedisStoreError::Evicts { policy: None }));
    }
}
