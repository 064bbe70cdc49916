//! Named breakages: what no option of a well-formed message can say.

/// A production of the token, so that a [`Defect`] can say where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The SPNEGO initial token, `60` and its length (RFC 2743 §3.1); without SPNEGO, nothing.
    InitialToken,
    /// `[0]` or `[1]` of `NegotiationToken` (RFC 4178 §4.2).
    NegotiationToken,
    /// The SEQUENCE of `NegTokenInit` or `NegTokenResp` (RFC 4178 §4.2.1, §4.2.2).
    NegTokenInit,
    /// The SEQUENCE of `MechTypeList`, over which mechListMIC is made (RFC 4178 §4.1).
    MechTypes,
    /// The OCTET STRING of `mechToken` or `responseToken` (RFC 4178 §4.2.1).
    MechToken,
    /// The krb5 initial token, `60` and its length (RFC 4121 §4.1).
    GssToken,
    /// `AP-REQ` (RFC 4120 §5.5.1).
    ApReq,
    /// `Ticket` (RFC 4120 §5.3).
    Ticket,
    /// `EncTicketPart`, inside the ticket's encryption (RFC 4120 §5.3).
    EncTicketPart,
    /// `Authenticator`, inside its encryption (RFC 4120 §5.5.1).
    Authenticator,
}

impl Part {
    /// Every part, outermost first.
    pub const ALL: [Self; 10] = [
        Self::InitialToken,
        Self::NegotiationToken,
        Self::NegTokenInit,
        Self::MechTypes,
        Self::MechToken,
        Self::GssToken,
        Self::ApReq,
        Self::Ticket,
        Self::EncTicketPart,
        Self::Authenticator,
    ];
}

/// One way in which a token is broken. Several can be combined; everything they do not name stays valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Defect {
    /// The part's length is written in the long form, in so many octets (1 to 16), although fewer would do.
    LongLength {
        /// Which part.
        part: Part,
        /// How many octets follow the first octet of the length.
        octets: u8,
    },
    /// The part's length is indefinite, with the end-of-contents octets behind it.
    IndefiniteLength(Part),
    /// One zero octet stands after the part, inside whatever encloses it.
    OctetAfter(Part),
    /// One zero octet stands inside the part, after its last known field.
    OctetInside(Part),
    /// A field `[30]` that no standard knows stands behind the part's last known one: an extension, which is to be
    /// passed over.
    UnknownField(Part),
    /// The token ends after so many octets.
    Truncated(usize),
    /// The bit with this number (modulo the length) of the ticket's ciphertext is inverted.
    TicketBit(usize),
    /// The bit with this number (modulo the length) of the authenticator's ciphertext is inverted.
    AuthenticatorBit(usize),
    /// The ticket's ciphertext ends after so many octets.
    TicketCiphertextCut(usize),
    /// The authenticator's ciphertext ends after so many octets.
    AuthenticatorCiphertextCut(usize),
    /// The ticket is sealed under a key of the right enctype that no keytab holds.
    WrongServiceKey,
    /// The authenticator is sealed under a key of the right enctype that is not the ticket's session key.
    WrongSessionKey,
}

/// Inverts one bit, the most significant of the first octet being number 0. Nothing to invert in no octets.
pub(super) fn flip_bit(octets: &mut [u8], bit: usize) {
    let Some(index) = (bit >> 3).checked_rem(octets.len()) else { return };
    if let Some(octet) = octets.get_mut(index) {
        *octet ^= 0x80_u8.wrapping_shr(u32::try_from(bit & 7).unwrap_or_default());
    }
}
