package sqlstore

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// group is a statement that replaces several statements with the same text.
type group struct {
	statement
	of []int // indexes of the replaced statements
}

// grouped combines statements with the same text, ordered by the first occurrence of each text.
// PostgreSQL takes as long to start a small statement as to execute it.
func (s *postgresSession) grouped(list []statement) []group {
	groups := make([]group, 0, len(list))
	at := make(map[string]int, len(list))
	for i, one := range list {
		if k, known := at[one.text]; known && alike(groups[k].args, one.args) {
			groups[k].of = append(groups[k].of, i)
			continue
		}
		if s.manyText(one) != "" {
			at[one.text] = len(groups)
		}
		groups = append(groups, group{one, []int{i}})
	}
	for k, g := range groups {
		if len(g.of) > 1 {
			groups[k].statement = statement{s.manyText(g.statement), columns(list, g.of)}
		}
	}
	return groups
}

// alike reports whether the parameters have the same types.
func alike(a, b []any) bool {
	return slices.EqualFunc(a, b, func(x, y any) bool { return reflect.TypeOf(x) == reflect.TypeOf(y) })
}

// columns converts the parameters of statements to one array for each parameter.
func columns(list []statement, of []int) []any {
	args := make([]any, len(list[of[0]].args))
	for p := range args {
		switch list[of[0]].args[p].(type) {
		case string:
			args[p] = column[string](list, of, p)
		case int:
			args[p] = column[int](list, of, p)
		case int64:
			args[p] = column[int64](list, of, p)
		case bool:
			args[p] = column[bool](list, of, p)
		}
	}
	return args
}

func column[T any](list []statement, of []int, p int) []T {
	values := make([]T, len(of))
	for i, k := range of {
		values[i] = list[k].args[p].(T)
	}
	return values
}

// manyText returns the statement for several sets of parameters, "" if there is no such form.
func (s *postgresSession) manyText(one statement) string {
	text, known := s.many[one.text]
	if !known {
		text = manyOf(one)
		s.many[one.text] = text
	}
	return text
}

var numberedParameter = regexp.MustCompile(`\$(\d+)`)

// manyOf rewrites a statement so that its parameters become columns of a table made of arrays. The
// rows of a query start with the number of their set, from 1. The OFFSET makes PostgreSQL execute
// the query set by set, using its indexes, as if each was alone.
func manyOf(one statement) string {
	arrays, names := make([]string, len(one.args)), make([]string, len(one.args))
	for i, arg := range one.args {
		kind, known := map[string]string{"string": "text", "int": "bigint", "int64": "bigint", "bool": "boolean"}[fmt.Sprintf("%T", arg)]
		if !known {
			return ""
		}
		arrays[i], names[i] = fmt.Sprintf("$%d::%s[]", i+1, kind), fmt.Sprintf("a%d", i+1)
	}
	if len(arrays) == 0 {
		return ""
	}
	given := "unnest(" + strings.Join(arrays, ", ") + ")"
	as := " given (" + strings.Join(names, ", ")
	text := strings.TrimSpace(numberedParameter.ReplaceAllString(one.text, "given.a$1"))
	verb, _, _ := strings.Cut(text, " ")
	before, after, found := strings.Cut(text, " WHERE ")
	switch {
	case verb == "SELECT":
		return "SELECT given.no, of_set.* FROM " + given + " WITH ORDINALITY" + as + ", no) CROSS JOIN LATERAL (" + text + " OFFSET 0) of_set"
	case strings.Contains(before, "("): // the WHERE may belong to a subquery
	case verb == "UPDATE" && found:
		return before + " FROM " + given + as + ") WHERE " + after
	case verb == "DELETE" && found:
		return before + " USING " + given + as + ") WHERE " + after
	}
	into, values, found := strings.Cut(text, "VALUES (")
	values, conflict, _ := strings.Cut(values, ") ON CONFLICT ")
	if conflict != "" {
		conflict = " ON CONFLICT " + conflict
	} else if !strings.HasSuffix(values, ")") {
		return ""
	}
	if verb == "INSERT" && found {
		return into + "SELECT " + strings.TrimSuffix(values, ")") + " FROM " + given + as + ")" + conflict
	}
	return ""
}
