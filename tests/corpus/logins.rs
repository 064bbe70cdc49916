//! Recorded logins whose keys are known: each is accepted at its time, with every fact that was recorded, and refused for
//! every reason that can be made from it.

use crate::exceptions::outcome_of;
use crate::facts::{self, NegTokenResp, ap_req_in, hex, id, octets, time, unframed};
use crate::{explained, keys, published};
use core::time::Duration;
use kerbside::asn1::Rules;
use kerbside::crypto::Key;
use kerbside::gss::{ChannelBindings, ContextFlags, InitialToken, Oid, TokenId};
use kerbside::messages::{
    ApOptions, ApRep, ApReq, Authenticator, AuthorizationData, EncApRepPart, EncTicketPart, KrbError,
};
use kerbside::numbers::{Enctype, KeyUsage};
use kerbside::{
    Accepted, Acceptor, AcceptorBuilder, BindingPolicy, Connection, EnctypeRole, Error, KeyMatch, Keytab, Mechanism,
    Policy, ReplayPolicy, Timestamp, Tolerance,
};
use serde_json::Value;

/// A recorded login: its record, and the AP-REQ in it.
struct Login {
    record: Value,
    token: Vec<u8>,
    ap_req: Vec<u8>,
}

/// How a login is judged beside what its facts say.
struct Expected {
    key_match: KeyMatch,
    service: &'static str,
    kvno: u32,
    /// RFC 4537 §3: AES where the client lists it, whatever the ticket's enctype.
    acceptor_subkey: i64,
    client_target: Option<&'static str>,
}

const AADG: &str = "HTTP/aadg.windows.net.nsatc.net@IDENTITYINTERVENTION.COM";

fn expected(id: &str) -> Expected {
    let (key_match, service, kvno, acceptor_subkey) = match id {
        "kn-delegation" => {
            (KeyMatch::Exact, "host/app.corp.identityintervention.com@CORP.IDENTITYINTERVENTION.COM", 3, 18)
        }
        "kn-rc4-claims" | "kn-sample-kerberosmiddlewaresample-0" => (KeyMatch::OtherKvno, AADG, 12, 18),
        "kn-sample-kerbtester-1" => (KeyMatch::OtherKvno, AADG, 12, 17),
        "zk-smb2krb-c1" => (KeyMatch::Alias, "host/phxlabbal821.ds.susq.com@DS.SUSQ.COM", 2, 18),
        "kn-referral-tgt-apreq" => {
            (KeyMatch::Exact, "krbtgt/TEST.IDENTITYINTERVENTION.COM@CORP.IDENTITYINTERVENTION.COM", 1, 18)
        }
        other => panic!("{other} is new: say what is expected of it"),
    };
    let client_target = (id == "kn-delegation").then_some(service);
    Expected { key_match, service, kvno, acceptor_subkey, client_target }
}

/// Every record whose ticket and authenticator were opened by whoever made the index.
fn logins() -> Vec<Login> {
    let mut logins = Vec::new();
    for record in published::every_record() {
        if record["expected"]["enc_ticket"].is_object() && record["expected"]["authenticator"].is_object() {
            let token = octets(&record);
            let ap_req = ap_req_in(&token).unwrap().to_vec();
            logins.push(Login { record, token, ap_req });
        }
    }
    assert!(logins.is_empty() || logins.len() >= 6, "{} logins", logins.len());
    logins
}

