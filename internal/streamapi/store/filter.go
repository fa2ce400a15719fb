package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"backchannel/internal/chat"
)

// Limits on filters.
const (
	MaxFilterNodes  = 200   // conditions and groups of one filter
	MaxFilterDepth  = 8     // groups within groups
	MaxFilterValues = 1_000 // values in all lists of one filter together
	MaxFieldLength  = 255   // bytes of a field's name
	MaxFilterText   = 1_000 // bytes of a text that $autocomplete and $q look for
	MaxFilterWords  = 20    // words of $q
)

// FilterOp is an operator of a [Filter] by its name on the wire.
type FilterOp string

// The operators. The first three combine filters, the others compare a field.
const (
	FilterAnd FilterOp = "$and"
	FilterOr  FilterOp = "$or"
	FilterNor FilterOp = "$nor"

	FilterEq           FilterOp = "$eq"
	FilterNe           FilterOp = "$ne"
	FilterGt           FilterOp = "$gt"
	FilterGte          FilterOp = "$gte"
	FilterLt           FilterOp = "$lt"
	FilterLte          FilterOp = "$lte"
	FilterIn           FilterOp = "$in"
	FilterNin          FilterOp = "$nin"
	FilterExists       FilterOp = "$exists"
	FilterAutocomplete FilterOp = "$autocomplete"
	FilterQ            FilterOp = "$q"
	FilterContains     FilterOp = "$contains"
)

// Filter is a condition on a channel, user, member or message, in the form of Stream's API: a
// combination of filters, or the comparison of a field with a value. The zero Filter matches
// everything.
type Filter struct {
	Op    FilterOp // "" matches all
	Of    []Filter // the filters that are combined
	Field string   // the field to compare
	Value any      // string, json.Number, bool, nil; []any for $in and $nin, or if arrays are compared
}

// Asks reports whether the filter compares the given field.
func (f Filter) Asks(field string) bool {
	return f.Field == field || slices.ContainsFunc(f.Of, func(one Filter) bool { return one.Asks(field) })
}

// ParseFilter parses a filter from JSON; null and empty input match everything. Errors are
// InvalidArguments. It doesn't check whether fields exist.
func ParseFilter(raw []byte) (Filter, *chat.Error) {
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return Filter{}, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return Filter{}, chat.Invalid("", "The filter is not JSON.")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Filter{}, chat.Invalid("", "There is more than one JSON value.")
	}
	p := filterParser{left: MaxFilterNodes, values: MaxFilterValues}
	return p.filter(tree, MaxFilterDepth)
}

type filterParser struct{ left, values int }

// filter parses {"field": condition, "$or": [filter, …], …}. All members must be true.
func (p *filterParser) filter(tree any, depth int) (Filter, *chat.Error) {
	object, ok := tree.(map[string]any)
	if !ok {
		return Filter{}, chat.Invalid("", "A filter is an object.")
	}
	if depth == 0 {
		return Filter{}, chat.Invalid("", "A filter has at most %d groups within each other.", MaxFilterDepth)
	}
	all := Filter{Op: FilterAnd}
	for _, key := range sortedKeys(object) {
		read := p.field
		if strings.HasPrefix(key, "$") {
			read = func(key string, value any) (Filter, *chat.Error) { return p.group(key, value, depth-1) }
		}
		one, err := read(key, object[key])
		if err != nil {
			return Filter{}, err
		}
		all.Of = append(all.Of, one)
	}
	switch len(all.Of) {
	case 0:
		return Filter{}, p.count()
	case 1:
		return all.Of[0], nil
	}
	return all, p.count()
}

func (p *filterParser) count() *chat.Error {
	if p.left--; p.left < 0 {
		return chat.Invalid("", "A filter has at most %d conditions.", MaxFilterNodes)
	}
	return nil
}

func (p *filterParser) group(op string, value any, depth int) (Filter, *chat.Error) {
	f := Filter{Op: FilterOp(op)}
	switch f.Op {
	case FilterAnd, FilterOr, FilterNor:
	default:
		return Filter{}, chat.Invalid("", "There is no operator %q for groups; use $and, $or or $nor.", shorten(op))
	}
	list, ok := value.([]any)
	if !ok || len(list) == 0 {
		return Filter{}, chat.Invalid("", "%s takes a list of filters.", op)
	}
	for _, item := range list {
		one, err := p.filter(item, depth)
		if err != nil {
			return Filter{}, err
		}
		f.Of = append(f.Of, one)
	}
	return f, p.count()
}

