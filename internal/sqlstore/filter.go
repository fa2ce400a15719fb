package sqlstore

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"backchannel/internal/chat"
)

// noun is what filters and sorts may ask of one kind of thing.
type noun struct {
	fields map[string]field
	custom string            // column of the callers' own fields, "" where there are none
	others map[string]string // columns of the fields of other things, by what their names begin with
	tie    string            // what orders rows that are alike in all else
}

// fieldKind is how a field's values compare.
type fieldKind int

const (
	ofText   fieldKind = iota
	ofNumber           // bigint
	ofMoment           // microseconds, 0 for none
	ofFlag             // true or false
	ofSet              // many texts
)

// field is one of a noun's own fields.
type field struct {
	kind fieldKind
	// expr gives the field's value in SQL. Of a set it is a subquery that gives the
	// elements as the column e.
	expr func(l *listing) string
	null bool   // the value can be NULL
	key  string // the value in one case, where that is kept; elsewhere only ASCII letters are folded
	// holds is a quicker test than expr's for a set that has one of those texts.
	holds func(texts string) string
}

// is makes a field of fixed SQL that is never NULL, so that indexes serve it.
func is(kind fieldKind, text string) field {
	return field{kind: kind, expr: func(*listing) string { return text }}
}

// perhaps makes a field of fixed SQL that can be NULL.
func perhaps(kind fieldKind, text string) field {
	f := is(kind, text)
	f.null = true
	return f
}

// folded says where a field's text is kept in one case.
func (f field) folded(key string) field {
	f.key = key
	return f
}

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
	column, fold := known.key, chat.Fold
	if column == "" {
		column, fold = "lower("+expr+")", foldASCII
	}
	like := func(pattern string) string {
		return sure("("+column+" LIKE "+l.bind(pattern)+` ESCAPE '\')`, known.null)
	}
	asked = likeEscaper.Replace(fold(strings.TrimSpace(asked)))
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

// own compiles a comparison of one of the callers' own fields.
func (l *listing) own(f chat.Filter) (string, *chat.Error) {
	if list, isList := f.Value.([]any); isList && len(list) == 0 && f.Op == chat.FilterIn {
		_, _, err := l.path(f.Field)
		return "FALSE", err
	}
	at, err := l.place(f.Field)
	if err != nil {
		return "", err
	}
	kind := l.dialect.jsonType(at)
	switch f.Op {
	case chat.FilterExists:
		if f.Value == true {
			return "(" + kind + " IS NOT NULL)", nil
		}
		return "(" + kind + " IS NULL)", nil
	case chat.FilterIn, chat.FilterContains:
		return l.ownContains(at, f)
	case chat.FilterAutocomplete, chat.FilterQ:
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
	return l.ownCompare(kind, l.dialect.jsonValue(at), sign, f)
}

// ownCompare compares only values of one type, so that "10" is neither less nor
// more than 9.
func (l *listing) ownCompare(kind, value, sign string, f chat.Filter) (string, *chat.Error) {
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
		text, err := json.Marshal(canonical(v))
		if err != nil {
			return "", wrongValue(f, "plain values")
		}
		test = l.dialect.isArray(kind, value, l.bind(string(text)))
	}
	return sure("("+test+")", true), nil
}

// ownContains holds where the field, or one element of it, is one of the values.
func (l *listing) ownContains(at jsonPlace, f chat.Filter) (string, *chat.Error) {
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

// jsonPlace is where in a column of JSON one of the callers' own fields is. The marks
// stand for its path.
type jsonPlace struct {
	column string
	marks  []string
}

func (l *listing) place(name string) (jsonPlace, *chat.Error) {
	column, path, err := l.path(name)
	if err != nil {
		return jsonPlace{}, err
	}
	return jsonPlace{column, l.bindAll(path)}, nil
}

// path is the place of one of the callers' own fields, "a" or "a.b" for b in a.
func (l *listing) path(name string) (column string, path []any, err *chat.Error) {
	column = l.noun.custom
	for begin, other := range l.noun.others {
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

// order compiles a sort. What is missing comes last.
func (l *listing) order(by []chat.Sort) (string, *chat.Error) {
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
	return strings.Join(append(parts, l.noun.tie), ", "), nil
}

// sortBy is what a field sorts by. The callers' own fields can be of any type:
// numbers come before texts, and neither compares with the other.
func (l *listing) sortBy(name string) (values []string, null bool, err *chat.Error) {
	known, ok := l.noun.fields[name]
	switch {
	case ok && known.kind == ofSet:
		return nil, false, chat.Invalid(name, "Nothing can be sorted by %q.", name)
	case ok && known.key != "":
		return []string{known.key}, known.null, nil
	case ok:
		return []string{known.expr(l)}, known.null, nil
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

func text(f chat.Filter, v any) (any, *chat.Error) {
	if s, ok := v.(string); ok {
		return s, nil
	}
	return nil, wrongValue(f, "a text")
}

func number(f chat.Filter, v any) (any, *chat.Error) {
	if n, ok := v.(json.Number); ok {
		if whole, err := n.Int64(); err == nil {
			return whole, nil
		}
	}
	return nil, wrongValue(f, "a whole number")
}

// micro reads a time as text (RFC 3339), or in nanoseconds as responses have it.
func micro(f chat.Filter, v any) (any, *chat.Error) {
	switch v := v.(type) {
	case string:
		if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return micros(t), nil
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n / 1000, nil
		}
	}
	return nil, wrongValue(f, "a time such as 2026-01-31T12:00:00Z")
}

func wrongValue(f chat.Filter, want string) *chat.Error {
	return chat.Invalid(f.Field, "%s of %q takes %s.", f.Op, f.Field, want)
}

func wrongOperator(f chat.Filter) *chat.Error {
	return chat.Invalid(f.Field, "%s can't be asked of %q.", f.Op, f.Field)
}
