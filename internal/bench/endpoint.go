package main

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// endpoint is where a server takes requests.
type endpoint struct {
	URL   string
	Token string // of a back-office user; "" if the server checks no tokens
	Raw   string // address whose TCP connections receive what is sent; "" for none
}

// readWelcome finds the endpoint in what serve --dev prints.
func readWelcome(r io.Reader) (e endpoint, err error) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if after, ok := strings.CutPrefix(line, "GraphQL "); ok {
			e.URL = strings.TrimSpace(after)
		}
		if after, ok := strings.CutPrefix(line, "BO token "); ok {
			e.Token = strings.TrimSpace(after)
		}
		if e.URL != "" && e.Token != "" {
			return e, nil
		}
	}
	return e, errors.Join(errors.New("the server did not print its GraphQL address and a BO token"), lines.Err())
}

const mediaBase = "https://media.example/"

// serveArguments returns the arguments that start our server on a data folder. The address of avatars
// is the one that the floor uses.
func serveArguments(data string) []string {
	return []string{"serve", "--dev", "--addr", "127.0.0.1:0", "--data", data, "--media-base-url", mediaBase, "--log-level", "warn"}
}
