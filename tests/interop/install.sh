#!/usr/bin/env bash
# Installs what the live tests need: KDCs, MIT's clients, curl, browsers, what the other initiators are made of, what a
# Redis server is linked with, and Python's libraries in a virtual environment.
#
#   install.sh VENV UNPACKED
#
# UNPACKED is for packages that MIT's do not stand beside, or whose daemon or configuration would be the whole machine's:
# they are not installed, and only their files are there.
#
# Does nothing where everything is there already. Exit status 3: something could not be had; the last line of
# standard error says what.
set -euo pipefail

venv=${1:?usage: install.sh VENV UNPACKED}
unpacked=${2:?usage: install.sh VENV UNPACKED}
python_packages=(gssapi==1.12.0 krb5==0.10.0 pyspnego==0.12.4 impacket==0.13.1
    requests-gssapi==1.4.0 httpx-gssapi==0.6)
packages=(krb5-kdc krb5-admin-server krb5-user libkrb5-dev curl gcc python3 python3-dev python3-venv
    heimdal-multidev libsasl2-dev libsasl2-modules-gssapi-mit golang-go golang-github-jcmturner-gokrb5.v8-dev
    libldap-2.5-0 libltdl7 libodbc2 libwrap0 libwbclient0 libatomic1 libjemalloc2 liblzf1
    python3-samba samba-dsdb-modules samba-ad-provision chromium firefox-esr libnss3-tools openssl)
packages_to_unpack=(heimdal-clients heimdal-kdc samba krb5-kdc-ldap slapd ldap-utils gss-ntlmssp redis-server redis-tools)
bound_seconds=900

unavailable() {
    printf '%s\n' "$1" >&2
    exit 3
}

installed() {
    dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed
}

as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo -n)
update() {
    command -v apt-get >/dev/null || unavailable "no apt-get here, and these packages are missing: $*"
    timeout "$bound_seconds" "${as_root[@]}" apt-get update -q >&2 || unavailable "apt-get update failed; missing: $*"
}

missing=()
for package in "${packages[@]}"; do
    installed "$package" || missing+=("$package")
done
# Any JDK will do; this is the distribution's own.
command -v javac >/dev/null || missing+=(default-jdk-headless)
if [ ${#missing[@]} -gt 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    update "${missing[@]}"
    # The daemons of the packages are not wanted, only their programs.
    timeout "$bound_seconds" "${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}" >&2 ||
        unavailable "apt-get could not install: ${missing[*]}"
fi

# Stamps are written last, so an interrupted installation starts afresh.
if [ "$(cat "$unpacked/unpacked" 2>/dev/null)" != "${packages_to_unpack[*]}" ]; then
    rm -rf "$unpacked"
    mkdir -p "$unpacked/packages"
    update "${packages_to_unpack[@]}"
    (cd "$unpacked/packages" && timeout "$bound_seconds" apt-get download -q "${packages_to_unpack[@]}" >&2) ||
        unavailable "apt-get could not download: ${packages_to_unpack[*]}"
    for package in "$unpacked"/packages/*.deb; do
        dpkg-deb -x "$package" "$unpacked"
    done
    # What makes a program's GSS-API offer NTLM; the password is never checked.
    printf 'gssntlmssp 1.3.6.1.4.1.311.2.2.10 %s\n' "$(cd "$unpacked" && pwd)"/usr/lib/*/gssntlmssp/gssntlmssp.so \
        >"$unpacked/gss.mechanisms"
    printf 'TEST:alice:unused\n' >"$unpacked/ntlm.users"
    printf '%s\n' "${packages_to_unpack[*]}" >"$unpacked/unpacked"
fi

# The virtual environment is the distribution's python, which python3-dev fits.
if [ "$(cat "$venv/installed" 2>/dev/null)" != "${python_packages[*]}" ]; then
    rm -rf "$venv"
    /usr/bin/python3 -m venv "$venv"
    timeout "$bound_seconds" "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        "${python_packages[@]}" >&2 ||
        unavailable "pip could not install: ${python_packages[*]}"
    "$venv/bin/python" -c 'import gssapi, krb5, spnego, impacket, requests_gssapi, httpx_gssapi'
    printf '%s\n' "${python_packages[*]}" >"$venv/installed"
fi
