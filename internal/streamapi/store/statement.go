package store

import (
	"strconv"
	"strings"

	"backchannel/internal/chat"
	"backchannel/internal/fold"
	"backchannel/internal/sqlstore"
)

// statement compiles a filter and a sort to SQL. Everything from callers is bound, including field
// names, so the text contains only our own SQL.
type statement struct {
	dialect    dialect
	searchable searchable
	viewer     string // the user whose settings fields such as muted refer to
	args       []any
}

func (l *statement) bind(value any) string {
	l.args = append(l.args, value)
	return "$" + strconv.Itoa(len(l.args))
}

func (l *statement) bindAll(values []any) []string {
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = l.bind(v)
	}
	return marks
}

// where compiles a filter to a condition that is never NULL. Every bound value is used, since
// PostgreSQL can't infer the type of an unused one.
func (l *statement) where(f Filter) (string, *chat.Error) {
	switch f.Op {
	case "":
		return "TRUE", nil
	case FilterAnd, FilterOr, FilterNor:
		return l.group(f)
	case FilterNe:
		f.Op = FilterEq
		return l.not(f)
	case FilterNin:
		f.Op = FilterIn
		return l.not(f)
	}
	known, ok := l.searchable.fields[f.Field]
	if !ok {
		return l.custom(f)
	}
	if list, isList := f.Value.([]any); isList && len(list) == 0 && f.Op == FilterIn {
		return "FALSE", nil
	}
	if f.Op == FilterExists || f.Op == FilterEq && f.Value == nil {
		return l.exists(known, f), nil
	}
	switch known.kind {
	case ofText:
		return l.text(known, known.expr(l), f)
	case ofNumber:
		return l.compare(known, known.expr(l), f, number)
	case ofMoment:
		expr := known.expr(l)
		test, err := l.compare(known, expr, f, micro)
		return "(" + sure(expr+" <> 0", known.null) + " AND " + test + ")", err
	case ofFlag:
		return l.flag(known, f)
	default:
		return l.set(known, f)
	}
}

func (l *statement) group(f Filter) (string, *chat.Error) {
	parts := make([]string, len(f.Of))
	for i, one := range f.Of {
		part, err := l.where(one)
		if err != nil {
			return "", err
		}
		parts[i] = part
	}
	if f.Op == FilterAnd {
		return "(" + strings.Join(parts, " AND ") + ")", nil
	}
	either := "(" + strings.Join(parts, " OR ") + ")"
	if f.Op == FilterNor {
		return "(NOT " + either + ")", nil
	}
	return either, nil
}

// not compiles the negation of a filter. It is also true if the field is missing.
func (l *statement) not(f Filter) (string, *chat.Error) {
	test, err := l.where(f)
	return "(NOT " + test + ")", err
}

// sure wraps a test that may be NULL so that it isn't. Other tests are left as they are, since no
// index is used for a wrapped one.
func sure(test string, null bool) string {
	if null {
		return "COALESCE(" + test + ", FALSE)"
	}
	return test
}

// exists compiles $exists, and the comparison with null.
func (l *statement) exists(known field, f Filter) string {
	expr := known.expr(l)
	var test string
	switch known.kind {
	case ofText:
		test = sure(expr+" <> ''", known.null)
	case ofMoment:
		test = sure(expr+" <> 0", known.null)
	case ofSet:
		test = "EXISTS (" + expr + ")"
	default:
		test = expr + " IS NOT NULL"
	}
	if f.Value == true {
		return "(" + test + ")"
	}
	return "(NOT (" + test + "))"
}

func (l *statement) text(known field, expr string, f Filter) (string, *chat.Error) {
	switch f.Op {
	case FilterAutocomplete, FilterQ:
		return l.words(known, expr, f), nil
	}
	return l.compare(known, expr, f, text)
}

