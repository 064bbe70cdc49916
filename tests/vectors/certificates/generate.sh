#!/usr/bin/env bash
# Makes the self-signed certificates beside this file, and expected.txt: each with the hash that RFC 5929 §4.1 wants, as
# `openssl dgst` computes it; `undefined` where the RFC defines none; `unknown` where the hash function is not built in.
# Every run makes new keys; none is kept.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
rm -f -- *.der expected.txt
key=$(mktemp)
trap 'rm -f "$key"' EXIT

# certificate NAME HASH KEY-OPTIONS... -- SIGNATURE-OPTIONS...
certificate() {
    local name=$1 hash=$2
    shift 2
    local algorithm=()
    while [ "$1" != -- ]; do
        algorithm+=("$1")
        shift
    done
    shift
    openssl genpkey -quiet "${algorithm[@]}" -out "$key"
    openssl req -x509 -new -key "$key" -subj /CN=web.example.com -days 36500 -outform DER -out "$name.der" "$@"
    case $hash in
    undefined | unknown) echo "$name.der $hash" >>expected.txt ;;
    *) echo "$name.der $(openssl dgst "-$hash" -r "$name.der" | cut -d " " -f 1)" >>expected.txt ;;
    esac
}

rsa=(-algorithm RSA -pkeyopt rsa_keygen_bits:2048)
ec=(-algorithm EC -pkeyopt ec_paramgen_curve:P-384)
pss=(-sigopt rsa_padding_mode:pss)

certificate rsa-md5 sha256 "${rsa[@]}" -- -md5
certificate rsa-sha1 sha256 "${rsa[@]}" -- -sha1
certificate rsa-sha224 sha224 "${rsa[@]}" -- -sha224
certificate rsa-sha256 sha256 "${rsa[@]}" -- -sha256
certificate rsa-sha384 sha384 "${rsa[@]}" -- -sha384
certificate rsa-sha512 sha512 "${rsa[@]}" -- -sha512
certificate rsa-sha512-256 sha512-256 "${rsa[@]}" -- -sha512-256
certificate rsa-pss-sha1 sha256 "${rsa[@]}" -- -sha1 "${pss[@]}"
certificate rsa-pss-sha256 sha256 "${rsa[@]}" -- -sha256 "${pss[@]}"
certificate rsa-pss-sha512 sha512 "${rsa[@]}" -- -sha512 "${pss[@]}"
certificate rsa-pss-sha256-mgf1-sha1 undefined "${rsa[@]}" -- -sha256 "${pss[@]}" -sigopt rsa_mgf1_md:sha1
certificate rsa-sha3-256 unknown "${rsa[@]}" -- -sha3-256
certificate ecdsa-sha1 sha256 "${ec[@]}" -- -sha1
certificate ecdsa-sha256 sha256 "${ec[@]}" -- -sha256
certificate ecdsa-sha384 sha384 "${ec[@]}" -- -sha384
certificate ecdsa-sha512 sha512 "${ec[@]}" -- -sha512
certificate ed25519 undefined -algorithm ED25519 --
certificate ed448 undefined -algorithm ED448 --
