package store

// searchable is what filters and sorts may ask of one kind of thing.
type searchable struct {
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

// field is one of its own fields.
type field struct {
	kind fieldKind
	// expr gives the field's value in SQL. Of a set it is a subquery that gives the
	// elements as the column e.
	expr func(l *statement) string
	null bool // the value can be NULL
	// text is the value's [fold.Text] where that is kept; elsewhere words are found with
	// only ASCII letters folded.
	text string
	sort string // the value's [fold.Key] where that is kept; "" to sort by text or by the value
	// holds is a quicker test than expr's for a set that has one of those texts.
	holds func(texts string) string
}

// is makes a field of fixed SQL that is never NULL, so that indexes serve it.
func is(kind fieldKind, text string) field {
	return field{kind: kind, expr: func(*statement) string { return text }}
}

// perhaps makes a field of fixed SQL that can be NULL.
func perhaps(kind fieldKind, text string) field {
	f := is(kind, text)
	f.null = true
	return f
}

// folded says where the folded form of a field's text is kept.
func (f field) folded(text string) field {
	f.text = text
	return f
}

// sorted says where the form that a field sorts by is kept.
func (f field) sorted(key string) field {
	f.sort = key
	return f
}
