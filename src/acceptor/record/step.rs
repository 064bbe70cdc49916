//! The steps of the acceptance order, in the order in which an accept takes them.

use core::fmt;

/// Declares the steps: the name in Rust, the id in the acceptance order, and what must hold.
macro_rules! steps {
    ($($name:ident = $id:literal, $title:literal;)*) => {
        /// A step of the acceptance order, `D-4` for example.
        ///
        /// `MIC-1` and `MIC-2` stand for the table of mechListMIC rules (RFC 4178 §5), `AD` for authorization data that
        /// must be understood (RFC 4120 §5.2.6), and `SPN` for the name that the client says it meant to reach (MS-KILE
        /// §3.2.5.8).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Step {
            $(#[doc = concat!($id, ": ", $title, ".")] $name,)*
        }

        impl Step {
            /// Every step, in the order in which an accept takes them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The id, `D-4` for example.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id),* }
            }

            /// What must hold.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }
        }
    };
}

steps! {
    L1 = "L-1", "the token is not longer than the limit";
    L2 = "L-2", "the token is not empty";
    L3 = "L-3", "the token is Kerberos or SPNEGO";
    L4 = "L-4", "lengths are definite, fit, and nest within the limit";
    L5 = "L-5", "lengths are in their shortest form";
    L6 = "L-6", "nothing follows what belongs to the token";
    S1 = "S-1", "SPNEGO's frame is whole";
    S2 = "S-2", "mechanisms are offered";
    S3 = "S-3", "the fields of NegTokenInit are in order";
    S10 = "S-10", "a first token is no continuation";
    S4 = "S-4", "Kerberos is among the mechanisms offered";
    S5 = "S-5", "Kerberos is the initiator's favourite";
    S6 = "S-6", "the mechanism's token is there";
    S8 = "S-8", "the token inside is not NTLM";
    S7 = "S-7", "the token inside is of the mechanism chosen";
    G1 = "G-1", "the GSS-API frame is whole";
    G2 = "G-2", "the frame names Kerberos";
    Mic1 = "MIC-1", "the mechListMIC is no copy of the token";
    G3 = "G-3", "the token identifier is that of an AP-REQ";
    A1 = "A-1", "the AP-REQ can be decoded";
    A4 = "A-4", "ap-options have an octet or more";
    A6 = "A-6", "the kvno fits in 32 bits";
    A7 = "A-7", "names have 1 to 16 components";
    A2 = "A-2", "pvno is 5";
    A3 = "A-3", "msg-type is 14";
    A5 = "A-5", "tkt-vno is 5";
    K0 = "K-0", "ticket and caller agree about user-to-user";
    K3 = "K-3", "the ticket's enctype is implemented";
    K2 = "K-2", "the ticket's enctype is permitted (E-1)";
    A8 = "A-8", "the ticket's ciphertext has its shortest length";
    K4 = "K-4", "the keytab has an entry that the service policy allows";
    K5 = "K-5", "the service policy allows the ticket's name";
    K6 = "K-6", "the keytab has the ticket's name, or a key of another name fits";
    K7 = "K-7", "the ticket is not older than the keytab";
    K8 = "K-8", "the keytab is not older than the ticket";
    K9 = "K-9", "the keytab has a key of the ticket's enctype";
    K10 = "K-10", "the key opens the ticket (T-1)";
    T2 = "T-2", "the decrypted ticket can be decoded";
    T3 = "T-3", "its flags and times are well formed";
    U3 = "U-3", "the session key is one of its enctype";
    U1 = "U-1", "the session key opens the authenticator";
    U2 = "U-2", "the authenticator can be decoded, and is of version 5";
    E4 = "E-4", "the client's list of enctypes can be decoded";
    C7 = "C-7", "AD-AP-OPTIONS is one element of four octets";
    N1 = "N-1", "ticket and authenticator name the same client";
    N2 = "N-2", "the client's realm is accepted";
    N3 = "N-3", "the peer's address is one of the ticket's";
    N5 = "N-5", "the transited field is of a known encoding";
    N4 = "N-4", "the path of realms is accepted";
    D1 = "D-1", "the ticket has begun to be valid";
    D2 = "D-2", "the ticket is not marked INVALID";
    D3 = "D-3", "the ticket has not ended";
    D4 = "D-4", "the clocks of client and acceptor agree";
    E2 = "E-2", "the session key's enctype is permitted";
    E3 = "E-3", "the subkey's enctype is permitted, and its length fits";
    E5 = "E-5", "an enctype for the acceptor's subkey is chosen";
    C1 = "C-1", "the authenticator has a checksum";
    C2 = "C-2", "the checksum is of type 0x8003";
    C3 = "C-3", "the checksum has its 24 octets";
    C4 = "C-4", "flags are read from it";
    C6 = "C-6", "the channel bindings fit";
    C8 = "C-8", "the field of delegated credentials is well formed";
    C9 = "C-9", "the delegated credentials can be opened and read";
    Ad = "AD", "no authorization data is left that must be understood";
    Spn = "SPN", "the client meant to reach this service";
    R9 = "R-9", "the authenticator is not older than this acceptor";
    M4 = "M-4", "the authenticator has a sequence number";
    M5 = "M-5", "random octets for the answer can be drawn";
    Dce1 = "DCE-1", "a message without a frame asks for DCE style, and no further leg is needed";
    Mic2 = "MIC-2", "the MIC over the list of mechanisms has a place, and is right";
    R1 = "R-1", "the authenticator was not presented before";
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
