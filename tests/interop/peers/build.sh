#!/usr/bin/env bash
# Builds the initiators that have to be built.
#
#   build.sh DIRECTORY
#
# Afterwards DIRECTORY holds the programs heimdal, cyrus and gokrb5, and Java's classes in java/.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:?usage: build.sh DIRECTORY}
mkdir -p "$out"

# Does what follows only where the result is older than one of its sources.
stale() {
    local result=$1 source
    for source in "${@:2}"; do
        if [ ! -e "$result" ] || [ "$source" -nt "$result" ]; then
            return 0
        fi
    done
    return 1
}

if stale "$out/heimdal" "$here/heimdal.c" "$here/line.h"; then
    read -ra flags <<<"$(krb5-config.heimdal --cflags gssapi) $(krb5-config.heimdal --libs gssapi)"
    gcc -Wall -Wextra -Werror -O1 -o "$out/heimdal" "$here/heimdal.c" "${flags[@]}"
fi
if stale "$out/cyrus" "$here/cyrus.c" "$here/line.h"; then
    gcc -Wall -Wextra -Werror -O1 -o "$out/cyrus" "$here/cyrus.c" -lsasl2
fi
if stale "$out/java/Initiator.class" "$here"/*.java; then
    javac -Xlint:all -Werror -d "$out/java" "$here"/*.java
fi
if stale "$out/gokrb5" "$here/gokrb5.go"; then
    GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS=-trimpath go build -o "$out/gokrb5" "$here/gokrb5.go"
fi
