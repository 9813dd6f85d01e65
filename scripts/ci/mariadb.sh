#!/usr/bin/env bash
# MariaDB's server for the suites that start one, and its client tools.
set -euo pipefail
"$(dirname "${BASH_SOURCE[0]}")/apt-install" mariadb-server mariadb-client
