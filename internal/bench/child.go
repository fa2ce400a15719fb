package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"strconv"
	"syscall"
	"time"
)

// childArgument makes this program one of the servers under test.
const childArgument = "child"

// order is a request of the parent to a child: one JSON value on its standard input. The child exits
// at the end of its input.
type order struct {
	Profile string        `json:",omitempty"` // start profiles in files of this name; "" stops them
	Clients int           `json:",omitempty"` // apply a load of this many clients, in process
	Time    time.Duration `json:",omitempty"` // of that load
}

// reply is a child's answer to an order, and its first message.
type reply struct {
	Error    string `json:",omitempty"`
	Endpoint endpoint
	Usage    usage
	Tally    tally
}

// subject is what is measured in a child.
type subject struct {
	endpoint endpoint
	load     func(clients int, d time.Duration) (tally, error) // nil if the load comes from outside
	close    func() error
}

// subjects are the servers under test, by name. Each is given a new folder and the number of channels
// to create.
var subjects = map[string]func(ctx context.Context, dir string, channels int) (*subject, error){
	"ours":   serveOurs,
	"node":   serveNode,
	"list":   serveList,
	"bare":   serveBare,
	"writer": openWriter,
	"wire":   serveWire,
	"grown":  serveGrown,
	"filled": serveFilled,
	"missed": serveMissed,
	"http":   serveBytes,

	"driver-messages": openMessagesDriver,
	"driver-channels": openChannelsDriver,
	"bare-messages":   serveBareMessages,
	"bare-channels":   serveBareChannels,
}

func beChild(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return errors.New("a child needs the subject, a folder and a number of channels")
	}
	channels, err := strconv.Atoi(args[2])
	if err != nil || subjects[args[0]] == nil {
		return fmt.Errorf("can't be the child %q", args)
	}
	s, err := subjects[args[0]](ctx, args[1], channels)
	if err != nil {
		return err
	}
	return errors.Join(s.obey(os.Stdin, os.Stdout), s.close())
}

// obey executes orders until the input ends.
func (s *subject) obey(in io.Reader, out io.Writer) error {
	orders, replies := json.NewDecoder(in), json.NewEncoder(out)
	var p profiler
	for answer := (reply{Endpoint: s.endpoint}); ; {
		if err := replies.Encode(answer); err != nil {
			return err
		}
		var o order
		if err := orders.Decode(&o); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		answer = reply{}
		if err := s.carryOut(o, &p, &answer); err != nil {
			answer.Error = err.Error()
		}
	}
}

func (s *subject) carryOut(o order, p *profiler, answer *reply) (err error) {
	if o.Clients > 0 {
		answer.Tally, err = s.load(o.Clients, o.Time)
		return err
	}
	if err := p.turn(o.Profile); err != nil {
		return err
	}
	answer.Usage, err = ownUsage()
	return err
}

func ownUsage() (usage, error) {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return usage{}, fmt.Errorf("reading the CPU time: %w", err)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{CPU: time.Duration(r.Utime.Nano() + r.Stime.Nano()), Bytes: m.TotalAlloc, Allocs: m.Mallocs}, nil
}

// profiler writes NAME.cpu and NAME.allocs.
type profiler struct {
	name string
	file *os.File // nil while no profile is running
}

// turn stops the running profiles, and starts new ones of the given name unless it is "".
func (p *profiler) turn(name string) (err error) {
	if p.file != nil {
		pprof.StopCPUProfile()
		err = errors.Join(p.file.Close(), writeAllocs(p.name+".allocs"))
		p.file = nil
	}
	if name == "" || err != nil {
		return err
	}
	p.name = name
	if p.file, err = os.Create(name + ".cpu"); err != nil {
		return err
	}
	return pprof.StartCPUProfile(p.file)
}

func writeAllocs(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup("allocs").WriteTo(f, 0), f.Close())
}
