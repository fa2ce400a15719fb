#!/usr/bin/env bash
# Builds the container image "backchannel", for this machine's processor, with buildah, podman or docker.
#
# usage: scripts/image.sh [ARGUMENT…]    what follows is passed to the building program
set -euo pipefail
cd "$(dirname "$0")/.."

certificates=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
if ! [ -r "$certificates" ]; then
	echo "image: there are no certificates of authorities at $certificates; set SSL_CERT_FILE" >&2
	exit 1
fi

folder=dist/image
rm -rf "$folder"
mkdir -p "$folder/data"
CGO_ENABLED=0 GOOS=linux go build -trimpath -ldflags "-s -w" -o "$folder/backchannel" .
cp "$certificates" "$folder/ca-certificates.crt"

for program in buildah podman docker; do
	command -v "$program" >/dev/null || continue
	exec "$program" build "$@" --tag backchannel --file deploy/Dockerfile "$folder"
done
echo "image: this needs buildah, podman or docker" >&2
exit 1
