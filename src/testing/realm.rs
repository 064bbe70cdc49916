//! The realm and its clock.

use super::keys::EncryptionKey;
use super::keytab::KeytabBuilder;
use super::login::Login;
use super::noise::Noise;
use crate::keytab::{Keytab, KeytabError};
use crate::numbers::Enctype;
use crate::principal::Principal;
use crate::time::Timestamp;
use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use core::time::Duration;

/// A realm without a KDC: it has a name, a clock, and every key there could be.
///
/// A clone is the same realm, with the same clock. The keys follow from the seed, so two realms of one name and seed
/// mint the same octets in the same order of logins. Nothing here is secret: **never accept a ticket of a test realm
/// outside a test.**
#[derive(Debug, Clone)]
pub struct Realm {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    name: Vec<u8>,
    noise: Noise,
    clock: Clock,
    drawn: AtomicUsize,
}

impl Realm {
    /// The kvno of every service's key unless a test says otherwise.
    pub const KVNO: u32 = 2;
    /// The enctype of tickets, session keys and subkeys unless a test says otherwise.
    pub const ENCTYPE: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;

    /// A realm of that name. Its clock stands at [`Clock::START`].
    pub fn new(name: impl AsRef<[u8]>) -> Self {
        Self::with_seed(name, 0)
    }

    /// A realm of that name whose keys and nonces are others than those of any other seed.
    pub fn with_seed(name: impl AsRef<[u8]>, seed: u64) -> Self {
        let name = name.as_ref().to_vec();
        let noise = Noise::new(b"kerbside test realm").derive(&[&name, &seed.to_be_bytes()]);
        Self { inner: Arc::new(Inner { name, noise, clock: Clock::default(), drawn: AtomicUsize::new(0) }) }
    }

    /// The realm's name.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        &self.inner.name
    }

    /// The clock of the realm and of every client in it.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// What the clock shows: pass it to the acceptor as `now`.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// The principal that a text names, `alice` or `HTTP/web.example.com`; of this realm unless the text ends with
    /// another, `bob@OTHER.EXAMPLE`. A text that is no principal at all becomes one component.
    #[must_use]
    pub fn principal(&self, text: &str) -> Principal {
        let here = |text: &str| {
            let parsed: Option<Principal> = format!("{text}@REALM").parse().ok();
            parsed.map(|parsed| Principal::new(self.name(), parsed.components()).with_name_type(parsed.name_type()))
        };
        text.parse().ok().or_else(|| here(text)).unwrap_or_else(|| Principal::new(self.name(), [text]))
    }

    /// The key that a service has for an enctype and a kvno. It exists from the beginning, for all of them.
    #[must_use]
    pub fn service_key(&self, service: &Principal, enctype: Enctype, kvno: u32) -> EncryptionKey {
        let mut noise = self.inner.noise.derive(&[b"service", service.realm()]);
        for component in service.components() {
            noise = noise.derive(&[component]);
        }
        let noise = noise.derive(&[&enctype.0.to_be_bytes(), &kvno.to_be_bytes()]);
        EncryptionKey::draw(&noise, "service key", enctype)
    }

    /// The keytab of one service: a key of every enctype that this build knows, RC4 included, with kvno
    /// [`Realm::KVNO`]. [`keytab_builder`](Self::keytab_builder) makes any other.
    ///
    /// # Errors
    ///
    /// [`KeytabError`] if the name is too long for a keytab.
    pub fn keytab(&self, service: &str) -> Result<Keytab, KeytabError> {
        self.keytab_builder().service(service).build()
    }

    /// A keytab entry by entry.
    pub fn keytab_builder(&self) -> KeytabBuilder {
        KeytabBuilder::new(self.clone())
    }

    /// A client logs in to a service now: it has just got a ticket, and makes an authenticator for it.
    ///
    /// The names are read as by [`principal`](Self::principal). Times are fixed here: when the clock is turned
    /// afterwards, the login grows old.
    pub fn login(&self, client: &str, service: &str) -> Login {
        self.login_of(&self.principal(client), self.principal(service))
    }

    /// A login of a client whose name is any octets at all, to any service.
    pub fn login_of(&self, client: &Principal, service: Principal) -> Login {
        Login::new(self, client, service, &self.fresh_noise())
    }

    /// A source that no login before has drawn from.
    pub(super) fn fresh_noise(&self) -> Noise {
        let number = self.inner.drawn.fetch_add(1, Ordering::Relaxed);
        self.inner.noise.derive(&[b"login", &u64::try_from(number).unwrap_or(u64::MAX).to_be_bytes()])
    }
}

/// A clock that only moves when a test moves it. All clones of a realm share it.
#[derive(Debug)]
pub struct Clock {
    micros: AtomicI64,
}

impl Clock {
    /// Where every clock begins: 2026-03-01T10:00:00Z.
    pub const START: Timestamp = Timestamp::from_unix_micros(1_772_359_200_000_000);

    /// What the clock shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_unix_micros(self.micros.load(Ordering::Relaxed))
    }

    /// Turns the clock forward.
    pub fn advance(&self, by: Duration) {
        self.set(self.now().saturating_add(by));
    }

    /// Turns the clock back.
    pub fn turn_back(&self, by: Duration) {
        self.set(self.now().saturating_sub(by));
    }

    /// Sets the clock.
    pub fn set(&self, to: Timestamp) {
        self.micros.store(to.unix_micros(), Ordering::Relaxed);
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self { micros: AtomicI64::new(Self::START.unix_micros()) }
    }
}
