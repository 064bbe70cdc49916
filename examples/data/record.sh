#!/usr/bin/env bash
# Records what `cargo run --example validate` validates when it is given nothing: see README.md beside this file.
#
# Makes a throwaway MIT realm EXAMPLE.COM (tests/interop/realm.sh of the repository), lets MIT's initiator make one
# SPNEGO token for alice, and writes web.keytab, token.b64 and at.txt. Every run makes new keys.
set -euo pipefail

data=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
interop=$data/../../tests/interop
venv=${CARGO_TARGET_DIR:-$interop/target}/interop-venv
scratch=$(mktemp -d)
realm=$scratch/realm
export KRB5_CONFIG=$realm/krb5.conf KRB5_KDC_PROFILE=$realm/kdc.conf KRB5CCNAME=FILE:$scratch/alice
PATH=$PATH:/usr/sbin

clean_up() {
    "$interop/realm.sh" stop "$realm"
    rm -rf "$scratch"
}
trap clean_up EXIT

"$interop/install.sh" "$venv"
"$interop/realm.sh" empty "$realm" EXAMPLE.COM

rm -f "$data/web.keytab" "$data/token.b64" "$data/at.txt"
kadmin.local -q 'addprinc -randkey -e aes256-cts-hmac-sha1-96:normal HTTP/web.example.com' >/dev/null 2>&1
kadmin.local -q "ktadd -k $data/web.keytab -e aes256-cts-hmac-sha1-96:normal HTTP/web.example.com" >/dev/null
chmod 644 "$data/web.keytab"
kadmin.local -q 'addprinc -randkey alice' >/dev/null 2>&1
kadmin.local -q "ktadd -k $scratch/alice.keytab alice" >/dev/null
kinit -k -t "$scratch/alice.keytab" alice

request='{"init": {"service": "HTTP/web.example.com", "mech": "spnego", "flags": ["mutual", "replay", "sequence", "conf", "integ"]}}'
"$venv/bin/python" "$interop/initiator.py" <<<"$request" |
    "$venv/bin/python" -c 'import json, sys; print(json.load(sys.stdin)["token"])' | fold -w 76 >"$data/token.b64"
date -u +%Y-%m-%dT%H:%M:%SZ >"$data/at.txt"
