//! The remedy of each kind: what the operator, or the client's user, can do.

use super::kind::*;
use super::shown::Brief;
use crate::gss::{TokenId, TokenKind};
use crate::numbers::Enctype;
use alloc::borrow::Cow;
use alloc::format;

impl ErrorKind {
    /// What the operator can do about it.
    #[must_use]
    pub fn hint(&self) -> Cow<'static, str> {
        match self {
            Self::NoKey(error) => error.hint(),
            Self::Token(error) => Cow::Borrowed(error.hint()),
            Self::EtypeNotPermitted { role, enctype, .. } => enctype_hint(*role, enctype),
            other => Cow::Borrowed(other.fixed_hint()),
        }
    }

    fn fixed_hint(&self) -> &'static str {
        match self {
            Self::Negotiation(NegotiationError::MoreNeeded) => {
                "send the reply to the client and go on with its next token; one-shot callers should fall back"
            }
            Self::Negotiation(NegotiationError::NoCommonMechanism { .. }) => {
                "the client must offer Kerberos (1.2.840.113554.1.2.2); check its mechanism settings"
            }
            Self::Negotiation(NegotiationError::BadMic | NegotiationError::MicMissing) => {
                "somebody between client and server may have changed the list of mechanisms; if it is always the same client, \
                 find out which SPNEGO library it uses"
            }
            Self::Negotiation(NegotiationError::Closed | NegotiationError::TooManyLegs) => {
                "begin a new negotiation for each login of a client"
            }
            Self::Negotiation(NegotiationError::ReplayPending) => {
                "use a negotiation and its steps, or give the acceptor a store that answers in place"
            }
            Self::Negotiation(NegotiationError::MechanismMismatch { .. }) => {
                "the client's SPNEGO token contradicts itself; find out which program sends it"
            }
            Self::Negotiation(NegotiationError::OutOfOrder) => {
                "a later token of a negotiation came where its first one was awaited; keep each connection on one server, and \
                 have the client begin anew"
            }
            Self::NotForUs { named_by: NamedBy::Client, .. } => {
                "the token was made for another service that shares the key, and perhaps relayed from there; give each \
                 service an account of its own"
            }
            Self::NotForUs { named_by: NamedBy::Nobody, .. } => {
                "only Windows clients name their target; where others log in too, verify it only if it is present"
            }
            Self::NotForUs { named_by: NamedBy::Ticket, .. } => {
                "the client used another service's name; check the URL or SPN it uses, or widen the accepted services"
            }
            Self::EtypeUnsupported { .. } => {
                "let the KDC use AES for this service and its session keys (AD: msDS-SupportedEncryptionTypes = 24); DES is \
                 never supported, Camellia needs the feature `camellia`"
            }
            Self::KeyDoesNotDecrypt { .. } => {
                "name, version and enctype are right and the key is not: the password or the salt differs (account renamed \
                 or created anew), or two accounts hold the SPN; look for duplicates with `setspn -X`, then make the keytab \
                 again and have clients fetch new tickets (`klist purge`, `kdestroy`)"
            }
            Self::ClientRealmNotAllowed { .. } => {
                "add the realm to the allowed client realms if its users shall log in; anonymous clients are allowed by a \
                 policy of their own"
            }
            Self::Address { peer: None, .. } => "give the peer's address with each token, or do not require addresses",
            Self::Address { .. } => {
                "the ticket is bound to addresses; behind a proxy or NAT give the client's own address, or let clients ask \
                 for tickets without addresses (`noaddresses = true`)"
            }
            Self::Transited { .. } => {
                "configure the path of realms, as capaths in krb5.conf does, or let the KDC check it"
            }
            Self::TicketNotYetValid { client_agrees: true, .. } => {
                "the client's clock agrees with the KDC's: this machine's clock is probably behind; synchronise it"
            }
            Self::TicketNotYetValid { .. } => "wait, or synchronise this machine's clock with the KDC's",
            Self::TicketInvalid => "the client must validate its postdated ticket (`kinit -v`)",
            Self::TicketExpired { .. } => {
                "the client must fetch a new ticket (`klist purge` or log off and on; `kinit`); if it just did, \
                 synchronise this machine's clock with the KDC's"
            }
            Self::ClockSkew { .. } => "synchronise both clocks with the KDC's (NTP, `w32tm /resync`)",
            Self::Checksum(_) => {
                "the initiator is no GSS-API client (RFC 4121 §4.1.1); a preset may tolerate what it sends"
            }
            Self::ChannelBinding(BindingProblem::NotGiven) => "give the bindings of the TLS connection with each token",
            Self::ChannelBinding(_) => {
                "the token was made for another TLS connection or by a client without channel bindings; where a proxy ends \
                 TLS, give the proxy's bindings"
            }
            Self::Delegation(DelegationError::Malformed { problem: DelegationProblem::TooMany { .. } }) => {
                "raise the limit of delegated credentials if a client has reason to send that many"
            }
            Self::Delegation(DelegationError::Malformed { .. }) => {
                "let the client log in without delegation (curl: `--delegation none`); what it sends is no KRB-CRED of RFC \
                 4120 §5.8.1"
            }
            Self::Delegation(DelegationError::Integrity) => {
                "let the client log in without delegation (curl: `--delegation none`); its Kerberos library seals \
                 credentials under a key that it shares with nobody here"
            }
            Self::CriticalAuthorizationData { .. } => {
                "tolerate it by policy if its meaning does not restrict the ticket"
            }
            Self::Replay { .. } => {
                "validate each token once and keep the result with the request; otherwise somebody resent a token"
            }
            Self::BeforeStart { .. } => "the client may simply try again with a new token",
            Self::ReplayStore(ReplayStoreProblem::Full { .. }) => {
                "raise the store's bound; if logins are not that many, somebody floods the acceptor with valid tokens"
            }
            Self::ReplayStore(ReplayStoreProblem::Failed { .. }) => {
                "restore the replay store; logins are refused meanwhile"
            }
            Self::Random => "restore the operating system's source of random octets, or the one given to the builder",
            Self::Setup(SetupError::Service { .. }) => "write HTTP, HTTP/host, HTTP/host@REALM or HTTP@host",
            Self::Setup(SetupError::NoMembers) => "give the set the acceptor of each host",
            Self::Setup(SetupError::LabelTwice { .. }) => "give each member the name of its own host",
            Self::Setup(SetupError::KeySource) => {
                "make the acceptor with `builder_from`, or hand the new keytab over with `replace_keytab`"
            }
            Self::Setup(SetupError::StartTime) => "tell the builder when the acceptor started",
            Self::Setup(SetupError::ReplayStore) => "give the builder a replay store, or turn the check off by name",
            Self::Setup(SetupError::Random) => "give the builder a source of randomness",
            Self::Ticket(TicketError::Malformed(_)) => {
                "the KDC sealed it so, or somebody who has the service's key; find out which KDC issued it"
            }
            Self::Authenticator(_) => "the client's Kerberos library wrote it so; find out which one it is",
            Self::ApReq(ApReqError::NotUserToUser) => {
                "the client must ask for a ticket under the session key that it was given, or the caller must give none"
            }
            Self::ApReq(_) | Self::Ticket(_) | Self::Dce(_) | Self::ClientMismatch { .. } | Self::Integrity(_) => {
                "the message was damaged or forged; count it"
            }
            Self::NoKey(_) | Self::Token(_) | Self::EtypeNotPermitted { .. } => "",
        }
    }
}

