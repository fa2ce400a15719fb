package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"backchannel/internal/load"
)

type benchCommand struct {
	URL         string        `placeholder:"URL" name:"url" help:"GraphQL endpoint of a server to measure, e.g. https://chat.example.com/graphql. If not given, bench starts a server in a temporary folder."`
	Token       string        `placeholder:"TOKEN" help:"Token of a back-office user there."`
	Writers     int           `placeholder:"N" default:"16" help:"Connections that send messages (${default})."`
	Subscribers int           `placeholder:"N" default:"1000" help:"WebSockets that each receive all of them (${default})."`
	Rate        float64       `placeholder:"N" default:"20" help:"Messages a second of all writers together; 0 sends as fast as the subscribers take them (${default})."`
	Size        int           `placeholder:"N" default:"200" help:"Bytes of a message's text (${default})."`
	Duration    time.Duration `placeholder:"TIME" default:"10s" help:"How long to send (${default})."`
	JSON        string        `placeholder:"FILE" name:"json" type:"path" help:"Write the figures to this file too."`
}

// Help extends the description of bench.
func (benchCommand) Help() string {
	return `It creates a channel, lets subscribers listen to it over WebSocket, sends messages over HTTP,
checks that each subscriber gets each message once and in order, and deletes the channel.

  backchannel bench                                  how long do 1,000 viewers wait?
  backchannel bench --rate 0                         how many messages can they be sent?
  backchannel bench --rate 0 --subscribers 0 --writers 64    how many can be stored?

A server that it starts itself reads the environment as serve does: with BACKCHANNEL_DATABASE_URL
it measures that PostgreSQL. Generator and server share the machine then; on another machine, with
--url and --token, the network counts too. Memory and CPU time are known of its own server only, on
Linux. 10,000 subscribers need as many open files on both sides (ulimit -n).`
}

// benchReport is the output of bench --json.
type benchReport struct {
	Time        time.Time `json:"time"`
	Version     string    `json:"version"`
	Platform    string    `json:"platform"`
	CPUs        int       `json:"cpus"`
	Writers     int       `json:"writers"`
	Subscribers int       `json:"subscribers"`
	Rate        float64   `json:"rate"`
	Size        int       `json:"size"`
	load.Result
	CPUPerDelivery   float64 `json:"server_cpu_us_per_delivery,omitempty"` // including sends
	RSSPerSubscriber float64 `json:"server_rss_per_idle_subscriber,omitempty"`
}

// Run measures.
func (c benchCommand) Run(ctx context.Context, s streams) error {
	if err := c.check(); err != nil {
		return err
	}
	if c.URL == "" {
		server, err := startServer(ctx, s.err)
		if err != nil {
			return fmt.Errorf("starting a server: %w", err)
		}
		c.URL, c.Token = server.url, server.token
		report, err := c.measure(ctx, s, server.usage)
		if err := errors.Join(err, server.stop()); err != nil {
			return err
		}
		return c.tell(s.out, report)
	}
	report, err := c.measure(ctx, s, nil)
	if err != nil {
		return err
	}
	return c.tell(s.out, report)
}

func (c benchCommand) check() error {
	switch {
	case c.URL != "" && c.Token == "":
		return errors.New("--url needs --token, of a back-office user there")
	case c.URL == "" && c.Token != "":
		return errors.New("--token goes with --url")
	case c.Writers < 1, c.Subscribers < 0, c.Rate < 0, c.Size < 0, c.Duration <= 0:
		return errors.New("--writers and --duration must be positive, --subscribers, --rate and --size not negative")
	}
	return nil
}

// settleTime is how long a server is idle before its memory is measured.
const settleTime = time.Second

func (c benchCommand) measure(ctx context.Context, s streams, usage func() (load.Usage, bool)) (r benchReport, err error) {
	look := func() (load.Usage, bool) { return load.Usage{}, false }
	if usage != nil {
		look = usage
	}
	r = benchReport{Time: time.Now().UTC(), Version: version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, CPUs: runtime.NumCPU(),
		Writers: c.Writers, Subscribers: c.Subscribers, Rate: c.Rate, Size: c.Size}
	empty, _ := look()
	_, _ = fmt.Fprintf(s.err, "connecting %d subscribers\n", c.Subscribers)
	session, err := load.Open(ctx, load.Options{
		URL: c.URL, Token: c.Token, Writers: c.Writers, Subscribers: c.Subscribers, Rate: c.Rate, Size: c.Size})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, session.Close(context.WithoutCancel(ctx))) }()
	if usage != nil {
		time.Sleep(settleTime)
	}
	before, _ := look()
	_, _ = fmt.Fprintf(s.err, "sending for %s\n", c.Duration)
	if r.Result, err = session.Run(ctx, c.Duration); err != nil {
		return r, err
	}
	if after, known := look(); known && c.Subscribers > 0 && r.Deliveries > 0 {
		r.CPUPerDelivery = float64((after.CPU - before.CPU).Microseconds()) / float64(r.Deliveries)
		r.RSSPerSubscriber = float64(before.RSS-empty.RSS) / float64(c.Subscribers)
	}
	return r, nil
}

