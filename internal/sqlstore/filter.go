package sqlstore

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"backchannel/internal/chat"
	"backchannel/internal/fold"
)

// listing compiles a filter and a sort to SQL. What comes from callers is bound,
// field names included; the text is made of our own words only.
type listing struct {
	dialect dialect
	noun    noun
	viewer  string // whose settings the fields about a user's own settings show
	args    []any
}

func (l *listing) bind(value any) string {
	l.args = append(l.args, value)
	return "$" + strconv.Itoa(len(l.args))
}

func (l *listing) bindAll(values []any) []string {
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = l.bind(v)
	}
	return marks
}

// where compiles a filter to a condition, which is never NULL. What is bound is
// also used: PostgreSQL knows no type for what isn't.
func (l *listing) where(f chat.Filter) (string, *chat.Error) {
	switch f.Op {
	case "":
		return "TRUE", nil
	case chat.FilterAnd, chat.FilterOr, chat.FilterNor:
		return l.group(f)
	case chat.FilterNe:
		f.Op = chat.FilterEq
		return l.not(f)
	case chat.FilterNin:
		f.Op = chat.FilterIn
		return l.not(f)
	}
	known, ok := l.noun.fields[f.Field]
	if !ok {
		return l.own(f)
	}
	if list, isList := f.Value.([]any); isList && len(list) == 0 && f.Op == chat.FilterIn {
		return "FALSE", nil
	}
	if f.Op == chat.FilterExists || f.Op == chat.FilterEq && f.Value == nil {
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

func (l *listing) group(f chat.Filter) (string, *chat.Error) {
	parts := make([]string, len(f.Of))
	for i, one := range f.Of {
		part, err := l.where(one)
		if err != nil {
			return "", err
		}
		parts[i] = part
	}
	if f.Op == chat.FilterAnd {
		return "(" + strings.Join(parts, " AND ") + ")", nil
	}
	either := "(" + strings.Join(parts, " OR ") + ")"
	if f.Op == chat.FilterNor {
		return "(NOT " + either + ")", nil
	}
	return either, nil
}

// not holds also where the field is missing.
func (l *listing) not(f chat.Filter) (string, *chat.Error) {
	test, err := l.where(f)
	return "(NOT " + test + ")", err
}

// sure is a test that may come out NULL as one that doesn't. Tests that can't are
// left bare, since no index serves what is wrapped.
func sure(test string, null bool) string {
	if null {
		return "COALESCE(" + test + ", FALSE)"
	}
	return test
}

// exists compiles $exists, and the comparison with null.
func (l *listing) exists(known field, f chat.Filter) string {
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

func (l *listing) text(known field, expr string, f chat.Filter) (string, *chat.Error) {
	switch f.Op {
	case chat.FilterAutocomplete, chat.FilterQ:
		return l.words(known, expr, f), nil
	}
	return l.compare(known, expr, f, text)
}

// words compiles $autocomplete, where the text or one of its words begins so, and
// $q, where all the words asked for are somewhere in it.
func (l *listing) words(known field, expr string, f chat.Filter) string {
	asked, _ := f.Value.(string)
	column, folded := known.text, fold.Text
	if column == "" {
		column, folded = "lower("+expr+")", foldASCII
	}
	like := func(pattern string) string {
		return sure("("+column+" LIKE "+l.bind(pattern)+` ESCAPE '\')`, known.null)
	}
	asked = likeEscaper.Replace(folded(strings.TrimSpace(asked)))
	if f.Op == chat.FilterAutocomplete {
		return "(" + like(asked+"%") + " OR " + like("% "+asked+"%") + ")"
	}
	var parts []string
	for word := range strings.FieldsSeq(asked) {
		parts = append(parts, like("%"+word+"%"))
	}
	return "(" + strings.Join(parts, " AND ") + ")"
}

// foldASCII folds as lower does on both databases.
func foldASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

var comparisons = map[chat.FilterOp]string{
	chat.FilterEq: " = ", chat.FilterGt: " > ", chat.FilterGte: " >= ", chat.FilterLt: " < ", chat.FilterLte: " <= ",
}

// compare compiles a comparison with a value that convert brings into the
// database's form.
func (l *listing) compare(known field, expr string, f chat.Filter, convert func(chat.Filter, any) (any, *chat.Error)) (string, *chat.Error) {
	if f.Op == chat.FilterIn {
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
func (l *listing) list(f chat.Filter, convert func(chat.Filter, any) (any, *chat.Error)) (string, *chat.Error) {
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

func (l *listing) flag(known field, f chat.Filter) (string, *chat.Error) {
	want, ok := f.Value.(bool)
	if !ok {
		return "", wrongValue(f, "true or false")
	}
	if f.Op != chat.FilterEq {
		return "", wrongOperator(f)
	}
	test := sure("("+known.expr(l)+")", known.null)
	if want {
		return test, nil
	}
	return "(NOT " + test + ")", nil
}

// set compiles what is asked of a field with many values: that one of them is as
// given, or with a list and $eq, that they are all and only those.
func (l *listing) set(known field, f chat.Filter) (string, *chat.Error) {
	elements := "(" + known.expr(l) + ") elements"
	if f.Op == chat.FilterAutocomplete || f.Op == chat.FilterQ {
		return "EXISTS (SELECT 1 FROM " + elements + " WHERE " + l.words(known, "e", f) + ")", nil
	}
	values, isList := f.Value.([]any)
	if !isList {
		values = []any{f.Value}
	}
	all := f.Op == chat.FilterEq && isList
	if !all && f.Op != chat.FilterIn && f.Op != chat.FilterEq && f.Op != chat.FilterContains {
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

// distinct drops repeated values, which are all plain.
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

func hasBeyondASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return true
		}
	}
	return false
}
