package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// versionNames name the two versions, as binaries and in the report.
var versionNames = [2]string{"base", "new"}

// buildBoth builds the base from the repository, and the new version from the files of the working
// tree.
func (b *bench) buildBoth(ctx context.Context) (binaries [2]string, err error) {
	tree := filepath.Join(b.dir, "tree")
	if err := command(ctx, "", "git", "worktree", "add", "--detach", tree, b.Base); err != nil {
		return binaries, fmt.Errorf("checking out %s: %w", b.Base, err)
	}
	defer func() {
		err = errors.Join(err, command(context.WithoutCancel(ctx), "", "git", "worktree", "remove", "--force", tree))
	}()
	for i, dir := range []string{tree, ""} {
		progress("building the %s version", versionNames[i])
		binaries[i] = filepath.Join(b.dir, versionNames[i])
		// Without the paths and the commit in them, equal sources give equal programs.
		if err := command(ctx, dir, "go", "build", "-trimpath", "-buildvcs=false", "-o", binaries[i], "backchannel"); err != nil {
			return binaries, fmt.Errorf("building the %s version: %w", versionNames[i], err)
		}
	}
	return binaries, nil
}

func command(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// startBinary runs a built server on a folder, with settings that every version
// knows, and with more, and waits until it takes requests. More has flags, and variables
// of the environment as NAME=value.
func startBinary(ctx context.Context, name, binary, data string, more ...string) (*target, error) {
	cmd := exec.CommandContext(ctx, binary, serveArguments(data)...)
	cmd.Env, cmd.Stderr = plainEnvironment(os.Environ()), os.Stderr
	for _, one := range more {
		if strings.HasPrefix(one, "-") {
			cmd.Args = append(cmd.Args, one)
		} else {
			cmd.Env = append(cmd.Env, one)
		}
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	t := &target{name: name, cmd: cmd}
	if t.endpoint, err = readWelcome(stdout); err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", name, err), t.quit())
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	return t, nil
}

// quit ends a server that startBinary started.
func (t *target) quit() error {
	return errors.Join(t.cmd.Process.Signal(syscall.SIGTERM), t.cmd.Wait())
}
