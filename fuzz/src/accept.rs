//! A whole accept behind valid cryptography: the fuzzer's octets are edits of what stands inside the encryption, and of the cleartext
//! around it.
//!
//! What must hold: an accepted identity is the client of the EncTicketPart that was sealed, the service is the keytab's, and no token
//! that carries an accepted authenticator is accepted again, however its unauthenticated octets are changed.

use arbitrary::{Arbitrary, Unstructured};
use kerbside::asn1::{LengthForm, Rules};
use kerbside::gss::ContextFlags;
use kerbside::messages::EncTicketPart;
use kerbside::numbers::Enctype;
use kerbside::testing::{CredentialsKey, Delegation, Login, Realm};
use kerbside::{Acceptor, Policy};

const SERVICE: &str = "HTTP/web.example.com";
const KVNO: u32 = 2;

#[derive(Debug, Arbitrary)]
struct Script {
    preset: Preset,
    frame: Frame,
    ticket_enctype: EnctypeChoice,
    session_enctype: EnctypeChoice,
    enc_ticket_part: Vec<Edit>,
    authenticator: Vec<Edit>,
    token: Vec<Edit>,
    /// The cleartext of the second presentation.
    token_again: Vec<Edit>,
    /// Changes of a delegated KRB-CRED, if there is to be one.
    krb_cred: Option<KrbCredEdits>,
}

