//! Policy: every choice of an acceptor, as verbs, with the safe one as the default; and the three presets.

use super::spn::NameCase;
use super::transited::RealmPaths;
use crate::asn1::LengthForm;
use crate::crypto::supported_enctypes;
use crate::gss::Rc4Messages;
use crate::numbers::Enctype;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

use super::error::EnctypeRole;

/// Every choice of an acceptor.
///
/// [`strict`](Self::strict), [`default`](Self::default) and [`windows_compatible`](Self::windows_compatible) are the presets
/// of section 16 of the acceptance order; each field can be changed on top of any of them. Whatever was tolerated is on
/// the result, [`Accepted::tolerances`](crate::Accepted::tolerances).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Policy {
    /// Which key versions may open a ticket.
    pub kvno: KvnoPolicy,
    /// Whether keys of other names may open a ticket whose name is not in the keytab.
    pub aliases: AliasPolicy,
    /// How service names are compared.
    pub name_case: NameCase,
    /// Where Kerberos may be spoken under Microsoft's OID.
    pub microsoft_oid: MicrosoftOid,
    /// Which forms of a length are read.
    pub lengths: LengthForm,
    /// Which enctypes are allowed, by role.
    pub enctypes: EnctypePolicy,
    /// What to do with an authenticator without a checksum (step C-1).
    pub missing_checksum: Leniency,
    /// What to do with a keyed checksum over nothing in place of type 0x8003 (step C-2).
    pub plain_checksum: Leniency,
    /// What to do about channel bindings where the caller gave those of the connection (step C-6).
    pub channel_bindings: BindingPolicy,
    /// What to do where the caller gave no channel bindings: tolerate that nothing is compared, or refuse.
    pub unbound_connections: Leniency,
    /// What to do with messages of DCE style, which come without frames and in three legs (MS-KILE §3.4.5.1).
    pub dce: DcePolicy,
    /// When MICs over the list of mechanisms are exchanged, if Kerberos was not the initiator's favourite (RFC 4178 §5).
    pub mech_list_mic: MechListMicPolicy,
    /// What to do with a mechListMIC that only repeats the mechanism's token, as Windows 2000 sends it.
    pub copied_mech_list_mic: Leniency,
    /// What to do with an initiator that repeats the chosen mechanism, which only an acceptor says (step S-10).
    pub repeated_mechanism: Leniency,
    /// What to do with per-message tokens under RC4 keys, which can be forged (RFC 8429).
    pub rc4_messages: Rc4Messages,
    /// What to do with credentials that the initiator delegates (steps C-8 and C-9).
    pub delegation: DelegationPolicy,
    /// What to do with the ticket once it was accepted.
    pub evidence: EvidencePolicy,
    /// What to do with authorization data that must be understood, and is not (RFC 4120 §5.2.6).
    pub critical_authorization_data: Leniency,
    /// What to do with a client of a directly trusted realm whose path the KDC did not check (step N-4).
    pub direct_cross_realm: Leniency,
    /// The realms between other realms and this one that are trusted to pass clients on; where a pair of realms has no
    /// entry, the hierarchy of their names decides (step N-4).
    pub realm_paths: RealmPaths,
    /// The realms whose clients are accepted; `None` for all that the path of realms lets through (step N-2).
    pub client_realms: Option<Vec<Box<[u8]>>>,
    /// What to do with anonymous clients (RFC 8062).
    pub anonymous: AnonymousPolicy,
    /// What to do about the addresses in a ticket (step N-3).
    pub addresses: AddressPolicy,
    /// What to do with the name that the client says it meant to reach (MS-KILE §3.2.5.8).
    pub target: TargetPolicy,
    /// What to do with authenticators from before the start of the acceptor (step R-9).
    pub restart: RestartPolicy,
    /// The code on the wire for a ticket that does not open (step K-10).
    pub wire_code: TicketFailureCode,
    /// How far clocks may be apart (RFC 4120 §3.2.3 suggests five minutes).
    pub skew: Duration,
}

/// Which key versions may open a ticket (section 5.3 of the acceptance order).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum KvnoPolicy {
    /// The ticket's version, or the newest if it states none; entries with kvno 0 fit any.
    Exact,
    /// As `Exact` first, then versions whose low bits agree, then all others, newest first.
    #[default]
    PreferExactThenTry,
    /// All versions, newest first.
    Ignore,
}

