#!/usr/bin/env bash
# Tries what is in deploy/: builds the image and sees it start, serve and stop, checks
# the unit, runs the proxies' files, restarts two nodes under load, and runs each block
# of docs/deploy.md.
#
# usage: scripts/deploytest.sh
#
# What can't be done here is named at the end as left out. CI=true makes that a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
chmod 711 "$work" # PostgreSQL runs as a user of its own within
export FOLLOWED=$work/followed # the blocks of docs/deploy.md that were run
: >"$FOLLOWED"
left=()
failed=0
trap 'rm -rf "$work"' EXIT

step() {
	local status=0
	printf '\n== %s\n' "$1"
	"$2" || status=$?
	case $status in
	0) echo "ok: $1" ;;
	77) left+=("$1") ;;
	*)
		failed=1
		echo "FAILED: $1"
		;;
	esac
}

# storage keeps the test's images apart from the machine's own. Overlay needs more
# rights than a container has.
buildah_here() {
	buildah --storage-driver vfs --root "$work/images" --runroot "$work/run" "$@"
}

# program_of finds the program that runs in a container: its host name is in the
# environment.
program_of() {
	local pid
	for pid in $(pgrep -u 65532 -f '^/backchannel serve$'); do
		if tr '\0' '\n' <"/proc/$pid/environ" | grep -qx "HOSTNAME=${1:0:12}"; then
			echo "$pid"
			return
		fi
	done
}

# image builds without a registry, runs the container as its user, and compares its
# root before and after: nothing but the data may have changed, so it can be read-only.
image() {
	scripts/install.sh deploy || return
	mkdir -p "$work/bin"
	printf '#!/bin/sh\nexec %s --storage-driver vfs --root %s --runroot %s "$@"\n' \
		"$(command -v buildah)" "$work/images" "$work/run" >"$work/bin/buildah"
	chmod +x "$work/bin/buildah"
	BUILDAH_ISOLATION=chroot PATH=$work/bin:$PATH follow image || return 1

	local container root pid address i
	container=$(buildah_here from --pull-never localhost/backchannel) || return 1
	root=$(buildah_here mount "$container")
	# buildah itself writes the machine's names into /etc.
	listing() { (cd "$root" && find . -path ./data -prune -o -path ./proc -prune -o -path ./dev -prune -o -path ./sys -prune -o -path './etc/host*' -o -path ./etc/resolv.conf -o -type f -printf '%p %s %T@ %m\n' | sort); }
	listing >"$work/before"
	[ "$(buildah_here inspect --format '{{.OCIv1.Config.User}}' "$container")" = 65532:65532 ] || return 1

	address=127.0.0.1:$((20000 + RANDOM % 10000))
	buildah_here run --isolation chroot --network host \
		--env BACKCHANNEL_ADDR=$address --env BACKCHANNEL_JWT_SECRET=0123456789abcdef0123456789abcdef \
		"$container" -- /backchannel serve >"$work/log" 2>&1 &
	for ((i = 0; i < 300; i++)); do
		curl -fs "http://$address/readyz" >/dev/null 2>&1 && break
		sleep 0.1
	done
	curl -fsS "http://$address/healthz" && echo || { cat "$work/log"; return 1; }
	curl -fsS "http://$address/graphql" -H 'Content-Type: application/json' \
		-d '{"query":"{ allChannels { id } }"}' | grep -q UNAUTHORIZED || return 1
	pid=$(program_of "$(buildah_here inspect --format '{{.ContainerID}}' "$container")")
	[ -n "$pid" ] || { echo "it doesn't run as user 65532"; return 1; }
	[ -s "/proc/$pid/root/data/backchannel.db" ] || { echo "its database is not in /data"; return 1; }
	kill -TERM "$pid"
	wait $! || { cat "$work/log"; return 1; }
	listing | diff "$work/before" - || { echo "it wrote beside /data"; return 1; }
	echo "built, started as user 65532, served, and stopped"
}

# installed does what the page says for systemd, with a /usr/local/bin and an /etc of
# its own.
installed() {
	unshare --mount true 2>/dev/null || { echo "this needs the right to mount"; return 77; }
	mkdir -p "$work/etc" && cp -a /etc/. "$work/etc/" || return 1
	# shellcheck disable=SC2016 # the inner shell fills them in
	unshare --mount bash -euc '
		mount -t tmpfs none /usr/local/bin
		mount --bind "$1" /etc
		PATH=$PATH sh -euc "$2"
		[ "$(stat -c %a /etc/backchannel.env)" = 600 ]
		cmp deploy/backchannel.service /etc/systemd/system/backchannel.service
		/usr/local/bin/backchannel version
	' - "$work/etc" "$(scripts/block.sh install)" || return 1
	echo install >>"$FOLLOWED"
}

