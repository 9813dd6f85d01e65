#!/usr/bin/env bash
# What builds the S3 and RDS servers of the tests: Python for ministack and moto, Go for versitygw. The tests fetch these themselves.
set -euo pipefail
here="$(dirname "${BASH_SOURCE[0]}")"
"$here/apt-install" python3-venv
# Any Go that is there may be newer than Debian's, which is too old for versitygw on Debian 12.
command -v go >/dev/null || "$here/apt-install" golang-go