// tell prints the report, and returns an error if deliveries were wrong.
func (c benchCommand) tell(out io.Writer, r benchReport) error {
	if err := r.print(out); err != nil {
		return err
	}
	if c.JSON != "" {
		text, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.JSON, append(text, '\n'), 0o600); err != nil {
			return err
		}
	}
	if r.Missed != 0 || r.Repeated != 0 || r.Closed != 0 {
		return fmt.Errorf("deliveries are wrong: %d missed, %d repeated, %d subscribers sent away %s", r.Missed, r.Repeated, r.Closed, r.Why)
	}
	return nil
}

func (r benchReport) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) } // Flush returns the error
	rate := "as fast as subscribers take them"
	if r.Rate > 0 {
		rate = fmt.Sprintf("at %g messages/s", r.Rate)
	}
	row("%d writers to %d subscribers, %d bytes of text, %s, for %.1f s; %d CPUs, backchannel %s\n",
		r.Writers, r.Subscribers, r.Size, rate, r.Seconds, r.CPUs, r.Version)
	row("\tcount\tper second")
	row("messages sent\t%d\t%.0f", r.Sends, r.SendsPerSecond)
	row("deliveries\t%d\t%.0f", r.Deliveries, r.DeliveriesPerSecond)
	row("missed\t%d", r.Missed)
	row("repeated\t%d", r.Repeated)
	row("subscribers sent away\t%d\n", r.Closed)
	row("milliseconds\tp50\tp99\tmost")
	for _, l := range []struct {
		what string
		load.Latency
	}{
		{"a send, to its answer", r.Send},
		{"from answer to each subscriber", r.FromAnswer},
		{"from answer to the last subscriber", r.LastFromAnswer},
		{"from start of the send to each subscriber", r.FromStart},
		{"from start of the send to the last subscriber", r.LastFromStart},
	} {
		row("%s\t%.2f\t%.2f\t%.2f", l.what, l.P50, l.P99, l.Max)
	}
	if r.CPUPerDelivery > 0 {
		row("\nthe server's CPU per delivery, sends included\t%.2f µs", r.CPUPerDelivery)
		row("the server's memory per idle subscriber\t%.1f kB", r.RSSPerSubscriber/1e3)
	}
	return w.Flush()
}

// benchServer is a server started by bench.
type benchServer struct {
	url, token string
	cmd        *exec.Cmd
	folder     string
}

func startServer(ctx context.Context, log io.Writer) (*benchServer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "backchannel-bench-")
	if err != nil {
		return nil, err
	}
	b := &benchServer{folder: folder}
	b.cmd = exec.CommandContext(context.WithoutCancel(ctx), self, //nolint:gosec // it is this program
		"serve", "--dev", "--addr", "127.0.0.1:0", "--data", folder, "--log-level", "warn")
	b.cmd.Stderr = log
	out, err := b.cmd.StdoutPipe()
	if err == nil {
		err = b.cmd.Start()
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	if err := b.read(out); err != nil {
		return nil, errors.Join(err, b.stop())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return b, nil
}

// read finds the endpoint in the output of serve --dev.
func (b *benchServer) read(out io.Reader) error {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if after, ok := strings.CutPrefix(line, "GraphQL "); ok {
			b.url = strings.TrimSpace(after)
		}
		if after, ok := strings.CutPrefix(line, "BO token "); ok {
			b.token = strings.TrimSpace(after)
			return nil
		}
	}
	return errors.New("it did not say where it serves")
}

func (b *benchServer) usage() (load.Usage, bool) {
	u, err := load.ProcessUsage(b.cmd.Process.Pid)
	return u, err == nil
}

func (b *benchServer) stop() error {
	_ = b.cmd.Process.Signal(syscall.SIGTERM) // Wait returns the error
	return errors.Join(b.cmd.Wait(), os.RemoveAll(b.folder))
}
