#!/usr/bin/env bash
# Runs the recipes for backups in docs/deploy.md, each with the server killed while
# clients write, and counts what of the acknowledged messages was lost.
#
# usage: scripts/recipes.sh sqlite|litestream|postgres FOLDER
#
# FOLDER is empty and may be filled. Ends with 77 if a program is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

recipe=$1 work=$(cd "$2" && pwd)
export DATA=$work/data BACKUPS=$work/backups TZ=UTC
PATH=$work/bin:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1):$PATH
mkdir -p "$work/bin" "$DATA" "$BACKUPS"
go build -o "$work/bin/backchannel" .
export BACKCHANNEL_JWT_SECRET=0123456789abcdef0123456789abcdef
token=$(backchannel token --sub clerk --role BO --ttl 1h)
address=127.0.0.1:$((20000 + RANDOM % 10000))
pids=()
trap finish EXIT

finish() {
	[ ! -e "${PGDATA-/none}/postmaster.pid" ] || "${as[@]}" pg_ctl stop --mode=immediate >/dev/null || :
	kill -KILL "${pids[@]}" 2>/dev/null || :
}

# run does what a block of the document says. PostgreSQL's part is done by a user of
# its own: it refuses to run as root.
as=()
run() {
	"${as[@]}" sh -euc "$(scripts/block.sh "$1")" || return
	followed "$1"
}

# quietly keeps what a command prints in a file, and shows it only if the command fails.
# PostgreSQL, once started, goes on writing there.
quietly() {
	"$@" >"$work/output.log" 2>&1 || {
		local status=$?
		echo "failed with $status: $*"
		cat "$work/output.log"
		return "$status"
	}
}

# followed notes in the file $FOLLOWED, if there is one, that a block was run.
followed() { echo "$1" >>"${FOLLOWED:-/dev/null}"; }

# in_background runs a block until it is killed. The shell gives way to the program,
# so that the signal reaches it.
in_background() {
	"${as[@]}" sh -euc "exec $(scripts/block.sh "$1")" >"$work/$1.log" 2>&1 &
	pids+=($!)
	followed "$1"
}

serve() {
	"${as[@]}" backchannel serve --addr "$address" --data "$DATA" "$@" >>"$work/server.log" 2>&1 &
	server=$!
	pids+=("$server")
	wait_for curl -fs -o /dev/null "http://$address/readyz"
}

