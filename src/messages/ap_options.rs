use super::kerberos_flags::{bit, fmt_flags, kerberos_flags, names};
use crate::asn1::{DecodeErrorKind, KerberosFlags, Primitive, Tag};

/// `APOptions`, RFC 4120 §5.5.1
///
/// ```text
/// APOptions ::= KerberosFlags -- reserved(0), use-session-key(1), mutual-required(2)
/// ```
///
/// Bits without a name are kept and mean nothing (step A-4).
#[derive(Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "a newtype over wire flags is those 32 bits for ever")]
pub struct ApOptions(pub u32);

kerberos_flags!(ApOptions {
    /// The ticket is encrypted in a session key: user-to-user (RFC 4120 §3.7).
    USE_SESSION_KEY = 1, "use-session-key";
    /// The initiator asks for an AP-REP.
    MUTUAL_REQUIRED = 2, "mutual-required";
});

/// The first 32 bits, absent ones as 0, but at least one octet of them.
impl Primitive for ApOptions {
    type Value<'a> = Self;
    const TAG: Tag = KerberosFlags::TAG;
    const USUAL_OCTETS: Option<u8> = KerberosFlags::USUAL_OCTETS;

    #[inline(always)]
    fn value(content: &[u8]) -> Result<Self, DecodeErrorKind> {
        KerberosFlags::value(content).map(Self)
    }
}