impl Login {
    fn ap_req(&self) -> ApReq<'_> {
        ApReq::from_octets(&self.ap_req, Rules::default()).unwrap()
    }

    /// The AP-REQ in Kerberos's own frame, without SPNEGO.
    fn raw_krb5(&self) -> Vec<u8> {
        InitialToken::frame_krb5(Oid::KRB5, TokenId::AP_REQ, &self.ap_req)
    }

    /// The token as it was recorded, or framed if it was recorded without a frame.
    fn token(&self) -> Vec<u8> {
        if self.token == self.ap_req { self.raw_krb5() } else { self.token.clone() }
    }

    fn keytab(&self) -> Keytab {
        keys::keytab(&self.record, &self.ap_req().ticket)
    }

    fn part(&self) -> &Value {
        &self.record["expected"]["enc_ticket"]
    }

    fn authenticator(&self) -> &Value {
        &self.record["expected"]["authenticator"]
    }

    fn is_rc4(&self) -> bool {
        self.ap_req().ticket.enc_part.etype == Enctype::RC4_HMAC
    }

    /// The default policy, and RC4 where the record is of RC4.
    fn builder(&self) -> AcceptorBuilder {
        let builder = Acceptor::builder(self.keytab());
        if self.is_rc4() { builder.allow_enctype(Enctype::RC4_HMAC) } else { builder }
    }

    fn acceptor(&self) -> Acceptor {
        self.builder().build().unwrap()
    }

    /// Judged, and explained: the two agree.
    fn accept(&self, at: Timestamp) -> Result<Accepted, Error> {
        let acceptor = self.builder().replay(ReplayPolicy::Off).build().unwrap();
        explained::agreed(&acceptor, &Connection::new(), &self.token(), at, &|| id(&self.record).to_owned());
        self.acceptor().accept(&self.token(), at)
    }

    fn ticket_time(&self, field: &str) -> Timestamp {
        self.part()[field].as_str().unwrap().parse().unwrap()
    }

    fn gss_flags(&self) -> ContextFlags {
        let flags = self.authenticator()["cksum"]["gss_flags"].as_str().unwrap();
        ContextFlags::from_bits(u32::from_str_radix(flags.trim_start_matches("0x"), 16).unwrap())
    }
}

fn kind_of(result: Result<Accepted, Error>) -> &'static str {
    result.map_or_else(|error| error.kind().name(), |_| "accepted")
}

/// PAC-free facts of the whole: names, enctypes, versions, times, flags, data, tolerances.
#[test]
fn recorded_logins_are_accepted_with_the_recorded_facts() {
    for login in logins() {
        let (id, part, stated) = (id(&login.record), login.part(), login.authenticator());
        let accepted = login.accept(time(&login.record)).unwrap_or_else(|error| panic!("{id}: {error}"));
        let expected = expected(id);

        assert_eq!(accepted.client().to_string(), part["client"].as_str().unwrap(), "{id}");
        assert_eq!(accepted.client().name_type().0, part["cname_type"], "{id}");
        assert_eq!(accepted.service().to_string(), expected.service, "{id}");
        assert_eq!((accepted.kvno(), accepted.key_match()), (expected.kvno, expected.key_match), "{id}");
        assert_eq!(accepted.enctype().0, login.record["expected"]["ticket"]["etype"], "{id}");
        assert_eq!(accepted.session_key_enctype().0, part["session_etype"], "{id}");

        let mut names: Vec<_> = accepted.ticket_flags().names().collect();
        names.sort_unstable();
        assert_eq!(Value::from(names), part["flags"], "{id}");
        let times = accepted.ticket_times();
        let found = [Some(times.authtime), times.starttime, Some(times.endtime), times.renew_till];
        let found = found.map(|time| time.map_or(Value::Null, |time| time.to_string().into()));
        assert_eq!(found, ["authtime", "starttime", "endtime", "renew_till"].map(|field| part[field].clone()), "{id}");
        assert_eq!(accepted.authenticator_time(), facts::authenticator_time(stated), "{id}");

        let mutual = if login.ap_req().ap_options.contains(ApOptions::MUTUAL_REQUIRED) {
            ContextFlags::MUTUAL
        } else {
            ContextFlags::empty()
        };
        assert_eq!(accepted.flags(), login.gss_flags().without(ContextFlags::DELEG) | mutual, "{id}");
        assert!(!accepted.channel_bound(), "{id}: nothing was given to compare with");
        assert_eq!(accepted.client_target(), expected.client_target, "{id}");
        let data = AuthorizationData::from_octets(accepted.authorization_data().unwrap(), Rules::default()).unwrap();
        assert_eq!(facts::authorization_data(data), part["authdata"], "{id}");

        let tolerated = match expected.key_match {
            KeyMatch::Exact => vec![],
            other => vec![Tolerance::KeyMatch(other)],
        };
        assert_eq!(accepted.tolerances(), tolerated, "{id}");
    }
}

/// What the acceptor does not report, read with the same keys: session key, addresses, path, subkey, checksum, data.
#[test]
fn recorded_tickets_and_authenticators_hold_the_recorded_facts() {
    for login in logins() {
        let (id, ap_req) = (id(&login.record), login.ap_req());
        let opened = keys::open_ticket(&login.keytab(), &ap_req.ticket).unwrap();
        let part = EncTicketPart::from_octets(&opened, Rules::default()).unwrap();
        assert_eq!(facts::enc_ticket_part(&part), *login.part(), "{id}");
        let opened = keys::open_authenticator(&ap_req, &keys::session_key(login.part()));
        let authenticator = Authenticator::from_octets(&opened, Rules::default()).unwrap();
        assert_eq!(authenticator.authenticator_vno, 5, "{id}");
        assert_eq!(facts::authenticator(&authenticator, login.authenticator()), *login.authenticator(), "{id}");
    }
}

