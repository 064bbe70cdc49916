use super::kerberos_flags::{bit, fmt_flags, names};
use crate::asn1::{DecodeError, Reader};
use core::fmt;

/// `TicketFlags`, RFC 4120 §5.3
///
/// ```text
/// TicketFlags ::= KerberosFlags
///     -- reserved(0), forwardable(1), forwarded(2), proxiable(3), proxy(4), may-postdate(5), postdated(6),
///     -- invalid(7), renewable(8), initial(9), pre-authent(10), hw-authent(11), transited-policy-checked(12),
///     -- ok-as-delegate(13)
/// ```
///
/// Bit 15 is RFC 6806 §11's, bit 16 RFC 8062 §3's. Bits without a name are kept.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "a newtype over wire flags is those 32 bits for ever")]
pub struct TicketFlags(pub u32);

const NAMES: &[(u32, &str)] = &[
    (TicketFlags::FORWARDABLE.0, "forwardable"),
    (TicketFlags::FORWARDED.0, "forwarded"),
    (TicketFlags::PROXIABLE.0, "proxiable"),
    (TicketFlags::PROXY.0, "proxy"),
    (TicketFlags::MAY_POSTDATE.0, "may-postdate"),
    (TicketFlags::POSTDATED.0, "postdated"),
    (TicketFlags::INVALID.0, "invalid"),
    (TicketFlags::RENEWABLE.0, "renewable"),
    (TicketFlags::INITIAL.0, "initial"),
    (TicketFlags::PRE_AUTHENT.0, "pre-authent"),
    (TicketFlags::HW_AUTHENT.0, "hw-authent"),
    (TicketFlags::TRANSITED_POLICY_CHECKED.0, "transited-policy-checked"),
    (TicketFlags::OK_AS_DELEGATE.0, "ok-as-delegate"),
    (TicketFlags::ENC_PA_REP.0, "enc-pa-rep"),
    (TicketFlags::ANONYMOUS.0, "anonymous"),
];

impl TicketFlags {
    /// A ticket-granting ticket may be made from it for another address.
    pub const FORWARDABLE: Self = Self(bit(1));
    /// It was forwarded, or made from one that was.
    pub const FORWARDED: Self = Self(bit(2));
    /// A service ticket may be made from it for another address.
    pub const PROXIABLE: Self = Self(bit(3));
    /// It is a proxy.
    pub const PROXY: Self = Self(bit(4));
    /// A postdated ticket may be made from it.
    pub const MAY_POSTDATE: Self = Self(bit(5));
    /// It was postdated: look at `authtime` for when the client authenticated.
    pub const POSTDATED: Self = Self(bit(6));
    /// It must be validated by the KDC before use; an acceptor refuses it (step D-2).
    pub const INVALID: Self = Self(bit(7));
    /// It may be renewed.
    pub const RENEWABLE: Self = Self(bit(8));
    /// It was issued by the AS and not on the strength of another ticket.
    pub const INITIAL: Self = Self(bit(9));
    /// The client was authenticated before the ticket was issued.
    pub const PRE_AUTHENT: Self = Self(bit(10));
    /// That authentication used hardware which only the named client is expected to have.
    pub const HW_AUTHENT: Self = Self(bit(11));
    /// The KDC has checked the transited realms (step N-4).
    pub const TRANSITED_POLICY_CHECKED: Self = Self(bit(12));
    /// The realm's policy calls the service fit to delegate to.
    pub const OK_AS_DELEGATE: Self = Self(bit(13));
    /// The KDC's reply carried encrypted preauthentication data (RFC 6806 §11).
    pub const ENC_PA_REP: Self = Self(bit(15));
    /// The client is anonymous (RFC 8062 §3).
    pub const ANONYMOUS: Self = Self(bit(16));

    /// Whether all of these bits are set.
    #[must_use]
    pub const fn contains(self, bits: Self) -> bool {
        self.0 & bits.0 == bits.0
    }

    /// The names of the bits that are set and have one, in the order of the bits.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        names(NAMES, self.0)
    }

    /// Reads the flags: the first 32 bits, absent ones as 0 (step T-3), none at all as no flag.
    ///
    /// # Errors
    /// Those of [`Reader::zero_extended_flags`].
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.zero_extended_flags().map(Self)
    }
}

impl fmt::Debug for TicketFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_flags(f, "TicketFlags", self.names(), self.0)
    }
}
