#!/usr/bin/env bash
# The live tests: real realms, real initiators, the real acceptor, and the validate example on a fresh token.
#
#   run.sh [ARGUMENT…]      the arguments go to `cargo test`, for example `--test mutual`
#
# Exit status: that of the tests. 3, with one line `skipped: live interop: REASON`, where Debian's packages or
# python-gssapi are missing and cannot be installed; whether that is a failure is the caller's decision.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$here/target}
venv=$CARGO_TARGET_DIR/interop-venv
unpacked=$CARGO_TARGET_DIR/interop-unpacked
PATH=$PATH:/usr/sbin

scratch=$(mktemp -d)
clean_up() {
    "$here/realm.sh" stop "$scratch/realm"
    "$here/realm.sh" stop "$scratch/delegating"
    "$here/heimdal_realm.sh" stop "$scratch/heimdal"
    "$here/samba_realm.sh" stop "$scratch/samba"
    rm -rf "$scratch"
}
trap clean_up EXIT

status=0
"$here/install.sh" "$venv" "$unpacked" 2>"$scratch/install.log" || status=$?
if [ "$status" = 3 ]; then
    printf 'skipped: live interop: %s\n' "$(tail -n 1 "$scratch/install.log")"
    exit 3
elif [ "$status" != 0 ]; then
    cat "$scratch/install.log" >&2
    exit "$status"
fi

peers=$CARGO_TARGET_DIR/interop-peers
"$here/peers/build.sh" "$peers"
cargo build --quiet --locked --manifest-path "$here/../../Cargo.toml" --example axum_sso --features axum,rustls,testing
"$here/realm.sh" start "$scratch/realm"
"$here/realm.sh" delegating "$scratch/delegating" "$unpacked"
"$here/heimdal_realm.sh" start "$scratch/heimdal" "$unpacked"
"$here/samba_realm.sh" start "$scratch/samba" "$unpacked"
"$venv/bin/python" "$here/smoke.py" "$scratch/realm"

export KERBSIDE_REALM=$scratch/realm KERBSIDE_PYTHON=$venv/bin/python KERBSIDE_PEERS=$peers
export KERBSIDE_DELEGATING_REALM=$scratch/delegating KERBSIDE_UNPACKED=$unpacked
export KERBSIDE_AXUM_SSO=$CARGO_TARGET_DIR/debug/examples/axum_sso
export KERBSIDE_HEIMDAL_REALM=$scratch/heimdal KERBSIDE_SAMBA_REALM=$scratch/samba
cargo test --locked --manifest-path "$here/Cargo.toml" "$@"
"$here/validate.sh" "$scratch/realm" "$venv/bin/python"
"$here/command.sh" "$scratch/realm" "$venv/bin/python" "$unpacked"
