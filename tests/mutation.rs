//! Tokens with one thing wrong: every bit inverted, every truncation, every octet lost or doubled. What is sealed must
//! be refused when it changes; what is not may be refused or not, and never makes another identity (standing rules 1, 2
//! and 5 of the security cases).
#![cfg(feature = "testing")]

#[path = "support/octets.rs"]
mod octets;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use core::ops::Range;
use core::time::Duration;
use kerbside::asn1::{LengthForm, Rules};
use kerbside::crypto::supported_enctypes;
use kerbside::gss::{InitialToken, TokenKind};
use kerbside::messages::{ApReq, EncTicketPart, KrbError, Ticket};
use kerbside::numbers::Enctype;
use kerbside::spnego::NegTokenInit;
use kerbside::testing::{Login, Realm};
use kerbside::{Acceptor, Error, Keytab, Policy, Principal, ReplayPolicy, Timestamp};
use octets::ciphertexts;

const SERVICE: &str = "HTTP/web.example.com";

/// A token that the acceptors of all presets accept, and as whom.
struct Specimen {
    what: String,
    token: Vec<u8>,
    sealed: [Range<usize>; 2],
    now: Timestamp,
    acceptors: Vec<Acceptor>,
    client: Principal,
    service: Principal,
}

impl Specimen {
    fn new(what: String, token: Vec<u8>, now: Timestamp, keytab: impl Fn() -> Keytab) -> Self {
        let acceptors: Vec<_> = [Policy::default(), Policy::strict(), Policy::windows_compatible()]
            .into_iter()
            .map(|policy| {
                let builder = Acceptor::builder(keytab()).policy(policy).allow_enctype(Enctype::RC4_HMAC);
                let started = now.saturating_sub(Duration::from_secs(3_600));
                builder.replay(ReplayPolicy::Off).started_at(started).build().unwrap()
            })
            .collect();
        let accepted = acceptors[0].accept(&token, now).unwrap_or_else(|error| panic!("{what}: {error}"));
        let (client, service) = (accepted.client().clone(), accepted.service().clone());
        for acceptor in &acceptors {
            assert!(acceptor.accept(&token, now).is_ok(), "{what}: accepted by every preset while it is whole");
        }
        let sealed = ciphertexts(&token);
        Self { what, token, sealed, now, acceptors, client, service }
    }

    fn is_sealed(&self, at: usize) -> bool {
        self.sealed.iter().any(|range| range.contains(&at))
    }

    /// Presents octets to every preset. Whoever is accepted is who the whole token says; the refusals come back.
    fn present(&self, octets: &[u8], what: impl Fn() -> String) -> Vec<Option<Error>> {
        let judge = |acceptor: &Acceptor| match acceptor.accept(octets, self.now) {
            Ok(accepted) => {
                assert_eq!(*accepted.client(), self.client, "{}: {}", self.what, what());
                assert_eq!(*accepted.service(), self.service, "{}: {}", self.what, what());
                None
            }
            Err(error) => {
                assert!(!error.kind().name().is_empty() && !error.to_string().is_empty());
                Some(error)
            }
        };
        self.acceptors.iter().map(judge).collect()
    }

    fn assert_refused(&self, octets: &[u8], what: impl Fn() -> String) {
        for refused in self.present(octets, &what) {
            assert!(refused.is_some(), "{}: {} was accepted", self.what, what());
        }
    }
}

/// A token of the test kit, for one of two services that have keys of their own.
fn minted(enctype: Enctype, shape: fn(Login) -> Login) -> Specimen {
    let realm = Realm::new("EXAMPLE.COM");
    let login = realm.login("alice", SERVICE).ticket_enctype(enctype).session_enctype(enctype);
    let token = shape(login).token();
    let keytab = || realm.keytab_builder().service(SERVICE).service("ldap/dc.example.com").build().unwrap();
    Specimen::new(format!("enctype {enctype}"), token, realm.now(), keytab)
}

/// The token that `examples/data` has of MIT's initiator, with the keytab and the time that belong to it.
fn recorded() -> Specimen {
    let text = include_str!("../examples/data/token.b64");
    let token = STANDARD.decode(text.split_whitespace().collect::<String>()).unwrap();
    let now = include_str!("../examples/data/at.txt").trim().parse().unwrap();
    let keytab = || Keytab::from_bytes(include_bytes!("../examples/data/web.keytab")).unwrap();
    Specimen::new("the recorded token".into(), token, now, keytab)
}

fn spnego(login: Login) -> Login {
    login
}

fn specimens() -> Vec<Specimen> {
    let enctypes = || supported_enctypes().map(|row| row.enctype);
    let mut all: Vec<_> = enctypes().map(|enctype| minted(enctype, spnego)).collect();
    all.extend(enctypes().map(|enctype| minted(enctype, Login::raw_krb5)));
    all.push(recorded());
    assert!(all.len() >= 11);
    all
}

#[test]
fn every_bit_of_a_ciphertext_is_authenticated_and_no_other_bit_makes_another_identity() {
    for specimen in specimens() {
        let (mut inside, mut tolerated) = (0, 0);
        for at in 0..specimen.token.len() {
            for bit in 0..8 {
                let mut token = specimen.token.clone();
                token[at] ^= 1 << bit;
                let what = || format!("bit {bit} of octet {at}");
                if specimen.is_sealed(at) {
                    specimen.assert_refused(&token, what);
                    inside += 1;
                } else {
                    tolerated += usize::from(specimen.present(&token, what).iter().any(Option::is_none));
                }
            }
        }
        assert!(inside > 8 * 300, "{}: {inside} bits of ciphertext", specimen.what);
        assert!(tolerated > 32, "{}: {tolerated} bits may change, so that the rule is put to the test", specimen.what);
    }
}

