package plan

import (
	"slices"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Write appends a value as JSON. It returns nil if it can't: for a null that the schema doesn't
// allow, or if output.failed is set.
type Write[T any] func(b []byte, v *T) []byte

// Field returns a function that writes a field, given its selection. It returns nil if the
// selection contains an unknown field.
type Field[T any] func(o *Output, selected ast.SelectionSet) Write[T]

// Fields are the fields of an object by name.
type Fields[T any] map[string]Field[T]

// Object is an output type of the schema, with the fields whose values are available without I/O.
type Object[T any] struct {
	Name   string
	Fields Fields[T]
}

// plan returns a function that writes an object, given its selection; nil if the selection contains
// an unknown field.
func (t *Object[T]) plan(o *Output, selected ast.SelectionSet) Write[T] {
	type step struct {
		prefix string
		write  Write[T]
	}
	var steps []step
	prefix := `{"`
	for _, f := range graphql.CollectFields(o.oc, selected, []string{t.Name}) {
		s := step{prefix: prefix + f.Alias + `":`}
		if f.Name == "__typename" {
			s.write = Text(func(*T) string { return t.Name })(o, nil)
		} else if known := t.Fields[f.Name]; known != nil {
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

// Leaf is a field of a scalar or enum type.
func Leaf[T any](w Write[T]) Field[T] {
	return func(*Output, ast.SelectionSet) Write[T] { return w }
}

// Text is a string.
func Text[T any](get func(*T) string) Field[T] {
	return Leaf(func(b []byte, v *T) []byte { return appendString(b, get(v)) })
}

// OptionalText is a string, null if it is empty.
func OptionalText[T any](get func(*T) string) Field[T] {
	return Leaf(func(b []byte, v *T) []byte {
		if s := get(v); s != "" {
			return appendString(b, s)
		}
		return append(b, "null"...)
	})
}

// NullableText is a string, null if the pointer is nil.
func NullableText[T any](get func(*T) *string) Field[T] {
	return Leaf(func(b []byte, v *T) []byte {
		if s := get(v); s != nil {
			return appendString(b, *s)
		}
		return append(b, "null"...)
	})
}

// Number is an integer.
func Number[T any](get func(*T) int64) Field[T] {
	return Leaf(func(b []byte, v *T) []byte { return strconv.AppendInt(b, get(v), 10) })
}

// Boolean is true or false.
func Boolean[T any](get func(*T) bool) Field[T] {
	return Leaf(func(b []byte, v *T) []byte { return strconv.AppendBool(b, get(v)) })
}

// Moment is a time that must not be zero.
func Moment[T any](get func(*T) time.Time) Field[T] {
	return Leaf(func(b []byte, v *T) []byte {
		if t := get(v); !t.IsZero() {
			return AppendTime(b, t)
		}
		return nil
	})
}

// OptionalMoment is a time, null if it is zero.
func OptionalMoment[T any](get func(*T) time.Time) Field[T] {
	return Leaf(func(b []byte, v *T) []byte {
		if t := get(v); !t.IsZero() {
			return AppendTime(b, t)
		}
		return append(b, "null"...)
	})
}

// Unless is the field f, null for values of which none is true.
func Unless[T any](none func(*T) bool, f Field[T]) Field[T] {
	return func(o *Output, selected ast.SelectionSet) Write[T] {
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

// Inner is an object that must not be nil.
func Inner[T, U any](get func(*T) *U, of *Object[U]) Field[T] {
	return func(o *Output, selected ast.SelectionSet) Write[T] {
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

// OptionalInner is an object, null if it is nil or incomplete.
func OptionalInner[T, U any](get func(*T) *U, of *Object[U]) Field[T] {
	return func(o *Output, selected ast.SelectionSet) Write[T] {
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

// InnerList is a list of objects.
func InnerList[T, U any](get func(*T) []U, of *Object[U]) Field[T] {
	return func(o *Output, selected ast.SelectionSet) Write[T] {
		w := of.plan(o, selected)
		if w == nil {
			return nil
		}
		return func(b []byte, v *T) []byte { return appendList(o, b, get(v), w) }
	}
}

// PageList is the list of a page, whose items are counted. If done isn't nil and the items are
// written only once, done is called after each item and returns how many bytes that frees.
func PageList[T, U any](get func(*T) []U, of *Object[U], done func(*U) (bytes int)) Field[T] {
	return func(o *Output, selected ast.SelectionSet) Write[T] {
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

func appendList[T any](o *Output, b []byte, list []T, w Write[T]) []byte {
	b = append(b, '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		start := len(b)
		if b = w(b, &list[i]); b == nil {
			return nil
		}
		if i == 0 && len(b) > start { // the others have a similar size
			b = slices.Grow(b, min((len(b)-start+len(", null"))*(len(list)-1), max(0, chunkRoom-len(b))))
		}
		if b = o.next(b); b == nil {
			return nil
		}
	}
	return append(b, ']')
}

// Roots are the fields of Query and Mutation that this package writes, by name in the form
// "Query.node".
type Roots map[string]Root

// Root writes a field of Query or Mutation.
type Root struct {
	// Write writes the resolver's result. It reports whether the selection has a plan; the data may
	// still be incomplete.
	Write func(o *Output, selected ast.SelectionSet, result any) (b []byte, planned bool)

	instead string
}

// Instead returns the same field, with an advice for callers if the answer is too large.
func (r Root) Instead(advice string) Root {
	r.instead = advice
	return r
}

// RootOf is a root field that returns an object.
func RootOf[T any](of *Object[T]) Root {
	return Root{Write: func(o *Output, selected ast.SelectionSet, result any) ([]byte, bool) {
		v, ok := result.(*T)
		if !ok || v == nil {
			return nil, false
		}
		if w := of.plan(o, selected); w != nil {
			return w(nil, v), true
		}
		return nil, false
	}}
}

// RootList is a root field that returns a list of objects.
func RootList[T any](of *Object[T]) Root {
	return Root{Write: func(o *Output, selected ast.SelectionSet, result any) ([]byte, bool) {
		list, ok := result.([]T)
		if !ok {
			return nil, false
		}
		if w := of.plan(o, selected); w != nil {
			return appendList(o, nil, list, w), true
		}
		return nil, false
	}}
}
