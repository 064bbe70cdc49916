#!/usr/bin/env bash
# A throwaway MIT realm on a loopback port.
#
#   realm.sh start DIR          a KDC for KERBSIDE.TEST with everything the live tests use (populate.sh)
#   realm.sh empty DIR REALM    a KDC for REALM without any principal
#   realm.sh delegating DIR UNPACKED
#                               a KDC for KERBSIDE.TEST that lets services act for clients (delegating.sh); its database
#                               is in LDAP, by the programs that install.sh unpacked
#   realm.sh stop DIR           stops that KDC; DIR stays for whoever wants to look
#
# DIR must not exist, or be empty. Afterwards it holds:
#
#   krb5.conf   for KRB5_CONFIG     kdc.conf   for KRB5_KDC_PROFILE     kdc.pid, kdc.log, and slapd's
#   keytabs/    one per scenario    ccaches/   tickets that only the order of events can make
#
# Nothing outside DIR is read or written, and no name is looked up in DNS.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$PATH:/usr/sbin
# shellcheck source=kdc.sh
. "$here/kdc.sh"

# configure DIR REALM : prepares DIR, and tells MIT's KDC
configure() {
    prepare "$1" "$2"
    export KRB5_KDC_PROFILE=$dir/kdc.conf
    cat >"$dir/kdc.conf" <<CONF
[kdcdefaults]
    kdc_listen = 127.0.0.1:$port
    kdc_tcp_listen = 127.0.0.1:$port

[realms]
    $2 = {
        database_name = $dir/db/principal
        key_stash_file = $dir/db/stash
        max_life = 10h
        max_renewable_life = 7d
        default_principal_flags = +postdateable, +forwardable, +renewable
    }

[logging]
    kdc = FILE:$dir/kdc.log
CONF
}

# launch_mit REALM : a KDC on the database that is there
launch_mit() {
    # -n: the process is the KDC itself, so its id is known before it can go wrong.
    launch krb5kdc -n -r "$1"
}

empty() {
    configure "$1" "$2"
    kdb5_util create -s -r "$2" -P throwaway >"$dir/create.log" 2>&1 || fail "kdb5_util create: $(tail -n 1 "$dir/create.log")"
    trap 'stop "$dir"' EXIT
    launch_mit "$2"
    trap - EXIT
}

start() {
    empty "$1" KERBSIDE.TEST
    trap 'stop "$1"' EXIT
    "$here/populate.sh" "$1"
    trap - EXIT
}

delegating() {
    configure "$1" KERBSIDE.TEST
    trap 'stop "$dir"' EXIT
    # slapd and the KDC's plug-in need libraries that were unpacked with them.
    export LD_LIBRARY_PATH
    LD_LIBRARY_PATH=$(echo "$2"/usr/lib/*-linux-*)
    LD_LIBRARY_PATH+=:$LD_LIBRARY_PATH/krb5
    "$here/directory.sh" "$dir" "$2" KERBSIDE.TEST
    launch_mit KERBSIDE.TEST
    "$here/delegating.sh" "$dir" "$2"
    trap - EXIT
}

stop() {
    stop_process "$1/kdc.pid" krb5kdc
    stop_process "$1/slapd.pid" slapd
}

case ${1-} in
start) start "${2:?usage: realm.sh start DIR}" ;;
empty) empty "${2:?usage: realm.sh empty DIR REALM}" "${3:?usage: realm.sh empty DIR REALM}" ;;
delegating) delegating "${2:?usage: realm.sh delegating DIR UNPACKED}" "${3:?usage: realm.sh delegating DIR UNPACKED}" ;;
stop) stop "${2:?usage: realm.sh stop DIR}" ;;
*) fail 'usage: realm.sh start DIR | empty DIR REALM | delegating DIR UNPACKED | stop DIR' ;;
esac
