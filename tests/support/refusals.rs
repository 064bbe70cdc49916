//! Every way to be refused, one row each: how a login, an acceptor or a connection has to be, and what comes of it.
//!
//! The table is read by whoever must hold for all refusals alike: messages, replies, and the replay store.

#![allow(dead_code, reason = "each test file reads other columns of the table")]

use core::net::{IpAddr, Ipv4Addr};
use core::time::Duration;
use kerbside::crypto::Key;
use kerbside::gss::ChannelBindings;
use kerbside::messages::TicketFlags;
use kerbside::numbers::{AddressType, AuthDataType, ChecksumType, Enctype};
use kerbside::replay::{MemoryReplayStore, ReplayKey, ReplayStore, ReplayStoreError, Seen};
use kerbside::testing::{
    AuthenticatorChecksum, AuthorizationElement, Clock, CredentialsKey, Defect, Delegation, EncryptionKey, Framing,
    HostAddress, KeytabBuilder, Login, MechListMic, MechToken, Oid, Part, Realm,
};
use kerbside::{
    Acceptor, AcceptorBuilder, AcceptorSet, AddressPolicy, BindingPolicy, Connection, DcePolicy, Error, ErrorClass,
    GssMajor, Keytab, Leniency, Limits, Negotiation, Policy, RandomError, RandomSource, ReplayPolicy, RestartPolicy,
    Step, TargetPolicy, Timestamp,
};
use std::sync::Arc;

/// The service that everybody logs in to.
pub(crate) const SERVICE: &str = "HTTP/web.example.com";
/// Another service of the same keytab, of which no client shall hear.
pub(crate) const HIDDEN: &str = "ldap/hidden.example.com";
/// The path in the words of a replay store that fails.
pub(crate) const STORE_PATH: &str = "/var/run/replays.sock";

const AES128: Enctype = Enctype::AES128_CTS_HMAC_SHA1_96;
const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;

/// What had been understood of the token when it was refused: it decides what the client is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Not even the AP-REQ.
    Nothing,
    /// The AP-REQ with its options.
    Options,
    /// The authenticator too, with the flags in its checksum.
    Flags,
}

/// One row.
pub(crate) struct Refusal {
    /// What was wrong, for people.
    pub(crate) label: &'static str,
    /// The kind's name.
    pub(crate) name: &'static str,
    /// The Kerberos error code.
    pub(crate) code: i32,
    pub(crate) major: GssMajor,
    pub(crate) class: ErrorClass,
    pub(crate) heard: Heard,
    keytab: fn(KeytabBuilder) -> KeytabBuilder,
    acceptor: fn(AcceptorBuilder) -> AcceptorBuilder,
    presented: Presented,
    connection: fn(Connection) -> Connection,
}

#[derive(Clone, Copy)]
enum Presented {
    /// A login's token.
    Once(fn(Login) -> Login),
    /// The same, for the second time.
    Again(fn(Login) -> Login),
    /// More than one token, up to the error of the last.
    Legs(fn(&Login, &mut Negotiation) -> Error),
    /// These octets.
    Octets(&'static [u8]),
    /// Nothing: there is no acceptor.
    ToNobody,
    /// Nothing: what is asked of the acceptor fails.
    Otherwise(fn(Acceptor, &Realm) -> Error),
    /// A login's token, to a set of two members with this acceptor.
    ToSet(fn(Login) -> Login),
}

/// A refusal that has happened.
pub(crate) struct Played {
    /// Who presented the token, if it was a login's.
    pub(crate) login: Option<Login>,
    pub(crate) error: Error,
}

impl Refusal {
    /// Makes it happen: the login is shaped first and broken then, the acceptor asks this store unless the row is
    /// about the store.
    pub(crate) fn play(&self, replay: ReplayPolicy, shape: impl Fn(Login) -> Login) -> Played {
        let realm = realm();
        let keytab = (self.keytab)(realm.keytab_builder()).build().unwrap_or_else(|_| empty_keytab());
        let built = (self.acceptor)(Acceptor::builder(keytab).replay(replay)).build();
        let (change, times) = match self.presented {
            Presented::Once(change) => (change, 1),
            Presented::Again(change) => (change, 2),
            Presented::Legs(play) => {
                let login = shape(realm.login("alice", SERVICE));
                let error = play(&login, &mut built.unwrap().negotiate());
                return Played { login: Some(login), error };
            }
            Presented::Octets(octets) => {
                let error = built.unwrap().accept(octets, realm.now()).expect_err(self.label);
                return Played { login: None, error };
            }
            Presented::Otherwise(play) => {
                return Played { login: None, error: play(built.unwrap(), &realm) };
            }
            Presented::ToSet(change) => {
                let login = change(shape(realm.login("alice", SERVICE)));
                let (set, connection) = (set_of_two(built.unwrap()), (self.connection)(Connection::new()));
                let error = set.accept_on(&connection, &login.token(), realm.now()).expect_err(self.label);
                return Played { login: Some(login), error };
            }
            Presented::ToNobody => {
                return Played { login: None, error: built.expect_err(self.label) };
            }
        };
        let acceptor = built.unwrap();
        let login = change(shape(realm.login("alice", SERVICE)));
        let (token, connection) = (login.token(), (self.connection)(Connection::new()));
        for _ in 1..times {
            acceptor.accept_on(&connection, &token, realm.now()).expect("the first time");
        }
        let error = acceptor.accept_on(&connection, &token, realm.now()).expect_err(self.label);
        Played { login: Some(login), error }
    }