impl TokenError {
    fn hint(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => {
                "users in many groups have large tickets; raise the limit here and in every proxy before it"
            }
            Self::NotKerberos { kind: TokenKind::Ntlm { .. } | TokenKind::NegoEx } => {
                "the client fell back from Kerberos: the server was addressed by IP, its host is not in the browser's trusted \
                 zone, its SPN is missing or held twice (`setspn -Q HTTP/host`), the user's account is local, or the client \
                 is outside the network"
            }
            Self::NotKerberos { kind: TokenKind::MicrosoftKrb5 } => {
                "the policy windows_compatible accepts this OID outside SPNEGO too"
            }
            Self::NotKerberos { kind: TokenKind::ApReq } => {
                "only DCE style sends an AP-REQ without a frame, and that is not supported"
            }
            Self::NotKerberos { kind: TokenKind::KrbError { .. } } => {
                "the client refused to go on and says why by the code; look at its own log"
            }
            Self::NotKerberos { kind: TokenKind::IaKerb } => {
                "IAKERB is not supported: the client must reach the KDC itself"
            }
            Self::TokenId { found: Some(TokenId::TGT_REQUEST) } => {
                "the client asks for a ticket-granting ticket first, which is not answered here: hand it over by other means"
            }
            Self::TokenId { found: Some(_) } => {
                "a login begins with an AP-REQ; see that the tokens of two logins are not mixed up"
            }
            Self::Empty => "the client sent `Negotiate` without a token: answer 401 with `WWW-Authenticate: Negotiate`",
            Self::TokenId { .. } | Self::Malformed(_) | Self::NotKerberos { .. } => {
                "check that the whole token arrives, decoded from base64 once"
            }
        }
    }
}

