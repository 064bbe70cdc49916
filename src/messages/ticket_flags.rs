use super::kerberos_flags::{bit, fmt_flags, kerberos_flags, names};
use crate::asn1::{DecodeErrorKind, Primitive, Tag, ZeroExtendedFlags};

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

kerberos_flags!(TicketFlags {
    /// A ticket-granting ticket may be made from it for another address.
    FORWARDABLE = 1, "forwardable";
    /// It was forwarded, or made from one that was.
    FORWARDED = 2, "forwarded";
    /// A service ticket may be made from it for another address.
    PROXIABLE = 3, "proxiable";
    /// It is a proxy.
    PROXY = 4, "proxy";
    /// A postdated ticket may be made from it.
    MAY_POSTDATE = 5, "may-postdate";
    /// It was postdated: look at `authtime` for when the client authenticated.
    POSTDATED = 6, "postdated";
    /// It must be validated by the KDC before use; an acceptor refuses it (step D-2).
    INVALID = 7, "invalid";
    /// It may be renewed.
    RENEWABLE = 8, "renewable";
    /// It was issued by the AS and not on the strength of another ticket.
    INITIAL = 9, "initial";
    /// The client was authenticated before the ticket was issued.
    PRE_AUTHENT = 10, "pre-authent";
    /// That authentication used hardware which only the named client is expected to have.
    HW_AUTHENT = 11, "hw-authent";
    /// The KDC has checked the transited realms (step N-4).
    TRANSITED_POLICY_CHECKED = 12, "transited-policy-checked";
    /// The realm's policy calls the service fit to delegate to.
    OK_AS_DELEGATE = 13, "ok-as-delegate";
    /// The KDC's reply carried encrypted preauthentication data (RFC 6806 §11).
    ENC_PA_REP = 15, "enc-pa-rep";
    /// The client is anonymous (RFC 8062 §3).
    ANONYMOUS = 16, "anonymous";
});

/// The first 32 bits, absent ones as 0 (step T-3), none at all as no flag.
impl Primitive for TicketFlags {
    type Value<'a> = Self;
    const TAG: Tag = ZeroExtendedFlags::TAG;
    const USUAL_OCTETS: Option<u8> = ZeroExtendedFlags::USUAL_OCTETS;

    #[inline(always)]
    fn value(content: &[u8]) -> Result<Self, DecodeErrorKind> {
        ZeroExtendedFlags::value(content).map(Self)
    }
}
