package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong" // flags, environment and help from one struct; MIT, no dependencies
)

const about = `Backchannel is the chat back office for a CRM: list, create and delete channels,
post announcements, make moderators, over GraphQL.

Start here:

  backchannel serve --dev

It listens on http://127.0.0.1:8080, keeps its data in ./data, and prints a token
and a curl line to try.`

// streams are the outputs of a command.
type streams struct {
	out io.Writer
	err io.Writer
}

// ballastBytes of memory are allocated and never touched. The garbage collector counts them as live
// and therefore runs after about 32 MB of garbage instead of 4 MB, which under load would be forty
// times a second. Unlike a higher GOGC, this doesn't affect a large heap. They are allocated first,
// so that the collector doesn't run during the parsing of the command line.
const ballastBytes = 32 << 20

// Run executes a command line and returns the process's exit code: 0 for success, 1 for a failure,
// 2 for a wrong command line. The end of ctx, SIGINT or SIGTERM stops a server gracefully.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	ballast := make([]byte, ballastBytes)
	defer runtime.KeepAlive(ballast)
	keepToOwner()
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	code, exited := 0, false
	var line any = &commands{}
	if len(args) > 0 && args[0] == "serve" {
		line = &serving{}
	}
	parser := kong.Must(line,
		kong.Name("backchannel"),
		kong.Description(about),
		kong.Writers(stdout, stderr),
		kong.Exit(func(c int) { code, exited = c, true }),
		kong.UsageOnError(),
		kong.ExplicitGroups(groups),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: false}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(streams{out: stdout, err: stderr}),
	)
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if exited {
		return code
	}
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "backchannel: %v\nSee backchannel --help.\n", err)
		return 2
	}
	if err := command.Run(unknownVariables(os.Environ())); err != nil {
		_, _ = fmt.Fprintf(stderr, "backchannel: %v\n", err)
		return 1
	}
	return 0
}

// variables are names of environment variables.
type variables []string

// unknownVariables returns variables that have our prefix but that no command uses, such as
// misspelled ones. They aren't an error, since others set such names too, for instance Kubernetes
// for a service named backchannel.
func unknownVariables(environment []string) (unknown variables) {
	known := map[string]bool{}
	for _, entry := range environment {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "BACKCHANNEL_") {
			continue
		}
		if len(known) == 0 {
			known = knownVariables()
		}
		if !known[name] {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}

// knownVariables returns the variables of all commands.
func knownVariables() map[string]bool {
	known := map[string]bool{}
	for _, command := range kong.Must(&commands{}).Model.Leaves(false) {
		for _, flags := range command.AllFlags(false) {
			for _, flag := range flags {
				for _, name := range flag.Envs {
					known[name] = true
				}
			}
		}
	}
	return known
}

// program returns the name by which the program was called.
func program() string {
	if path, err := os.Executable(); err == nil && strings.Contains(path, "go-build") {
		return "go run ."
	}
	return os.Args[0]
}
