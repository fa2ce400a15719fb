package store_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
)

func TestParseFilterRefuses(t *testing.T) {
	many := func(n int, item string) string {
		return "[" + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + "]"
	}
	rows := []struct{ name, filter string }{
		{"what is not JSON", `{`},
		{"what stands behind the filter", `{} {}`},
		{"a list", `[]`},
		{"a text", `"a"`},
		{"an unknown operator", `{"a":{"$near":1}}`},
		{"an unknown group", `{"$xor":[{"a":1}]}`},
		{"a comparison as a group", `{"$eq":1}`},
		{"a group of nothing", `{"$and":[]}`},
		{"a group that is no list", `{"$or":{"a":1}}`},
		{"a group of values", `{"$or":[1]}`},
		{"a field without a name", `{"":1}`},
		{"a field with NUL in its name", `{"a\u0000":1}`},
		{"a field with a long name", `{"` + strings.Repeat("a", store.MaxFieldLength+1) + `":1}`},
		{"a field compared with nothing", `{"a":{}}`},
		{"an object as a value", `{"a":{"$eq":{"b":1}}}`},
		{"a text with NUL", `{"a":"\u0000"}`},
		{"a text with NUL in a list", `{"a":{"$in":["\u0000"]}}`},
		{"a list in a list", `{"a":{"$in":[[1]]}}`},
		{"null in a list to look in", `{"a":{"$in":[null]}}`},
		{"$in of no list", `{"a":{"$in":"b"}}`},
		{"$nin of no list", `{"a":{"$nin":"b"}}`},
		{"$gt of null", `{"a":{"$gt":null}}`},
		{"$lt of true", `{"a":{"$lt":true}}`},
		{"$gte of a list", `{"a":{"$gte":[1]}}`},
		{"$contains of a list", `{"a":{"$contains":["b"]}}`},
		{"$contains of null", `{"a":{"$contains":null}}`},
		{"$exists of a number", `{"a":{"$exists":1}}`},
		{"$q of a number", `{"a":{"$q":1}}`},
		{"$q of white space", `{"a":{"$q":" "}}`},
		{"$q of many words", `{"a":{"$q":"` + strings.Repeat("b ", store.MaxFilterWords+1) + `"}}`},
		{"$autocomplete of a long text", `{"a":{"$autocomplete":"` + strings.Repeat("b", store.MaxFilterText+1) + `"}}`},
		{"many conditions", `{"$and":` + many(store.MaxFilterNodes, `{"a":1}`) + `}`},
		{"many filters of nothing", `{"$or":` + many(store.MaxFilterNodes, `{}`) + `}`},
		{"many values", `{"a":{"$in":` + many(store.MaxFilterValues+1, `1`) + `}}`},
		{"many values in two lists", `{"a":{"$in":` + many(600, `1`) + `},"b":{"$in":` + many(600, `1`) + `}}`},
		{"deep groups", strings.Repeat(`{"$and":[`, store.MaxFilterDepth) + `{"a":1}` + strings.Repeat(`]}`, store.MaxFilterDepth)},
		{"very deep JSON", strings.Repeat(`[`, 100_000)},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := store.ParseFilter([]byte(row.filter))
			if err == nil || err.Code != chat.InvalidArguments {
				t.Errorf("it answers %v", err)
			}
		})
	}
}

func TestParseFilterReads(t *testing.T) {
	rows := []struct{ name, filter, want string }{
		{"nothing", ``, ``},
		{"null", `null`, ``},
		{"an empty filter", `{}`, ``},
		{"a value", `{"a":1}`, `a $eq 1`},
		{"null as a value", `{"a":null}`, `a $eq <nil>`},
		{"a list as a value", `{"a":["b"]}`, `a $eq [b]`},
		{"an operator", `{"a":{"$gt":"b"}}`, `a $gt b`},
		{"two operators", `{"a":{"$gt":1,"$lt":3}}`, `$and(a $gt 1, a $lt 3)`},
		{"two fields", `{"b":1,"a":2}`, `$and(a $eq 2, b $eq 1)`},
		{"groups", `{"$or":[{"a":1},{"$nor":[{"b":2},{}]}]}`, `$or(a $eq 1, $nor(b $eq 2, ))`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			f, err := store.ParseFilter([]byte(row.filter))
			if err != nil || written(f) != row.want {
				t.Errorf("it reads %s, %v; want %s", written(f), err, row.want)
			}
		})
	}
}

func written(f store.Filter) string {
	if f.Op == "" {
		return ""
	}
	if f.Field == "" {
		parts := make([]string, len(f.Of))
		for i, one := range f.Of {
			parts[i] = written(one)
		}
		return string(f.Op) + "(" + strings.Join(parts, ", ") + ")"
	}
	return f.Field + " " + string(f.Op) + " " + strings.Trim(strconv.Quote(text(f.Value)), `"`)
}

func TestCheckCustom(t *testing.T) {
	deep := map[string]any{}
	for range chat.MaxCustomDepth + 1 {
		deep = map[string]any{"a": deep}
	}
	rows := []struct {
		name   string
		custom map[string]any
		good   bool
	}{
		{"nothing", nil, true},
		{"common values", map[string]any{"a": []any{"b", true, nil, number("-0.0"), number("1e300"), number("123456789012345678901")}}, true},
		{"NUL in a text", map[string]any{"a": []any{"\x00"}}, false},
		{"NUL in a name", map[string]any{"a": map[string]any{"\x00": 1}}, false},
		{"a number beyond all", map[string]any{"a": number("1e400")}, false},
		{"a number too close to 0", map[string]any{"a": number("-1e-400")}, false},
		{"great depth", deep, false},
		{"more than fits", map[string]any{"a": strings.Repeat("b", chat.MaxCustomBytes)}, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if err := chat.CheckCustom(row.custom); (err == nil) != row.good {
				t.Errorf("it says %v", err)
			}
		})
	}
}

// FuzzParseFilter: no input panics, and what is read is within the limits.
func FuzzParseFilter(f *testing.F) {
	for _, seed := range []string{
		`{"a":1}`, `{"$and":[{"a":{"$in":[1,"b",true]}},{"$nor":[{"b":null}]}]}`, `{"a":{"$q":"b c","$gte":1e5}}`, `{"":{}}`, `[`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		filter, err := store.ParseFilter(raw)
		if err != nil {
			return
		}
		if n := nodes(filter); n > store.MaxFilterNodes+1 {
			t.Errorf("%d conditions were let in", n)
		}
	})
}

func nodes(f store.Filter) int {
	n := 1
	for _, one := range f.Of {
		n += nodes(one)
	}
	return n
}

func number(s string) json.Number { return json.Number(s) }

func text(v any) string { return fmt.Sprint(v) }
