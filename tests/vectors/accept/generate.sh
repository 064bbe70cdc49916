#!/usr/bin/env bash
# Mints the vectors of this directory anew, from the cases in tests/accept_vectors/cases.rs. The same cases always give the
# same octets: look at every difference.
set -euo pipefail
cd "$(dirname -- "${BASH_SOURCE[0]}")/../../.."
KERBSIDE_WRITE_VECTORS=1 cargo test --locked --all-features --test accept_vectors the_test_kit_mints
git status --short tests/vectors/accept