/// Whether keys of other names may open a ticket whose name is not in the keytab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AliasPolicy {
    /// Try the keys of all allowed names, up to a limit: one account may have several names.
    #[default]
    TryOthers,
    /// Only the ticket's own name.
    NameMustMatch,
}

/// Where Kerberos may be spoken under Microsoft's OID, 1.2.840.48018.1.2.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum MicrosoftOid {
    /// In SPNEGO's list of mechanisms.
    #[default]
    ListOnly,
    /// In the frame of a raw Kerberos token too.
    ListAndRaw,
}

/// What to do with something that the standard does not want and some peers send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Leniency {
    /// Refuse it.
    #[default]
    Refuse,
    /// Accept it, and say so on the result.
    Tolerate,
}

/// What to do with messages of DCE style (MS-KILE §3.4.5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum DcePolicy {
    /// Refuse messages without a frame; where a framed one asks for DCE style, it is not granted.
    #[default]
    Refuse,
    /// Go on in three legs.
    Accept,
}

/// When MICs over the list of mechanisms are exchanged, if Kerberos was not the initiator's favourite (RFC 4178 §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum MechListMicPolicy {
    /// If the initiator asked for integrity, as MIT and Heimdal do.
    #[default]
    WithIntegrity,
    /// Always: Kerberos has integrity whether it is asked for or not.
    Always,
}

/// What to do about channel bindings (step C-6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum BindingPolicy {
    /// Do not compare them.
    Ignore,
    /// Refuse different ones, and missing ones that the initiator announced.
    #[default]
    AcceptIfAbsent,
    /// Refuse everything but equal ones.
    Require,
}

/// What to do with credentials that the initiator delegates (steps C-8 and C-9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum DelegationPolicy {
    /// Do not look at them, and do not report that there are any.
    #[default]
    Ignore,
    /// Keep them for the caller; refuse the login if they cannot be opened or read.
    Accept,
}

/// What to do with the ticket once it was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum EvidencePolicy {
    /// Forget it.
    #[default]
    Discard,
    /// Keep it for the caller, with its session key.
    Keep,
}

/// What to do with anonymous clients (RFC 8062).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AnonymousPolicy {
    /// Refuse them.
    #[default]
    Refuse,
    /// Accept them; their principal is `WELLKNOWN/ANONYMOUS`.
    Allow,
}

/// What to do about the addresses in a ticket (step N-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AddressPolicy {
    /// Do not compare them.
    Ignore,
    /// If the ticket has addresses and the caller gave the peer's, one must be equal.
    #[default]
    VerifyIfPresent,
    /// The ticket must have the peer's address.
    Require,
}

/// What to do with the name that the client says it meant to reach (MS-KILE §3.2.5.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TargetPolicy {
    /// Report it only.
    #[default]
    Ignore,
    /// If there is one, it must be a name that the service policy allows.
    VerifyIfPresent,
    /// There must be one, and the service policy must allow it.
    Require,
}

/// What to do with authenticators that may have been used before the acceptor started (RFC 4120 §3.2.3, step R-9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum RestartPolicy {
    /// Accept them.
    #[default]
    Accept,
    /// Refuse those that are dated before the start.
    RejectOlderThanStart,
    /// Refuse everything until the allowed skew after the start has passed.
    RejectForSkew,
}

/// The code on the wire for a ticket that does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TicketFailureCode {
    /// KRB_AP_ERR_BAD_INTEGRITY (31), as RFC 4120 §3.2.3 says.
    #[default]
    BadIntegrity,
    /// KRB_AP_ERR_MODIFIED (41), as MS-KILE §3.4.5 says: Windows clients then fetch a new ticket.
    Modified,
}

/// Which enctypes are allowed, as three lists, because a KDC chooses them apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnctypePolicy {
    ticket: Vec<Enctype>,
    session_key: Vec<Enctype>,
    subkey: Vec<Enctype>,
}

impl EnctypePolicy {
    /// The enctypes allowed in a role, the one that the acceptor likes best first.
    #[must_use]
    pub fn allowed(&self, role: EnctypeRole) -> &[Enctype] {
        match role {
            EnctypeRole::Ticket => &self.ticket,
            EnctypeRole::SessionKey => &self.session_key,
            EnctypeRole::Subkey => &self.subkey,
        }
    }

