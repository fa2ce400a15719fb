package pgtest

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// oldest is the first major version that the product supports.
const oldest = 15

var errNotInstalled = fmt.Errorf("no version from %d on in PATH or /usr/lib/postgresql; "+
	"`make postgres` installs one, %s names one that runs", oldest, ServerVariable)

//go:embed server.sh
var serverScript string

// instance is a running server.
type instance struct {
	url      string
	folder   string
	lifeline io.WriteCloser // closed at the end of this process, which stops the server
	said     *bufio.Reader  // "ready" after each start
}

// startTime is how long creating the cluster and starting the server may take: far longer
// than on a busy machine.
const startTime = 5 * time.Minute

// start starts the private server.
func start() (instance, error) {
	bin, err := findBinaries()
	if err != nil {
		return instance{}, err
	}
	return startWithin(startTime, bin)
}

// tempFolder is TMPDIR, or else /tmp: a socket's path may have 107 bytes, and the server's user must
// be able to make and remove folders there.
func tempFolder() string {
	dir := os.TempDir()
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm()&0o002 == 0 || len(dir) > 60 {
		return "/tmp"
	}
	for at := dir; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return "/tmp"
		}
		if at == filepath.Dir(at) {
			return dir
		}
	}
}

// startWithin starts a server, or a standby, in a folder.
func startWithin(limit time.Duration, bin string, primary ...string) (instance, error) {
	work, err := os.MkdirTemp(tempFolder(), "pgtest-")
	if err != nil {
		return instance{}, err
	}

	cmd := exec.Command("/bin/sh", append([]string{"-c", serverScript, "server.sh", bin, work}, primary...)...)
	cmd.Dir = work
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")} // without the developer's PG… settings
	// A group of its own, so that Ctrl-C reaches the server only through the tests.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() == 0 {
		if err := runUnprivileged(cmd, work); err != nil {
			return instance{}, err
		}
	}
	var complaint strings.Builder
	cmd.Stderr = &complaint
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return instance{}, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return instance{}, err
	}
	if err := cmd.Start(); err != nil {
		return instance{}, err
	}

	tooSlow := time.AfterFunc(limit, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	said := bufio.NewReader(stdout)
	line, _ := said.ReadString('\n')
	if !tooSlow.Stop() {
		return instance{}, errors.Join(fmt.Errorf("it took longer than %s", limit), cmd.Wait(), os.RemoveAll(work))
	}
	if line != "ready\n" {
		return instance{}, fmt.Errorf("%w: %s", cmd.Wait(), complaint.String())
	}
	query := url.Values{"host": {work}, "port": {"5432"}, "user": {"postgres"}}
	return instance{url: "postgres:///postgres?" + query.Encode(), folder: work, lifeline: stdin, said: said}, nil
}

// runUnprivileged makes cmd run as a user other than root, which PostgreSQL requires, and gives that
// user the folder.
func runUnprivileged(cmd *exec.Cmd, folder string) error {
	account, err := user.Lookup("postgres")
	if err != nil {
		account, err = user.Lookup("nobody")
	}
	if err != nil {
		return fmt.Errorf("finding a user to run PostgreSQL as: %w", err)
	}
	uid, errUID := strconv.ParseUint(account.Uid, 10, 32)
	gid, errGID := strconv.ParseUint(account.Gid, 10, 32)
	if err := errors.Join(errUID, errGID); err != nil {
		return err
	}
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(folder, int(uid), int(gid))
}

// findBinaries returns the folder of the highest PostgreSQL version that is
// installed.
func findBinaries() (string, error) {
	candidates, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	if found, err := exec.LookPath("postgres"); err == nil {
		candidates = append(candidates, found)
	}
	best, folder := 0, ""
	for _, postgres := range candidates {
		if version := majorVersion(postgres); version > best {
			best, folder = version, filepath.Dir(postgres)
		}
	}
	if best < oldest {
		return "", errNotInstalled
	}
	return folder, nil
}

var versionNumber = regexp.MustCompile(`\d+`)

// majorVersion returns the version of a postgres binary, 0 if it isn't known.
func majorVersion(postgres string) int {
	said, err := exec.Command(postgres, "--version").Output()
	if err != nil {
		return 0
	}
	version, _ := strconv.Atoi(versionNumber.FindString(string(said)))
	return version
}