// words compiles $autocomplete, which matches if the text or one of its words begins with the
// value, and $q, which matches if the text contains all words of the value.
func (l *statement) words(known field, expr string, f Filter) string {
	asked, _ := f.Value.(string)
	column, folded := known.text, fold.Text
	if column == "" {
		column, folded = "lower("+expr+")", sqlstore.FoldASCII
	}
	like := func(pattern string) string {
		return sure("("+column+" LIKE "+l.bind(pattern)+` ESCAPE '\')`, known.null)
	}
	asked = sqlstore.LikeEscaper.Replace(folded(strings.TrimSpace(asked)))
	if f.Op == FilterAutocomplete {
		return "(" + like(asked+"%") + " OR " + like("% "+asked+"%") + ")"
	}
	var parts []string
	for word := range strings.FieldsSeq(asked) {
		parts = append(parts, like("%"+word+"%"))
	}
	return "(" + strings.Join(parts, " AND ") + ")"
}

var comparisons = map[FilterOp]string{
	FilterEq: " = ", FilterGt: " > ", FilterGte: " >= ", FilterLt: " < ", FilterLte: " <= ",
}

// compare compiles a comparison with a value, which convert converts to its form in the database.
func (l *statement) compare(known field, expr string, f Filter, convert func(Filter, any) (any, *chat.Error)) (string, *chat.Error) {
	if f.Op == FilterIn {
		list, err := l.list(f, convert)
		return sure("("+expr+" IN "+list+")", known.null), err
	}
	sign, ok := comparisons[f.Op]
	if !ok {
		return "", wrongOperator(f)
	}
	value, err := convert(f, f.Value)
	if err != nil {
		return "", err
	}
	return sure("("+expr+sign+l.bind(value)+")", known.null), nil
}

// list binds the values of $in.
func (l *statement) list(f Filter, convert func(Filter, any) (any, *chat.Error)) (string, *chat.Error) {
	values, _ := f.Value.([]any)
	converted := make([]any, len(values))
	for i, v := range values {
		value, err := convert(f, v)
		if err != nil {
			return "", err
		}
		converted[i] = value
	}
	return "(" + strings.Join(l.bindAll(converted), ", ") + ")", nil
}

func (l *statement) flag(known field, f Filter) (string, *chat.Error) {
	want, ok := f.Value.(bool)
	if !ok {
		return "", wrongValue(f, "true or false")
	}
	if f.Op != FilterEq {
		return "", wrongOperator(f)
	}
	test := sure("("+known.expr(l)+")", known.null)
	if want {
		return test, nil
	}
	return "(NOT " + test + ")", nil
}

// set compiles a comparison of a field that has many values: one of them must be equal. With a list
// and $eq, the values must be exactly those of the list.
func (l *statement) set(known field, f Filter) (string, *chat.Error) {
	elements := "(" + known.expr(l) + ") elements"
	if f.Op == FilterAutocomplete || f.Op == FilterQ {
		return "EXISTS (SELECT 1 FROM " + elements + " WHERE " + l.words(known, "e", f) + ")", nil
	}
	values, isList := f.Value.([]any)
	if !isList {
		values = []any{f.Value}
	}
	all := f.Op == FilterEq && isList
	if !all && f.Op != FilterIn && f.Op != FilterEq && f.Op != FilterContains {
		return "", wrongOperator(f)
	}
	if all && len(values) == 0 {
		return "(NOT EXISTS (SELECT 1 FROM " + elements + "))", nil
	}
	f.Value = distinct(values)
	texts, err := l.list(f, text)
	switch {
	case err != nil:
		return "", err
	case all:
		return "((SELECT COUNT(DISTINCT e) FROM " + elements + ") = " + strconv.Itoa(len(distinct(values))) +
			" AND NOT EXISTS (SELECT 1 FROM " + elements + " WHERE e NOT IN " + texts + "))", nil
	case known.holds != nil:
		return "(" + known.holds(texts) + ")", nil
	}
	return "EXISTS (SELECT 1 FROM " + elements + " WHERE e IN " + texts + ")", nil
}

// distinct removes repeated values. All values are plain.
func distinct(values []any) []any {
	seen := make(map[any]bool, len(values))
	var list []any
	for _, v := range values {
		if !seen[v] {
			seen[v] = true
			list = append(list, v)
		}
	}
	return list
}
