//! `kerbside inspect`: trees of every kind of token, and of what is none.

use crate::command::{argument, run, run_with};
use crate::scratch::Scratch;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kerbside::gss::{InitialToken, Oid, TokenId};
use kerbside::messages::{KerbErrorData, KrbError, PrincipalName};
use kerbside::numbers::KrbErrorCode;
use kerbside::spnego::{NegState, NegTokenResp};
use kerbside::{KerberosTime, Principal};
use serde_json::{Value, json};

fn inspect(token: &[u8], status: i32) -> Value {
    run(&["inspect", "--json", "--token", &STANDARD.encode(token)]).expect(status, &[]).json()
}

fn recorded() -> Vec<u8> {
    let text: String = include_str!("../../examples/data/token.b64").split_whitespace().collect();
    STANDARD.decode(text).unwrap()
}

#[test]
fn an_ap_req_in_spnego_is_a_tree_of_all_that_is_in_clear() {
    let value = inspect(&recorded(), 0);
    assert_eq!(value["kind"], "a SPNEGO token");
    assert_eq!(value["mechanisms"], json!(["Kerberos (1.2.840.113554.1.2.2)"]));
    let inner = &value["mechanism_token"];
    assert_eq!((&inner["kind"], &inner["token_id"]), (&json!("a Kerberos token"), &json!("01 00 (AP-REQ)")));
    assert_eq!(inner["ap_req"]["options"], json!(["mutual-required"]));
    let ticket = &inner["ap_req"]["ticket"];
    assert_eq!(ticket["service"], "HTTP/web.example.com@EXAMPLE.COM");
    assert_eq!(ticket["encrypted_part"]["enctype"], "aes256-cts-hmac-sha1-96 (18)");
    assert_eq!(ticket["encrypted_part"]["kvno"], 2);
    assert!(inner["ap_req"]["authenticator"]["octets"].as_i64().is_some_and(|octets| octets > 100));
    let text = run_with(include_str!("../../examples/data/token.b64"), &["inspect"]).good().stdout;
    for line in ["mechanism_token", "│  ├─ service: HTTP/web.example.com@EXAMPLE.COM", "└─ authenticator"] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
}

#[test]
fn answers_and_errors_are_read_too() {
    let service: Principal = "HTTP/web@R".parse().unwrap();
    let time = (KerberosTime::from_unix_seconds(1_772_366_400), 7);
    let data = KerbErrorData::SKEW_RECOVERY.to_octets();
    let mut error = KrbError::new(KrbErrorCode::KRB_AP_ERR_SKEW, time, b"R", PrincipalName::from(&service));
    error.e_text = Some(b"clock\x1b[2J skew");
    error.e_data = Some(&data);
    let error = error.to_octets();
    let framed = InitialToken::frame_krb5(Oid::KRB5, TokenId::KRB_ERROR, &error);
    let response = NegTokenResp {
        neg_state: Some(NegState::Reject),
        supported_mech: Some(Oid::KRB5),
        response_token: Some(&framed),
        mech_list_mic: Some(b"1234"),
    };
    let value = inspect(&response.to_octets(), 0);
    assert_eq!((&value["state"], &value["mechanism_list_mic_octets"]), (&json!("reject (2)"), &json!(4)));
    for found in
        [&value["mechanism_token"]["krb_error"], &inspect(&framed, 0)["krb_error"], &inspect(&error, 0)["krb_error"]]
    {
        assert_eq!((&found["code"], &found["service"]), (&json!("KRB_AP_ERR_SKEW (37)"), &json!("HTTP/web@R")));
        assert_eq!((&found["text"], &found["data_type"]), (&json!("clock\\u{1b}[2J skew"), &json!(2)));
        assert_eq!(found["server_time"], "2026-03-01T12:00:00Z, 7 µs");
    }
}

#[test]
fn ntlm_says_who_came_and_that_it_is_not_kerberos() {
    let mut message = b"NTLMSSP\0\x03\0\0\0".to_vec();
    message.resize(28, 0);
    let mut names = Vec::new();
    for name in ["CORP", "alice", "PC1"] {
        let utf16: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let (length, offset) = (u16::try_from(utf16.len()).unwrap(), u32::try_from(52 + names.len()).unwrap());
        message.extend([length.to_le_bytes(), length.to_le_bytes()].concat());
        message.extend(offset.to_le_bytes());
        names.extend(utf16);
    }
    message.extend(names);
    let value = inspect(&message, 0);
    assert_eq!(
        (&value["domain"], &value["user"], &value["workstation"]),
        (&json!("CORP"), &json!("alice"), &json!("PC1"))
    );
    assert!(value["remark"].as_str().unwrap().contains("not Kerberos"));
    assert!(inspect(&message[..60], 1)["problem"].as_str().unwrap().contains("outside"));
    assert!(inspect(b"NTLMSSP\0\x01\0\0\0", 0)["message"].as_str().unwrap().starts_with("NEGOTIATE"));
    inspect(b"NTLMSSP\0\x09\0\0\0", 1);
    inspect(b"NTLMSSP\0\x01", 1);
}

#[test]
fn what_is_known_by_name_alone_is_named() {
    for (token, kind) in [
        (&b"\x6a\x03abc"[..], "AS-REQ"),
        (b"\x6d\x03abc", "TGS-REP"),
        (b"\x04\x04abc", "MIC token"),
        (b"\x05\x04abc", "Wrap token"),
        (b"NEGOEXTS", "NegoEx"),
    ] {
        assert!(inspect(token, 0)["kind"].as_str().unwrap().contains(kind), "{kind}");
    }
}

#[test]
fn every_truncation_of_a_token_is_a_tree_with_a_problem() {
    let whole = recorded();
    let scratch = Scratch::new("truncated");
    // Every place at which a field begins or ends lies among the first octets and the last.
    for length in (2..120).chain([400, 500, whole.len() - 1]) {
        let path = scratch.file("token", &whole[..length]);
        let value = run(&["inspect", "--json", "--token-file", argument(&path)]).expect(1, &[]).json();
        assert_eq!(value["octets"], length);
        assert!(value.to_string().contains("\"problem\""), "{value}");
    }
}

#[test]
fn tokens_in_tokens_are_followed_only_so_far() {
    let mut token = b"\x6a\x00".to_vec();
    for _ in 0..2_000 {
        token = NegTokenResp { response_token: Some(&token), ..NegTokenResp::default() }.to_octets();
    }
    assert!(inspect(&token, 1).to_string().contains("too many stand in each other"));
}

#[test]
fn what_is_no_token_is_exit_status_1_and_no_input_2() {
    assert!(inspect(b"hello, this is text", 1)["problem"].as_str().is_some());
    run_with("", &["inspect"]).expect(2, &["there is no token", "hint: "]);
    run_with("!!!", &["inspect"]).expect(2, &["not base64", "hint: "]);
}
