package store

// searchable describes the fields of one kind of entity that filters and sorts may use.
type searchable struct {
	fields map[string]field
	custom string            // column of the custom fields, "" if there are none
	others map[string]string // columns with the custom fields of related entities, by the prefix of their names
	tie    string            // the order of rows that are otherwise equal
}

// fieldKind says how a field's values are compared.
type fieldKind int

const (
	ofText   fieldKind = iota
	ofNumber           // bigint
	ofMoment           // microseconds, 0 for none
	ofFlag             // true or false
	ofSet              // many texts
)

// field is a standard field.
type field struct {
	kind fieldKind
	// expr returns SQL for the field's value. For a set it is a subquery with the elements in the
	// column e.
	expr func(l *statement) string
	null bool // the value can be NULL
	// text is the column with the value's [fold.Text]. If it is "", searches fold only ASCII
	// letters.
	text string
	sort string // the column with the value's [fold.Key]; "" to sort by text or the value
	// holds returns a faster test than expr for whether a set contains one of the texts; may be
	// nil.
	holds func(texts string) string
}

// is returns a field of fixed SQL that is never NULL, so that indexes are used.
func is(kind fieldKind, text string) field {
	return field{kind: kind, expr: func(*statement) string { return text }}
}

// perhaps returns a field of fixed SQL that can be NULL.
func perhaps(kind fieldKind, text string) field {
	f := is(kind, text)
	f.null = true
	return f
}

// folded returns the field with the column of its folded text.
func (f field) folded(text string) field {
	f.text = text
	return f
}

// sorted returns the field with the column that it sorts by.
func (f field) sorted(key string) field {
	f.sort = key
	return f
}
