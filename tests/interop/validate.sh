#!/usr/bin/env bash
# The validate example, as a user runs it, on tokens that MIT's initiator makes for it now.
#
#   validate.sh REALM_DIRECTORY PYTHON
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
realm=${1:?usage: validate.sh REALM_DIRECTORY PYTHON}
python=${2:?usage: validate.sh REALM_DIRECTORY PYTHON}
root=$here/../..

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export KRB5_CONFIG=$realm/krb5.conf KRB5CCNAME=FILE:$scratch/alice
kinit -k -t "$realm/keytabs/people.keytab" alice

cargo build --quiet --locked --manifest-path "$root/Cargo.toml" --example validate
validate=${CARGO_TARGET_DIR:-$root/target}/debug/examples/validate

failures=0

# fresh_token HOST : the base64 text of a new SPNEGO token, mutual, for HTTP/HOST.kerbside.test
fresh_token() {
    local request='{"init": {"service": "HTTP/'$1'.kerbside.test", "mech": "spnego", "flags": ["mutual", "integ"]}}'
    "$python" "$here/initiator.py" <<<"$request" | "$python" -c 'import json, sys; print(json.load(sys.stdin)["token"])'
}

# check WHAT STATUS PATTERN… -- ARGUMENT… : the example's exit status, and that its output has every pattern
check() {
    local what=$1 wanted=$2 status=0 output pattern patterns=()
    shift 2
    while [ "$1" != -- ]; do
        patterns+=("$1")
        shift
    done
    shift
    output=$("$validate" "$@" 2>&1) || status=$?
    if [ "$status" != "$wanted" ]; then
        printf 'FAIL %s: exit status %s, not %s\n%s\n' "$what" "$status" "$wanted" "$output"
        failures=$((failures + 1))
        return
    fi
    for pattern in "${patterns[@]}"; do
        if ! grep -qE -- "$pattern" <<<"$output"; then
            printf 'FAIL %s: no %s in\n%s\n' "$what" "$pattern" "$output"
            failures=$((failures + 1))
            return
        fi
    done
    printf 'ok   %s\n' "$what"
}

# check_json WHAT STATUS EXPRESSION ARGUMENT… : one line, one object, of which the python expression holds
check_json() {
    local what=$1 wanted=$2 expression=$3 status=0 output
    shift 3
    output=$("$validate" --json "$@" 2>/dev/null) || status=$?
    if [ "$status" = "$wanted" ] && "$python" "$here/json_holds.py" "$expression" <<<"$output"; then
        printf 'ok   %s\n' "$what"
    else
        printf 'FAIL %s: exit status %s, expected %s and %s\n%s\n' "$what" "$status" "$wanted" "$expression" "$output"
        failures=$((failures + 1))
    fi
}

web=$realm/keytabs/web.keytab
other=$realm/keytabs/other.keytab
time='20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z'

check 'the recorded token' 0 alice@EXAMPLE.COM HTTP/web.example.com@EXAMPLE.COM aes256-cts-hmac-sha1-96 mutual --
check 'a fresh token' 0 alice@KERBSIDE.TEST HTTP/web.kerbside.test@KERBSIDE.TEST aes256-cts-hmac-sha1-96 \
    'kvno.*1' 'mutual' 'integ' "$time" -- --keytab "$web" --service HTTP --token "$(fresh_token web)"
printf 'Negotiate %s\n' "$(fresh_token web | fold -w 60)" >"$scratch/header"
check 'a header from a file' 0 alice@KERBSIDE.TEST -- --keytab "$web" --token-file "$scratch/header"
check 'another service'"'"'s keytab' 1 HTTP/web.kerbside.test HTTP/other.kerbside.test -- --keytab "$other" --token "$(fresh_token web)"
check 'RC4 is refused' 1 rc4-hmac -- --keytab "$realm/keytabs/enctypes.keytab" --token "$(fresh_token rc4-hmac)"
check 'RC4 allowed' 0 alice@KERBSIDE.TEST rc4-hmac -- --keytab "$realm/keytabs/enctypes.keytab" --allow-enctype rc4-hmac --token "$(fresh_token rc4-hmac)"
check 'no such keytab' 2 -- --keytab "$scratch/absent.keytab" --token "$(fresh_token web)"
check 'an unknown option' 2 -- --no-such-option

check_json 'accepted as JSON' 0 'o["accepted"] is True and o["mechanism"] == "spnego" and o["client"] == "alice@KERBSIDE.TEST"
    and o["service"] == "HTTP/web.kerbside.test@KERBSIDE.TEST" and o["enctype"] == "aes256-cts-hmac-sha1-96" and o["kvno"] == 1
    and {"mutual", "integ"} <= set(o["flags"]) and o["channel_bound"] is False and o["delegated_client"] is None
    and o["auth_time"] <= o["start_time"] < o["end_time"] and "pac" in o and o["reply"]' \
    --keytab "$web" --token "$(fresh_token web)"
check_json 'refused as JSON' 1 'o["accepted"] is False and o["mechanism"] == "spnego" and o["error"]["kind"] == "NoKey.Principal"
    and o["error"]["krb_error_code"] == 35 and o["error"]["message"] and o["error"]["hint"] and "reply" in o' \
    --keytab "$other" --token "$(fresh_token web)"

[ "$failures" = 0 ] || exit 1