    /// The first token of the row with what it was presented to: an acceptor, and a connection; `None` where there is no one
    /// token that is refused at once, for a replay, and for a set of acceptors.
    pub(crate) fn first_token(&self, replay: ReplayPolicy) -> Option<(Acceptor, Connection, Vec<u8>)> {
        let realm = realm();
        let token = match self.presented {
            Presented::Once(change) => change(realm.login("alice", SERVICE)).token(),
            Presented::Octets(octets) => octets.to_vec(),
            Presented::Again(_)
            | Presented::Legs(_)
            | Presented::ToNobody
            | Presented::Otherwise(_)
            | Presented::ToSet(_) => return None,
        };
        let keytab = (self.keytab)(realm.keytab_builder()).build().unwrap();
        let acceptor = (self.acceptor)(Acceptor::builder(keytab).replay(replay)).build().unwrap();
        Some((acceptor, (self.connection)(Connection::new()), token))
    }

    /// A negotiation with the token of the row, its store the row's or the memory's; `None` where there is no one token
    /// that is refused at once.
    pub(crate) fn negotiation(&self) -> Option<(Negotiation, Vec<u8>)> {
        let realm = realm();
        let token = match self.presented {
            Presented::Once(change) | Presented::ToSet(change) => change(realm.login("alice", SERVICE)).token(),
            Presented::Octets(octets) => octets.to_vec(),
            Presented::Again(_) | Presented::Legs(_) | Presented::ToNobody | Presented::Otherwise(_) => return None,
        };
        let keytab = (self.keytab)(realm.keytab_builder()).build().unwrap();
        let acceptor = (self.acceptor)(Acceptor::builder(keytab)).build().unwrap();
        let connection = (self.connection)(Connection::new());
        let negotiation = match self.presented {
            Presented::ToSet(_) => set_of_two(acceptor).negotiate_on(connection),
            _ => acceptor.negotiate_on(connection),
        };
        Some((negotiation, token))
    }

    fn keytab(self, keytab: fn(KeytabBuilder) -> KeytabBuilder) -> Self {
        Self { keytab, ..self }
    }

    fn acceptor(self, acceptor: fn(AcceptorBuilder) -> AcceptorBuilder) -> Self {
        Self { acceptor, ..self }
    }

    fn login(self, change: fn(Login) -> Login) -> Self {
        Self { presented: Presented::Once(change), ..self }
    }

    fn presented_to_set(self, change: fn(Login) -> Login) -> Self {
        Self { presented: Presented::ToSet(change), ..self }
    }

    fn legs(self, play: fn(&Login, &mut Negotiation) -> Error) -> Self {
        Self { presented: Presented::Legs(play), ..self }
    }

    fn presented_twice(self) -> Self {
        Self { presented: Presented::Again(|login| login), ..self }
    }

    fn octets(self, octets: &'static [u8]) -> Self {
        Self { presented: Presented::Octets(octets), ..self }
    }

    fn without_acceptor(self) -> Self {
        Self { presented: Presented::ToNobody, ..self }
    }

    fn connection(self, connection: fn(Connection) -> Connection) -> Self {
        Self { connection, ..self }
    }

