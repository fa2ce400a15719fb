package transport_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"backchannel/internal/apitest"
	"backchannel/internal/auth"
	"backchannel/internal/desk"
	"backchannel/internal/graph"
	"backchannel/internal/transport"
)

// Each row is a document that asks for too much, and the error that it gets.
func TestLimits(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	for _, row := range []struct{ name, query, message string }{
		{"tokens", "{" + strings.Repeat("a ", 12_000) + "}", "The document has more than 12000 tokens."},
		{"fields", "{" + strings.Repeat("__typename ", 501) + "}", "The document has more than 500 fields."},
		{"inline fragments", "{" + strings.Repeat("...{__typename}", 251) + "}", "The document has more than 500 fields."},
		{"aliases", "{" + many(51, "a%d:__typename ") + "}", "The document has more than 50 aliases."},
		{"root fields", "{" + many(21, "a%d:__typename ") + "}", "The document has more than 20 root fields in one operation."},
		{"root fields in fragments", "{...F ...F ...F} fragment F on Query{" + many(7, "a%d:__typename ") + "}", "The document has more than 20 root fields in one operation."},
		{"directives", "{__typename" + strings.Repeat(" @include(if:true)", 51) + "}", "The document has more than 50 directives."},
		{"directives on variables", "query($a:Int" + strings.Repeat(" @x", 51) + "){__typename}", "The document has more than 50 directives."},
		{"fragments", "{__typename}" + many(51, "fragment F%d on Query{__typename} "), "The document has more than 50 fragments."},
		{"operations", many(51, "query Q%d{__typename} "), "The document has more than 50 operations."},
		{"variables", "query(" + many(101, "$v%d:Int ") + "){__typename}", "The document has more than 100 variables in one operation."},
		{"depth", strings.Repeat("{a", 16) + strings.Repeat("}", 16), "The document nests its fields more than 15 deep."},
		{"depth in fragments", "{...A} fragment A on Query{" + strings.Repeat("a{", 9) + "...B" + strings.Repeat("}", 9) + "} fragment B on Query{" + strings.Repeat("a{", 6) + "b" + strings.Repeat("}", 7), "The document nests its fields more than 15 deep."},
		{"nesting of values", "{channels(search:" + strings.Repeat("[", 1_001) + "]}", "The document nests too deep."},
		{"doubling fragments", doubling(45), "The document has more than 5000 fields once its fragments are expanded."},
	} {
		got := h.Ask(row.query, nil)
		wantRefusal(t, got, "GRAPHQL_VALIDATION_FAILED")
		if len(got.Errors) > 0 && got.Errors[0].Message != row.message {
			t.Errorf("%s: %s", row.name, got.Errors[0].Message)
		}
	}
}

// Documents that are just within the limits, or only look large.
func TestWithinLimits(t *testing.T) {
	introspection, err := os.ReadFile("testdata/introspection.graphql")
	if err != nil {
		t.Fatal(err)
	}
	h := apitest.Open(t, transport.Options{})
	for name, query := range map[string]string{
		"500 fields":       "{channels{nodes{" + strings.Repeat("id ", 498) + "}}}",
		"20 root fields":   "{" + many(20, "a%d:__typename ") + "}",
		"50 operations":    "query Q{__typename} " + many(49, "query Q%d{__typename} "),
		"introspection":    string(introspection),
		"10,000 cids":      `mutation{deleteChannels(input:{cids:[` + strings.Repeat(`"team:a",`, 10_000) + `]})}`,
		"a cycle, refused": "{...A} fragment A on Query{...B} fragment B on Query{...A __typename}",
	} {
		got := h.Send("POST", h.URL, `{"query":`+apitest.Quote(query)+`,"operationName":`+operationIn(query)+`}`, map[string]string{"Authorization": "Bearer " + h.Token})
		if strings.Contains(name, "refused") {
			if len(got.Errors) == 0 || !strings.Contains(got.Errors[0].Message, "itself") {
				t.Errorf("%s: %.300s", name, got.Text)
			}
			continue
		}
		if len(got.Errors) > 0 {
			t.Errorf("%s: %.300s", name, got.Text)
		}
	}
}

func operationIn(query string) string {
	if strings.HasPrefix(query, "query Q") {
		return `"Q"`
	}
	return "null"
}

