package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestDeliveryIsMeasuredBesideItsFloor(t *testing.T) {
	b := &bench{options: options{Duration: 50 * time.Millisecond, Rounds: 1}, dir: t.TempDir()}
	pairs, err := b.measureDelivery(t.Context(), 0, 20)
	if err != nil {
		t.Fatal(err)
	}
	ours, bare := pairs[0][0], pairs[0][1]
	for _, c := range []*cell{ours.cell, bare.cell, bare.loop} {
		if s := c.Rounds[0]; s.PerSecond <= 0 || s.CPU <= 0 {
			t.Errorf("%s measured nothing: %+v", c.Name, s)
		}
	}
	if r := ours.bytes[0] / bare.bytes[0]; r < 0.97 || r > 1.03 {
		t.Errorf("frames of ours have %.0f bytes, those of the floor %.0f", ours.bytes[0], bare.bytes[0])
	}
}

func TestReadsAreMeasuredBesideTheirFloors(t *testing.T) {
	for _, p := range pageQueries {
		b := &bench{options: options{Duration: 50 * time.Millisecond, Rounds: 1}, dir: t.TempDir()}
		all, stop, err := b.launchAll(t.Context(), 60, "grown", p.bare, p.driver, "http")
		if err != nil {
			t.Fatal(err)
		}
		err = b.measurePage(t.Context(), p, all)
		stop()
		if err != nil {
			t.Errorf("%s: %v", p.what, err)
		}
		if text, _ := json.Marshal(b.report.Goals); !bytes.Contains(text, []byte("driver")) {
			t.Errorf("the goals are %s", text)
		}
	}
}

func TestPlotIsXML(t *testing.T) {
	var costs []growthCost
	for _, what := range []string{"a send", "a page"} {
		c := growthCost{what: what}
		for i := range growthSizes {
			c.cells = append(c.cells, &cell{Rounds: []sample{{CPU: float64(10 + i)}}})
		}
		costs = append(costs, c)
	}
	file := filepath.Join(t.TempDir(), "growth.svg")
	if err := os.WriteFile(file, plotGrowth(costs), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "10.0 → 13.0 µs") || !strings.Contains(string(text), "1,000,000 messages") {
		t.Errorf("the plot is %s", text)
	}
	for d := xml.NewDecoder(bytes.NewReader(text)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
