//! The seeds of every fuzz target and their mutations, on stable and without a fuzzer.

use kerbside_fuzz::replay::{seeds, with_mutations};

fn replay(target: &str, run: fn(&[u8])) {
    let seeds = seeds(target);
    assert!(!seeds.is_empty(), "{target} has no seeds");
    for (path, octets) in seeds {
        println!("{}", path.display());
        with_mutations(&octets, run);
    }
}

#[test]
fn seeds_of_asn1() {
    replay("asn1", kerbside_fuzz::asn1::run);
}

#[test]
fn seeds_of_ap_req() {
    replay("ap_req", kerbside_fuzz::ap_req::run);
}

#[test]
fn seeds_of_keytab() {
    replay("keytab", kerbside_fuzz::keytab::run);
}

#[test]
fn neg_05_no_input_panics_the_negotiation() {
    replay("spnego", kerbside_fuzz::spnego::run);
}

#[test]
fn seeds_of_sasl() {
    replay("sasl", kerbside_fuzz::sasl::run);
}

#[test]
fn seeds_of_http_header() {
    replay("http_header", kerbside_fuzz::http_header::run);
}

#[test]
fn seeds_of_accept() {
    assert!(kerbside_fuzz::accept::accepts_an_unchanged_login(), "the target never gets past the checks");
    replay("accept", kerbside_fuzz::accept::run);
}

#[test]
fn seeds_of_explain() {
    assert!(kerbside_fuzz::explain::gets_behind_the_encryption(), "the target never gets behind the encryption");
    replay("explain", kerbside_fuzz::explain::run);
}

// NEG-18: the comparison is worth something only where both decoders read the message.
#[test]
fn neg_18_decoding_agrees_with_an_independent_decoder() {
    let judged = seeds("ap_req").iter().filter(|(_, octets)| kerbside_fuzz::ap_req::judge(octets)).count();
    assert!(judged > 0, "no seed is read by both decoders");
}
