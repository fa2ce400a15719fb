package store

import (
	"strings"
)

// jsonPath returns the arguments for the placeholders of a jsonPlace.
func (d dialect) jsonPath(steps []string) []any {
	if d == onSQLite {
		return []any{`$."` + strings.Join(steps, `"."`) + `"`}
	}
	path := make([]any, len(steps))
	for i, step := range steps {
		path[i] = step
	}
	return path
}

// at is SQL for the value at a place on PostgreSQL. A step is always the name of a field, never an
// array index.
func (p jsonPlace) at() string {
	return "(CAST(" + p.column + " AS jsonb) -> CAST(" + strings.Join(p.marks, " AS text) -> CAST(") + " AS text))"
}

// jsonType is SQL for the type of the value at a place, NULL if there is no value. Except for
// 'null', the two databases name types differently.
func (d dialect) jsonType(p jsonPlace) string {
	if d == onSQLite {
		return "json_type(" + p.column + ", " + p.marks[0] + ")"
	}
	return "jsonb_typeof(" + p.at() + ")"
}

// jsonValue is SQL for the value at a place: on SQLite the value itself, on PostgreSQL as text.
func (d dialect) jsonValue(p jsonPlace) string {
	if d == onSQLite {
		return "json_extract(" + p.column + ", " + p.marks[0] + ")"
	}
	return "(" + p.at() + ` #>> '{}') COLLATE "C"`
}

// jsonText is SQL for the text at one fixed key.
func (d dialect) jsonText(column, key string) string {
	if d == onSQLite {
		return "(" + column + " ->> '" + key + "')"
	}
	return "(CAST(" + column + " AS jsonb) ->> '" + key + `') COLLATE "C"`
}

// jsonTexts is a subquery of the texts in the array at one fixed key.
func (d dialect) jsonTexts(column, key string) string {
	if d == onSQLite {
		return "SELECT value AS e FROM json_each(" + column + ", '$." + key + "')"
	}
	return `SELECT e COLLATE "C" AS e FROM jsonb_array_elements_text(COALESCE(CAST(` + column + " AS jsonb) -> '" + key + "', '[]')) AS t(e)"
}

// jsonItems is a subquery of an array's elements: texts themselves, objects by their type.
func (d dialect) jsonItems(list string) string {
	if d == onSQLite {
		return "SELECT CASE WHEN type = 'object' THEN COALESCE(value ->> '$.type', '') ELSE value END AS e FROM json_each(" + list + ")"
	}
	return `SELECT COALESCE(CASE WHEN jsonb_typeof(x) = 'object' THEN x ->> 'type' ELSE x #>> '{}' END, '') COLLATE "C" AS e
		FROM jsonb_array_elements(CAST(` + list + ` AS jsonb)) AS t(x)`
}

// jsonElements is a subquery of the type and value of an array's elements, or of the value itself
// if it isn't an array.
func (d dialect) jsonElements(p jsonPlace) string {
	if d == onSQLite {
		return "SELECT type AS e_type, value AS e_value FROM json_each(" + p.column + ", " + p.marks[0] + ") WHERE json_type(" +
			p.column + ", " + p.marks[0] + ") <> 'object'"
	}
	x := p.at()
	return `SELECT jsonb_typeof(e) AS e_type, (e #>> '{}') COLLATE "C" AS e_value FROM jsonb_array_elements(
		CASE jsonb_typeof(` + x + `) WHEN 'array' THEN ` + x + ` ELSE jsonb_build_array(` + x + `) END) AS t(e)`
}

func (d dialect) isText(kind string) string {
	if d == onSQLite {
		return kind + " = 'text'"
	}
	return kind + " = 'string'"
}

// jsonNumber is SQL for a value as a number, NULL if it isn't one.
func (d dialect) jsonNumber(kind, value string) string {
	test := kind + " = 'number'"
	if d == onSQLite {
		test = kind + " IN ('integer', 'real')"
	}
	return "(CASE WHEN " + test + " THEN CAST(" + value + " AS DOUBLE PRECISION) END)"
}

func (d dialect) isBool(kind, value string, want bool) string {
	word := "false"
	if want {
		word = "true"
	}
	if d == onSQLite {
		return kind + " = '" + word + "'"
	}
	return kind + " = 'boolean' AND " + value + " = '" + word + "'"
}

// isArray is SQL that compares an array with one in canonical form (see [sqlstore.Canonical]):
// SQLite compares the texts.
func (d dialect) isArray(kind, value, mark string) string {
	if d == onSQLite {
		return kind + " = 'array' AND " + value + " = json(" + mark + ")"
	}
	return "CASE WHEN " + kind + " = 'array' THEN CAST(" + value + " AS jsonb) = CAST(" + mark + " AS jsonb) END"
}