    fn heard(self, heard: Heard) -> Self {
        Self { heard, ..self }
    }
}

/// The realm of the table, whose clock shows more than whole seconds.
pub(crate) fn realm() -> Realm {
    let realm = Realm::new("EXAMPLE.COM");
    realm.clock().advance(Duration::from_micros(123_456));
    realm
}

fn empty_keytab() -> Keytab {
    Keytab::from_bytes(&[5, 2]).unwrap()
}

fn row(label: &'static str, name: &'static str, (code, major, class): (i32, GssMajor, ErrorClass)) -> Refusal {
    Refusal {
        label,
        name,
        code,
        major,
        class,
        heard: Heard::Flags,
        keytab: |keytab| keytab.service(SERVICE).service(HIDDEN),
        acceptor: |builder| builder,
        presented: Presented::Once(|login| login),
        connection: |connection| connection,
    }
}

/// All rows, in the order in which a token is looked at.
pub(crate) fn all() -> Vec<Refusal> {
    let groups = [
        envelope(),
        legs(),
        ap_req(),
        keys(),
        opened(),
        names(),
        times(),
        statements(),
        delegations(),
        replays(),
        setup(),
    ];
    groups.into_iter().flatten().collect()
}

/// Sections 1 to 3: what is refused before there is an AP-REQ.
fn envelope() -> Vec<Refusal> {
    let malformed = (60, GssMajor::DEFECTIVE_TOKEN, ErrorClass::Malformed);
    let other = (60, GssMajor::BAD_MECH, ErrorClass::NotKerberos);
    let rows = vec![
        row("more octets than the limit", "Token.TooLarge", malformed)
            .acceptor(|builder| builder.limits(limits(|limits| limits.token_octets = 3)))
            .octets(&[0x60; 4]),
        row("no octets", "Token.Empty", (60, GssMajor::DEFECTIVE_TOKEN, ErrorClass::NotKerberos)).octets(&[]),
        row("NTLM", "Token.NotKerberos", other).octets(b"NTLMSSP\0\x01\0\0\0\x07\x82\x08\xa2"),
        row("NTLM is all that is offered", "Token.NotKerberos", other).login(|login| offer_alone(login, &[Oid::NTLM])),
        row("NegoEx", "Token.NotKerberos", other).octets(b"NEGOEXTS and the rest"),
        row("IAKERB", "Token.NotKerberos", other).login(|login| login.mechanism(Oid::IAKERB).raw_krb5()),
        row("Kerberos under Microsoft's OID", "Token.NotKerberos", other)
            .login(|login| login.mechanism(Oid::MS_KRB5).raw_krb5()),
        row("an AP-REQ without a frame", "Token.NotKerberos", other).login(Login::bare_ap_req),
        row("a KRB-ERROR of the client", "Token.NotKerberos", other).octets(b"\x7e\x07\x30\x05\xa6\x03\x02\x01\x25"),
        row("no kind that has a name", "Token.NotKerberos", other).octets(b"GET / HTTP/1.1"),
        row("the token is cut off", "Token.Malformed", malformed).login(|login| login.broken(Defect::Truncated(100))),
        row("an octet behind the AP-REQ", "Token.Malformed", malformed)
            .login(|login| login.broken(Defect::OctetAfter(Part::ApReq))),
        row("an AP-REP in place of an AP-REQ", "Token.TokenId", (40, GssMajor::DEFECTIVE_TOKEN, ErrorClass::Malformed))
            .login(|login| login.token_id([2, 0])),
        row("a frame with nothing in it", "Token.TokenId", (40, GssMajor::DEFECTIVE_TOKEN, ErrorClass::Malformed))
            .octets(b"\x60\x0b\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"),
        row("no mechanism that is known here", "Negotiation.NoCommonMechanism", other)
            .login(|login| offer_alone(login, &[Oid::UNKNOWN])),
        row(
            "Kerberos is offered second",
            "Negotiation.MoreNeeded",
            (60, GssMajor::CONTINUE_NEEDED, ErrorClass::Continue),
        )
        .login(|login| login.framing(Framing::Spnego).offering(&[Oid::NTLM, Oid::KRB5])),
        row(
            "the first token holds no mechToken",
            "Negotiation.MoreNeeded",
            (60, GssMajor::CONTINUE_NEEDED, ErrorClass::Continue),
        )
        .login(|login| offer_alone(login, &[Oid::KRB5])),
        row("the token inside is of another mechanism", "Negotiation.MechanismMismatch", malformed)
            .login(|login| login.framing(Framing::Spnego).mechanism(Oid::IAKERB)),
        row("a continuation without a beginning", "Negotiation.OutOfOrder", malformed)
            .login(|login| login.framing(Framing::SpnegoContinuation)),
        row("a MIC that nobody asked for", "Negotiation.OutOfOrder", malformed).login(|login| {
            login
                .framing(Framing::Spnego)
                .with_negotiation(|init| init.mech_list_mic = MechListMic::Octets(vec![4; 28]))
        }),
        row("user-to-user, by its OID", "NoKey.UserToUser", (45, GssMajor::FAILURE, ErrorClass::Configuration))
            .login(|login| login.mechanism(Oid::KRB5_USER_TO_USER).raw_krb5()),
    ];
    rows.into_iter().map(|row| row.heard(Heard::Nothing)).collect()
}

/// Sections 2 and 12, where it takes more than one token, or less.
fn legs() -> Vec<Refusal> {
    let malformed = (60, GssMajor::DEFECTIVE_TOKEN, ErrorClass::Malformed);
    let rows = vec![
        row("a wrong MIC beside the only token", "Negotiation.BadMic", malformed).login(|login| {
            let login = login.framing(Framing::Spnego).without_mutual();
            login.with_negotiation(|init| init.mech_list_mic = MechListMic::Octets(vec![4; 28]))
        }),
        row("Kerberos was offered second, and the MIC is missing", "Negotiation.MicMissing", malformed).legs(
            |login, negotiation| {
                let login = login.clone().framing(Framing::Spnego).without_mutual().offering(&[Oid::NTLM, Oid::KRB5]);
                go_on(negotiation, &login.token());
                refused_leg(negotiation, &login.framing(Framing::SpnegoContinuation).token())
            },
        ),
        row("a token more than the limit", "Negotiation.TooManyLegs", malformed)
            .acceptor(|builder| builder.limits(limits(|limits| limits.legs = 1)))
            .legs(|login, negotiation| {
                go_on(negotiation, b"");
                refused_leg(negotiation, &login.token())
            }),
        row("a token after a refusal", "Negotiation.Closed", malformed).legs(|login, negotiation| {
            refused_leg(negotiation, b"GET / HTTP/1.1");
            refused_leg(negotiation, &login.token())
        }),
        row(
            "the replay store has to be awaited",
            "Negotiation.ReplayPending",
            (60, GssMajor::FAILURE, ErrorClass::Configuration),
        )
        .acceptor(|builder| builder.replay(ReplayPolicy::Ask)),
        row(
            "the third leg repeats another number",
            "Dce.Mismatch",
            (46, GssMajor::DEFECTIVE_TOKEN, ErrorClass::Malformed),
        )
        .acceptor(|builder| builder.adjust_policy(|policy| policy.dce = DcePolicy::Accept))
        .legs(|login, negotiation| {
            let login = login.clone().dce_style();
            let mut reply = login.verify_reply(&go_on(negotiation, &login.token())).unwrap();
            reply.ap_rep.as_mut().unwrap().seq_number = Some(0);
            refused_leg(negotiation, &login.dce_leg(&reply))
        }),
    ];
    rows.into_iter().map(|row| row.heard(Heard::Nothing)).collect()
}

/// The answer to a leg after which another is awaited.
fn go_on(negotiation: &mut Negotiation, token: &[u8]) -> Vec<u8> {
    match negotiation.step(token, realm().now()) {
        Ok(Step::Continue(reply)) => reply,
        other => panic!("{other:?}"),
    }
}

fn refused_leg(negotiation: &mut Negotiation, token: &[u8]) -> Error {
    negotiation.step(token, realm().now()).expect_err("this leg is refused")
}

fn offer_alone(login: Login, mechanisms: &[Oid]) -> Login {
    login.framing(Framing::Spnego).offering(mechanisms).with_negotiation(|init| init.mech_token = MechToken::Absent)
}

fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

/// Section 4.
fn ap_req() -> Vec<Refusal> {
    let defective = |code| (code, GssMajor::DEFECTIVE_TOKEN, ErrorClass::Malformed);
    let rows = vec![
        row("pvno is 4", "ApReq.Version", defective(3)).login(|login| login.with_ap_req(|ap_req| ap_req.pvno = 4)),
        row("msg-type is 15", "ApReq.MessageType", defective(40))
            .login(|login| login.with_ap_req(|ap_req| ap_req.msg_type = 15)),
        row("tkt-vno is 4", "Ticket.Version", defective(39))
            .login(|login| login.with_ticket(|ticket| ticket.tkt_vno = 4)),
        row("user-to-user, by its option", "NoKey.UserToUser", (45, GssMajor::FAILURE, ErrorClass::Configuration))
            .login(|login| login.with_ap_req(|ap_req| ap_req.ap_options.octets[0] |= 0x40)),
        row("a session key for a ticket under the service's own", "ApReq.NotUserToUser", defective(35)).connection(
            |connection| {
                let key = Key::new(Enctype::AES256_CTS_HMAC_SHA1_96, &[7; 32]).unwrap();
                connection.user_to_user("bob@EXAMPLE.COM".parse().unwrap(), key)
            },
        ),
    ];
    rows.into_iter().map(|row| row.heard(Heard::Options)).collect()
}

/// Section 5: the diagnosis of a ticket that no key opens.
fn keys() -> Vec<Refusal> {
    let configuration = |code| (code, GssMajor::FAILURE, ErrorClass::Configuration);
    let integrity = (31, GssMajor::FAILURE, ErrorClass::Malformed);
    let rows = vec![
        row("an RC4 ticket", "EtypeNotPermitted", configuration(14))
            .login(|login| login.ticket_enctype(Enctype::RC4_HMAC)),
        row("a DES3 ticket", "EtypeUnsupported", configuration(14))
            .login(|login| login.ticket_enctype(Enctype::DES3_CBC_SHA1)),
        row("the ticket's ciphertext is too short for its enctype", "Integrity", integrity)
            .login(|login| login.broken(Defect::TicketCiphertextCut(27))),
        row("the policy allows nothing of the keytab", "NoKey.Principal", configuration(45))
            .acceptor(|builder| builder.service("cifs/files.example.com")),
        row("the policy excludes the ticket's service", "NotForUs", configuration(35))
            .acceptor(|builder| builder.service("ldap")),
        row("a service that is not in the keytab", "NoKey.Principal", configuration(35))
            .login(|login| login.cleartext_service("HTTP/www.example.com").broken(Defect::WrongServiceKey)),
        row("a service like none of the keytab's", "NoKey.Principal", configuration(35))
            .login(|login| login.cleartext_service("imap/mail.example.org").broken(Defect::WrongServiceKey)),
        row("a service that differs in case", "NoKey.Principal", configuration(35))
            .login(|login| login.cleartext_service("http/Web.example.com").broken(Defect::WrongServiceKey)),
        row("a service that no member of a set has", "NoKey.Members", configuration(35))
            .presented_to_set(|login| login.cleartext_service("HTTP/www.example.com").broken(Defect::WrongServiceKey)),
        row("the keytab is newer than the ticket", "NoKey.Kvno", configuration(44)).login(|login| login.kvno(1)),
        row("the ticket is newer than the keytab", "NoKey.Kvno", configuration(44)).login(|login| login.kvno(3)),
        row("the ticket is newer, and the low bits agree", "NoKey.Kvno", configuration(44))
            .login(|login| login.kvno(258)),
        row("the ticket is newer, and of an enctype that the keytab lacks", "NoKey.Kvno", configuration(44))
            .keytab(|keytab| keytab.key(SERVICE, AES256, Realm::KVNO))
            .login(|login| login.kvno(3).ticket_enctype(AES128)),
        row("the keytab lacks the enctype", "NoKey.Enctype", configuration(44))
            .keytab(|keytab| keytab.key(SERVICE, AES256, Realm::KVNO))
            .login(|login| login.ticket_enctype(AES128)),
        row("the key does not open the ticket", "KeyDoesNotDecrypt", configuration(31))
            .login(|login| login.broken(Defect::WrongServiceKey)),
        row("the key does not open the ticket, which states no kvno", "KeyDoesNotDecrypt", configuration(31))
            .login(|login| login.with_ticket(|ticket| ticket.kvno = None).broken(Defect::WrongServiceKey)),
    ];
    rows.into_iter().map(|row| row.heard(Heard::Options)).collect()
}

/// Section 6: ticket and authenticator, opened.
fn opened() -> Vec<Refusal> {
    let defective = |code| (code, GssMajor::DEFECTIVE_TOKEN, ErrorClass::Malformed);
    let integrity = (31, GssMajor::FAILURE, ErrorClass::Malformed);
    vec![
        row("the decrypted ticket is cut off", "Ticket.Malformed", defective(31))
            .login(|login| login.replace_enc_ticket_part(|octets| octets.truncate(60)))
            .heard(Heard::Options),
        row("the session key is too short for its enctype", "Integrity", integrity)
            .login(|login| login.with_ticket(|ticket| ticket.key.keyvalue.truncate(31)))
            .heard(Heard::Options),
        row("a DES3 session key", "EtypeUnsupported", (14, GssMajor::FAILURE, ErrorClass::Configuration))
            .login(|login| login.session_enctype(Enctype::DES3_CBC_SHA1))
            .heard(Heard::Options),
        row("a bit of the authenticator is inverted", "Integrity", integrity)
            .login(|login| login.broken(Defect::AuthenticatorBit(9)))
            .heard(Heard::Options),
        row("the authenticator's label is not the session key's enctype", "Integrity", integrity)
            .login(|login| login.with_ap_req(|ap_req| ap_req.authenticator_etype = Some(AES128)))
            .heard(Heard::Options),
        row("the decrypted authenticator is cut off", "Authenticator.Malformed", defective(31))
            .login(|login| login.replace_authenticator(|octets| octets.truncate(40)))
            .heard(Heard::Options),
        row("authenticator-vno is 4", "Authenticator.Malformed", defective(39))
            .login(|login| login.with_authenticator(|authenticator| authenticator.authenticator_vno = 4))
            .heard(Heard::Options),
        row("AD-AP-OPTIONS of three octets", "Authenticator.Malformed", defective(40))
            .login(|login| data_in_authenticator(login, AuthorizationElement::new(AuthDataType::AP_OPTIONS, [0; 3]))),
        row("an enctype list that is none", "Authenticator.Malformed", defective(31)).login(|login| {
            data_in_authenticator(login, AuthorizationElement::new(AuthDataType::ETYPE_NEGOTIATION, *b"\x04\x00"))
        }),
    ]
}

fn data_in_authenticator(login: Login, element: AuthorizationElement) -> Login {
    login.with_authenticator(|authenticator| authenticator.authorization_data = Some(vec![element]))
}

/// Section 7.
fn names() -> Vec<Refusal> {
    let policy = |code| (code, GssMajor::FAILURE, ErrorClass::Policy);
    vec![
        row("the authenticator names another client", "ClientMismatch", (36, GssMajor::FAILURE, ErrorClass::Malformed))
            .login(|login| login.with_authenticator(|a| a.cname.name_string = vec![b"mallory".to_vec()])),
        row("a realm that is not among those accepted", "ClientRealmNotAllowed", policy(12))
            .acceptor(|builder| builder.adjust_policy(|policy| policy.client_realms = Some(vec![(*b"CORP").into()]))),
        row("an anonymous client", "ClientRealmNotAllowed", policy(12))
            .login(|login| login.with_ticket(|ticket| ticket.flags = TicketFlags::ANONYMOUS.into())),
        row("the peer's address is not the ticket's", "Address", policy(38))
            .login(with_address)
            .connection(|connection| connection.peer_address(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9)))),
        row("an address is required, and none is known", "Address", policy(38))
            .login(with_address)
            .acceptor(|builder| builder.adjust_policy(|policy| policy.addresses = AddressPolicy::Require)),
        row("an address is required, and the ticket has none", "Address", policy(38))
            .acceptor(|builder| builder.adjust_policy(|policy| policy.addresses = AddressPolicy::Require))
            .connection(|connection| connection.peer_address(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9)))),
        row("the ticket came through a stranger's realm", "Transited", policy(51))
            .login(|login| from_afar(login, 1, b"STRANGER.EXAMPLE")),
        row("a transited field of an unknown encoding", "Transited", policy(17))
            .login(|login| from_afar(login, 7, b"STRANGER.EXAMPLE")),
        row("direct trust that nobody checked", "Transited", policy(51))
            .acceptor(|builder| builder.adjust_policy(|policy| policy.direct_cross_realm = Leniency::Refuse))
            .login(|login| from_afar(login, 1, b"")),
        row("a transited field that cannot be read", "Transited", policy(51))
            .login(|login| from_afar(login, 1, b"STRANGER.EXAMPLE\\")),
        row("too many realms", "Transited", policy(51))
            .acceptor(|builder| builder.limits(limits(|limits| limits.transited_realms = 1)))
            .login(|login| from_afar(login, 1, b"ONE.EXAMPLE,TWO.EXAMPLE")),
        row("realms that are too long", "Transited", policy(51))
            .acceptor(|builder| builder.limits(limits(|limits| limits.transited_octets = 8)))
            .login(|login| from_afar(login, 1, b"STRANGER.EXAMPLE")),
    ]
}

