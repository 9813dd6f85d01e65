#!/usr/bin/env bash
# Java for the suites that start an OpenSearch, and Maven, which fetches it.
set -euo pipefail
"$(dirname "${BASH_SOURCE[0]}")/apt-install" openjdk-17-jdk-headless maven
