//! The acceptor that is measured.

use super::logins::{Logins, SERVICE};
use core::cell::Cell;
use core::hint::black_box;
use core::time::Duration;
use kerbside::numbers::Enctype;
use kerbside::replay::{MemoryReplayStore, ReplayKey, ReplayStore, Seen};
use kerbside::testing::Realm;
use kerbside::{Acceptor, AcceptorBuilder, Keytab, ReplayPolicy, Timestamp};
use std::sync::Arc;
use std::time::Instant;

/// Short, so that the entries of one pass are dead a few seconds later.
const SKEW: Duration = Duration::from_secs(1);

/// An acceptor whose replay store can be made to forget.
pub(crate) struct Door {
    pub(crate) acceptor: Acceptor,
    pub(crate) now: Timestamp,
    store: Arc<MemoryReplayStore>,
    forgotten: Cell<u32>,
}

impl Door {
    /// With the service's own keytab: a key of each enctype.
    pub(crate) fn new(logins: &Logins) -> Self {
        Self::with_keytab(logins.realm.keytab(SERVICE).expect("a keytab"), logins)
    }

    pub(crate) fn with_keytab(keytab: Keytab, logins: &Logins) -> Self {
        Self::built(keytab, logins, |builder| builder)
    }

    pub(crate) fn built(
        keytab: Keytab,
        logins: &Logins,
        change: impl FnOnce(AcceptorBuilder) -> AcceptorBuilder,
    ) -> Self {
        let store = Arc::new(MemoryReplayStore::default());
        let builder = Acceptor::builder(keytab)
            .service("HTTP")
            .allow_enctype(logins.enctype)
            .skew(SKEW)
            .replay(ReplayPolicy::Store(store.clone()));
        let acceptor = change(builder).build().expect("the keytab has keys");
        Self { acceptor, store, now: logins.realm.now(), forgotten: Cell::new(0) }
    }

    /// Accepts every token once: mutual authentication, a reply, and the replay check, in a store that is in use.
    pub(crate) fn accept_all(&self, tokens: &[Vec<u8>]) -> Duration {
        self.forget();
        let begun = Instant::now();
        for token in tokens {
            let accepted = self.acceptor.accept(black_box(token), self.now).expect("a good token");
            black_box(accepted.reply());
        }
        begun.elapsed()
    }

    /// Refuses every token.
    pub(crate) fn refuse_all(&self, tokens: &[Vec<u8>]) -> Duration {
        let begun = Instant::now();
        for token in tokens {
            let error = self.acceptor.accept(black_box(token), self.now).expect_err("a bad token");
            black_box(error.reply());
        }
        begun.elapsed()
    }

    /// Leaves the store with about two thousand live entries, and none of this acceptor's: what expired goes when its
    /// part of the store is next asked, so strangers enough to come by every part arrive later than all before them.
    pub(crate) fn forget(&self) {
        let round = self.forgotten.get() + 1;
        self.forgotten.set(round);
        let later = self.now.saturating_add(4 * SKEW * round);
        for stranger in 0..2048_u32 {
            let key = ReplayKey::new(Enctype(0), &[&round.to_be_bytes()[..], &stranger.to_be_bytes()].concat());
            assert_eq!(self.store.check_and_insert(&key, later, later).ok(), Some(Seen::Fresh));
        }
    }
}

/// The file of a keytab with that many entries of as many services; the one that is asked for stands in the middle.
pub(crate) fn keytab_octets(realm: &Realm, enctype: Enctype, entries: usize) -> Vec<u8> {
    let builder = (0..entries).fold(realm.keytab_builder(), |builder, number| {
        let other = format!("HTTP/host{number:05}.example.com");
        builder.key(if number == entries / 2 { SERVICE } else { &other }, enctype, Realm::KVNO)
    });
    builder.to_octets()
}
