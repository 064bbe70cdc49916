#!/usr/bin/env bash
# The command `kerbside`, as an administrator uses it beside MIT's and Heimdal's.
#
#   command.sh REALM_DIRECTORY PYTHON UNPACKED
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
usage='usage: command.sh REALM_DIRECTORY PYTHON UNPACKED'
realm=${1:?$usage}
python=${2:?$usage}
unpacked=${3:?$usage}
root=$here/../..
PATH=$PATH:/usr/sbin

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export KRB5_CONFIG=$realm/krb5.conf KRB5_KDC_PROFILE=$realm/kdc.conf KRB5CCNAME=FILE:$scratch/tickets

cargo build --quiet --locked --manifest-path "$root/Cargo.toml" --features cli --bin kerbside
kerbside=${CARGO_TARGET_DIR:-$root/target}/debug/kerbside

failures=0

# check WHAT COMMAND… : that the command ends well
check() {
    local what=$1 output
    shift
    if output=$("$@" 2>&1); then
        printf 'ok   %s\n' "$what"
    else
        printf 'FAIL %s: exit status %s\n%s\n' "$what" "$?" "$output"
        failures=$((failures + 1))
    fi
}

# same WHAT ONE OTHER : that two texts are equal
same() {
    check "$1" diff <(printf '%s\n' "$2") <(printf '%s\n' "$3")
}

# The columns that MIT's list, Heimdal's and this one share: kvno and principal of every entry.
mits_list() { klist -k "$1" | tail -n +4 | awk '{ print $1, $2 }'; }
heimdals_list() { "$unpacked/usr/bin/ktutil.heimdal" --keytab="$1" list | awk '/@/ { print $1, $NF }'; }
our_list() { "$kerbside" keytab list --no-fingerprints "$1" | awk '/@/ { print $2, $4 }'; }

lists_agree() { # what, keytab
    same "$1: MIT lists the same" "$(mits_list "$2")" "$(our_list "$2")"
    same "$1: Heimdal lists the same" "$(heimdals_list "$2")" "$(our_list "$2")"
}

logs_in() { # what, keytab, principal
    check "$1: kinit logs in" kinit -k -t "$2" "$3"
    kdestroy -q
}

password=correct-horse-battery
made=HTTP/made.kerbside.test
web=$scratch/web.keytab

"$kerbside" keytab create "$web" --principal $made@KERBSIDE.TEST --kvno 300 --password-stdin <<<"$password" >/dev/null
logs_in 'created from standard input' "$web" $made
lists_agree 'created' "$web"

"$kerbside" keytab create "$scratch/prompted.keytab" --principal $made@KERBSIDE.TEST --kvno 300 --password-fd 3 3<<<"$password" >/dev/null
logs_in 'created from a descriptor' "$scratch/prompted.keytab" $made

check 'created at the prompt' "$python" "$here/prompt.py" $password $password \
    "$kerbside" keytab create "$scratch/asked.keytab" --principal $made@KERBSIDE.TEST --kvno 300
logs_in 'created at the prompt' "$scratch/asked.keytab" $made
check 'two different passwords are refused' "$python" "$here/prompt.py" --status 2 $password other-password \
    "$kerbside" keytab create "$scratch/refused.keytab" --principal $made@KERBSIDE.TEST --kvno 300
check 'and nothing is written' test ! -e "$scratch/refused.keytab"

account=HTTP/made-account.kerbside.test
"$kerbside" keytab add "$web" --principal $account@KERBSIDE.TEST --kvno 300 --salt ad-user:svcMade --password-stdin <<<"$password" >/dev/null
"$kerbside" keytab add "$web" --principal 'MADE$@KERBSIDE.TEST' --kvno 300 --salt ad-computer:MADE --password-stdin <<<"$password" >/dev/null
for name in $made $account 'MADE$'; do
    logs_in "added: $name" "$web" "$name"
done
lists_agree 'added' "$web"

# What MIT's ktutil and kadmin, and Heimdal's ktutil wrote.
printf 'addent -password -p HTTP/password.kerbside.test -k 300 -e aes128-cts-hmac-sha1-96\ncorrect-horse\nwkt %s\nquit\n' \
    "$scratch/mit.keytab" | ktutil >/dev/null
"$unpacked/usr/bin/ktutil.heimdal" --keytab="$scratch/heimdal.keytab" add -p $made -V 301 -e aes256-cts-hmac-sha1-96 -w "$password"
"$kerbside" keytab merge "$web" "$scratch/mit.keytab" "$scratch/heimdal.keytab" "$realm/keytabs/people.keytab" \
    --output "$scratch/all.keytab" >/dev/null
lists_agree 'merged' "$scratch/all.keytab"
for name in $made $account alice alice/admin; do
    logs_in "merged: $name" "$scratch/all.keytab" "$name"
done

"$kerbside" keytab remove "$scratch/all.keytab" --principal alice@KERBSIDE.TEST >/dev/null
check 'removed: kinit does not log in' bash -c "! kinit -k -t '$scratch/all.keytab' alice"
logs_in 'removed: the others stay' "$scratch/all.keytab" alice/admin
lists_agree 'removed' "$scratch/all.keytab"

base64 <"$scratch/all.keytab" >"$scratch/all.b64"
"$kerbside" keytab convert "$scratch/all.b64" "$scratch/converted.keytab" >/dev/null 2>&1
lists_agree 'converted' "$scratch/converted.keytab"

# Keys that the KDC made at random have the fingerprints that this list shows for both of their files.
fingerprints() { "$kerbside" keytab list "$1" | awk '/@/ { print $NF }'; }
same 'fingerprints are the keys' "$(fingerprints "$realm/keytabs/rotated-1.keytab")" "$(fingerprints "$realm/keytabs/rotated-around.keytab" | head -n 1)"

# A keytab that was made here, for a service that accepts.
kinit -k -t "$realm/keytabs/people.keytab" alice
request='{"init": {"service": "'$made'", "mech": "spnego", "flags": ["mutual", "integ"]}}'
token=$("$python" "$here/initiator.py" <<<"$request" | "$python" -c 'import json, sys; print(json.load(sys.stdin)["token"])')
check 'validate: a ticket for a key that was made here' "$kerbside" validate --keytab "$web" --policy default --token "$token"
check 'inspect: the ticket is named' grep -q "service: $made@KERBSIDE.TEST" <("$kerbside" inspect --token "$token")
check 'doctor: nothing is wrong' "$kerbside" doctor --keytab "$scratch/asked.keytab" --host made.kerbside.test

# CAS-11: what the doctor says to ask the KDC with, with the right key and with another one of the same name and version.
asks_the_kdc() { "$kerbside" doctor --keytab "$1" | grep '^  kvno -k '; }
"$kerbside" keytab create "$scratch/other.keytab" --principal $made@KERBSIDE.TEST --kvno 300 --password-stdin <<<"another-$password" >/dev/null
check 'doctor: the KDC has the same keys' bash -c "$(asks_the_kdc "$scratch/asked.keytab")"
check 'doctor: the KDC has other keys' bash -c "! $(asks_the_kdc "$scratch/other.keytab")"

[ "$failures" = 0 ] || exit 1
