#!/usr/bin/env bash
# A throwaway realm of Heimdal's KDC on a loopback port, by the programs that install.sh unpacked.
#
#   heimdal_realm.sh start DIR UNPACKED     a KDC for KERBSIDE.TEST
#   heimdal_realm.sh stop DIR               stops it; DIR stays for whoever wants to look
#
# DIR must not exist, or be empty. Afterwards it holds what that of realm.sh does: krb5.conf for MIT's programs, keytabs/,
# ccaches/, kdc.pid and kdc.log; and kdc.conf for Heimdal's own.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=kdc.sh
. "$here/kdc.sh"

configure() {
    prepare "$1" KERBSIDE.TEST
    cat >"$dir/kdc.conf" <<CONF
[libdefaults]
    default_realm = KERBSIDE.TEST
    allow_weak_crypto = true

[kdc]
    addresses = 127.0.0.1
    ports = $port/tcp
    num-kdc-processes = 1
    database = {
        dbname = $dir/db/principal
        # There is no such file, so the keys lie in the database as they are.
        mkey_file = $dir/db/master
        acl_file = $dir/db/acl
        log_file = $dir/db/log
    }

[logging]
    kdc = FILE:$dir/kdc.log
CONF
}

# service HOST KEYTAB ENCTYPE… : HTTP/HOST.kerbside.test with random keys of these enctypes, and its keys in a keytab
service() {
    local name=HTTP/$1.kerbside.test
    # What every new principal has of its own accord.
    printf 'add --random-key --use-defaults %s\n' "$name"
    printf 'del_enctype %s aes256-cts-hmac-sha1-96 des3-cbc-sha1 arcfour-hmac-md5\n' "$name"
    printf 'add_enctype --random-key %s %s\n' "$name" "${*:3}"
    export_keys "$1" "$2"
}

# export_keys HOST KEYTAB
export_keys() {
    printf 'ext_keytab --keytab=%s HTTP/%s.kerbside.test\n' "$dir/keytabs/$2.keytab" "$1"
}

# The same scenarios under the same names as in samba_realm.py.
principals() {
    local enctype
    printf 'init --realm-max-ticket-life=10h --realm-max-renewable-life=7d KERBSIDE.TEST\n'
    printf 'add --random-key --use-defaults alice\next_keytab --keytab=%s alice\n' "$dir/keytabs/people.keytab"
    for enctype in aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha256-128 aes256-cts-hmac-sha384-192; do
        service "$enctype" enctypes "$enctype"
    done
    service rc4-hmac enctypes arcfour-hmac-md5
    service web web aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96
    service other other aes256-cts-hmac-sha1-96

    # Deleted and made again: name, kvno and enctype are right, the key is not.
    service recreated recreated-before aes256-cts-hmac-sha1-96
    printf 'delete HTTP/recreated.kerbside.test\n'
    service recreated recreated aes256-cts-hmac-sha1-96

    # A key changed once.
    service rotated rotated-before aes256-cts-hmac-sha1-96
    printf 'cpw --random-key HTTP/rotated.kerbside.test\n'
    export_keys rotated rotated
}

start() {
    configure "$1"
    # `kadmin -l` ends with 0 whatever happened; what went wrong stands on standard error.
    principals | "$2/usr/bin/kadmin.heimdal" --local --config-file="$dir/kdc.conf" >"$dir/create.log" 2>"$dir/complaints.log"
    [ ! -s "$dir/complaints.log" ] || fail "kadmin: $(head -n 1 "$dir/complaints.log")"
    trap 'stop "$dir"' EXIT
    launch "$2/usr/lib/heimdal-servers/kdc" --config-file="$dir/kdc.conf"
    trap - EXIT
}

stop() {
    # It ends its one child too.
    stop_process "$1/kdc.pid" kdc
}

case ${1-} in
start) start "${2:?usage: heimdal_realm.sh start DIR UNPACKED}" "${3:?usage: heimdal_realm.sh start DIR UNPACKED}" ;;
stop) stop "${2:?usage: heimdal_realm.sh stop DIR}" ;;
*) fail 'usage: heimdal_realm.sh start DIR UNPACKED | stop DIR' ;;
esac