fn with_address(login: Login) -> Login {
    let address = HostAddress::new(AddressType::IPV4, [192, 0, 2, 1]);
    login.with_ticket(|ticket| ticket.caddr = Some(vec![address]))
}

/// A client of another realm, whose path the KDC did not check.
fn from_afar(login: Login, tr_type: i32, transited: &[u8]) -> Login {
    let afar = b"FAR.EXAMPLE".to_vec();
    login.with_authenticator(|authenticator| authenticator.crealm = afar.clone()).with_ticket(|ticket| {
        ticket.crealm = afar.clone();
        ticket.flags = TicketFlags::default().into();
        (ticket.tr_type, ticket.transited) = (tr_type, transited.to_vec());
    })
}

/// Section 8.
fn times() -> Vec<Refusal> {
    let time = |code, major| (code, major, ErrorClass::Time);
    let failure = GssMajor::FAILURE;
    vec![
        row("the ticket begins in an hour", "TicketNotYetValid", time(33, failure)).login(starting_in_an_hour),
        row("the ticket begins in an hour, and the client agrees", "TicketNotYetValid", time(33, failure))
            .login(|login| starting_in_an_hour(login).clock_ahead(Duration::from_secs(3_600))),
        row("a postdated ticket", "TicketInvalid", time(33, failure))
            .login(|login| login.with_ticket(|ticket| ticket.flags = TicketFlags::INVALID.into())),
        row("the ticket has ended", "TicketExpired", time(32, GssMajor::CREDENTIALS_EXPIRED))
            .login(|login| login.with_ticket(|ticket| ticket.endtime = before_start(2 * 3_600))),
        row("the client's clock is ahead", "ClockSkew", time(37, failure))
            .login(|login| login.clock_ahead(Duration::from_secs(432))),
        row("the client's clock is days behind", "ClockSkew", time(37, failure))
            .login(|login| login.clock_behind(Duration::from_secs(3 * 86_400 + 7_200))),
        row("the client's clock is behind by a microsecond more than is allowed", "ClockSkew", time(37, failure))
            .login(|login| login.clock_behind(Duration::from_micros(300_000_001))),
    ]
}