#[derive(Debug, Arbitrary)]
struct KrbCredEdits {
    /// Whether its inner part is in the clear, so that the edits reach it.
    plain: bool,
    octets: Vec<Edit>,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Preset {
    Strict,
    Default,
    WindowsCompatible,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Frame {
    Spnego,
    RawKrb5,
    BareApReq,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum EnctypeChoice {
    Aes256,
    Aes128,
    Aes128Sha2,
    Aes256Sha2,
    Rc4,
    Camellia128,
    Camellia256,
}

/// A change of some octets; positions are taken modulo the length.
#[derive(Debug, Arbitrary)]
enum Edit {
    Set { at: u16, octet: u8 },
    Add { at: u16, amount: u8 },
    Insert { at: u16, octets: Vec<u8> },
    Remove { at: u16, count: u8 },
    Replace { octets: Vec<u8> },
}

impl Edit {
    fn apply(&self, octets: &mut Vec<u8>) {
        let length = octets.len();
        let place = |at: u16| usize::from(at) % length.max(1);
        match self {
            Self::Set { at, octet } => octets.iter_mut().skip(place(*at)).take(1).for_each(|old| *old = *octet),
            Self::Add { at, amount } => {
                octets.iter_mut().skip(place(*at)).take(1).for_each(|old| *old = old.wrapping_add(*amount));
            }
            Self::Insert { at, octets: new } => {
                let at = place(*at);
                octets.splice(at..at, new.iter().copied());
            }
            Self::Remove { at, count } => {
                let at = place(*at);
                octets.drain(at..length.min(at + usize::from(*count)));
            }
            Self::Replace { octets: new } => octets.clone_from(new),
        }
    }
}

fn edited(mut octets: Vec<u8>, edits: &[Edit]) -> Vec<u8> {
    edits.iter().for_each(|edit| edit.apply(&mut octets));
    octets
}

/// Checks everything that must hold for the script that the octets are.
pub fn run(octets: &[u8]) {
    if let Ok(script) = Script::arbitrary(&mut Unstructured::new(octets)) {
        play(&script);
    }
}

/// Whether a script that changes nothing is accepted, so that the target is known to get past the checks.
#[must_use]
pub fn accepts_an_unchanged_login() -> bool {
    play(&Script {
        preset: Preset::Default,
        frame: Frame::Spnego,
        ticket_enctype: EnctypeChoice::Aes256,
        session_enctype: EnctypeChoice::Aes128,
        enc_ticket_part: Vec::new(),
        authenticator: Vec::new(),
        token: Vec::new(),
        token_again: Vec::new(),
        krb_cred: Some(KrbCredEdits { plain: false, octets: Vec::new() }),
    })
}

fn play(script: &Script) -> bool {
    let realm = Realm::new("EXAMPLE.COM");
    let acceptor = acceptor(&realm, script.preset);
    let login = login(&realm, script);
    let plaintext = login.enc_ticket_part();
    let minted = login.token();

    let token = edited(minted.clone(), &script.token);
    let accepted = match acceptor.accept(&token, realm.now()) {
        Ok(accepted) => accepted,
        Err(error) => {
            assert!(!error.to_string().is_empty() && !error.kind().name().is_empty());
            return false;
        }
    };

    let rules = Rules::new(LengthForm::UpToFourOctets, Rules::default().nesting);
    let sealed = EncTicketPart::from_octets(&plaintext, rules).expect("only what can be read is accepted");
    assert_eq!(accepted.client(), &sealed.cname.to_principal(sealed.crealm), "the identity is the ticket's");
    assert_eq!(accepted.service().to_string(), format!("{SERVICE}@EXAMPLE.COM"), "the service is the keytab's");

    let delegated = accepted.delegated_credentials();
    assert_eq!(accepted.flags().contains(ContextFlags::DELEG), delegated.is_some(), "the flag says what is there");
    assert!(delegated.is_none_or(|delegated| delegated.iter().next().is_some()), "no empty list is handed over");
    delegated.inspect(|delegated| drop(delegated.to_ccache()));

    for again in
        [&token, &minted, &edited(token.clone(), &script.token_again), &edited(minted.clone(), &script.token_again)]
    {
        assert!(acceptor.accept(again, realm.now()).is_err(), "an accepted authenticator is accepted once");
    }
    true
}

fn acceptor(realm: &Realm, preset: Preset) -> Acceptor {
    let keytab = EnctypeChoice::ALL
        .iter()
        .fold(realm.keytab_builder(), |keytab, choice| keytab.key(SERVICE, choice.enctype(), KVNO))
        .build()
        .expect("the test kit's keytab can be read");
    let policy = match preset {
        Preset::Strict => Policy::strict(),
        Preset::Default => Policy::default(),
        Preset::WindowsCompatible => Policy::windows_compatible(),
    };
    let builder = Acceptor::builder(keytab).service("HTTP").policy(policy).started_at(realm.now()).accept_delegation();
    builder.build().expect("the service is in the keytab")
}

fn login(realm: &Realm, script: &Script) -> Login {
    let login = realm
        .login("alice", SERVICE)
        .ticket_enctype(script.ticket_enctype.enctype())
        .session_enctype(script.session_enctype.enctype());
    let login = match &script.krb_cred {
        Some(edits) => delegating(login, edits),
        None => login,
    };
    let login = login
        .replace_enc_ticket_part(|octets| *octets = edited(octets.clone(), &script.enc_ticket_part))
        .replace_authenticator(|octets| *octets = edited(octets.clone(), &script.authenticator));
    match script.frame {
        Frame::Spnego => login,
        Frame::RawKrb5 => login.raw_krb5(),
        Frame::BareApReq => login.bare_ap_req(),
    }
}

fn delegating(login: Login, edits: &KrbCredEdits) -> Login {
    let key = if edits.plain { CredentialsKey::Unencrypted } else { CredentialsKey::SessionKey };
    login.delegating(|message| message.sealing_key = key).with_gss_checksum(|checksum| {
        if let Some(delegation) = checksum.delegation.as_mut() {
            *delegation = Delegation::new(edited(delegation.krb_cred.clone(), &edits.octets));
        }
    })
}

impl EnctypeChoice {
    const ALL: [Self; 7] = [
        Self::Aes256,
        Self::Aes128,
        Self::Aes128Sha2,
        Self::Aes256Sha2,
        Self::Rc4,
        Self::Camellia128,
        Self::Camellia256,
    ];

    fn enctype(self) -> Enctype {
        Enctype(match self {
            Self::Aes256 => 18,
            Self::Aes128 => 17,
            Self::Aes128Sha2 => 19,
            Self::Aes256Sha2 => 20,
            Self::Rc4 => 23,
            Self::Camellia128 => 25,
            Self::Camellia256 => 26,
        })
    }
}
