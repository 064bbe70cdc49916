#!/usr/bin/env bash
# Fills the realm of `realm.sh empty DIR KERBSIDE.TEST`: one paragraph per scenario.
#
#   populate.sh DIR
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$PATH:/usr/sbin
dir=$(cd "${1:?usage: populate.sh DIR}" && pwd)
export KRB5_CONFIG=$dir/krb5.conf KRB5_KDC_PROFILE=$dir/kdc.conf

# shellcheck source=principals.sh
. "$here/principals.sh"

# One service per enctype: ticket and session key have it both.
readonly enctypes=(aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha256-128 aes256-cts-hmac-sha384-192
    rc4-hmac camellia128-cts-cmac camellia256-cts-cmac)
for enctype in "${enctypes[@]}"; do
    service "$enctype" "$enctype:normal"
    admin "set_string HTTP/$enctype.kerbside.test session_enctypes $enctype"
    export_keys enctypes "$enctype"
done

# The ordinary service, with a key of every enctype; tickets come in the first.
service web "$aes256,$aes128,aes256-cts-hmac-sha384-192:normal,aes128-cts-hmac-sha256-128:normal,camellia256-cts-cmac:normal,camellia128-cts-cmac:normal,rc4-hmac:normal"
export_keys web web
cp "$dir/keytabs/enctypes.keytab" "$dir/keytabs/enctypes-and-web.keytab"
export_keys enctypes-and-web web

# An AES ticket with an RC4 session key in it.
service rc4-session "$aes256"
admin "set_string HTTP/rc4-session.kerbside.test session_enctypes rc4-hmac"
export_keys rc4-session rc4-session

# Another service, and one whose name differs from the first in case only; both with keys of their own.
service other "$aes256"
export_keys other other
service WEB "$aes256"
export_keys case WEB

# Renamed after its keytab was made: the key is right, the name is not.
service former "$aes256"
export_keys renamed former
admin 'renprinc -force HTTP/former.kerbside.test HTTP/renamed.kerbside.test'

# Deleted and made again: name, kvno and enctype are right, the key is not.
service recreated "$aes256"
export_keys recreated-before recreated
admin 'delprinc -force HTTP/recreated.kerbside.test'
service recreated "$aes256"
export_keys recreated recreated

# Two enctypes at the KDC, and a keytab without the one that the KDC prefers.
service partial "$aes256,$aes128"
export_keys partial-both partial
export_keys partial partial
printf 'rkt %s\ndelent 1\nwkt %s\nquit\n' "$dir/keytabs/partial-both.keytab" "$dir/keytabs/partial.keytab.new" | ktutil >/dev/null
mv "$dir/keytabs/partial.keytab.new" "$dir/keytabs/partial.keytab"

# A kvno that needs the 32-bit trailer.
service kvno300 "$aes256"
admin 'modprinc -kvno 300 HTTP/kvno300.kerbside.test'
export_keys kvno300 kvno300

# A keytab made from the password, with a guessed kvno.
admin "addprinc -pw correct-horse -e $aes256 HTTP/password.kerbside.test"
printf 'addent -password -p HTTP/password.kerbside.test -k 9 -e aes256-cts-hmac-sha1-96\ncorrect-horse\nwkt %s\nquit\n' \
    "$dir/keytabs/password.keytab" | ktutil >/dev/null

# Keys of every enctype from one password, under a kvno that needs the 32-bit trailer, with each kind of salt. A renamed
# principal keeps its salt: these two have those of Active Directory, of the account svcMade and of the computer MADE$.
made=
for enctype in "${enctypes[@]}"; do
    made+=${made:+,}$enctype
done
passworded() { # principal, salt type
    admin "addprinc -pw correct-horse-battery -e ${made//,/:$2,}:$2 $1"
    admin "modprinc -kvno 300 $1"
}
passworded HTTP/made.kerbside.test normal
passworded HTTP/made-onlyrealm.kerbside.test onlyrealm
passworded svcMade normal
admin 'renprinc -force svcMade HTTP/made-account.kerbside.test'
passworded host/made.kerbside.test normal
admin 'renprinc -force host/made.kerbside.test MADE$'

for user in alice alice/admin 'al\@ice' josé; do
    person "$user"
done

# Keys changed twice, and a ticket from between: rotated-1, -2 and -3 hold one kvno each, rotated-around 1 and 3.
service rotated "$aes256"
export_keys rotated-1 rotated
export_keys rotated-around rotated
admin "cpw -randkey -e $aes256 HTTP/rotated.kerbside.test"
export_keys rotated-2 rotated
kinit -c "FILE:$dir/ccaches/rotated" -k -t "$dir/keytabs/people.keytab" alice
kvno -q -c "FILE:$dir/ccaches/rotated" HTTP/rotated.kerbside.test
admin "cpw -randkey -e $aes256 HTTP/rotated.kerbside.test"
export_keys rotated-3 rotated
export_keys rotated-around rotated
