#!/usr/bin/env bash
# Installs what the live tests need: an MIT KDC, its clients, curl, what the other initiators are made of, and
# python-gssapi, pyspnego and impacket in a virtual environment.
#
#   install.sh VENV
#
# Does nothing where everything is there already. Exit status 3: something could not be had; the last line of
# standard error says what.
set -euo pipefail

venv=${1:?usage: install.sh VENV}
python_packages=(gssapi==1.12.0 krb5==0.10.0 pyspnego==0.12.4 impacket==0.13.1)
packages=(krb5-kdc krb5-admin-server krb5-user libkrb5-dev curl gcc python3 python3-dev python3-venv
    heimdal-multidev libsasl2-dev libsasl2-modules-gssapi-mit golang-go golang-github-jcmturner-gokrb5.v8-dev)
bound_seconds=900

unavailable() {
    printf '%s\n' "$1" >&2
    exit 3
}

installed() {
    dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed
}

missing=()
for package in "${packages[@]}"; do
    installed "$package" || missing+=("$package")
done
# Any JDK will do; this is the distribution's own.
command -v javac >/dev/null || missing+=(default-jdk-headless)
if [ ${#missing[@]} -gt 0 ]; then
    command -v apt-get >/dev/null || unavailable "no apt-get here, and these packages are missing: ${missing[*]}"
    as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo -n)
    export DEBIAN_FRONTEND=noninteractive
    timeout "$bound_seconds" "${as_root[@]}" apt-get update -q >&2 ||
        unavailable "apt-get update failed; missing: ${missing[*]}"
    # The daemons of the packages are not wanted, only their programs.
    timeout "$bound_seconds" "${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}" >&2 ||
        unavailable "apt-get could not install: ${missing[*]}"
fi

# The virtual environment is the distribution's python, which python3-dev fits. The stamp is written last, so an
# interrupted installation starts afresh.
if [ "$(cat "$venv/installed" 2>/dev/null)" != "${python_packages[*]}" ]; then
    rm -rf "$venv"
    /usr/bin/python3 -m venv "$venv"
    timeout "$bound_seconds" "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        "${python_packages[@]}" >&2 ||
        unavailable "pip could not install: ${python_packages[*]}"
    "$venv/bin/python" -c 'import gssapi, krb5, spnego, impacket'
    printf '%s\n' "${python_packages[*]}" >"$venv/installed"
fi