fn before_start(seconds: u64) -> kerbside::KerberosTime {
    Clock::START.saturating_sub(Duration::from_secs(seconds)).second()
}

fn starting_in_an_hour(login: Login) -> Login {
    let starts = Clock::START.saturating_add(Duration::from_secs(3_600)).second();
    login.with_ticket(|ticket| ticket.starttime = Some(starts))
}

/// Sections 9 to 11, and what the client states.
fn statements() -> Vec<Refusal> {
    let defective = |code| (code, GssMajor::DEFECTIVE_TOKEN, ErrorClass::Malformed);
    let configuration = |code| (code, GssMajor::FAILURE, ErrorClass::Configuration);
    let failure = |code| (code, GssMajor::FAILURE, ErrorClass::Malformed);
    let bindings = (60, GssMajor::BAD_BINDINGS, ErrorClass::Policy);
    vec![
        row("an RC4 session key", "EtypeNotPermitted", configuration(14))
            .login(|login| login.session_enctype(Enctype::RC4_HMAC)),
        row("an RC4 subkey", "EtypeNotPermitted", configuration(14))
            .login(|login| login.subkey_enctype(Enctype::RC4_HMAC)),
        row("the subkey is too short for its enctype", "Integrity", failure(31)).login(|login| {
            login.with_authenticator(|a| a.subkey.as_mut().into_iter().for_each(|key| key.keyvalue.truncate(31)))
        }),
        row("no checksum", "Checksum.Missing", failure(50))
            .acceptor(|builder| builder.adjust_policy(|policy| policy.missing_checksum = Leniency::Refuse))
            .login(|login| login.with_authenticator(|a| a.cksum = AuthenticatorChecksum::Absent))
            .heard(Heard::Options),
        row("a checksum of MD5", "Checksum.WrongType", failure(50))
            .login(|login| with_checksum(login, ChecksumType::RSA_MD5, 16))
            .heard(Heard::Options),
        row("a GSS checksum of 23 octets", "Checksum.Malformed", defective(60))
            .login(|login| login.with_gss_checksum(|checksum| checksum.cut_to = Some(23)))
            .heard(Heard::Options),
        row("a keyed checksum that is wrong", "Integrity", (31, GssMajor::BAD_SIG, ErrorClass::Malformed))
            .acceptor(|builder| builder.policy(Policy::windows_compatible()))
            .login(|login| with_checksum(login, ChecksumType::HMAC_SHA1_96_AES256, 12))
            .heard(Heard::Options),
        row("channel bindings are required, and there are none", "ChannelBinding", bindings)
            .acceptor(|builder| builder.adjust_policy(|policy| policy.channel_bindings = BindingPolicy::Require))
            .connection(bound),
        row("channel bindings were announced, and there are none", "ChannelBinding", bindings)
            .login(|login| data_in_authenticator(login, AuthorizationElement::ap_options(0x4000)))
            .connection(bound),
        row("nobody gave channel bindings to compare with", "ChannelBinding", bindings)
            .acceptor(|builder| builder.adjust_policy(|policy| policy.unbound_connections = Leniency::Refuse)),
        row("bound to another channel", "ChannelBinding", bindings)
            .login(|login| login.channel_bindings(b"tls-server-end-point:another"))
            .connection(bound),
        row(
            "authorization data that nobody understands",
            "AuthorizationData.Critical",
            (12, GssMajor::FAILURE, ErrorClass::Policy),
        )
        .acceptor(|builder| builder.adjust_policy(|policy| policy.critical_authorization_data = Leniency::Refuse))
        .login(|login| data_in_authenticator(login, AuthorizationElement::new(AuthDataType(512), [0; 4]))),
        row("the client meant to reach another service", "NotForUs", configuration(35))
            .acceptor(|builder| builder.adjust_policy(|policy| policy.target = TargetPolicy::VerifyIfPresent))
            .login(|login| data_in_authenticator(login, AuthorizationElement::client_target("cifs/files.example.com"))),
        row("the client must say which service it meant, and does not", "NotForUs", configuration(35))
            .acceptor(|builder| builder.adjust_policy(|policy| policy.target = TargetPolicy::Require)),
    ]
}

