package app

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/configuration.md")

const (
	configurationFile = "../../docs/configuration.md"
	tablesBegin       = "<!-- made from the flags by go test ./internal/app -run TestConfigurationDocument -update -->\n"
	tablesEnd         = "<!-- end -->\n"
)

func TestConfigurationDocument(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(configurationFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), tablesBegin)
	_, after, ended := strings.Cut(rest, tablesEnd)
	if !found || !ended {
		t.Fatalf("the place for the tables is gone from %s", configurationFile)
	}
	want := before + tablesBegin + tables(t) + tablesEnd + after
	if *update {
		if err := os.WriteFile(configurationFile, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if string(text) != want {
		t.Error("docs/configuration.md doesn't say what the flags say; run go test ./internal/app -run TestConfigurationDocument -update")
	}
}

// tables describes the flags of each command.
func tables(t *testing.T) string {
	t.Helper()
	parser, err := kong.New(&commands{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, command := range parser.Model.Leaves(true) {
		if len(command.Flags) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| flag | environment | default | meaning |\n|---|---|---|---|\n", command.Path(), command.Help)
		for _, f := range command.Flags {
			fmt.Fprintf(&b, "| `--%s` | %s | %s | %s |\n", f.Name, code(strings.Join(f.Envs, ", ")), code(f.Default), meaning(f))
		}
	}
	return b.String() + "\n"
}

func meaning(f *kong.Flag) string {
	return strings.ReplaceAll(strings.Replace(f.Help, " ("+f.Default+")", "", 1), "|", "\\|")
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

// Every setting has a flag and a variable of the same name. Those of Stream are
// the variables that its own SDKs read.
func TestEachFlagOfServeHasItsVariable(t *testing.T) {
	t.Parallel()
	parser, err := kong.New(&commands{})
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range parser.Model.Leaves(true) {
		if command.Name != "serve" {
			continue
		}
		for _, f := range command.Flags {
			want := strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
			if !strings.HasPrefix(want, "STREAM_") {
				want = "BACKCHANNEL_" + want
			}
			if len(f.Envs) != 1 || f.Envs[0] != want {
				t.Errorf("--%s is %v in the environment, want %s", f.Name, f.Envs, want)
			}
		}
	}
}

// The limits of docs/callers.md that have flags are the flags' defaults.
func TestLimitsOfCallersAreTheDefaults(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/callers.md")
	if err != nil {
		t.Fatal(err)
	}
	parser, err := kong.New(&commands{})
	if err != nil {
		t.Fatal(err)
	}
	defaults := map[string]string{}
	for _, command := range parser.Model.Leaves(true) {
		for _, f := range command.Flags {
			if command.Name == "serve" {
				defaults["--"+f.Name] = f.Default
			}
		}
	}
	_, cost, _ := strings.Cut(string(text), "\n## Cost\n")
	number, name := regexp.MustCompile(`\d[\d,]*`), regexp.MustCompile("`(--[a-z-]+)`")
	checked := 0
	for line := range strings.Lines(cost) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 {
			continue
		}
		limits := number.FindAllString(cells[2], -1)
		for _, flag := range name.FindAllStringSubmatch(cells[3], -1) {
			value, known := defaults[strings.Replace(flag[1], "--no-", "--", 1)]
			want := number.FindString(value)
			switch {
			case !known:
				t.Errorf("the page names %s, which there isn't", flag[1])
			case want != "":
				checked++
				if !slices.Contains(limits, want) {
					t.Errorf("%s is %s, and the page says %v", flag[1], value, limits)
				}
			}
		}
	}
	if checked < 9 {
		t.Errorf("%d limits have a flag with a number", checked)
	}
}
