# What the scripts of realms share: to be sourced.

readonly enctypes='aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha384-192 aes128-cts-hmac-sha256-128 camellia256-cts-cmac camellia128-cts-cmac rc4-hmac'
readonly polls=100 # of 0.1 s each

fail() {
    printf '%s: %s\n' "$(basename -- "$0")" "$1" >&2
    exit 1
}

free_port() {
    /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# prepare DIR REALM : sets dir and port, and writes the clients' configuration of a realm that has no KDC yet
prepare() {
    mkdir -p "$1"
    dir=$(cd "$1" && pwd)
    [ -z "$(ls -A "$dir")" ] || fail "$dir is not empty"
    mkdir -m 700 "$dir/db" "$dir/keytabs" "$dir/ccaches"
    port=$(free_port)
    export KRB5_CONFIG=$dir/krb5.conf
    local realm=$2
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
}

# launch COMMAND… : starts a KDC, which must not leave the process that it is started in, and waits until it listens
launch() {
    setsid "$@" </dev/null >"$dir/kdc.log" 2>&1 &
    echo $! >"$dir/kdc.pid"
    local pid=$!
    for ((poll = 0; poll < polls; poll++)); do
        kill -0 "$pid" 2>/dev/null || fail "the KDC ended at once; see $dir/kdc.log"
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            return
        fi
        sleep 0.1
    done
    fail "the KDC does not listen on port $port; see $dir/kdc.log"
}

# stop_process PID_FILE PROGRAM
stop_process() {
    local pid_file=$1 pid
    [ -f "$pid_file" ] || return 0
    pid=$(cat "$pid_file")
    # The id may be another process's by now.
    if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$2" ]; then
        kill "$pid" 2>/dev/null || true
        # Whoever removes its files next wants it gone; of a process that has ended and is not yet waited for nothing runs.
        for ((poll = 0; poll < polls; poll++)); do
            [ -e "/proc/$pid/exe" ] || break
            sleep 0.1
        done
    fi
    rm -f "$pid_file"
}