fn with_checksum(login: Login, checksum_type: ChecksumType, octets: usize) -> Login {
    login.with_authenticator(|a| a.cksum = AuthenticatorChecksum::Other(checksum_type, vec![0; octets]))
}

fn bound(connection: Connection) -> Connection {
    connection.channel_bindings(ChannelBindings::from_application_data(*b"tls-server-end-point:this"))
}

/// Delegated credentials, where the acceptor wants them.
fn delegations() -> Vec<Refusal> {
    let malformed = (60, GssMajor::DEFECTIVE_TOKEN, ErrorClass::Malformed);
    let rows = vec![
        row("delegated credentials longer than the checksum", "Delegation.Malformed", malformed)
            .login(|login| login.delegating(|_| {}).with_gss_checksum(|checksum| checksum.cut_to = Some(200))),
        row("delegated credentials that are no KRB-CRED", "Delegation.Malformed", malformed).login(|login| {
            login.delegating(|_| {}).with_gss_checksum(|checksum| checksum.delegation = Some(Delegation::new(*b"cred")))
        }),
        row("delegated credentials of another message type", "Delegation.Malformed", malformed)
            .login(|login| login.delegating(|message| message.msg_type = 21)),
        row("no delegated ticket", "Delegation.Malformed", malformed).login(|login| {
            login.delegating(|message| {
                message.tickets.clear();
                message.ticket_info.clear();
            })
        }),
        row("a delegated ticket without a description", "Delegation.Malformed", malformed)
            .login(|login| login.delegating(|message| message.ticket_info.clear())),
        row("more delegated tickets than the limit", "Delegation.Malformed", malformed).login(|login| {
            login.delegating(|message| {
                message.tickets = vec![message.tickets[0].clone(); 17];
                message.ticket_info = vec![message.ticket_info[0].clone(); 17];
            })
        }),
        row("a delegated ticket of nobody", "Delegation.Malformed", malformed)
            .login(|login| login.delegating(|message| message.ticket_info[0].client = None)),
        row(
            "delegated credentials under an unknown key",
            "Delegation.Integrity",
            (31, GssMajor::FAILURE, ErrorClass::Malformed),
        )
        .login(|login| {
            let key = EncryptionKey::new(AES256, [7; 32]);
            login.delegating(|message| message.sealing_key = CredentialsKey::Other(key))
        }),
    ];
    rows.into_iter().map(|row| row.acceptor(AcceptorBuilder::accept_delegation)).collect()
}

