#!/usr/bin/env bash
# Builds the program for each system into dist/, with checksums and the licences
# of what is linked in.
#
# usage: scripts/release.sh [twice]
#
# With "twice" everything is built once more, in a clone at another path and with an
# empty cache, and the bytes are compared.
set -euo pipefail
cd "$(dirname "$0")/.."

targets="linux/amd64 linux/arm64 darwin/amd64 darwin/arm64"

if [ -n "$(git status --porcelain)" ]; then
	echo "release: there are changes that are not committed: a release is built from a commit" >&2
	exit 1
fi

# build OUT builds every target into the folder OUT.
build() {
	local target out=$1
	for target in $targets; do
		CGO_ENABLED=0 GOOS=${target%/*} GOARCH=${target#*/} \
			go build -trimpath -buildvcs=true -ldflags "-s -w" -o "$out/backchannel-${target/\//-}" .
	done
}

# licences prints the licence of Go and of each module that a program was built with.
licences() {
	local module version dir found
	printf '%s\n\n' "Backchannel contains the following. The console's packages are listed in"
	printf '%s\n' "web/dist/console/THIRD_PARTY_LICENSES.txt, which the program serves."
	printf '\n== Go\n\n' && cat "$(go env GOROOT)/LICENSE"
	for program in "$1"/backchannel-*; do
		go version -m "$program" | awk '$1 == "dep" { print $2, $3 }'
	done | sort -u | while read -r module version; do
		dir=$(go list -m -f '{{.Dir}}' "$module")
		found=$(find "$dir" -maxdepth 1 -type f \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'notice*' -o -iname 'patents*' \) | sort)
		if [ -z "$found" ]; then
			echo "release: $module $version has no licence file" >&2
			exit 1
		fi
		printf '\n== %s %s\n' "$module" "$version"
		for file in $found; do
			printf '\n' && cat "$file"
		done
	done
}

rm -rf dist
mkdir dist
build "$PWD/dist"
licences dist >dist/LICENSES.txt
cp LICENSE dist/
(cd dist && sha256sum backchannel-* LICENSES.txt LICENSE >SHA256SUMS)

if [ "${1-}" = twice ]; then
	work=$(mktemp -d)
	trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
	git clone --quiet . "$work/elsewhere"
	(cd "$work/elsewhere" && GOCACHE=$work/cache build "$work")
	(cd "$work" && sha256sum backchannel-*) | diff - <(grep backchannel- dist/SHA256SUMS) ||
		{ echo "release: a second build gave other bytes" >&2 && exit 1; }
	echo "a second build, elsewhere and from nothing, gave the same bytes"
fi

ls -l dist
"dist/backchannel-$(go env GOOS)-$(go env GOARCH)" version
