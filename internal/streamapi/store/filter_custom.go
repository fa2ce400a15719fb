package store

import (
	"encoding/json"
	"slices"
	"strings"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// custom compiles a comparison of a custom field.
func (l *statement) custom(f Filter) (string, *chat.Error) {
	if list, isList := f.Value.([]any); isList && len(list) == 0 && f.Op == FilterIn {
		_, _, err := l.path(f.Field)
		return "FALSE", err
	}
	at, err := l.place(f.Field)
	if err != nil {
		return "", err
	}
	kind := l.dialect.jsonType(at)
	switch f.Op {
	case FilterExists:
		if f.Value == true {
			return "(" + kind + " IS NOT NULL)", nil
		}
		return "(" + kind + " IS NULL)", nil
	case FilterIn, FilterContains:
		return l.customContains(at, f)
	case FilterAutocomplete, FilterQ:
		value := field{null: true}
		return "(" + sure(l.dialect.isText(kind), true) + " AND " + l.words(value, l.dialect.jsonValue(at), f) + ")", nil
	}
	if f.Value == nil {
		return "COALESCE(" + kind + " = 'null', TRUE)", nil
	}
	sign, ok := comparisons[f.Op]
	if !ok {
		return "", wrongOperator(f)
	}
	return l.compareCustom(kind, l.dialect.jsonValue(at), sign, f)
}

// compareCustom compares only values of the same type, so that "10" is neither less nor greater
// than 9.
func (l *statement) compareCustom(kind, value, sign string, f Filter) (string, *chat.Error) {
	var test string
	switch v := f.Value.(type) {
	case string:
		test = l.dialect.isText(kind) + " AND " + value + sign + l.bind(v)
	case json.Number:
		n, err := v.Float64()
		if err != nil {
			return "", wrongValue(f, "a number of common size")
		}
		test = l.dialect.jsonNumber(kind, value) + sign + "CAST(" + l.bind(n) + " AS DOUBLE PRECISION)"
	case bool:
		test = l.dialect.isBool(kind, value, v)
	default: // a list
		text, err := json.Marshal(sqlstore.Canonical(v))
		if err != nil {
			return "", wrongValue(f, "plain values")
		}
		test = l.dialect.isArray(kind, value, l.bind(string(text)))
	}
	return sure("("+test+")", true), nil
}

// customContains compiles a test whether the field, or one element of it, is one of the values.
func (l *statement) customContains(at jsonPlace, f Filter) (string, *chat.Error) {
	values, isList := f.Value.([]any)
	if !isList {
		values = []any{f.Value}
	}
	var texts, numbers, parts []string
	for _, v := range distinct(values) {
		switch v := v.(type) {
		case string:
			texts = append(texts, l.bind(v))
		case json.Number:
			n, err := v.Float64()
			if err != nil {
				return "", wrongValue(f, "numbers of common size")
			}
			numbers = append(numbers, "CAST("+l.bind(n)+" AS DOUBLE PRECISION)")
		case bool:
			parts = append(parts, "("+l.dialect.isBool("e_type", "e_value", v)+")")
		default:
			return "", wrongValue(f, "texts, numbers, true or false")
		}
	}
	if len(texts) > 0 {
		parts = append(parts, "("+l.dialect.isText("e_type")+" AND e_value IN ("+strings.Join(texts, ", ")+"))")
	}
	if len(numbers) > 0 {
		parts = append(parts, "("+l.dialect.jsonNumber("e_type", "e_value")+" IN ("+strings.Join(numbers, ", ")+"))")
	}
	return "EXISTS (SELECT 1 FROM (" + l.dialect.jsonElements(at) + ") elements WHERE " + strings.Join(parts, " OR ") + ")", nil
}

// jsonPlace is the place of a custom field within a column of JSON. The marks are the placeholders
// of its path.
type jsonPlace struct {
	column string
	marks  []string
}

func (l *statement) place(name string) (jsonPlace, *chat.Error) {
	column, path, err := l.path(name)
	if err != nil {
		return jsonPlace{}, err
	}
	return jsonPlace{column, l.bindAll(path)}, nil
}

// path returns the place of a custom field: "a", or "a.b" for b within a.
func (l *statement) path(name string) (column string, path []any, err *chat.Error) {
	column = l.searchable.custom
	for begin, other := range l.searchable.others {
		if rest, ok := strings.CutPrefix(name, begin); ok {
			column, name = other, rest
		}
	}
	if column == "" {
		return "", nil, chat.Invalid(name, "There is no field %q to filter or sort by.", name)
	}
	steps := strings.Split(strings.TrimPrefix(name, "custom."), ".")
	if len(steps) > maxPath || slices.Contains(steps, "") || strings.ContainsFunc(name, noPath) {
		return "", nil, chat.Invalid(name, "A field's name has at most %d parts, without quotes, backslashes or control characters.", maxPath)
	}
	return column, l.dialect.jsonPath(steps), nil
}

const maxPath = 8

func noPath(r rune) bool { return r < ' ' || r == '"' || r == '\\' }
