#!/bin/sh
# Installs what the tests use beside Go and Node, from Debian's packages.
#
# usage: scripts/install.sh postgres|chromium|compiler|programs|ffmpeg|proxies|deploy|backups|prometheus
#
# Ends with 0 when the thing is there, and with 77 when it is missing and this
# script has no way, or no right, to install it.
set -eu

# The oldest PostgreSQL that the project supports.
postgres_oldest=15

has_postgres() {
	for postgres in /usr/lib/postgresql/*/bin/postgres "$(command -v postgres || :)"; do
		[ -x "$postgres" ] || continue
		major=$("$postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
		[ "$major" -ge "$postgres_oldest" ] && return 0
	done
	return 1
}

# The same places as in web/test/browser.ts. The shell is the same browser without
# windows, and takes half the time.
has_chromium() {
	[ -x "${CHROMIUM:-/usr/bin/chromium-headless-shell}" ]
}

has_windowed_chromium() {
	[ -x /usr/bin/chromium ]
}

has_compiler() {
	command -v gcc >/dev/null
}

# What tests run as an operator would: the printed curl line, and sqlite3 to get
# in a server's way.
has_programs() {
	command -v curl >/dev/null && command -v sqlite3 >/dev/null
}

# It makes the videos and pictures that uploads are tried with.
has_ffmpeg() {
	command -v ffmpeg >/dev/null
}

# The proxies whose files are in deploy/.
has_proxies() {
	command -v nginx >/dev/null && command -v caddy >/dev/null
}

# What deploytest.sh uses besides.
has_deploy() {
	command -v buildah >/dev/null && command -v systemd-analyze >/dev/null && command -v curl >/dev/null && command -v ip >/dev/null
}

# What the recipes for backups in docs/deploy.md use besides.
has_backups() {
	command -v rsync >/dev/null
}

# It checks the alert rules, and reads the metrics of a running server.
has_prometheus() {
	command -v prometheus >/dev/null && command -v promtool >/dev/null
}

# as_root runs a command as root, where that takes no password.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo -n "$@"
	fi
}

may_install() {
	command -v apt-get >/dev/null && as_root true 2>/dev/null
}

install_packages() {
	log=$(mktemp)
	# apt waits for another one, and for a mirror that has stopped answering; neither
	# may take for ever.
	if {
		as_root timeout 600 apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update &&
			as_root env DEBIAN_FRONTEND=noninteractive timeout 600 \
				apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 \
				install -y --no-install-recommends "$@"
	} >"$log" 2>&1 </dev/null; then
		rm -f "$log"
	else
		tail -n 20 "$log"
		rm -f "$log"
		return 1
	fi
}

# install_postgres keeps Debian from making and starting a cluster of its own:
# the tests run private ones, and what the machine serves is its owner's affair.
install_postgres() {
	no_cluster=/etc/postgresql-common/createcluster.d/backchannel-tests.conf
	as_root mkdir -p "${no_cluster%/*}"
	echo 'create_main_cluster = false' | as_root tee "$no_cluster" >/dev/null
	status=0
	install_packages postgresql || status=$?
	as_root rm -f "$no_cluster"
	return "$status"
}

# install_proxies keeps Debian from starting them: the tests run their own.
install_proxies() { without_services nginx-light caddy; }

without_services() {
	policy=/usr/sbin/policy-rc.d
	[ -e "$policy" ] && { install_packages "$@"; return; }
	printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
	as_root chmod 755 "$policy"
	status=0
	install_packages "$@" || status=$?
	as_root rm -f "$policy"
	return "$status"
}

# install_prometheus keeps Debian from starting it.
install_prometheus() { without_services prometheus; }

case ${1-} in
postgres | chromium | compiler | programs | ffmpeg | proxies | deploy | backups | prometheus) wanted=$1 ;;
*)
	echo "usage: $0 postgres|chromium|compiler|programs|ffmpeg|proxies|deploy|backups|prometheus" >&2
	exit 2
	;;
esac

if "has_$wanted"; then
	echo "$wanted is there"
	exit 0
fi
if ! may_install; then
	if [ "$wanted" = chromium ] && has_windowed_chromium; then
		echo "$wanted is there, with windows"
		exit 0
	fi
	echo "$wanted is missing, and this needs apt-get as root or with sudo that asks no password"
	exit 77
fi
echo "installing $wanted"
case $wanted in
postgres) install_postgres ;;
chromium) install_packages chromium-headless-shell || has_windowed_chromium ;;
programs) install_packages curl sqlite3 ;;
ffmpeg) install_packages ffmpeg ;;
proxies) install_proxies ;;
deploy) install_packages buildah systemd curl ca-certificates iproute2 ;;
backups) install_packages rsync ;;
prometheus) install_prometheus ;;
compiler) install_packages gcc libc6-dev ;;
esac || {
	echo "$wanted could not be installed"
	exit 77
}
if ! "has_$wanted" && ! { [ "$wanted" = chromium ] && has_windowed_chromium; }; then
	echo "$wanted is missing still: the packages here are too old"
	exit 77
fi
