#!/usr/bin/env bash
# A realm's database in LDAP: starts slapd on a socket in the realm's directory, makes the database, and tells kdc.conf.
# MIT's own kind of database has no place for which service may act for clients towards which other one.
#
#   directory.sh DIR UNPACKED REALM
#
# LD_LIBRARY_PATH is set for what was unpacked. Afterwards DIR holds slapd.pid, slapd.log, ldap.socket, and ldap.url for programs to connect to.
set -euo pipefail

dir=${1:?usage: directory.sh DIR UNPACKED REALM}
unpacked=$(cd "${2:?usage: directory.sh DIR UNPACKED REALM}" && pwd)
realm=${3:?usage: directory.sh DIR UNPACKED REALM}
readonly administrator=cn=admin,cn=krb5 password=throwaway
readonly polls=100 # of 0.1 s each

fail() {
    printf 'directory.sh: %s\n' "$1" >&2
    exit 1
}

libraries=$(echo "$unpacked"/usr/lib/*-linux-*)
url=ldapi://${dir//\//%2F}%2Fldap.socket
printf '%s\n' "$url" >"$dir/ldap.url"
mkdir "$dir/db/ldap"
gunzip <"$unpacked/usr/share/doc/krb5-kdc-ldap/kerberos.schema.gz" >"$dir/kerberos.schema"
cat >"$dir/slapd.conf" <<CONF
include $unpacked/etc/ldap/schema/core.schema
include $dir/kerberos.schema
modulepath $unpacked/usr/lib/ldap
moduleload back_mdb.la
database mdb
suffix cn=krb5
rootdn $administrator
rootpw $password
directory $dir/db/ldap
index objectClass,krbPrincipalName eq
CONF
cat >>"$dir/kdc.conf" <<CONF

[realms]
    $realm = {
        database_module = directory
    }

[dbmodules]
    db_module_dir = $libraries/krb5/plugins/kdb
    directory = {
        db_library = kldap
        ldap_kerberos_container_dn = cn=krb5
        ldap_kdc_dn = $administrator
        ldap_kadmind_dn = $administrator
        ldap_service_password_file = $dir/ldap.password
        ldap_servers = $url
    }
CONF

# -d 0: the process is slapd itself. It makes a table as long as the limit of open files.
(ulimit -n 1024 && exec setsid "$unpacked/usr/sbin/slapd" -d 0 -h "$url" -f "$dir/slapd.conf" \
    </dev/null >"$dir/slapd.log" 2>&1) &
echo $! >"$dir/slapd.pid"
for ((poll = 0; poll < polls; poll++)); do
    kill -0 "$(cat "$dir/slapd.pid")" 2>/dev/null || fail "slapd ended at once; see $dir/slapd.log"
    [ -S "$dir/ldap.socket" ] && break
    sleep 0.1
done
[ -S "$dir/ldap.socket" ] || fail "slapd does not listen; see $dir/slapd.log"

realm_util() {
    "$unpacked/usr/sbin/kdb5_ldap_util" -D "$administrator" -w "$password" -H "$url" "$@" >>"$dir/create.log" 2>&1 ||
        fail "kdb5_ldap_util: $(tail -n 1 "$dir/create.log")"
}
printf '%s\n%s\n' "$password" "$password" | realm_util stashsrvpw -f "$dir/ldap.password" "$administrator"
realm_util create -r "$realm" -s -P throwaway
