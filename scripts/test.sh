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
trap 'rm -rf "$work" ${memory:+"$memory"}' EXIT

# As the program is built; and what one step compiles serves the next. Only the
# race detector needs cgo.
export CGO_ENABLED=0

left_out=77     # the status of a step that cannot run here
out_of_reach=76 # the same, if only the world outside is missing: CI passes without it
summary=()
reasons=()
failed=0

# step runs a command under a name and notes how it went.
step() {
	local name=$1 start=$SECONDS
	shift
	printf '\n== %s\n' "$name"
	"$@" </dev/null 2>&1 | tee "$work/log"
	noted "$name" "${PIPESTATUS[0]}" $((SECONDS - start)) "$work/log"
}

# reasons prints the lines of a log that say why a step failed. Colours would part
# what it looks for.
reasons() {
	sed 's/\x1b\[[0-9;]*m//g' "$1" |
		grep -aE -A 3 'FAIL|Error:|panic:|DATA RACE|out of date' |
		grep -av '^ *$' | cut -c 1-300 | head -n 40
}

# noted adds a step to the summary, and why it failed: the lines that say so come
# last of all, where logs are read first.
noted() {
	local name=$1 status=$2 seconds=$3 log=$4 outcome
	case $status in
	0) outcome="ok" ;;
	"$out_of_reach") outcome="left out" ;;
	"$left_out")
		outcome="left out"
		[ "${CI-}" = true ] && failed=1
		;;
	*)
		outcome="FAILED"
		failed=1
		reasons+=("" "$name:" "$(reasons "$log")")
		;;
	esac
	summary+=("$(printf '%6ds  %-8s  %s' "$seconds" "$outcome" "$name")")
}

