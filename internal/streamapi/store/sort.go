package store

import (
	"cmp"
	"strings"

	"backchannel/internal/chat"
)

// order compiles a sort. Missing values come last.
func (l *statement) order(by []Sort) (string, *chat.Error) {
	var parts []string
	for _, s := range by {
		values, null, err := l.sortBy(s.Field)
		if err != nil {
			return "", err
		}
		for _, value := range values {
			if s.Down {
				value += " DESC"
			}
			if null {
				value += " NULLS LAST"
			}
			parts = append(parts, value)
		}
	}
	return strings.Join(append(parts, l.searchable.tie), ", "), nil
}

// sortBy returns what to sort by for a field. Custom fields can have any type: numbers come before
// texts.
func (l *statement) sortBy(name string) (values []string, null bool, err *chat.Error) {
	known, ok := l.searchable.fields[name]
	switch {
	case ok && known.kind == ofSet:
		return nil, false, chat.Invalid(name, "Nothing can be sorted by %q.", name)
	case ok:
		return []string{cmp.Or(known.sort, known.text, known.expr(l))}, known.null, nil
	}
	at, err := l.place(name)
	if err != nil {
		return nil, false, err
	}
	kind, value := l.dialect.jsonType(at), l.dialect.jsonValue(at)
	return []string{
		l.dialect.jsonNumber(kind, value),
		"(CASE WHEN " + l.dialect.isText(kind) + " THEN " + value + " END)",
		"(CASE WHEN " + l.dialect.isBool(kind, value, true) + " THEN 1 WHEN " + l.dialect.isBool(kind, value, false) + " THEN 0 END)",
	}, true, nil
}