impl NoKey {
    fn hint(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::File(_) => "give a keytab that this process may read and that has entries (`klist -kte FILE`)",
            Self::Principal { differs_only_in_case: Some(_), .. } => {
                "case counts in Kerberos: make the keytab with the name that clients use, HTTP in capitals, the realm in \
                 capitals, the host in lower case"
            }
            Self::Principal { wanted, .. } => match &**wanted {
                WantedName::Policy(_) => "make the keytab for this service, or accept another service name",
                WantedName::Principal(principal) => {
                    let principal = Brief(principal);
                    return Cow::Owned(format!(
                        "clients ask for {principal}: add that entry to the keytab (AD: `setspn -S`, then `ktpass`; MIT: `ktadd \
                         {principal}`), or correct the name that clients use"
                    ));
                }
            },
            Self::Kvno { direction: KvnoDirection::TicketOutOfDate, .. } => {
                "the client must fetch a new ticket: `klist purge` or log off and on (Windows), `kdestroy` and `kinit` \
                 (MIT, Heimdal)"
            }
            Self::Kvno { direction: KvnoDirection::KeytabOutOfDate, .. } => {
                "the account's password was changed or ktpass ran again: make the keytab again and deploy it"
            }
            Self::Enctype { .. } => {
                "make the keytab again with the ticket's enctype (`ktpass /crypto all`, `ktadd -e`), or limit the account's \
                 enctypes to those of the keytab"
            }
            Self::Members { wanted, refusals } => {
                if let Some(refusal) = refusals.iter().find(|refusal| refusal.has_name()) {
                    return refusal.error().hint();
                }
                let wanted = Brief(wanted);
                return Cow::Owned(format!(
                    "clients ask for {wanted}: add that entry to the keytab of the member that is to serve it, or correct \
                     the name that clients use"
                ));
            }
            Self::UserToUser => {
                "give the connection the session key of the own ticket-granting ticket, or have the client ask for a ticket under the service's own key"
            }
        })
    }
}

fn enctype_hint(role: EnctypeRole, enctype: &Enctype) -> Cow<'static, str> {
    let name = enctype.name().unwrap_or("this enctype");
    match role {
        EnctypeRole::Ticket => {
            let but = if *enctype == Enctype::RC4_HMAC { ", which RFC 8429 advises against" } else { "" };
            Cow::Owned(format!(
                "let the KDC issue AES tickets (AD: msDS-SupportedEncryptionTypes = 24 on the service's account, then a \
                 new keytab); or allow {name} for tickets{but}"
            ))
        }
        EnctypeRole::SessionKey | EnctypeRole::Subkey => {
            Cow::Owned(format!("let KDC and client use AES session keys; or allow {name} for the {role}"))
        }
    }
}