#[test]
fn the_pac_of_a_recorded_login_is_the_recorded_pac() {
    let pacs = if logins().is_empty() { Vec::new() } else { published::records("pac") };
    let mut compared = 0;
    for login in logins() {
        let pac_id = format!("{}-pac", id(&login.record));
        let Some(pac) = pacs.iter().find(|record| id(record) == pac_id) else { continue };
        let accepted = login.accept(time(&login.record)).unwrap();
        let data = AuthorizationData::from_octets(accepted.authorization_data().unwrap(), Rules::default()).unwrap();
        let found = data.walk().map(Result::unwrap).find(|element| element.ad_type.0 == 128).unwrap();
        assert_eq!(hex(found.ad_data), hex(&octets(pac)), "{pac_id}");
        compared += 1;
    }
    assert!(pacs.is_empty() || compared >= 2, "{compared} PACs");
}

/// The bare AP-REQ stands in `exceptions.toml`; every other login is accepted as it was recorded.
#[test]
fn a_login_without_a_frame_is_named() {
    for login in logins() {
        let outcome = kind_of(login.acceptor().accept(&login.token, time(&login.record)));
        let stated = outcome_of(&login.record);
        assert_eq!(outcome, stated.as_deref().unwrap_or("accepted"), "{}", id(&login.record));
        assert_eq!(stated.is_some(), login.token == login.ap_req, "{}", id(&login.record));
    }
}

// ---- The answer -------------------------------------------------------------------------------------------------

/// The AP-REP in an answer, and what it holds.
fn open_ap_rep(message: &[u8], session_key: &Key) -> Value {
    let ap_rep = ApRep::from_octets(message, Rules::default()).unwrap();
    assert_eq!(ap_rep.enc_part.etype, session_key.enctype());
    let mut buffer = ap_rep.enc_part.cipher.to_vec();
    let opened = session_key.decrypt_in_place(KeyUsage::AP_REP, &mut buffer).unwrap();
    facts::enc_ap_rep_part(&EncApRepPart::from_octets(opened, Rules::default()).unwrap())
}

/// Step X-1: the authenticator's times, under the session key, and an acceptor subkey of the best common enctype.
#[test]
fn the_answer_proves_the_acceptor_under_the_recorded_session_key() {
    for login in logins() {
        let (id, stated) = (id(&login.record), login.authenticator());
        let accepted = login.accept(time(&login.record)).unwrap();
        let response_token = match accepted.mechanism() {
            Mechanism::Spnego => NegTokenResp::read(accepted.reply().unwrap()).response_token.unwrap(),
            _ => accepted.reply().unwrap().to_vec(),
        };
        let message = unframed(&response_token, TokenId::AP_REP);
        let found = open_ap_rep(&message, &keys::session_key(login.part()));
        assert_eq!((&found["ctime"], &found["cusec"]), (&stated["ctime"], &stated["cusec"]), "{id}");
        assert_eq!(found["subkey"]["etype"], expected(id).acceptor_subkey, "{id}");
        assert!((1..1 << 30).contains(&found["seq"].as_u64().unwrap()), "{id}: {found}");
    }
}

#[test]
fn the_answer_to_a_recorded_login_is_of_the_form_of_the_recorded_one() {
    let answers: Vec<_> =
        published::every_record().into_iter().filter(|record| id(record) == "zk-smb2krb-s2").collect();
    for record in &answers {
        let login = logins().into_iter().find(|login| id(&login.record) == "zk-smb2krb-c1").unwrap();
        let theirs = NegTokenResp::read(&octets(record));
        let ours = NegTokenResp::read(login.accept(time(&login.record)).unwrap().reply().unwrap());
        assert_eq!((theirs.neg_state, ours.neg_state), (Some(0), Some(0)));
        assert_eq!(theirs.supported_mech.as_deref(), Some(Oid::MICROSOFT_KRB5.content()));
        assert_eq!(ours.supported_mech, theirs.supported_mech);
        assert_eq!((&ours.mech_list_mic, &theirs.mech_list_mic), (&None, &None));

        let session_key = keys::session_key(login.part());
        let open = |answer: NegTokenResp| {
            open_ap_rep(&unframed(&answer.response_token.unwrap(), TokenId::AP_REP), &session_key)
        };
        let (theirs, ours) = (open(theirs), open(ours));
        for field in ["ctime", "cusec", "seq", "subkey"] {
            assert_eq!(theirs[field], record["expected"]["ap_rep"][field], "{field}");
        }
        assert_eq!((&ours["ctime"], &ours["cusec"]), (&theirs["ctime"], &theirs["cusec"]));
        assert_eq!(ours["subkey"]["etype"], theirs["subkey"]["etype"]);
    }
}

