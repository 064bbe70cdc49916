//! Whatever may arrive as a token: classified, taken out of its frame, read as a negotiation, and given to an acceptor.
//!
//! What must hold: the classifier names every input, the parsers agree under both forms of lengths, and no input that was not sealed under a
//! key of the keytab is accepted.

use kerbside::asn1::{LengthForm, Rules};
use kerbside::gss::{GssChecksum, InitialToken, TokenKind};
use kerbside::spnego::NegTokenInit;
use kerbside::testing::{Clock, Realm};
use kerbside::{Acceptor, Policy};
use std::sync::LazyLock;

/// Checks everything that must hold for the octets.
pub fn run(octets: &[u8]) {
    let _ = format!("{:?}", TokenKind::classify(octets));
    let _ = format!("{:?}", GssChecksum::from_octets(octets));
    let lenient = Rules::new(LengthForm::UpToFourOctets, Rules::default().nesting);
    if let Ok(strict) = InitialToken::from_octets(octets, Rules::default()) {
        let again = InitialToken::from_octets(octets, lenient).expect("the longer forms include the shortest");
        assert_eq!(format!("{strict:?}"), format!("{again:?}"));
    }
    if let Ok(strict) = NegTokenInit::from_octets(octets, Rules::default()) {
        let again = NegTokenInit::from_octets(octets, lenient).expect("the longer forms include the shortest");
        assert_eq!(format!("{strict:?}"), format!("{again:?}"));
        assert!(strict.mech_types.iter().count() > 0, "a list of mechanisms is never empty");
    }
    for acceptor in ACCEPTORS.iter() {
        let error = acceptor.accept(octets, Clock::START).expect_err("nobody sealed this under the service's key");
        assert!(!error.to_string().is_empty() && !error.kind().name().is_empty());
        assert!(error.reply().is_none_or(|reply| !reply.is_empty()));
    }
}

/// One of each preset. Whatever is refused leaves nothing behind in them, so they serve every input.
static ACCEPTORS: LazyLock<[Acceptor; 3]> =
    LazyLock::new(|| [Policy::strict(), Policy::default(), Policy::windows_compatible()].map(acceptor));

fn acceptor(policy: Policy) -> Acceptor {
    let keytab = Realm::new("EXAMPLE.COM").keytab("HTTP/web.example.com").expect("the test kit's keytab can be read");
    let builder = Acceptor::builder(keytab).service("HTTP").policy(policy).started_at(Clock::START);
    builder.build().expect("the service is in the keytab")
}