/// Section 13, and what comes after it.
fn replays() -> Vec<Refusal> {
    let again = |major| (34, major, ErrorClass::Replay);
    let environment = (60, GssMajor::FAILURE, ErrorClass::Environment);
    vec![
        row("an authenticator from before the start", "Replay.BeforeStart", again(GssMajor::FAILURE)).acceptor(
            |builder| {
                let builder = builder.adjust_policy(|policy| policy.restart = RestartPolicy::RejectOlderThanStart);
                builder.started_at(Clock::START.saturating_add(Duration::from_secs(1)))
            },
        ),
        row("a start less than the skew ago", "Replay.BeforeStart", again(GssMajor::FAILURE)).acceptor(|builder| {
            let builder = builder.adjust_policy(|policy| policy.restart = RestartPolicy::RejectForSkew);
            builder.started_at(Clock::START)
        }),
        row("no random octets for the reply", "Random.Failed", environment)
            .acceptor(|builder| builder.random(Arc::new(NoRandom))),
        row("the same token again", "Replay", again(GssMajor::DUPLICATE_TOKEN)).presented_twice(),
        row("a full replay store", "ReplayStore.Full", environment)
            .acceptor(|builder| builder.replay(ReplayPolicy::Store(Arc::new(MemoryReplayStore::new(0))))),
        row("a replay store that fails", "ReplayStore.Failed", environment)
            .acceptor(|builder| builder.replay(ReplayPolicy::Store(Arc::new(FailingStore)))),
    ]
}

