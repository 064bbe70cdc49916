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
readonly enctypes='aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha384-192 aes128-cts-hmac-sha256-128 camellia256-cts-cmac camellia128-cts-cmac rc4-hmac'
readonly polls=100 # of 0.1 s each

fail() {
    printf 'realm.sh: %s\n' "$1" >&2
    exit 1
}

free_port() {
    /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

write_configuration() {
    local dir=$1 realm=$2 port=$3
    local domain=${realm,,}
    cat >"$dir/krb5.conf" <<CONF
[libdefaults]
    default_realm = $realm
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
    udp_preference_limit = 1
    allow_weak_crypto = true
    allow_rc4 = true
    permitted_enctypes = $enctypes
    default_tkt_enctypes = $enctypes
    default_tgs_enctypes = $enctypes
    # What \`kinit -a\` puts into a ticket beside the machine's own addresses (RFC 5737).
    extra_addresses = 192.0.2.7

[realms]
    $realm = {
        kdc = 127.0.0.1:$port
    }

[domain_realm]
    .$domain = $realm
    $domain = $realm
CONF
    cat >"$dir/kdc.conf" <<CONF
[kdcdefaults]
    kdc_listen = 127.0.0.1:$port
    kdc_tcp_listen = 127.0.0.1:$port

[realms]
    $realm = {
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

wait_until_listening() {
    local dir=$1 port=$2 pid
    pid=$(cat "$dir/kdc.pid")
    for ((poll = 0; poll < polls; poll++)); do
        kill -0 "$pid" 2>/dev/null || fail "the KDC ended at once; see $dir/kdc.log"
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            return
        fi
        sleep 0.1
    done
    fail "the KDC does not listen on port $port; see $dir/kdc.log"
}

# prepare DIR REALM : sets dir, and writes the configuration of a realm that has no database yet
prepare() {
    mkdir -p "$1"
    dir=$(cd "$1" && pwd)
    [ -z "$(ls -A "$dir")" ] || fail "$dir is not empty"
    mkdir -m 700 "$dir/db" "$dir/keytabs" "$dir/ccaches"
    port=$(free_port)
    write_configuration "$dir" "$2" "$port"
    export KRB5_CONFIG=$dir/krb5.conf KRB5_KDC_PROFILE=$dir/kdc.conf
}

# launch REALM : a KDC on the database that is there
launch() {
    # -n: the process is the KDC itself, so its id is known before it can go wrong.
    setsid krb5kdc -n -r "$1" </dev/null >"$dir/kdc.log" 2>&1 &
    echo $! >"$dir/kdc.pid"
    wait_until_listening "$dir" "$port"
}

empty() {
    prepare "$1" "$2"
    kdb5_util create -s -r "$2" -P throwaway >"$dir/create.log" 2>&1 || fail "kdb5_util create: $(tail -n 1 "$dir/create.log")"
    trap 'stop "$dir"' EXIT
    launch "$2"
    trap - EXIT
}

start() {
    empty "$1" KERBSIDE.TEST
    trap 'stop "$1"' EXIT
    "$here/populate.sh" "$1"
    trap - EXIT
}

delegating() {
    prepare "$1" KERBSIDE.TEST
    trap 'stop "$dir"' EXIT
    # slapd and the KDC's plug-in need libraries that were unpacked with them.
    export LD_LIBRARY_PATH
    LD_LIBRARY_PATH=$(echo "$2"/usr/lib/*-linux-*)
    LD_LIBRARY_PATH+=:$LD_LIBRARY_PATH/krb5
    "$here/directory.sh" "$dir" "$2" KERBSIDE.TEST
    launch KERBSIDE.TEST
    "$here/delegating.sh" "$dir" "$2"
    trap - EXIT
}

stop() {
    stop_process "$1/kdc.pid" krb5kdc
    stop_process "$1/slapd.pid" slapd
}

# stop_process PID_FILE PROGRAM
stop_process() {
    local pid_file=$1 pid
    [ -f "$pid_file" ] || return 0
    pid=$(cat "$pid_file")
    # The id may be another process's by now.
    if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$2" ]; then
        kill "$pid" 2>/dev/null || true
    fi
    rm -f "$pid_file"
}

case ${1-} in
start) start "${2:?usage: realm.sh start DIR}" ;;
empty) empty "${2:?usage: realm.sh empty DIR REALM}" "${3:?usage: realm.sh empty DIR REALM}" ;;
delegating) delegating "${2:?usage: realm.sh delegating DIR UNPACKED}" "${3:?usage: realm.sh delegating DIR UNPACKED}" ;;
stop) stop "${2:?usage: realm.sh stop DIR}" ;;
*) fail 'usage: realm.sh start DIR | empty DIR REALM | delegating DIR UNPACKED | stop DIR' ;;
esac
