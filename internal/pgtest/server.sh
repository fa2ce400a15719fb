#!/bin/sh
# Keeps one private PostgreSQL server for as long as standard input stays open.
#
# A test process holds the other end of that pipe, so the server stops and its
# folder goes away however the process ends, kill -9 included. Prints "ready"
# once the server answers; a failure ends the script with the reason on
# standard error.
#
# With the folder of another such server it is that server's standby.
#
# usage: server.sh BIN_FOLDER WORK_FOLDER [PRIMARY_FOLDER]
set -eu
bin=$1 work=$2 pid='' tries=0

stop() {
	if [ -n "$pid" ]; then
		kill -QUIT "$pid" 2>/dev/null || : # immediate: nothing here is worth a checkpoint
		wait "$pid" || :
	fi
	rm -rf "$work"
}
trap stop EXIT
trap 'exit 1' HUP INT TERM
trap '' PIPE # the test process may be gone before "ready" is said

# ICU's English order, so that a query that leans on the collation differs
# from SQLite's byte order in a test and not first at a customer's.
make() {
	if [ $# -gt 0 ]; then
		"$bin/pg_basebackup" -h "$1" -U postgres -D "$work/data" --write-recovery-conf --checkpoint=fast --no-sync
	else
		"$bin/initdb" -D "$work/data" -U postgres -A trust -E UTF8 \
			--locale=C --locale-provider=icu --icu-locale=en --no-sync
	fi
}
shift 2
make "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }

# Durability stays as in production, since it is under test; only memory is small.
# The last line of postmaster.pid is the server's word on itself, as pg_ctl reads it.
start() {
	tries=0
	"$bin/postgres" -D "$work/data" -k "$work" -c listen_addresses= \
		-c max_connections=200 -c shared_buffers=16MB -c fsync=on -c synchronous_commit=on \
		>>"$work/log" 2>&1 &
	pid=$!
	until grep -qs -e '^ready' -e '^standby' "$work/data/postmaster.pid"; do
		tries=$((tries + 1))
		if [ "$tries" -gt 1200 ] || ! kill -0 "$pid" 2>/dev/null; then
			cat "$work/log" >&2
			exit 1
		fi
		sleep 0.05
	done
	echo ready
}
start

# Each line is a signal that ends the server, which is then started again. Until
# the pipe closes.
while read -r signal; do
	kill -"$signal" "$pid"
	wait "$pid" || :
	start
done