#[test]
fn a_change_inside_a_ciphertext_is_an_integrity_failure() {
    for specimen in specimens() {
        for (range, name) in specimen.sealed.iter().zip(["KeyDoesNotDecrypt", "Integrity"]) {
            for at in range.clone() {
                let mut token = specimen.token.clone();
                token[at] ^= 0x10;
                for error in specimen.present(&token, || format!("octet {at}")) {
                    assert_eq!(error.unwrap().kind().name(), name, "{}: octet {at}", specimen.what);
                }
            }
        }
    }
}

// NEG-01
#[test]
fn neg_01_every_truncation_of_a_token_is_refused() {
    for specimen in specimens() {
        for octets in 0..specimen.token.len() {
            let what = || format!("{octets} octets of it");
            for error in specimen.present(&specimen.token[..octets], what) {
                let name = error.as_ref().map(|error| error.kind().name());
                let named = matches!(name, Some("Token.Empty" | "Token.Malformed" | "Token.NotKerberos"));
                assert!(named, "{}: {octets} octets: {name:?}", specimen.what);
                assert_eq!(error.unwrap().reply(), None, "{}: {octets} octets are not answered", specimen.what);
            }
        }
    }
}

#[test]
fn every_octet_lost_doubled_or_appended_is_refused() {
    for specimen in specimens() {
        for at in 0..=specimen.token.len() {
            let (before, after) = specimen.token.split_at(at);
            let inserted = [before, &after[..after.len().min(1)], after].concat();
            if at < specimen.token.len() {
                specimen.assert_refused(&inserted, || format!("octet {at} doubled"));
                specimen.assert_refused(&[before, &after[1..]].concat(), || format!("without octet {at}"));
            }
            specimen.assert_refused(&[before, &[0], after].concat(), || format!("a zero before octet {at}"));
        }
    }
}

/// Whoever hears two tokens can put the ticket of one and the authenticator of the other together.
#[test]
fn a_ticket_with_the_authenticator_of_another_is_refused() {
    let realm = Realm::new("EXAMPLE.COM");
    let keytab = || realm.keytab(SERVICE).unwrap();
    for enctype in supported_enctypes().map(|row| row.enctype) {
        let login = |client| realm.login(client, SERVICE).ticket_enctype(enctype).session_enctype(enctype);
        let first = Specimen::new(format!("{enctype}"), login("alice").token(), realm.now(), keytab);
        // Names of one length, so that the ciphertexts can change places.
        for client in ["alice", "carol"] {
            let second = login(client).token();
            let places = ciphertexts(&second);
            for (here, there) in first.sealed.iter().zip(&places) {
                assert_eq!(here.len(), there.len());
                let mut token = first.token.clone();
                token[here.clone()].copy_from_slice(&second[there.clone()]);
                first.assert_refused(&token, || format!("with a part of {client}'s"));
            }
            let mut whole = first.token.clone();
            for (here, there) in first.sealed.iter().zip(&places) {
                whole[here.clone()].copy_from_slice(&second[there.clone()]);
            }
            let accepted = first.acceptors[0].accept(&whole, realm.now()).unwrap();
            assert_eq!(*accepted.client(), realm.principal(client), "both parts together are another login");
        }
    }
}

/// A ciphertext for another use does not pass for this one: usages keep them apart.
#[test]
fn the_two_ciphertexts_do_not_pass_for_each_other() {
    for specimen in specimens() {
        let [ticket, authenticator] = &specimen.sealed;
        let shorter = ticket.len().min(authenticator.len());
        let mut token = specimen.token.clone();
        token.copy_within(authenticator.start..authenticator.start + shorter, ticket.start);
        specimen.assert_refused(&token, || "the authenticator in the ticket's place".into());
        let mut token = specimen.token.clone();
        token.copy_within(ticket.start..ticket.start + shorter, authenticator.start);
        specimen.assert_refused(&token, || "the ticket in the authenticator's place".into());
    }
}

// Standing rule 5: every truncation of the recorded token, into every door that takes octets.
#[test]
fn no_truncation_panics_any_entry_point() {
    let specimen = recorded();
    let mut read = 0;
    for from in 0..specimen.token.len() {
        let ends: [usize; 3] = [specimen.token.len(), (from + 64).min(specimen.token.len()), from + 1];
        for octets in ends.map(|end| &specimen.token[from..end]) {
            for rules in [Rules::default(), Rules::new(LengthForm::UpToFourOctets, 16)] {
                read += usize::from(InitialToken::from_octets(octets, rules).is_ok());
                read += usize::from(NegTokenInit::from_octets(octets, rules).is_ok());
                read += usize::from(ApReq::from_octets(octets, rules).is_ok());
                read += usize::from(Ticket::from_octets(octets, rules).is_ok());
                read += usize::from(EncTicketPart::from_octets(octets, rules).is_ok());
                read += usize::from(KrbError::from_octets(octets, rules).is_ok());
            }
            read += usize::from(TokenKind::classify(octets) == TokenKind::Spnego);
            read += usize::from(Keytab::from_bytes(octets).is_ok());
            drop(specimen.acceptors[0].accept(octets, specimen.now));
        }
    }
    assert!(read > 0, "the whole token is among them");
}