/// What an acceptor cannot be built of.
fn setup() -> Vec<Refusal> {
    let rows = vec![
        row("a keytab without entries", "NoKey.File", (45, GssMajor::NO_CRED, ErrorClass::Configuration))
            .keytab(|_| realm().keytab_builder()),
        row("text that names no service", "Setup.Service", (60, GssMajor::FAILURE, ErrorClass::Configuration))
            .acceptor(|builder| builder.service("HTTP/web/example\ncom")),
        row("a restart policy without a start", "Setup.StartTime", (60, GssMajor::FAILURE, ErrorClass::Configuration))
            .acceptor(|builder| builder.policy(Policy::strict())),
    ];
    let mut rows: Vec<_> = rows.into_iter().map(Refusal::without_acceptor).collect();
    let setup = (60, GssMajor::FAILURE, ErrorClass::Configuration);
    let of = |label, name, play| Refusal { presented: Presented::Otherwise(play), ..row(label, name, setup) };
    rows.push(of("keys to load again, of nobody", "Setup.KeySource", |acceptor, realm| {
        acceptor.reload(realm.now()).unwrap_err()
    }));
    rows.push(of("a set without members", "Setup.NoMembers", |_, _| {
        AcceptorSet::new(Vec::<(&str, Acceptor)>::new()).unwrap_err()
    }));
    rows.push(of("a set with one label twice", "Setup.LabelTwice", |acceptor, _| {
        AcceptorSet::new([("web\n", acceptor.clone()), ("WEB\n", acceptor)]).unwrap_err()
    }));
    rows.into_iter().map(|row| row.heard(Heard::Nothing)).collect()
}

/// A set of this acceptor, and of another that has a mail service.
fn set_of_two(acceptor: Acceptor) -> AcceptorSet {
    let mail = Acceptor::builder(realm().keytab("imap/mail.example.com").unwrap()).build().unwrap();
    AcceptorSet::new([("web.example.com", acceptor), ("mail", mail)]).unwrap()
}

/// A source that has nothing to give.
pub(crate) struct NoRandom;

impl RandomSource for NoRandom {
    fn fill(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError::new())
    }
}

/// A store that is out of reach, and says where.
struct FailingStore;

impl ReplayStore for FailingStore {
    fn check_and_insert(&self, _: &ReplayKey, _: Timestamp, _: Timestamp) -> Result<Seen, ReplayStoreError> {
        Err(ReplayStoreError::failed(format!("cannot connect to {STORE_PATH}")))
    }
}
