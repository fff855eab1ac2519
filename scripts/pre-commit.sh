#!/bin/sh
# Run by pre-commit in the GitOps repository; it lies in pre-commit's clone of this one. Arguments go to `lockstep check`.
set -eu
against=$PWD
cd "$(dirname "$0")/.."
# pre-commit keeps its clone, and a revision's packages and bundle with it.
[ -f src/lockstep/dist/cli.js ] && [ -d node_modules ] || npm ci --no-audit --no-fund >&2
exec node src/lockstep/dist/cli.js check --against "$against" "$@"
