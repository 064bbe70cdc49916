#!/usr/bin/env bash
# A throwaway Active Directory domain, KERBSIDE.TEST, by Samba: its KDC alone, on a loopback port.
#
#   samba_realm.sh start DIR UNPACKED     UNPACKED is where install.sh unpacked Samba
#   samba_realm.sh stop DIR               stops it; DIR stays for whoever wants to look
#
# DIR must not exist, or be empty. Afterwards it holds what that of realm.sh does: krb5.conf for MIT's programs, keytabs/,
# ccaches/, kdc.pid and kdc.log; and smb.conf and Samba's own files.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=kdc.sh
. "$here/kdc.sh"

configure() {
    prepare "$1" KERBSIDE.TEST
    mkdir "$dir"/db/{private,state,cache,lock,ncalrpc}
    cat >"$dir/smb.conf" <<CONF
[global]
    realm = KERBSIDE.TEST
    workgroup = KERBSIDE
    netbios name = DC
    server role = active directory domain controller
    server services = kdc
    interfaces = 127.0.0.1/8
    bind interfaces only = yes
    krb5 port = $port
    kpasswd port = 0
    private dir = $dir/db/private
    state directory = $dir/db/state
    cache directory = $dir/db/cache
    lock directory = $dir/db/lock
    ncalrpc dir = $dir/db/ncalrpc
    winbindd socket directory = $dir/db/winbindd
    ntp signd socket directory = $dir/db/ntp_signd
    binddns dir = $dir/db/bind-dns
    pid directory = $dir/db
    log file = $dir/samba.log

[sysvol]
    path = $dir/db/state/sysvol

[netlogon]
    path = $dir/db/state/sysvol/scripts
CONF
}

# What runs as if all of Samba were installed. Its modules lie partly where they are unpacked, partly where they are installed.
link_modules() {
    local unpacked_modules=$1 installed_modules=/usr/lib/${1##*/lib/}
    mkdir "$dir/db/modules"
    ln -s "$installed_modules"/*/ "$unpacked_modules/service" "$dir/db/modules"
}

start() {
    local libraries log
    configure "$1"
    libraries=$(echo "$2"/usr/lib/*-linux-*/samba)
    link_modules "$libraries"
    gcc -Wall -Wextra -Werror -shared -fPIC -o "$dir/samba_modules.so" "$here/samba_modules.c"
    export LD_LIBRARY_PATH=$libraries
    log=$dir/provision.log
    /usr/bin/python3 "$here/samba_realm.py" "$dir" >"$log" 2>&1 || fail "samba_realm.py: $(tail -n 1 "$log"); see $log"
    trap 'stop "$dir"' EXIT
    launch env KERBSIDE_SAMBA_MODULES="$dir/db/modules" LD_PRELOAD="$dir/samba_modules.so" \
        "$2/usr/sbin/samba" --interactive --model=single --configfile="$dir/smb.conf"
    trap - EXIT
}

stop() {
    stop_process "$1/kdc.pid" samba
}

case ${1-} in
start) start "${2:?usage: samba_realm.sh start DIR UNPACKED}" "${3:?usage: samba_realm.sh start DIR UNPACKED}" ;;
stop) stop "${2:?usage: samba_realm.sh stop DIR}" ;;
*) fail 'usage: samba_realm.sh start DIR UNPACKED | stop DIR' ;;
esac
