#!/usr/bin/env bash
# Builds the initiators that have to be built.
#
#   build.sh DIRECTORY
#
# Afterwards DIRECTORY holds the programs heimdal and gokrb5, and Java's classes in java/.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:?usage: build.sh DIRECTORY}
mkdir -p "$out"

# Does what follows only where the result is older than its source.
stale() {
    [ ! -e "$1" ] || [ "$2" -nt "$1" ]
}

if stale "$out/heimdal" "$here/heimdal.c"; then
    read -ra flags <<<"$(krb5-config.heimdal --cflags gssapi) $(krb5-config.heimdal --libs gssapi)"
    gcc -Wall -Wextra -Werror -O1 -o "$out/heimdal" "$here/heimdal.c" "${flags[@]}" -lroken
fi
if stale "$out/java/Initiator.class" "$here/Initiator.java"; then
    javac -Xlint:all -Werror -d "$out/java" "$here/Initiator.java"
fi
if stale "$out/gokrb5" "$here/gokrb5.go"; then
    GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS=-trimpath go build -o "$out/gokrb5" "$here/gokrb5.go"
fi
