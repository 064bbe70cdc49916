#!/usr/bin/env bash
# Fills the realm of `realm.sh delegating DIR UNPACKED`: who may act for clients towards whom.
#
#   delegating.sh DIR UNPACKED
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=$(cd "${1:?usage: delegating.sh DIR UNPACKED}" && pwd)
unpacked=${2:?usage: delegating.sh DIR UNPACKED}
export KRB5_CONFIG=$dir/krb5.conf KRB5_KDC_PROFILE=$dir/kdc.conf
# shellcheck source=principals.sh
. "$here/principals.sh"

person alice

# Whoever is asked for in the end, and somebody of whom nobody says that they may be.
for host in back other; do
    service "$host" "$aes256"
    export_keys back "$host"
done

# One service per enctype that may act for clients towards the one, each with a ticket of its own to ask with.
for enctype in aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha256-128 aes256-cts-hmac-sha384-192 \
    rc4-hmac; do
    service "$enctype" "$enctype:normal"
    admin "set_string HTTP/$enctype.kerbside.test session_enctypes $enctype"
    export_keys front "$enctype"
    export_keys people "$enctype"
    printf 'dn: krbPrincipalName=HTTP/%s.kerbside.test@KERBSIDE.TEST,cn=KERBSIDE.TEST,cn=krb5\n' "$enctype"
    printf 'changetype: modify\nadd: krbAllowedToDelegateTo\nkrbAllowedToDelegateTo: HTTP/back.kerbside.test\n\n'
done >"$dir/delegation.ldif"
"$unpacked/usr/bin/ldapmodify" -x -H "$(cat "$dir/ldap.url")" -D cn=admin,cn=krb5 -w throwaway -f "$dir/delegation.ldif" \
    >"$dir/delegation.log"