// field parses "field": value, or "field": {"$op": value, …}. All conditions must be true.
func (p *filterParser) field(name string, value any) (Filter, *chat.Error) {
	if name == "" || len(name) > MaxFieldLength || chat.HasNUL(name) {
		return Filter{}, chat.Invalid("", "A field's name is 1 to %d bytes long.", MaxFieldLength)
	}
	operators, ok := value.(map[string]any)
	if !ok {
		operators = map[string]any{string(FilterEq): value}
	}
	if len(operators) == 0 {
		return Filter{}, chat.Invalid(name, "The field %q is compared with nothing.", shorten(name))
	}
	all := Filter{Op: FilterAnd}
	for _, op := range sortedKeys(operators) {
		one := Filter{Op: FilterOp(op), Field: name, Value: operators[op]}
		if err := one.check(); err != nil {
			return Filter{}, err
		}
		if err := p.count(); err != nil {
			return Filter{}, err
		}
		if p.values -= one.values(); p.values < 0 {
			return Filter{}, chat.Invalid(name, "The lists of a filter have at most %d values.", MaxFilterValues)
		}
		all.Of = append(all.Of, one)
	}
	if len(all.Of) == 1 {
		return all.Of[0], nil
	}
	return all, p.count()
}

// values returns the number of values in a comparison's list.
func (f Filter) values() int {
	list, _ := f.Value.([]any)
	return len(list)
}

// check returns an error if the operator of a comparison is unknown, or its value has the wrong
// type for the operator.
func (f Filter) check() *chat.Error {
	bad := func(want string) *chat.Error {
		return chat.Invalid(f.Field, "%s of %q takes %s.", f.Op, shorten(f.Field), want)
	}
	switch f.Op {
	case FilterEq, FilterNe:
		if list, ok := f.Value.([]any); ok {
			return f.checkList(list)
		}
	case FilterGt, FilterGte, FilterLt, FilterLte:
		switch f.Value.(type) {
		case string, json.Number:
		default:
			return bad("a text or a number")
		}
	case FilterIn, FilterNin:
		list, ok := f.Value.([]any)
		if !ok {
			return bad("a list")
		}
		if slices.Contains(list, nil) {
			return bad("values that aren't null")
		}
		return f.checkList(list)
	case FilterContains:
		if f.Value == nil || !plain(f.Value) {
			return bad("a single value")
		}
	case FilterExists:
		if _, ok := f.Value.(bool); !ok {
			return bad("true or false")
		}
	case FilterAutocomplete, FilterQ:
		s, ok := f.Value.(string)
		if !ok || strings.TrimSpace(s) == "" || len(s) > MaxFilterText {
			return bad(fmt.Sprintf("a text of 1 to %d bytes", MaxFilterText))
		}
		if f.Op == FilterQ && len(strings.Fields(s)) > MaxFilterWords {
			return bad(fmt.Sprintf("at most %d words", MaxFilterWords))
		}
	default:
		return chat.Invalid(f.Field, "There is no operator %q.", shorten(string(f.Op)))
	}
	if _, isObject := f.Value.(map[string]any); isObject || nul(f.Value) {
		return bad("a plain value")
	}
	return nil
}

func (f Filter) checkList(list []any) *chat.Error {
	for _, item := range list {
		if !plain(item) || nul(item) {
			return chat.Invalid(f.Field, "%s of %q takes plain values.", f.Op, shorten(f.Field))
		}
	}
	return nil
}

// plain reports whether a value is neither an array nor an object.
func plain(v any) bool {
	switch v.(type) {
	case []any, map[string]any:
		return false
	}
	return true
}

// nul reports whether a value is a text that contains NUL, which PostgreSQL can't store.
func nul(v any) bool {
	s, ok := v.(string)
	return ok && chat.HasNUL(s)
}

// sortedKeys returns the keys in order, so that the result, or the error, is the same each time.
func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

// shorten shortens a name for an error message to its sender.
func shorten(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