// NEG-30: the same AP-REQ raw and in SPNEGO; each answer is of the kind of the token.
#[test]
fn neg_30_recorded_logins_are_accepted_raw_and_in_spnego() {
    for login in logins() {
        let at = time(&login.record);
        let raw = login.acceptor().accept(&login.raw_krb5(), at).unwrap();
        assert_eq!(raw.mechanism(), Mechanism::Krb5, "{}", id(&login.record));
        unframed(raw.reply().unwrap(), TokenId::AP_REP);
        if login.token != login.ap_req {
            let wrapped = login.accept(at).unwrap();
            assert_eq!(wrapped.mechanism(), Mechanism::Spnego, "{}", id(&login.record));
            assert_eq!(wrapped.client(), raw.client());
            assert!(NegTokenResp::read(wrapped.reply().unwrap()).response_token.is_some());
        }
    }
}

#[test]
fn the_delegated_credentials_stand_in_the_checksum_and_are_not_reported() {
    let credentials = if logins().is_empty() { Vec::new() } else { published::records("krb-cred") };
    for record in &credentials {
        let login = logins().into_iter().find(|login| format!("{}-krbcred", id(&login.record)) == id(record)).unwrap();
        let opened = keys::open_authenticator(&login.ap_req(), &keys::session_key(login.part()));
        let authenticator = Authenticator::from_octets(&opened, Rules::default()).unwrap();
        assert_eq!(hex(&authenticator.cksum.unwrap().checksum[28..]), hex(&octets(record)));
        assert!(login.gss_flags().contains(ContextFlags::DELEG));
        let accepted = login.accept(time(&login.record)).unwrap();
        assert!(!accepted.flags().contains(ContextFlags::DELEG), "delegation is off unless it is asked for");
    }
}

// ---- Refused for one reason at a time ---------------------------------------------------------------------------

// APR-05
#[test]
fn apr_05_a_recorded_login_is_accepted_once() {
    for login in logins() {
        let (acceptor, at) = (login.acceptor(), time(&login.record));
        assert_eq!(kind_of(acceptor.accept(&login.token(), at)), "accepted", "{}", id(&login.record));
        assert_eq!(kind_of(acceptor.accept(&login.token(), at)), "Replay", "{}", id(&login.record));
        assert_eq!(kind_of(acceptor.clone().accept(&login.raw_krb5(), at)), "Replay", "{}", id(&login.record));
        assert_eq!(kind_of(login.accept(at)), "accepted", "another acceptor has another store");
    }
}

// APR-07, APR-23
#[test]
fn apr_23_a_recorded_login_is_accepted_up_to_its_limits() {
    let (skew, past) = (Duration::from_secs(300), Duration::from_micros(300_000_001));
    for login in logins() {
        let id = id(&login.record);
        let (starts, ends) = (login.ticket_time("starttime"), login.ticket_time("endtime"));
        let client = facts::authenticator_time(login.authenticator());
        assert_eq!(kind_of(login.accept(client.saturating_add(skew))), "accepted", "{id}");
        assert_eq!(kind_of(login.accept(client.saturating_add(past))), "ClockSkew", "{id}");
        let behind =
            if client.saturating_sub(past) < starts.saturating_sub(skew) { "TicketNotYetValid" } else { "ClockSkew" };
        assert_eq!(kind_of(login.accept(client.saturating_sub(past))), behind, "{id}");
        assert_eq!(kind_of(login.accept(ends.saturating_add(skew))), "ClockSkew", "{id}");
        assert_eq!(kind_of(login.accept(ends.saturating_add(past))), "TicketExpired", "{id}");
        assert_eq!(kind_of(login.accept(starts.saturating_sub(past))), "TicketNotYetValid", "{id}");
    }
}

