package sqlstore

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"backchannel/internal/chat"
)

// noun is what filters and sorts may ask of one kind of thing.
type noun struct {
	fields map[string]field
	custom string // column of the callers' own fields, "" where there are none
	tie    string // what orders rows that are alike in all else
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
}

// is makes a field of fixed SQL.
func is(kind fieldKind, text string) field {
	return field{kind: kind, expr: func(*listing) string { return text }}
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

// where compiles a filter to a condition, which is never NULL.
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
	if f.Op == chat.FilterExists || f.Op == chat.FilterEq && f.Value == nil {
		return l.exists(known, f), nil
	}
	switch known.kind {
	case ofText:
		return l.text(known.expr(l), f)
	case ofNumber:
		return l.compare(known.expr(l), f, number)
	case ofMoment:
		expr := known.expr(l)
		test, err := l.compare(expr, f, micro)
		return "(" + expr + " <> 0 AND " + test + ")", err
	case ofFlag:
		return l.flag(known.expr(l), f)
	default:
		return l.set(known.expr(l), f)
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

// exists compiles $exists, and the comparison with null.
func (l *listing) exists(known field, f chat.Filter) string {
	expr := known.expr(l)
	var test string
	switch known.kind {
	case ofText:
		test = "COALESCE(" + expr + ", '') <> ''"
	case ofMoment:
		test = "COALESCE(" + expr + ", 0) <> 0"
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

func (l *listing) text(expr string, f chat.Filter) (string, *chat.Error) {
	switch f.Op {
	case chat.FilterAutocomplete, chat.FilterQ:
		return l.words(expr, f), nil
	}
	return l.compare(expr, f, func(f chat.Filter, v any) (any, *chat.Error) {
		if s, ok := v.(string); ok {
			return s, nil
		}
		return nil, wrongValue(f, "a text")
	})
}

// words compiles $autocomplete, where the text or one of its words begins so, and
// $q, where all the words asked for are somewhere in it.
func (l *listing) words(expr string, f chat.Filter) string {
	asked, _ := f.Value.(string)
	folded := l.dialect.fold(expr)
	if f.Op == chat.FilterAutocomplete {
		like := likeEscaper.Replace(chat.Fold(strings.TrimSpace(asked))) + "%"
		return "COALESCE(" + folded + " LIKE " + l.bind(like) + ` ESCAPE '\' OR ` +
			folded + " LIKE " + l.bind("% "+like) + ` ESCAPE '\', FALSE)`
	}
	var parts []string
	for word := range strings.FieldsSeq(asked) {
		parts = append(parts, "COALESCE("+folded+" LIKE "+l.bind(containing(word))+` ESCAPE '\', FALSE)`)
	}
	return "(" + strings.Join(parts, " AND ") + ")"
}

var comparisons = map[chat.FilterOp]string{
	chat.FilterEq: " = ", chat.FilterGt: " > ", chat.FilterGte: " >= ", chat.FilterLt: " < ", chat.FilterLte: " <= ",
}

// compare compiles a comparison with a value that convert brings into the
// database's form.
func (l *listing) compare(expr string, f chat.Filter, convert func(chat.Filter, any) (any, *chat.Error)) (string, *chat.Error) {
	if f.Op == chat.FilterIn {
		return l.in(expr, f, convert)
	}
	sign, ok := comparisons[f.Op]
	if !ok {
		return "", wrongOperator(f)
	}
	value, err := convert(f, f.Value)
	if err != nil {
		return "", err
	}
	return "COALESCE(" + expr + sign + l.bind(value) + ", FALSE)", nil
}

func (l *listing) in(expr string, f chat.Filter, convert func(chat.Filter, any) (any, *chat.Error)) (string, *chat.Error) {
	values, _ := f.Value.([]any)
	if len(values) == 0 {
		return "FALSE", nil
	}
	marks := make([]string, len(values))
	for i, v := range values {
		value, err := convert(f, v)
		if err != nil {
			return "", err
		}
		marks[i] = l.bind(value)
	}
	return "COALESCE(" + expr + " IN (" + strings.Join(marks, ", ") + "), FALSE)", nil
}

func (l *listing) flag(expr string, f chat.Filter) (string, *chat.Error) {
	want, ok := f.Value.(bool)
	if !ok {
		return "", wrongValue(f, "true or false")
	}
	if f.Op != chat.FilterEq {
		return "", wrongOperator(f)
	}
	if want {
		return "COALESCE(" + expr + ", FALSE)", nil
	}
	return "(NOT COALESCE(" + expr + ", FALSE))", nil
}

// set compiles what is asked of a field with many values: that one of them is as
// given, or with a list and $eq, that they are all and only those.
func (l *listing) set(elements string, f chat.Filter) (string, *chat.Error) {
	values, isList := f.Value.([]any)
	if !isList {
		values = []any{f.Value}
	}
	one := func(f chat.Filter) (string, *chat.Error) {
		test, err := l.text("e", f)
		return "EXISTS (SELECT 1 FROM (" + elements + ") elements WHERE " + test + ")", err
	}
	switch {
	case f.Op == chat.FilterAutocomplete || f.Op == chat.FilterQ:
		return one(f)
	case f.Op == chat.FilterIn || !isList && (f.Op == chat.FilterEq || f.Op == chat.FilterContains):
		return one(chat.Filter{Op: chat.FilterIn, Field: f.Field, Value: values})
	case f.Op != chat.FilterEq:
		return "", wrongOperator(f)
	}
	parts := []string{"(SELECT COUNT(*) FROM (" + elements + ") elements) = " + strconv.Itoa(len(values))}
	for _, v := range values {
		part, err := one(chat.Filter{Op: chat.FilterEq, Field: f.Field, Value: v})
		if err != nil {
			return "", err
		}
		parts = append(parts, part)
	}
	return "(" + strings.Join(parts, " AND ") + ")", nil
}

// own compiles a comparison of one of the callers' own fields.
func (l *listing) own(f chat.Filter) (string, *chat.Error) {
	path, err := l.path(f.Field)
	if err != nil {
		return "", err
	}
	mark := l.bind(path)
	there := l.dialect.jsonType(l.noun.custom, mark)
	switch f.Op {
	case chat.FilterExists:
		if f.Value == true {
			return "(" + there + " IS NOT NULL)", nil
		}
		return "(" + there + " IS NULL)", nil
	case chat.FilterIn, chat.FilterContains:
		return l.ownContains(mark, f)
	case chat.FilterAutocomplete, chat.FilterQ:
		return "(COALESCE(" + l.dialect.isText(there) + ", FALSE) AND " +
			l.words(l.dialect.jsonValue(l.noun.custom, mark), f) + ")", nil
	}
	if f.Value == nil {
		return "COALESCE(" + there + " = 'null', TRUE)", nil
	}
	sign, ok := comparisons[f.Op]
	if !ok {
		return "", wrongOperator(f)
	}
	return l.ownCompare(there, l.dialect.jsonValue(l.noun.custom, mark), sign, f)
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
		text, err := json.Marshal(v)
		if err != nil {
			return "", wrongValue(f, "plain values")
		}
		test = l.dialect.isArray(kind, value, l.bind(string(text)))
	}
	return "COALESCE(" + test + ", FALSE)", nil
}

// ownContains holds where the field, or one element of it, is one of the values.
func (l *listing) ownContains(mark string, f chat.Filter) (string, *chat.Error) {
	values, isList := f.Value.([]any)
	if !isList {
		values = []any{f.Value}
	}
	var parts []string
	for _, v := range values {
		part, err := l.ownCompare("e_type", "e_value", " = ", chat.Filter{Op: chat.FilterEq, Field: f.Field, Value: v})
		if err != nil {
			return "", err
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return "FALSE", nil
	}
	return "EXISTS (SELECT 1 FROM (" + l.dialect.jsonElements(l.noun.custom, mark) + ") elements WHERE " +
		strings.Join(parts, " OR ") + ")", nil
}

// path is the place of one of the callers' own fields, "a" or "a.b" for b in a.
func (l *listing) path(name string) (string, *chat.Error) {
	if l.noun.custom == "" {
		return "", chat.Invalid(name, "There is no field %q to filter or sort by.", name)
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }) {
		return "", chat.Invalid(name, "A field's name has no quotes, backslashes or control characters.")
	}
	name = strings.TrimPrefix(name, "custom.")
	return l.dialect.jsonPath(strings.Split(name, ".")), nil
}

// order compiles a sort.
func (l *listing) order(by []chat.Sort) (string, *chat.Error) {
	var parts []string
	for _, s := range by {
		expr, err := l.sortBy(s.Field)
		if err != nil {
			return "", err
		}
		direction := ""
		if s.Down {
			direction = " DESC"
		}
		// Both databases put what is missing last then.
		parts = append(parts, "CASE WHEN "+expr+" IS NULL THEN 1 ELSE 0 END", expr+direction)
	}
	return strings.Join(append(parts, l.noun.tie), ", "), nil
}

func (l *listing) sortBy(name string) (string, *chat.Error) {
	known, ok := l.noun.fields[name]
	switch {
	case ok && known.kind == ofSet:
		return "", chat.Invalid(name, "Nothing can be sorted by %q.", name)
	case ok:
		return known.expr(l), nil
	}
	path, err := l.path(name)
	if err != nil {
		return "", err
	}
	return l.dialect.jsonSort(l.noun.custom, l.bind(path)), nil
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
