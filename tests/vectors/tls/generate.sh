#!/usr/bin/env bash
# A self-signed certificate and its key, for connections inside of one test: not secret, and trusted by nobody else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days 36500 \
    -subj /CN=web.example.com -addext subjectAltName=DNS:web.example.com -addext basicConstraints=critical,CA:FALSE \
    -keyout key.pem -out certificate.pem
openssl x509 -in certificate.pem -outform DER -out certificate.der
openssl pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out key.der
rm key.pem certificate.pem
chmod 644 key.der
