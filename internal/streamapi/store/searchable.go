package store

// searchable is what filters and sorts may ask of one kind of thing.
type searchable struct {
	fields map[string]field
	custom string            // column of the callers' own fields, "" if there are none
	others map[string]string // columns of the fields of other things, by what their names begin with
	tie    string            // the order of rows that are equal otherwise
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
	// expr returns the field's value in SQL: for a set, a subquery with the elements in
	// the column e.
	expr func(l *statement) string
	null bool // the value can be NULL
	// text is the column with the value's [fold.Text]; "" if there is none, and only ASCII
	// letters are folded in searches.
	text string
	sort string // the column with the value's [fold.Key]; "" to sort by text or by the value
	// holds is a faster test than expr for whether a set has one of those texts.
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

// folded sets the column with the folded form of a field's text.
func (f field) folded(text string) field {
	f.text = text
	return f
}

// sorted sets the column that a field sorts by.
func (f field) sorted(key string) field {
	f.sort = key
	return f
}