# unit checks the systemd unit. It isn't started: that takes a machine that systemd runs.
unit() {
	scripts/install.sh deploy || return
	local exposure
	sed "s|^ExecStart=/usr/local/bin/backchannel|ExecStart=/bin/true|" deploy/backchannel.service >"$work/backchannel.service"
	systemd-analyze verify "$work/backchannel.service" || return 1
	exposure=$(systemd-analyze security --offline=true deploy/backchannel.service | sed -n 's/.*exposure level[^:]*: \([0-9.]*\).*/\1/p')
	echo "exposure: $exposure"
	awk -v x="$exposure" 'BEGIN { exit !(x != "" && x <= 1.5) }'
}

proxies() {
	scripts/install.sh proxies && scripts/install.sh postgres || return
	go test ./internal/app -count=1 -run 'TestProxies|TestRollingRestartLosesNothing' -v | grep -v '^=== '
}

# compose runs what the compose file says as processes, in a network where the services'
# names lead to addresses like those of containers.
compose() {
	scripts/install.sh proxies && scripts/install.sh postgres && scripts/install.sh deploy || return
	unshare --mount --net true 2>/dev/null || { echo "this needs the right to make a network"; return 77; }
	go test -c -o "$work/app.test" ./internal/app && go tool -n -modfile=tools/go.mod nats-server >/dev/null || return 1
	unshare --mount --net sh -euc '
		n=1
		for name in chat.example node1 node2 postgres nats; do
			echo "172.30.77.$n $name"
			ip address add "172.30.77.$n/32" dev lo
			n=$((n + 1))
		done >"$1/hosts"
		echo "127.0.0.1 localhost" >>"$1/hosts"
		ip link set lo up
		mount --bind "$1/hosts" /etc/hosts
		cd internal/app
		BACKCHANNEL_TEST_COMPOSE=1 TMPDIR="$1" "$1/app.test" -test.run "^TestComposeFile$" -test.v
	' - "$work" | grep -v '^=== '
}

recipe() {
	mkdir -p "$work/$1"
	scripts/recipes.sh "$1" "$work/$1"
}

recipe_sqlite() { scripts/install.sh programs && scripts/install.sh backups && recipe sqlite; }

# recipe_litestream builds Litestream, which Debian doesn't have.
recipe_litestream() {
	scripts/install.sh programs || return
	command -v litestream >/dev/null ||
		GOBIN=$work/tools go install github.com/benbjohnson/litestream/cmd/litestream@v0.5.12 || return 77
	PATH=$work/tools:$PATH recipe litestream
}

recipe_postgres() { scripts/install.sh postgres && recipe postgres; }

# cannot has the blocks of docs/deploy.md that nothing here runs, and why.
declare -A cannot=(
	[docker]="needs Docker's daemon; the image is started by buildah instead"
	[enable]="needs a machine that systemd runs"
)

# follow runs a block of docs/deploy.md, and notes that it ended well.
follow() {
	sh -euc "$(scripts/block.sh "$1")" && echo "$1" >>"$FOLLOWED"
}

# page goes through the blocks of docs/deploy.md: each was run by one of the steps
# before, or can't be.
page() {
	local name status=0
	for name in $(awk '
		/^```/ { if (!inside) print mark == "" ? "unnamed:line-" NR : mark; inside = !inside }
		{ mark = /^<!-- run: .* -->$/ ? $3 : "" }
	' docs/deploy.md); do
		if grep -qx -- "$name" "$FOLLOWED"; then
			echo "ran: $name"
		elif [ -n "${cannot[$name]-}" ]; then
			echo "left out: $name: ${cannot[$name]}"
		else
			echo "not run: $name"
			status=1
		fi
	done
	[ "$status" = 0 ] || [ ${#left[@]} -eq 0 ] || return 77 # a step that runs blocks was left out
	return "$status"
}

monitoring() {
	scripts/install.sh prometheus || return
	promtool check rules deploy/alerts.yml && promtool test rules deploy/alerts_test.yml || return 1
	go test ./internal/app -count=1 -run 'TestPrometheus|TestDashboard' -v | grep -v '^=== '
}

step "image" image
step "systemd unit" unit
step "installing" installed
step "nginx and Caddy; a rolling restart under load" proxies
step "compose.yaml, its services as processes" compose
step "metrics, dashboard and alerts" monitoring
step "backup of SQLite" recipe_sqlite
step "backup by Litestream" recipe_litestream
step "backup of PostgreSQL to a point in time" recipe_postgres
step "docs/deploy.md, block by block" page

printf '\n'
[ ${#left[@]} -eq 0 ] || printf 'left out: %s\n' "${left[@]}"
echo "left out: compose.yaml by Docker itself, which needs a registry; starting the unit, which needs systemd"
[ ${#left[@]} -eq 0 ] || [ "${CI-}" != true ] || failed=1
exit "$failed"