/// Step X-3: the time of the acceptor, and the data that make a Windows client try again.
#[test]
fn a_recorded_login_out_of_time_is_told_the_time() {
    for login in logins() {
        let now = facts::authenticator_time(login.authenticator()).saturating_add(Duration::from_secs(301));
        let error = login.acceptor().accept(&login.raw_krb5(), now).unwrap_err();
        let message = unframed(error.reply().unwrap(), TokenId::KRB_ERROR);
        let told = KrbError::from_octets(&message, Rules::default()).unwrap();
        assert_eq!((told.error_code.0, told.stime, told.susec), (37, now.second(), now.subsecond_micros()));
        assert_eq!(told.e_data, Some(&[0x30, 5, 0xa1, 3, 2, 1, 2][..]), "{}", id(&login.record));
    }
}

/// Steps K-2, E-2 and E-3: RC4 is refused unless it is allowed for each role by name.
#[test]
fn rc4_logins_need_leave_for_every_role() {
    for login in logins().iter().filter(|login| login.is_rc4()) {
        let (token, at) = (login.token(), time(&login.record));
        let roles = [EnctypeRole::Ticket, EnctypeRole::SessionKey, EnctypeRole::Subkey];
        for allowed in 0..=roles.len() {
            let builder = roles[..allowed]
                .iter()
                .fold(Acceptor::builder(login.keytab()), |builder, role| builder.allow_rc4(*role));
            let expected = if allowed == roles.len() { "accepted" } else { "EtypeNotPermitted" };
            assert_eq!(kind_of(builder.build().unwrap().accept(&token, at)), expected, "{}", id(&login.record));
        }
        let windows = || Acceptor::builder(login.keytab()).policy(Policy::windows_compatible());
        assert_eq!(kind_of(windows().build().unwrap().accept(&token, at)), "EtypeNotPermitted");
        let windows = windows().allow_rc4(EnctypeRole::Ticket).build().unwrap();
        assert_eq!(kind_of(windows.accept(&token, at)), "accepted", "{}", id(&login.record));
    }
}

/// Step K-10: everything is right but the key.
#[test]
fn another_key_of_the_same_name_does_not_open_a_recorded_ticket() {
    for login in logins() {
        let keytab = keys::keytab_with_another_key(&login.ap_req().ticket);
        let acceptor = Acceptor::builder(keytab).allow_enctype(Enctype::RC4_HMAC).build().unwrap();
        let error = acceptor.accept(&login.token(), time(&login.record)).unwrap_err();
        assert_eq!((error.kind().name(), error.krb_error_code().0), ("KeyDoesNotDecrypt", 31), "{}", id(&login.record));
    }
}

/// The strict preset takes no other version and no other name; where both are right it asks for channel bindings.
#[test]
fn the_strict_policy_refuses_what_was_tolerated() {
    for login in logins() {
        let at = time(&login.record);
        let mut policy = Policy::strict();
        policy.enctypes.allow_everywhere(Enctype::RC4_HMAC);
        let started = at.saturating_sub(Duration::from_secs(300));
        let acceptor = Acceptor::builder(login.keytab()).policy(policy).started_at(started).build().unwrap();
        let expected = match expected(id(&login.record)).key_match {
            KeyMatch::Exact => "accepted",
            KeyMatch::Alias => "NoKey.Principal",
            _ => "NoKey.Kvno",
        };
        assert_eq!(kind_of(acceptor.accept(&login.token(), at)), expected, "{}", id(&login.record));
    }
}

// APR-26
/// The table of section 10, by what real clients sent: a hash, none but the announcement of MS-KILE, or neither.
#[test]
fn apr_26_recorded_channel_bindings_meet_every_policy() {
    let connection = Connection::new().channel_bindings(ChannelBindings::from_application_data("tls-unique:other"));
    for login in logins() {
        let (id, cksum) = (id(&login.record), &login.authenticator()["cksum"]);
        let sent = cksum["channel_binding"].as_str().unwrap().chars().any(|digit| digit != '0');
        let announced = login.authenticator()["authdata"].to_string().contains(r#""hex":"00400000""#);
        let judge = |policy| {
            let builder = login.builder().adjust_policy(|settings| settings.channel_bindings = policy);
            kind_of(builder.build().unwrap().accept_on(&connection, &login.token(), time(&login.record)))
        };
        assert_eq!(judge(BindingPolicy::Ignore), "accepted", "{id}");
        assert_eq!(judge(BindingPolicy::Require), "ChannelBinding", "{id}");
        let expected = if sent || announced { "ChannelBinding" } else { "accepted" };
        assert_eq!(judge(BindingPolicy::AcceptIfAbsent), expected, "{id}");
        assert_eq!(sent || announced, id != "kn-referral-tgt-apreq", "{id}");
    }
}
