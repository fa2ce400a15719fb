#!/bin/sh
# Runs each native fuzz target of the module, one after the other.
#
# usage: scripts/fuzz.sh [TIME]
set -eu
cd "$(dirname "$0")/.."
time=${1:-30s}

grep -r --include='*_test.go' --exclude-dir=node_modules -o '^func Fuzz[A-Za-z0-9_]*' . |
	sed 's|^\(.*\)/[^/]*:func \(.*\)$|\1 \2|' | sort |
	while read -r package target; do
		echo "== $target in $package for $time"
		go test "$package" -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 1s </dev/null
	done
