#!/usr/bin/env bash
# Builds MIT's side of the comparison.
#
#   build.sh PROGRAM
#
# Exit status 3, with the reason on standard error, where there is no C compiler or none of MIT's headers (Debian's
# libkrb5-dev has them).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=${1:?usage: build.sh PROGRAM}

unavailable() {
    printf '%s\n' "$1" >&2
    exit 3
}

# Beside Heimdal's, MIT's has a name of its own.
config=$(command -v krb5-config.mit || command -v krb5-config) || unavailable "no krb5-config here: libkrb5-dev is not installed"
[[ $("$config" --vendor) == *Massachusetts* ]] || unavailable "$config is not MIT's"
command -v gcc >/dev/null || unavailable "no gcc here"

read -ra flags <<<"$("$config" --cflags krb5 gssapi) $("$config" --libs krb5 gssapi)"
gcc -Wall -Wextra -Werror -O2 -o "$program" "$here/accept.c" "${flags[@]}"
"$config" --version
