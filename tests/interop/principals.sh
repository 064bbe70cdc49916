# What fills a realm: to be sourced, with the realm's directory in $dir, and KRB5_CONFIG and KRB5_KDC_PROFILE exported.

readonly aes256=aes256-cts-hmac-sha1-96:normal aes128=aes128-cts-hmac-sha1-96:normal

# `kadmin.local -q` ends with 0 whatever happened; what went wrong stands on standard error.
admin() {
    local complaints
    complaints=$(kadmin.local -q "$1" 2>&1 >/dev/null | grep -vi 'no policy specified' || true)
    if [ -n "$complaints" ]; then
        printf 'principals: %s: %s\n' "$1" "$complaints" >&2
        exit 1
    fi
}

# service HOST KEY… : HTTP/HOST.kerbside.test with random keys of these enctypes, kvno 1
service() {
    admin "addprinc -randkey -e ${*:2} HTTP/$1.kerbside.test"
}

# export_keys FILE HOST : adds the service's keys as they are to that keytab
export_keys() {
    admin "ktadd -norandkey -k $dir/keytabs/$1.keytab HTTP/$2.kerbside.test"
}

# person NAME : a principal of its own keys, in the one keytab of all people, so that nobody is asked for a password
person() {
    admin "addprinc -randkey -e $aes256 $1"
    admin "ktadd -norandkey -k $dir/keytabs/people.keytab $1"
}
