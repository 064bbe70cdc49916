//! Every bound that a peer can run into, in one place that the caller can see and set.

/// The bounds of one acceptor. Each has its own error; a number without a source is a question for review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest token that is looked at, in octets. 65,536: Microsoft's KB 327825 sets `MaxTokenSize` to 48,000
    /// for users in many groups, and delegation adds a second ticket (step L-1).
    pub token_octets: usize,
    /// The longest text of a token in an HTTP header that is decoded, in octets. 65,536: it holds 49,152 octets, more than
    /// Microsoft's `MaxTokenSize` of 48,000, and http.sys, which limits a header to 65,534, takes no more either.
    pub header_octets: usize,
    /// The deepest nesting of TLVs that is followed. 16: a PAC inside AD-IF-RELEVANT inside a ticket stands at 9 (step L-4).
    pub nesting: u8,
    /// The most tokens that one negotiation may take. 8: the longest that is legal takes six, both recoveries and the MIC
    /// among them (step S-11).
    pub legs: u8,
    /// How many distinct keys are tried for one ticket, those of its own name or, if that is not in the keytab, of other
    /// names; the own name always gets one. 16: more would let one refused token cost as much as many accepted ones (section 5.3 of the acceptance
    /// order). While keys of an earlier keytab retire, as many of those again.
    pub trial_keys: usize,
    /// The most realms that a transited path may expand to. 64: real forests stay below ten (step N-4).
    pub transited_realms: usize,
    /// The most octets that an expanded transited path may have. 4,096 (step N-4).
    pub transited_octets: usize,
    /// The most credentials that one login may delegate. 16: initiators send one, the ticket-granting ticket; RFC 4120
    /// §3.6 allows several, for other realms for example (step C-9).
    pub delegated_credentials: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            token_octets: 65_536,
            header_octets: 65_536,
            nesting: 16,
            legs: 8,
            trial_keys: 16,
            transited_realms: 64,
            transited_octets: 4_096,
            delegated_credentials: 16,
        }
    }
}
