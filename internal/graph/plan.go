package graph

import (
	"slices"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"backchannel/internal/graph/scalar"
)

// What a field of Query or Mutation selects is at hand once its resolver has
// answered, so the answer is written in one go. gqlgen starts a goroutine for each
// element of a list and several closures for each of its fields, which costs ten
// to thirty times as much, and nothing bounds what it writes. The bytes are the same;
// where something is selected that the table in objects.go lacks, gqlgen goes on.

// write appends a value as JSON. It returns nil where it can't: for a null where the
// schema allows none, or because output.failed is set.
type write[T any] func(b []byte, v *T) []byte

// field makes what writes a field, given what is selected of it. It returns nil
// where that holds anything unknown.
type field[T any] func(o *output, selected ast.SelectionSet) write[T]

// object is an output type: the fields whose values are at hand.
type object[T any] struct {
	name   string
	fields map[string]field[T]
}

// plan makes what writes an object, given what is selected of it: nil where that
// holds anything unknown.
func (t *object[T]) plan(o *output, selected ast.SelectionSet) write[T] {
	type step struct {
		prefix string
		write  write[T]
	}
	var steps []step
	prefix := `{"`
	for _, f := range graphql.CollectFields(o.oc, selected, []string{t.name}) {
		s := step{prefix: prefix + f.Alias + `":`}
		if f.Name == "__typename" {
			s.write = text(func(*T) string { return t.name })(o, nil)
		} else if known := t.fields[f.Name]; known != nil {
			s.write = known(o, f.Selections)
		}
		if s.write == nil {
			return nil
		}
		steps = append(steps, s)
		prefix = `,"`
	}
	if len(steps) == 0 {
		return func(b []byte, _ *T) []byte { return append(b, "{}"...) }
	}
	return func(b []byte, v *T) []byte {
		for i := range steps {
			b = steps[i].write(append(b, steps[i].prefix...), v)
			if b == nil || len(b) > o.room && !o.more(len(b)) {
				return nil
			}
		}
		return append(b, '}')
	}
}

// leaf is a field of which nothing can be selected.
func leaf[T any](w write[T]) field[T] {
	return func(*output, ast.SelectionSet) write[T] { return w }
}

func text[T any](get func(*T) string) field[T] {
	return leaf(func(b []byte, v *T) []byte { return appendString(b, get(v)) })
}

// optionalText is null where the text is empty.
func optionalText[T any](get func(*T) string) field[T] {
	return leaf(func(b []byte, v *T) []byte {
		if s := get(v); s != "" {
			return appendString(b, s)
		}
		return append(b, "null"...)
	})
}

// nullableText is null where there is no text.
func nullableText[T any](get func(*T) *string) field[T] {
	return leaf(func(b []byte, v *T) []byte {
		if s := get(v); s != nil {
			return appendString(b, *s)
		}
		return append(b, "null"...)
	})
}

func number[T any](get func(*T) int64) field[T] {
	return leaf(func(b []byte, v *T) []byte { return strconv.AppendInt(b, get(v), 10) })
}

func boolean[T any](get func(*T) bool) field[T] {
	return leaf(func(b []byte, v *T) []byte { return strconv.AppendBool(b, get(v)) })
}

func moment[T any](get func(*T) time.Time) field[T] {
	return leaf(func(b []byte, v *T) []byte {
		if t := get(v); !t.IsZero() {
			return scalar.AppendTime(b, t)
		}
		return nil
	})
}

// optionalMoment is null where the time is zero.
func optionalMoment[T any](get func(*T) time.Time) field[T] {
	return leaf(func(b []byte, v *T) []byte {
		if t := get(v); !t.IsZero() {
			return scalar.AppendTime(b, t)
		}
		return append(b, "null"...)
	})
}

// unless is null where a value has no such field.
func unless[T any](none func(*T) bool, f field[T]) field[T] {
	return func(o *output, selected ast.SelectionSet) write[T] {
		w := f(o, selected)
		if w == nil {
			return nil
		}
		return func(b []byte, v *T) []byte {
			if none(v) {
				return append(b, "null"...)
			}
			return w(b, v)
		}
	}
}

func inner[T, U any](get func(*T) *U, of *object[U]) field[T] {
	return func(o *output, selected ast.SelectionSet) write[T] {
		w := of.plan(o, selected)
		if w == nil {
			return nil
		}
		return func(b []byte, v *T) []byte {
			if u := get(v); u != nil {
				return w(b, u)
			}
			return nil
		}
	}
}

// optionalInner is null where there is no object, or only part of one.
func optionalInner[T, U any](get func(*T) *U, of *object[U]) field[T] {
	return func(o *output, selected ast.SelectionSet) write[T] {
		w := of.plan(o, selected)
		if w == nil {
			return nil
		}
		return func(b []byte, v *T) []byte {
			if u := get(v); u != nil {
				before := o.mark(b)
				if written := w(b, u); written != nil || o.failed != nil {
					return written
				}
				o.nulls++
				b = o.back(b, before)
			}
			return append(b, "null"...)
		}
	}
}

func innerList[T, U any](get func(*T) []U, of *object[U]) field[T] {
	return func(o *output, selected ast.SelectionSet) write[T] {
		w := of.plan(o, selected)
		if w == nil {
			return nil
		}
		return func(b []byte, v *T) []byte { return appendList(o, b, get(v), w) }
	}
}

// pageList is the list of a page. Its items are counted; those of a page that is shown
// once are done with when they are written.
func pageList[T, U any](get func(*T) []U, of *object[U], done func(*U) (bytes int)) field[T] {
	return func(o *output, selected ast.SelectionSet) write[T] {
		w := of.plan(o, selected)
		if w == nil {
			return nil
		}
		counted := func(b []byte, v *U) []byte {
			if b = w(b, v); b == nil {
				return nil
			}
			o.items++
			if done != nil && o.once {
				o.unload(done(v))
			}
			return b
		}
		return func(b []byte, v *T) []byte { return appendList(o, b, get(v), counted) }
	}
}

func appendList[T any](o *output, b []byte, list []T, w write[T]) []byte {
	b = append(b, '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		start := len(b)
		if b = w(b, &list[i]); b == nil {
			return nil
		}
		if i == 0 && len(b) > start { // the others are about as long
			b = slices.Grow(b, min((len(b)-start+len(", null"))*(len(list)-1), max(0, chunkRoom-len(b))))
		}
		if b = o.next(b); b == nil {
			return nil
		}
	}
	return append(b, ']')
}

// root writes what the resolver of a field of Query or Mutation gave. It reports
// whether it could, apart from what the data may lack.
type root func(o *output, selected ast.SelectionSet, result any) (b []byte, planned bool)

func rootOf[T any](of *object[T]) root {
	return func(o *output, selected ast.SelectionSet, result any) ([]byte, bool) {
		v, ok := result.(*T)
		if !ok || v == nil {
			return nil, false
		}
		if w := of.plan(o, selected); w != nil {
			return w(nil, v), true
		}
		return nil, false
	}
}

func rootList[T any](of *object[T]) root {
	return func(o *output, selected ast.SelectionSet, result any) ([]byte, bool) {
		list, ok := result.([]T)
		if !ok {
			return nil, false
		}
		if w := of.plan(o, selected); w != nil {
			return appendList(o, nil, list, w), true
		}
		return nil, false
	}
}
