package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	settleTime  = time.Second / 2 // idle time before memory is read
	startLimit  = 150             // ms
	memoryLimit = 40              // MB
)

// measureStart times the built program from exec to the first GraphQL answer, on a
// new data folder and on the same again, and reads its memory once it is idle.
func measureStart(ctx context.Context, b *bench) error {
	binary, err := build(ctx, b.dir)
	if err != nil {
		return err
	}
	var floor, fresh, again, memory []float64
	for range b.Rounds {
		data, err := os.MkdirTemp(b.dir, "start-")
		if err != nil {
			return err
		}
		alone, err := timeVersion(ctx, binary)
		if err != nil {
			return err
		}
		first, idle, err := timeServe(ctx, binary, data)
		if err != nil {
			return err
		}
		second, idleAgain, err := timeServe(ctx, binary, data)
		if err != nil {
			return err
		}
		floor, fresh, again = append(floor, alone), append(fresh, first), append(again, second)
		memory = append(memory, idle, idleAgain)
	}
	b.report.add(section{},
		goal{What: "start: the program alone (backchannel version), ms", Got: spreadOf(floor)},
		goal{What: "start to the first answer, new data folder, ms", Most: startLimit, Got: spreadOf(fresh)},
		goal{What: "start to the first answer, data folder of before, ms", Most: startLimit, Got: spreadOf(again)})
	if memory[0] > 0 {
		b.report.add(section{}, goal{What: "idle memory after the start (VmRSS), MB", Most: memoryLimit, Got: spreadOf(memory)})
	} else {
		progress("memory is measured on Linux only")
	}
	return nil
}

// build builds the program with the settings of this one, so that its packages are in the cache.
func build(ctx context.Context, dir string) (string, error) {
	progress("building the program")
	binary := filepath.Join(dir, "backchannel")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, "backchannel")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the program: %w: %s", err, out)
	}
	return binary, nil
}

// timeVersion times a command that does nothing, in milliseconds.
func timeVersion(ctx context.Context, binary string) (float64, error) {
	begin := time.Now()
	err := exec.CommandContext(ctx, binary, "version").Run()
	return milliseconds(time.Since(begin)), err
}

// timeServe measures a start in milliseconds, and the idle memory in MB, 0 if that isn't known.
func timeServe(ctx context.Context, binary, data string) (ms, memory float64, err error) {
	cmd := exec.CommandContext(ctx, binary, serveArguments(data)...)
	cmd.Env, cmd.Stderr = plainEnvironment(os.Environ()), os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return 0, 0, err
	}
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, 0, err
	}
	err = firstAnswer(ctx, stdout)
	ms = milliseconds(time.Since(begin))
	if err == nil {
		memory, err = idleMemory(ctx, cmd.Process.Pid)
	}
	stopped := cmd.Process.Signal(syscall.SIGTERM)
	_, _ = io.Copy(io.Discard, stdout)
	return ms, memory, errors.Join(err, stopped, cmd.Wait())
}

// firstAnswer waits until a starting server prints its address, and requests its channels.
func firstAnswer(ctx context.Context, stdout io.Reader) error {
	at, err := readWelcome(stdout)
	if err != nil {
		return err
	}
	body, err := once(ctx, at, []byte(`{"query":"{ allChannels { id cid type name avatar } }"}`))
	if err == nil && !bytes.Equal(body, []byte(`{"data":{"allChannels":[]}}`)) {
		err = fmt.Errorf("the first answer is %.200q", body)
	}
	return err
}

// idleMemory waits until the process is idle and returns its memory in MB, from Linux's /proc.
func idleMemory(ctx context.Context, pid int) (float64, error) {
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(settleTime):
	}
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return residentMB(status)
}

// residentMB finds VmRSS, which is in KiB.
func residentMB(status []byte) (float64, error) {
	lines := bufio.NewScanner(bytes.NewReader(status))
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmRSS:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(rest, "kB")), 64)
			return kib * 1024 / 1e6, err
		}
	}
	return 0, errors.New("the process status has no VmRSS")
}
