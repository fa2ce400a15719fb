package sqlstore

// ReferenceColumns lists the columns that References reads, as table.column.
func ReferenceColumns() (list []string) {
	for _, r := range references {
		for _, column := range r.texts {
			list = append(list, r.table+"."+column)
		}
	}
	return list
}