    /// Replaces the list of a role, the one that the acceptor likes best first.
    pub fn set(&mut self, role: EnctypeRole, enctypes: impl IntoIterator<Item = Enctype>) {
        *self.list_mut(role) = enctypes.into_iter().collect();
    }

    /// Allows one more enctype in a role, liked least.
    pub fn allow(&mut self, role: EnctypeRole, enctype: Enctype) {
        let list = self.list_mut(role);
        if !list.contains(&enctype) {
            list.push(enctype);
        }
    }

    /// Allows one more enctype in all three roles, liked least.
    pub fn allow_everywhere(&mut self, enctype: Enctype) {
        for role in EnctypeRole::ALL {
            self.allow(role, enctype);
        }
    }

    fn list_mut(&mut self, role: EnctypeRole) -> &mut Vec<Enctype> {
        match role {
            EnctypeRole::Ticket => &mut self.ticket,
            EnctypeRole::SessionKey => &mut self.session_key,
            EnctypeRole::Subkey => &mut self.subkey,
        }
    }
}

/// Every enctype that is built in but RC4: longer keys first, and of equal length the newer first.
impl Default for EnctypePolicy {
    fn default() -> Self {
        let mut rows: Vec<_> = supported_enctypes().filter(|row| row.enctype != Enctype::RC4_HMAC).collect();
        rows.sort_by_key(|row| core::cmp::Reverse((row.key_octets, row.checksum_octets, row.enctype)));
        let all: Vec<_> = rows.iter().map(|row| row.enctype).collect();
        Self { ticket: all.clone(), session_key: all.clone(), subkey: all }
    }
}

impl Policy {
    /// Refuses whatever the standards do not want.
    #[must_use]
    pub fn strict() -> Self {
        Self {
            kvno: KvnoPolicy::Exact,
            aliases: AliasPolicy::NameMustMatch,
            lengths: LengthForm::Shortest,
            missing_checksum: Leniency::Refuse,
            channel_bindings: BindingPolicy::Require,
            mech_list_mic: MechListMicPolicy::Always,
            copied_mech_list_mic: Leniency::Refuse,
            repeated_mechanism: Leniency::Refuse,
            critical_authorization_data: Leniency::Refuse,
            direct_cross_realm: Leniency::Refuse,
            restart: RestartPolicy::RejectOlderThanStart,
            ..Self::default()
        }
    }

    /// Accepts what Windows and Samba clients are known to send.
    #[must_use]
    pub fn windows_compatible() -> Self {
        let mut enctypes = EnctypePolicy::default();
        enctypes.allow(EnctypeRole::SessionKey, Enctype::RC4_HMAC);
        enctypes.allow(EnctypeRole::Subkey, Enctype::RC4_HMAC);
        Self {
            name_case: NameCase::IgnoreServiceAndHost,
            microsoft_oid: MicrosoftOid::ListAndRaw,
            enctypes,
            plain_checksum: Leniency::Tolerate,
            wire_code: TicketFailureCode::Modified,
            ..Self::default()
        }
    }
}

/// What most realms need: standards first, and the tolerances that other acceptors have by common use.
impl Default for Policy {
    fn default() -> Self {
        Self {
            kvno: KvnoPolicy::default(),
            aliases: AliasPolicy::default(),
            name_case: NameCase::default(),
            microsoft_oid: MicrosoftOid::default(),
            lengths: LengthForm::UpToFourOctets,
            enctypes: EnctypePolicy::default(),
            missing_checksum: Leniency::Tolerate,
            plain_checksum: Leniency::Refuse,
            channel_bindings: BindingPolicy::default(),
            unbound_connections: Leniency::Tolerate,
            dce: DcePolicy::default(),
            mech_list_mic: MechListMicPolicy::default(),
            copied_mech_list_mic: Leniency::Tolerate,
            repeated_mechanism: Leniency::Tolerate,
            rc4_messages: Rc4Messages::default(),
            delegation: DelegationPolicy::default(),
            evidence: EvidencePolicy::default(),
            critical_authorization_data: Leniency::Tolerate,
            direct_cross_realm: Leniency::Tolerate,
            realm_paths: RealmPaths::default(),
            client_realms: None,
            anonymous: AnonymousPolicy::default(),
            addresses: AddressPolicy::default(),
            target: TargetPolicy::default(),
            restart: RestartPolicy::default(),
            wire_code: TicketFailureCode::default(),
            skew: Duration::from_secs(300),
        }
    }
}