# beside starts a step that needs none of those that run meanwhile; together waits
# for these and prints each whole.
names=()
beside() {
	local number=${#names[@]}
	names+=("$1")
	shift
	{
		start=$SECONDS
		"$@" </dev/null >"$work/beside-$number" 2>&1
		echo "$? $((SECONDS - start))" >"$work/status-$number"
	} &
}

together() {
	local number status seconds
	wait
	for number in "${!names[@]}"; do
		printf '\n== %s\n' "${names[number]}"
		cat "$work/beside-$number"
		read -r status seconds <"$work/status-$number"
		noted "${names[number]}" "$status" "$seconds" "$work/beside-$number"
	done
	names=()
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
	# It holds much and throws little away: fewer collections take a third less time.
	GOGC=400 GOMEMLIMIT=4GiB tool golangci-lint run ./... || return 1
	if command -v shellcheck >/dev/null; then
		shellcheck .ci/run scripts/*.sh internal/pgtest/*.sh
	fi
}

# files_in_memory has the tests write to memory where there is room: they wait for a
# disk some 100,000 times, and one that is shared may stand still for seconds. What
# Go builds stays where it was.
files_in_memory() {
	local free
	free=$(df -k --output=avail /dev/shm 2>/dev/null | tail -n 1)
	[ "${free:-0}" -gt $((8 * 1024 * 1024)) ] &&
		[ "$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)" -gt $((12 * 1024 * 1024)) ] &&
		memory=$(mktemp -d /dev/shm/bc.XXXXXX) || return 0
	chmod 1777 "$memory" # PostgreSQL's user has a folder there
	printf '#!/bin/sh\n' >"$memory/program"
	if chmod 700 "$memory/program" && "$memory/program"; then
		export GOTMPDIR=${GOTMPDIR:-${TMPDIR:-/tmp}} TMPDIR=$memory
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
	# Building the tool takes a minute of both cores: only where it can end in an answer.
	if [ -z "${GOVULNDB-}" ] && ! curl --silent --fail --max-time 20 --output /dev/null https://vuln.go.dev/index/db.json; then
		echo "left out: the vulnerability database cannot be reached from here"
		return "$out_of_reach"
	fi
	# By itself it waits without an end for a network that swallows what it is sent.
	limited 10m go tool -modfile=tools/go.mod govulncheck ./... >"$work/vulnerabilities" 2>&1 || status=$?
	if [ "$status" -eq 124 ]; then
		echo "left out: the vulnerability database did not answer within 10 minutes"
		return "$out_of_reach"
	fi
	if grep -q 'fetching vulnerabilities:' "$work/vulnerabilities"; then
		echo "left out: the vulnerability database cannot be reached from here"
		return "$out_of_reach"
	fi
	cat "$work/vulnerabilities"
	return "$status"
}

build() {
	rm -f bin/backchannel
	make --no-print-directory build
}

# with_race runs Go's tests under the race detector, which needs gcc. SQLite and its
# C library are C translated to Go, and decoders of pictures work on memory of their own:
# watching either finds nothing of ours and takes most of the time. The linter vets.
with_race() {
	if ! command -v gcc >/dev/null; then
		go test -vet=off -count=1 -timeout 10m "$@"
		return
	fi
	CGO_ENABLED=1 go test -race -gcflags='modernc.org/...=-d=checkptr=0' \
		-gcflags='zombiezen.com/...=-d=checkptr=0' \
		-gcflags='modernc.org/sqlite/lib=-race=false -d=checkptr=0' \
		-gcflags='modernc.org/libc=-race=false -d=checkptr=0' \
		-gcflags='modernc.org/memory=-race=false -d=checkptr=0' \
		-gcflags='image/...=-race=false' -gcflags='golang.org/x/image/...=-race=false' \
		-vet=off -count=1 -timeout 10m "$@"
}

# The program's own tests take longest, since they kill it and send under load (make
# kill500 does so for long): the others run beside them, three at a time, since they wait much.
go_tests() {
	local program=0 others=0
	command -v gcc >/dev/null || echo "left out: the race detector, which needs gcc. The tests run without it."
	with_race ./internal/app -args -kills=10 -delivery=15s >"$work/program" 2>&1 &
	# shellcheck disable=SC2046 # one package a word
	with_race -p 3 ./internal/stream $(go list ./... | grep -v -e /internal/app$ -e /internal/stream$ -e /internal/archtest$) || others=1
	# It only reads the code, which takes twenty times as long under the race detector.
	go test -count=1 ./internal/archtest || others=1
	wait $! || program=1
	cat "$work/program"
	return $((program | others))
}

# bounds_of_memory runs what the race detector would falsify.
bounds_of_memory() {
	go test -count=1 -timeout 10m ./internal/app ./internal/media -run 'TestWorstDocumentsFitInMemory|TestLargePhoto' -p 1
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

console_built() {
	packages web || return
	same web/console npm --prefix web run generate &&
		(cd web && npm run check) &&
		same web/dist npm --prefix web run build
}

console() {
	packages web || return
	(cd web && BACKCHANNEL_BIN=$root/bin/backchannel npm test)
}

case ${1-} in
quick)
	step "format" formatted
	step "generated code" same internal/graph go generate ./internal/graph
	step "build" build
	beside "lint" lint
	beside "Go tests, without the race detector" go test ./...
	together
	;;
all)
	# Browsers come from Debian's packages, never from an npm package's download.
	export PUPPETEER_SKIP_DOWNLOAD=true PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
	step "PostgreSQL for the tests" scripts/install.sh postgres
	step "Chromium for the tests" scripts/install.sh chromium
	step "curl and sqlite3 for the tests" scripts/install.sh programs
	step "ffmpeg for the tests" scripts/install.sh ffmpeg
	[ "$(command -v gcc)" ] || scripts/install.sh compiler || :
	step "format" formatted
	beside "generated code" same internal/graph go generate ./internal/graph
	beside "the console as built" console_built
	together
	step "build" build
	files_in_memory
	beside "lint" lint
	beside "known vulnerabilities" vulnerabilities
	beside "client tests" clients
	beside "bounds of memory" bounds_of_memory
	together
	# Alone, since some of them wait for what must happen in time.
	step "Go tests" go_tests
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
