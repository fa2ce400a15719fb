package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"
)

const (
	readingClients = 2
	pageRows       = 51 // 50, and one to see whether there are more
	readChannels   = 100_000
	readMost       = 2
)

// page is a query for one page, with its floors.
type page struct {
	what, query  string
	bare, driver string // the subjects
}

var pageQueries = []page{
	{"messages(last: 50) out of 1,000,000", messagesQuery, "bare-messages", "driver-messages"},
	{"channels(first: 50) out of 100,000", channelsQuery, "bare-channels", "driver-channels"},
}

func openMessagesDriver(ctx context.Context, dir string, channels int) (*subject, error) {
	return openDriver(ctx, dir, channels, messagesSQL, messageRow, 1, 0, int64(math.MaxInt64), pageRows)
}

func openChannelsDriver(ctx context.Context, dir string, channels int) (*subject, error) {
	return openDriver(ctx, dir, channels, channelsSQL, channelRow, "", "", "", "", pageRows, "")
}

// serveBytes is the floor of HTTP: net/http answers with the number of bytes that the query asks for,
// prepared beforehand.
func serveBytes(ctx context.Context, _ string, _ int) (*subject, error) {
	page := bytes.Repeat([]byte("x"), 1<<20)
	return serve(ctx, func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Query string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		n, err := strconv.Atoi(in.Query)
		if err != nil || n < 0 || n > len(page) {
			http.Error(w, "ask for a number of bytes", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", in.Query)
		_, _ = w.Write(page[:n])
	})
}

// measureReads compares pages of large tables with the same queries on the bare driver.
func measureReads(ctx context.Context, b *bench) error {
	for _, p := range pageQueries {
		progress("%s: filling the databases", p.what)
		all, stop, err := b.launchAll(ctx, readChannels, "grown", p.bare, p.driver, "http")
		if err != nil {
			return err
		}
		err = b.measurePage(ctx, p, all)
		stop()
		if err != nil {
			return fmt.Errorf("%s: %w", p.what, err)
		}
	}
	return nil
}

func (b *bench) measurePage(ctx context.Context, p page, all []*target) error {
	body, err := json.Marshal(map[string]string{"query": p.query})
	if err != nil {
		return err
	}
	answer, err := once(ctx, all[0].endpoint, body)
	if err != nil {
		return err
	}
	bare, err := once(ctx, all[1].endpoint, body)
	if err != nil {
		return err
	}
	if !bytes.Equal(answer, bare) {
		return fmt.Errorf("ours and %s answer different bytes: %.300s and %.300s", p.bare, answer, bare)
	}
	load := readLoad(map[string]string{"": p.query, "http": strconv.Itoa(len(answer))})
	if err := b.warmUp(ctx, all, load, readingClients); err != nil {
		return err
	}
	cells, err := b.measureRounds(ctx, all, load, readingClients)
	if err != nil {
		return err
	}
	ours, floor, driver, web := cells[0], cells[1], cells[2], cells[3]
	ours.Name = "ours"
	b.report.add(section{
		Title: fmt.Sprintf("%s: bare answers the same %d bytes over net/http from the main query on the bare driver; driver runs that query in process and scans its rows; http answers as many bytes without a database", p.what, len(answer)),
		Cells: cells,
	}, goal{
		What: p.what + ", CPU of ours / bare", Most: readMost, Got: ratio(ours, floor, cpu),
	}, goal{
		What: p.what + ", CPU of (ours - http) / driver", Most: readMost,
		Got: combined([]*cell{ours, driver, web}, func(o, d, h float64) float64 { return (o - h) / d }),
	}, goal{
		What: p.what + ", CPU of ours / driver, nothing subtracted", Got: ratio(ours, driver, cpu),
	})
	return nil
}

// combined computes a figure from the CPU times of three cells, round by round.
func combined(cells []*cell, f func(a, b, c float64) float64) spread {
	values := make([]float64, len(cells[0].Rounds))
	for i := range values {
		values[i] = f(cells[0].Rounds[i].CPU, cells[1].Rounds[i].CPU, cells[2].Rounds[i].CPU)
	}
	return spreadOf(values)
}

// readLoad is a workload that repeats a query: the one for the target's name, or else the one for "".
func readLoad(queries map[string]string) workload {
	return func(ctx context.Context, t *target, clients int, d time.Duration) (tally, error) {
		if t.endpoint.URL == "" {
			r, err := t.ask(order{Clients: clients, Time: d})
			return r.Tally, err
		}
		body, err := json.Marshal(map[string]string{"query": cmp.Or(queries[t.name], queries[""])})
		if err != nil {
			return tally{}, err
		}
		want, err := once(ctx, t.endpoint, body)
		if err != nil {
			return tally{}, err
		}
		return postFor(ctx, t.endpoint, slices.Repeat([][]byte{body}, clients), want, d)
	}
}
