//! pyspnego with Kerberos first or alone: flags and replies. What else it does is in `legs.rs`.

use kerbside::numbers::Enctype;
use kerbside::{DcePolicy, Policy};
use kerbside_interop::negotiation::KRB5_FIRST;
use kerbside_interop::suite::{ENCTYPES, sets_of};
use kerbside_interop::{Dialogue, Mech, Peer, Request};

fn raw(enctype: Enctype) -> Request {
    Dialogue::request(enctype).mech(Mech::Krb5).pyspnego(&[])
}

fn negotiated(enctype: Enctype) -> Request {
    Dialogue::request(enctype).pyspnego(&KRB5_FIRST)
}

#[test]
fn agrees_on_every_set_of_flags() {
    let mut dialogue = Dialogue::with(Peer::Mit);
    for enctype in ENCTYPES {
        for flags in sets_of(&["mutual", "replay", "sequence", "conf", "integ", "deleg"]) {
            dialogue.agrees_on(&raw(enctype), enctype, &flags);
            // One way its SPNEGO loses the token, as behind NTLM.
            if flags.contains(&"mutual") {
                dialogue.agrees_on(&negotiated(enctype), enctype, &flags);
            }
        }
    }
}

#[test]
fn agrees_on_every_set_of_flags_in_dce_style() {
    let mut policy = Policy::default();
    policy.dce = DcePolicy::Accept;
    let mut dialogue = Dialogue::under(Peer::Mit, policy);
    for enctype in ENCTYPES {
        for mut flags in sets_of(&["replay", "sequence", "conf", "integ", "deleg"]) {
            flags.extend(["dce", "mutual"]);
            dialogue.agrees_on(&raw(enctype), enctype, &flags);
            dialogue.agrees_on(&negotiated(enctype), enctype, &flags);
        }
    }
}

/// The AP-REP is MIT's to verify, in every enctype as in `mit.rs`; that it is asked shows in one.
#[test]
fn initiator_refuses_turned_bits_of_a_reply() {
    let mut dialogue = Dialogue::with(Peer::Mit);
    for request in [raw(ENCTYPES[1]), negotiated(ENCTYPES[1])] {
        let request = request.mutual();
        assert_eq!(dialogue.turned_reply_bits_taken(&request), Vec::<usize>::new(), "{request:?}");
    }
}
