package load

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
)

// Usage is the resource usage of a process.
type Usage struct {
	CPU time.Duration // user and system time since its start
	RSS int64         // bytes
}

// clockTick is Linux's unit of CPU time in /proc, the same on all its platforms.
const clockTick = 10 * time.Millisecond

// ProcessUsage reads the usage of a process from Linux's /proc. It fails on other systems.
func ProcessUsage(pid int) (u Usage, err error) {
	dir := "/proc/" + strconv.Itoa(pid)
	stat, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return u, fmt.Errorf("reading the CPU time: %w", err)
	}
	_, rest, _ := bytes.Cut(stat, []byte(") ")) // after the name
	fields := bytes.Fields(rest)
	if len(fields) < 22 {
		return u, errors.New("reading the CPU time: /proc is not Linux's")
	}
	for _, ticks := range fields[11:13] {
		n, _ := strconv.ParseInt(string(ticks), 10, 64)
		u.CPU += time.Duration(n) * clockTick
	}
	resident, _ := strconv.ParseInt(string(fields[21]), 10, 64)
	u.RSS = resident * int64(os.Getpagesize())
	return u, nil
}
