//! Keys that can be guessed: those of passwords that people choose.

use crate::principal::Principal;

/// Why a key may be guessed by whoever has a ticket that is sealed with it, offline and unseen (KTB-18).
///
/// Everybody who may log on to the realm can have such a ticket; a key of random octets is proof against it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GuessableKey {
    /// The principal has one component and is no computer account (`WEB$`): somebody types its password as a rule.
    #[error(
        "{principal} looks like a person's name, and whoever gets a ticket for it can guess its password: give the service an \
         account of its own, with random keys"
    )]
    UserPrincipal {
        /// Whose key it is.
        principal: Principal,
    },
    /// The password is shorter than [`LEAST_PASSWORD_CHARACTERS`].
    #[error(
        "the password has {characters} characters, and fewer than {least} are too easily guessed by whoever gets a ticket for \
         the service: take a longer one, made at random"
    )]
    ShortPassword {
        /// How many characters it has; octets, if it is not UTF-8.
        characters: usize,
        /// How many it should have.
        least: usize,
    },
}

/// How many characters the password of a service should have at least. 14: what Microsoft's guidance against Kerberoasting
/// (October 2024) asks of service accounts with a password of their own, made at random.
pub const LEAST_PASSWORD_CHARACTERS: usize = 14;

impl GuessableKey {
    /// What is to be said of the principal alone; there need not have been a password.
    #[must_use]
    pub fn of_principal(principal: &Principal) -> Option<Self> {
        let mut components = principal.components();
        let (first, second) = (components.next()?, components.next());
        let is_user = second.is_none() && !first.ends_with(b"$");
        is_user.then(|| Self::UserPrincipal { principal: principal.clone() })
    }

    /// What is to be said of the password.
    #[must_use]
    pub fn of_password(password: &[u8]) -> Option<Self> {
        let characters = core::str::from_utf8(password).map_or(password.len(), |text| text.chars().count());
        let least = LEAST_PASSWORD_CHARACTERS;
        (characters < least).then_some(Self::ShortPassword { characters, least })
    }
}
