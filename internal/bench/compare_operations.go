package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup" // the first error ends all; BSD-3

	"backchannel/internal/load"
)

const (
	fillers         = 32 // clients that fill a server
	messagesOfPages = 2_000
	messagesMissed  = 20_000
)

func compareListing() []*comparison {
	return withCells(&comparison{what: fmt.Sprintf("allChannels, %d channels", listedChannels), clients: listingClients,
		load: readLoad(map[string]string{"": `{ allChannels { id cid type name avatar } }`})})
}

func compareSending() (list []*comparison) {
	for _, n := range sendClients {
		list = append(list, &comparison{what: "sendMessageToChannel", clients: n, load: send})
	}
	return withCells(list...)
}

func compareLive() (list []*comparison) {
	for _, n := range []int{1, livePublic, largestAudience()} {
		list = append(list, &comparison{what: "delivery, as fast as it goes", clients: n,
			listening: &load.Options{Writers: liveWriters, Subscribers: n, Size: liveSize, Window: liveWindow}})
	}
	return withCells(append(list,
		&comparison{what: fmt.Sprintf("delivery of %d messages/s", liveRate), clients: livePublic,
			listening: &load.Options{Writers: liveWriters, Subscribers: livePublic, Size: liveSize, Rate: liveRate}},
		&comparison{what: fmt.Sprintf("sendMessageToChannel while %d listen elsewhere", livePublic), clients: mostClients, load: send,
			listening: &load.Options{Writers: 1, Subscribers: livePublic, Size: liveSize}})...)
}

func compareMissed() []*comparison {
	return withCells(&comparison{what: fmt.Sprintf("delivery of %d messages that were missed", messagesMissed), clients: 1,
		load: catchUpAgain(messagesMissed)})
}

func compareReads() []*comparison {
	return withCells(
		&comparison{what: "messages(last: 50)", clients: readingClients, load: readLoad(map[string]string{"": messagesQuery})},
		&comparison{what: "channels(first: 50)", clients: readingClients, load: readLoad(map[string]string{"": channelsQuery})})
}

// catchUpAgain is a workload: a subscriber that repeatedly reads all messages from the first one on.
func catchUpAgain(messages int) workload {
	return func(ctx context.Context, t *target, _ int, d time.Duration) (all tally, err error) {
		for begin := time.Now(); all.Count == 0 || time.Since(begin) < d; {
			took, err := load.CatchUp(ctx, load.Options{
				URL: t.endpoint.URL, Token: t.endpoint.Token, Size: liveSize, Channel: sampleChannelID(0, 1)}, int64(messages))
			if err != nil {
				return all, err
			}
			all.Count, all.Elapsed = all.Count+messages, all.Elapsed+took
		}
		return all, nil
	}
}

// largestAudience returns how many subscribers both versions can have at a time. It is limited by this
// process's open files, since it holds the other end of each connection.
func largestAudience() int {
	const others = 500 // files of this process
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return livePublic
	}
	return min(manyAudience, max(livePublic, (int(min(limit.Cur, 1<<20))-others)/2))
}

// fillChannels creates the sample channels on both servers through their API, since the tables of two
// versions may differ.
func fillChannels(n int) func(context.Context, pair) error {
	return func(ctx context.Context, servers pair) error { return fillServers(ctx, servers, n, newChannelRequest) }
}

func fillMissed(ctx context.Context, servers pair) error {
	if err := fillServers(ctx, servers, 1, newChannelRequest); err != nil {
		return err
	}
	text := loopText()
	return fillServers(ctx, servers, messagesMissed, func(int) any { return newMessageRequest(sampleChannelID(0, 1), text) })
}

func fillPages(ctx context.Context, servers pair) error {
	if err := fillServers(ctx, servers, listedChannels, newChannelRequest); err != nil {
		return err
	}
	return fillServers(ctx, servers, messagesOfPages, func(int) any { return newSendRequest(sampleChannelID(0, 1)) })
}

func newChannelRequest(i int) any {
	return map[string]any{
		"query":     `mutation ($id: String!, $name: String!) { createOrUpdateChannel(input: {id: $id, name: $name}) }`,
		"variables": map[string]string{"id": sampleChannelID(i, i+1), "name": fmt.Sprintf("Announcements %05d", i)},
	}
}

func newMessageRequest(channelID, text string) sendRequest {
	r := newSendRequest(channelID)
	r.Variables.Input.Text = text
	return r
}

// fillServers sends n requests to each server. Each must be answered with true.
func fillServers(ctx context.Context, servers pair, n int, request func(i int) any) error {
	for _, t := range servers {
		progress("%s: %d requests to fill it", t.name, n)
		if err := fill(ctx, t.endpoint, n, request); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return nil
}

func fill(ctx context.Context, e endpoint, n int, request func(i int) any) error {
	u, err := url.Parse(e.URL)
	if err != nil {
		return err
	}
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range min(n, fillers) {
		group.Go(func() error {
			c, err := connect(ctx, e, nil, nil, time.Duration(n)*time.Second/100+patience)
			if err != nil {
				return err
			}
			defer c.close()
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				body, err := json.Marshal(request(i))
				if err != nil {
					return err
				}
				c.request = newRequest(u, e.Token, body)
				if err := c.answersTrue(); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
	}
	return group.Wait()
}

// answersTrue sends the request once; the answer's one field must be true.
func (c *connection) answersTrue() error {
	body, err := c.exchange()
	if err != nil {
		return err
	}
	var answer struct{ Data map[string]bool }
	err = json.Unmarshal(body, &answer)
	for _, ok := range answer.Data {
		if ok && err == nil {
			return nil
		}
	}
	return fmt.Errorf("the answer is %.300s", body)
}
