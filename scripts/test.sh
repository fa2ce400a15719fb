#!/usr/bin/env bash
# All checks of the project as a list of steps with their times.
#
# usage: scripts/test.sh all|quick
#
# A step that fails does not keep the later ones from running. One that cannot
# run here, for want of a program and of the right to install it, is left out
# and says so; in CI (CI=true) that is a failure too.
#
# shellcheck disable=SC2317 # step calls the functions by their names
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# As the program is built; and what one step compiles serves the next. Only the
# race detector needs cgo.
export CGO_ENABLED=0

left_out=77 # the status of a step that cannot run here
summary=()
reasons=()
failed=0

# step runs a command under a name and notes how it went, and why it failed: the
# lines that say so come last of all, where logs are read first.
step() {
	local name=$1 start=$SECONDS status outcome
	shift
	printf '\n== %s\n' "$name"
	"$@" </dev/null 2>&1 | tee "$work/log"
	status=${PIPESTATUS[0]}
	case $status in
	0) outcome="ok" ;;
	"$left_out")
		outcome="left out"
		[ "${CI-}" = true ] && failed=1
		;;
	*)
		outcome="FAILED"
		failed=1
		reasons+=("" "$name:" "$(grep -aE 'FAIL|Error:|panic:|DATA RACE|out of date' "$work/log" | cut -c 1-300 | head -n 12)")
		;;
	esac
	summary+=("$(printf '%6ds  %-8s  %s' $((SECONDS - start)) "$outcome" "$name")")
}

tool() {
	go tool -modfile=tools/go.mod "$@"
}

# same runs a command that makes a folder anew and fails when that changes it.
# It compares with the folder as it was, not with git, so other changes that
# are not committed do not matter.
same() {
	local folder=$1 before
	shift
	before=$work/${folder//\//-}
	cp -R "$folder" "$before" && "$@" || return 1
	diff -r "$before" "$folder" >"$work/diff" && return 0
	head -n 40 "$work/diff"
	echo "$folder was out of date. It is made anew now: look at it and commit it."
	return 1
}

formatted() {
	local files
	files=$(find . -name '*.go' -not -path '*/node_modules/*' -not -path '*/generated/*' -exec gofmt -l {} +) || return 1
	[ -z "$files" ] && return 0
	echo "not as gofmt writes it:"
	echo "$files"
	return 1
}

lint() {
	tool golangci-lint run ./... || return 1
	if command -v shellcheck >/dev/null; then
		shellcheck .ci/run scripts/*.sh internal/pgtest/*.sh
	fi
}

# limited runs a command for so long at most, where the system can tell the time.
limited() {
	if command -v timeout >/dev/null; then
		timeout "$@"
	else
		"${@:2}"
	fi
}

vulnerabilities() {
	local status=0
	# By itself it waits without an end for a network that swallows what it is sent.
	limited 10m go tool -modfile=tools/go.mod govulncheck ./... >"$work/vulnerabilities" 2>&1 || status=$?
	if [ "$status" -eq 124 ]; then
		echo "left out: the vulnerability database did not answer within 10 minutes"
		return 0
	fi
	if grep -q 'fetching vulnerabilities:' "$work/vulnerabilities"; then
		echo "left out: the vulnerability database cannot be reached from here"
		return 0
	fi
	cat "$work/vulnerabilities"
	return "$status"
}

build() {
	rm -f bin/backchannel
	make --no-print-directory build
}

go_tests() {
	if command -v gcc >/dev/null; then
		# SQLite and its C library are C translated to Go: watching their memory finds
		# nothing of ours and takes most of the time. The packages that take longest go
		# first, so that none is left to run alone, and four at a time, since they wait
		# much.
		CGO_ENABLED=1 go test -race -gcflags='modernc.org/...=-d=checkptr=0' \
			-gcflags='modernc.org/sqlite/lib=-race=false -d=checkptr=0' \
			-gcflags='modernc.org/libc=-race=false -d=checkptr=0' \
			-gcflags='modernc.org/memory=-race=false -d=checkptr=0' \
			-count=1 -p 4 -timeout 10m ./internal/app ./internal/stream ./...
	else
		echo "left out: the race detector, which needs gcc. The tests run without it."
		go test -count=1 -timeout 10m ./...
	fi
}

# packages installs a folder's npm packages when its lock file is newer.
packages() {
	if ! command -v npm >/dev/null; then
		echo "left out: npm, which comes with Node, is missing"
		return "$left_out"
	fi
	[ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] && return 0
	(cd "$1" && npm ci --no-audit --no-fund)
}

clients() {
	packages test/clients || return
	(cd test/clients && BACKCHANNEL_BIN=$root/bin/backchannel npm test)
}

console() {
	packages web || return
	same web/console npm --prefix web run generate &&
		(cd web && npm run check) &&
		same web/dist npm --prefix web run build &&
		(cd web && BACKCHANNEL_BIN=$root/bin/backchannel npm test)
}

case ${1-} in
quick)
	step "format" formatted
	step "generated code" same internal/graph go generate ./internal/graph
	step "build" build
	step "lint" lint
	step "Go tests, without the race detector" go test ./...
	;;
all)
	# Browsers come from Debian's packages, never from an npm package's download.
	export PUPPETEER_SKIP_DOWNLOAD=true PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
	step "PostgreSQL for the tests" scripts/install.sh postgres
	step "Chromium for the tests" scripts/install.sh chromium
	step "curl and sqlite3 for the tests" scripts/install.sh programs
	[ "$(command -v gcc)" ] || scripts/install.sh compiler || :
	step "format" formatted
	step "generated code" same internal/graph go generate ./internal/graph
	step "build" build
	step "vet" go vet ./...
	step "lint" lint
	step "known vulnerabilities" vulnerabilities
	step "Go tests" go_tests
	step "client tests" clients
	step "console" console
	;;
*)
	echo "usage: $0 all|quick" >&2
	exit 2
	;;
esac

printf '\n'
printf '%s\n' "${summary[@]}"
printf '%6ds  in all\n' "$SECONDS"
[ "$failed" = 0 ] || printf '%s\n' "${reasons[@]}"
exit "$failed"