// Documents made to cost time cost little. CPU time is measured, so that a busy machine
// makes no difference, and the limit is many times what they take.
func TestHostileDocuments(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	for name, query := range map[string]string{
		"doubling fragments":       doubling(45),
		"doubling, just allowed":   doubling(10),
		"equal fields":             "{channels{nodes{" + strings.Repeat("id ", 498) + "}}}",
		"equal fields, 250 kB":     "{" + strings.Repeat("allChannels{id} ", 15_000) + "}",
		"unknown fields, 150 kB":   "{" + many(15_000, "unknown%d ") + "}",
		"unknown fields, 490":      "{channels{nodes{" + many(490, "unknown%d ") + "}}}",
		"equal objects":            "{channels{" + strings.Repeat("nodes{id name createdBy}", 124) + "}}",
		"equal objects, deep":      "{channels{" + strings.Repeat("edges{node{id}}", 160) + "}}",
		"overlapping fragments":    "{channels{nodes{" + strings.Repeat("...F ", 250) + "}}} fragment F on Channel{" + strings.Repeat("id ", 19) + "}",
		"many fragments at once":   "{channels{nodes{" + many(50, "...F%d ") + "}}}" + many(50, "fragment F%d on Channel{id name cid type avatar createdBy} "),
		"fragments in each other":  web(10),
		"too many in each other":   web(48),
		"many operations":          many(50, "query Q%d{channels{nodes{...F}}} ") + "fragment F on Channel{" + strings.Repeat("id ", 340) + "}",
		"unknown arguments":        "{channels(" + many(3_000, "a%d:1 ") + "){nodes{id}}}",
		"unknown input fields":     "mutation{deleteChannels(input:{" + many(3_000, "a%d:1 ") + "})}",
		"wrong items":              "mutation{deleteChannels(input:{cids:[" + strings.Repeat("1 ", 11_000) + "]})}",
		"a name of 1 MB":           "{" + strings.Repeat("a", 1_000_000) + "}",
		"a comment of 1 MB":        "{__typename} #" + strings.Repeat("a", 1_000_000),
		"a million brackets":       strings.Repeat("{", 1_000_000),
		"unknown directives":       "{__typename " + strings.Repeat("@aa ", 10) + "}",
		"introspection in circles": "{__schema{types{fields{type{fields{type{fields{type{fields{type{name}}}}}}}}}}}",
	} {
		var got apitest.Reply
		took := time.Hour
		for try := 0; try < 3 && took > 500*time.Millisecond; try++ {
			before := cpuTime(t)
			got = h.AskAs("", query, nil)
			took = cpuTime(t) - before
		}
		if took > 500*time.Millisecond {
			t.Errorf("%s: took %s", name, took)
		}
		if len(got.Text) > 5_000 || len(got.Errors) >= 10 {
			t.Errorf("%s: %d errors in %d bytes", name, len(got.Errors), len(got.Text))
		}
		t.Logf("%-25s %8s %5d bytes", name, took.Round(100*time.Microsecond), len(got.Text))
	}
}

// The one case for which our specification has a figure.
func TestExponentialDocumentIsQuick(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	best := time.Hour
	for range 5 {
		before := cpuTime(t)
		wantRefusal(t, h.Ask(doubling(49), nil), "GRAPHQL_VALIDATION_FAILED")
		best = min(best, cpuTime(t)-before)
	}
	if best > 50*time.Millisecond {
		t.Errorf("took %s", best)
	}
}

// doubling is a document whose size doubles with each of its fragments.
func doubling(n int) string {
	var b strings.Builder
	b.WriteString("{channels{nodes{...F0}}}")
	for i := range n {
		fmt.Fprintf(&b, "fragment F%d on Channel{...F%d ...F%d}", i, i+1, i+1)
	}
	return b.String() + "fragment F" + strconv.Itoa(n) + " on Channel{id name}"
}

// web is a document in which each fragment spreads all that come after it.
func web(n int) string {
	var b strings.Builder
	b.WriteString("{channels{nodes{...F0}}}")
	for i := range n {
		fmt.Fprintf(&b, "fragment F%d on Channel{id ", i)
		for j := i + 1; j <= min(i+8, n); j++ {
			fmt.Fprintf(&b, "...F%d ", j)
		}
		b.WriteString("}")
	}
	return b.String() + "fragment F" + strconv.Itoa(n) + " on Channel{id name}"
}

func many(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestStrangersDoNotFillTheCache(t *testing.T) {
	known := transport.WithRequest(t.Context(), desk.Request{Caller: auth.Caller{ID: "alice"}})
	for ctx, want := range map[context.Context]int{t.Context(): 0, known: 1} {
		s := graph.New(transport.Options{Desk: desk.New(desk.Options{})})
		for range 2 {
			if _, errs := s.Operation(ctx, "{__typename}", nil); len(errs) > 0 {
				t.Fatal(errs)
			}
		}
		if got := s.CachedDocuments(); got != want {
			t.Errorf("%d documents are kept, want %d", got, want)
		}
	}
}
