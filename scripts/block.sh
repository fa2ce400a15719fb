#!/bin/sh
# Prints a block of shell from docs/deploy.md, so that tests run what people read.
#
# usage: scripts/block.sh NAME
#
# The block is the one below the line <!-- run: NAME -->.
set -eu
awk -v mark="<!-- run: $1 -->" '
	$0 == mark { found = 1; next }
	found && /^```/ { if (inside) { done = 1; exit } inside = 1; next }
	inside { print }
	END { exit !done }
' "$(dirname "$0")/../docs/deploy.md"
