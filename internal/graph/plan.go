package graph

import (
	"context"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"backchannel/internal/graph/scalar"
)

// Where all that a query's field selects is at hand once its resolver has
// answered, the answer is written in one go. gqlgen starts a goroutine for each
// element of a list and several closures for each of its fields, which costs ten
// to thirty times as much. The bytes are the same; where anything isn't as the
// table in objects.go has it, gqlgen goes on.

// write appends a value as JSON. It returns nil where only gqlgen can tell what
// to write: for a null where the schema allows none.
type write[T any] func(b []byte, v *T) []byte

// field makes what writes a field, given what is selected of it. It returns nil
// where that holds anything unknown.
type field[T any] func(oc *graphql.OperationContext, selected ast.SelectionSet) write[T]

// object is an output type: the fields whose values are at hand.
type object[T any] struct {
	name   string
	fields map[string]field[T]
}

// plan makes what writes an object, given what is selected of it: nil where that
// holds anything unknown.
func (o *object[T]) plan(oc *graphql.OperationContext, selected ast.SelectionSet) write[T] {
	type step struct {
		prefix string
		write  write[T]
	}
	var steps []step
	prefix := `{"`
	for _, f := range graphql.CollectFields(oc, selected, []string{o.name}) {
		s := step{prefix: prefix + f.Alias + `":`}
		if f.Name == "__typename" {
			s.write = text(func(*T) string { return o.name })(oc, nil)
		} else if known := o.fields[f.Name]; known != nil {
			s.write = known(oc, f.Selections)
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
			if b = steps[i].write(append(b, steps[i].prefix...), v); b == nil {
				return nil
			}
		}
		return append(b, '}')
	}
}

// leaf is a field of which nothing can be selected.
func leaf[T any](w write[T]) field[T] {
	return func(*graphql.OperationContext, ast.SelectionSet) write[T] { return w }
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
	return func(oc *graphql.OperationContext, selected ast.SelectionSet) write[T] {
		w := f(oc, selected)
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

func inner[T, U any](get func(*T) *U, o *object[U]) field[T] {
	return func(oc *graphql.OperationContext, selected ast.SelectionSet) write[T] {
		w := o.plan(oc, selected)
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

// optionalInner is null where there is no object.
func optionalInner[T, U any](get func(*T) *U, o *object[U]) field[T] {
	return func(oc *graphql.OperationContext, selected ast.SelectionSet) write[T] {
		w := o.plan(oc, selected)
		if w == nil {
			return nil
		}
		return func(b []byte, v *T) []byte {
			if u := get(v); u != nil {
				return w(b, u)
			}
			return append(b, "null"...)
		}
	}
}

func innerList[T, U any](get func(*T) []U, o *object[U]) field[T] {
	return func(oc *graphql.OperationContext, selected ast.SelectionSet) write[T] {
		w := o.plan(oc, selected)
		if w == nil {
			return nil
		}
		return func(b []byte, v *T) []byte { return appendList(b, get(v), w) }
	}
}

func appendList[T any](b []byte, list []T, w write[T]) []byte {
	b = append(b, '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		start := len(b)
		if b = w(b, &list[i]); b == nil {
			return nil
		}
		if i == 0 { // the others are about as long
			b = slices.Grow(b, (len(b)-start+len(", null"))*(len(list)-1))
		}
	}
	return append(b, ']')
}

// root writes what the resolver of a field of Query gave: nil where only gqlgen
// can.
type root func(oc *graphql.OperationContext, selected ast.SelectionSet, result any) []byte

func rootOf[T any](o *object[T]) root {
	return func(oc *graphql.OperationContext, selected ast.SelectionSet, result any) []byte {
		v, ok := result.(*T)
		if !ok || v == nil {
			return nil
		}
		if w := o.plan(oc, selected); w != nil {
			return w(nil, v)
		}
		return nil
	}
}

func rootList[T any](o *object[T]) root {
	return func(oc *graphql.OperationContext, selected ast.SelectionSet, result any) []byte {
		list, ok := result.([]T)
		if !ok {
			return nil
		}
		if w := o.plan(oc, selected); w != nil {
			return appendList(nil, list, w)
		}
		return nil
	}
}

// writePlanned is a graphql.FieldMiddleware.
func writePlanned(ctx context.Context, next graphql.Resolver) (any, error) {
	result, err := next(ctx)
	fc := graphql.GetFieldContext(ctx)
	if err != nil || fc.Object != "Query" {
		return result, err
	}
	if r := roots[fc.Field.Name]; r != nil {
		if b := r(graphql.GetOperationContext(ctx), fc.Field.Selections, result); b != nil {
			return rawJSON(b), nil
		}
	}
	return result, nil
}

// rawJSON is a graphql.Marshaler.
type rawJSON []byte

// MarshalGQL writes the JSON as it is.
func (j rawJSON) MarshalGQL(w io.Writer) { _, _ = w.Write(j) }