wait_for() {
	local i
	for ((i = 0; i < 300; i++)); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	echo "waited for 30 s: $*"
	tail -n 5 "$work"/*.log
	return 1
}

ask() {
	curl -fs "http://$address/graphql" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d "$1"
}

# write has eight clients send messages until the server is gone, and notes which were
# acknowledged, and when.
write() {
	local i
	ask '{"query":"mutation { createOrUpdateChannel(input: {id: \"news\", name: \"News\"}) }"}' >/dev/null || return
	: >"$work/acknowledged"
	for i in 1 2 3 4 5 6 7 8; do
		writer "$i" &
		pids+=($!)
	done
}

# enough waits until so many messages of write are acknowledged.
enough() { wait_for sh -c "[ \$(wc -l <'$work/acknowledged') -ge $1 ]"; }

writer() {
	local n
	for ((n = 0; ; n++)); do
		ask "{\"query\":\"mutation { sendMessageToChannel(input: {channelId: \\\"news\\\", text: \\\"$1-$n\\\"}) }\"}" |
			grep -q '"sendMessageToChannel":true' || return 0
		echo "$1-$n" >>"$work/acknowledged"
	done
}

# lost counts the acknowledged messages of a list that aren't among the texts on its
# input.
lost() {
	sort >"$work/there"
	sort "$1" | comm -23 - "$work/there" | wc -l
}

sqlite_texts() { sqlite3 "$DATA/backchannel.db" 'SELECT text FROM messages'; }
postgres_texts() { "${as[@]}" psql -qAt "$DATABASE" -c 'SELECT text FROM messages'; }

need() {
	local program
	for program in "$@"; do
		command -v "$program" >/dev/null || { echo "$program is missing"; exit 77; }
	done
}

sqlite() {
	need rsync sqlite3 curl
	serve
	write
	enough 20
	cp "$work/acknowledged" "$work/before"
	run sqlite-backup
	sleep 2
	kill -KILL "$server"
	sleep 0.5
	run sqlite-restore
	[ "$(sqlite_texts | lost "$work/before")" = 0 ] || { echo "messages from before the backup are lost"; return 1; }
	echo "restored: none of $(wc -l <"$work/before") messages from before the backup is lost, and $(sqlite_texts | lost "$work/acknowledged") of those from after it"
}

litestream() {
	need litestream sqlite3 curl
	serve
	in_background litestream
	local replica=$!
	write
	sleep 8
	kill -KILL "$server" "$replica"
	sleep 0.5
	mv "$DATA" "$work/gone"
	mkdir "$DATA"
	run litestream-restore
	local count gone
	count=$(wc -l <"$work/acknowledged") gone=$(sqlite_texts | lost "$work/acknowledged")
	echo "restored: of $count acknowledged messages $gone are lost"
	# It copies every second, and 8 s were written.
	[ "$count" -gt 20 ] && [ $((gone * 2)) -lt "$count" ] || { echo "that is too many"; return 1; }
}

postgres() {
	need initdb pg_receivewal psql curl
	if [ "$(id -u)" -eq 0 ]; then
		need setpriv
		as=(setpriv --reuid=postgres --regid=postgres --init-groups --)
		chmod 711 "$work"
		chown -R postgres "$DATA" "$BACKUPS"
	fi
	mkdir "$work/run" && chmod 777 "$work/run" && chmod 755 "$work" "$work/bin"
	touch "$work/server.log"
	export PGHOST=$work/run PGUSER=postgres DATABASE="host=$work/run dbname=postgres user=postgres"
	export URL="postgres:///postgres?host=$work/run&user=postgres" PGDATA=$BACKUPS/cluster
	quietly "${as[@]}" initdb --auth=trust --username=postgres
	printf "listen_addresses = ''\nunix_socket_directories = '%s'\n" "$work/run" | "${as[@]}" tee -a "$PGDATA/postgresql.conf" >/dev/null
	"${as[@]}" pg_ctl --wait start --log="$BACKUPS/postgres.log" >/dev/null
	run pitr-slot
	in_background pitr-receive
	serve --database-url "$URL"
	write
	enough 20
	run pitr-copy
	sleep 2
	cp "$work/acknowledged" "$work/before"
	sleep 0.2
	MOMENT=$(date '+%Y-%m-%d %H:%M:%S.%N+00')
	export MOMENT
	sleep 2
	ask '{"query":"mutation { deleteChannels(input: {cids: [\"livestream:news\"]}) }"}' >/dev/null
	write
	enough 60
	kill_cluster
	kill -KILL "$server"
	sleep 0.5

	PGDATA=$BACKUPS/moment
	quietly run pitr-restore
	DATABASE=$URL run pitr-after
	[ "$(postgres_texts | lost "$work/before")" = 0 ] || { echo "messages from before the moment are lost"; return 1; }
	echo "restored to a moment: none of $(wc -l <"$work/before") messages from before it is lost, though their channel was deleted later"
	copies
	"${as[@]}" pg_ctl --wait stop --mode=immediate >/dev/null

	PGDATA=$BACKUPS/end
	quietly "${as[@]}" sh -euc "$(scripts/block.sh pitr-restore | grep -v recovery_target_time)"
	DATABASE=$URL run pitr-after
	local count gone
	count=$(wc -l <"$work/acknowledged") gone=$(postgres_texts | lost "$work/acknowledged")
	echo "restored to the end: of $count acknowledged messages $gone are lost"
	"${as[@]}" pg_ctl --wait stop --mode=fast >/dev/null
	[ $((gone * 10)) -lt "$count" ] || { echo "that is more than a tenth"; return 1; }
}

# copies tries the copy by pg_dump, and the way from SQLite.
copies() {
	"${as[@]}" psql -q "$DATABASE" -c 'CREATE DATABASE copied' -c 'CREATE DATABASE moved'
	run pg-dump
	EMPTY_DATABASE="postgres:///copied?host=$work/run&user=postgres" run pg-dump-restore
	"${as[@]}" backchannel migrate --data "$DATA" >/dev/null
	EMPTY_DATABASE="postgres:///moved?host=$work/run&user=postgres" run move
}

# kill_cluster ends PostgreSQL as a power cut would, after which a machine has an empty /run.
# On a busy one the process may be there for a while.
kill_cluster() {
	local pid
	pid=$(head -n 1 "$PGDATA/postmaster.pid")
	"${as[@]}" kill -KILL "$pid"
	wait_for sh -c "! grep -qs '^State:[[:space:]]*[^ZX[:space:]]' /proc/$pid/status"
	rm -f "$work"/run/.s.PGSQL.*
}

"$recipe"
