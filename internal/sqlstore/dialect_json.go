package sqlstore

import "strings"

// What the two databases do differently with JSON that is kept as text. A mark is
// the placeholder of a path that jsonPath made.

// pathSeparator stands between the steps of a path on PostgreSQL; no field's name
// has it.
const pathSeparator = "\x1f"

// fold is a text in one case.
func (d dialect) fold(expr string) string { return "lower(" + expr + ")" }

func (d dialect) jsonPath(steps []string) string {
	if d.name == onSQLite.name {
		return `$."` + strings.Join(steps, `"."`) + `"`
	}
	return strings.Join(steps, pathSeparator)
}

func (d dialect) at(column, mark string) string {
	return "(CAST(" + column + " AS jsonb) #> string_to_array(CAST(" + mark + " AS text), chr(31)))"
}

// jsonType is the type of the value at a path, NULL where there is none. The words
// differ, 'null' aside.
func (d dialect) jsonType(column, mark string) string {
	if d.name == onSQLite.name {
		return "json_type(" + column + ", " + mark + ")"
	}
	return "jsonb_typeof(" + d.at(column, mark) + ")"
}

// jsonValue is the value at a path: itself on SQLite, as text on PostgreSQL.
func (d dialect) jsonValue(column, mark string) string {
	if d.name == onSQLite.name {
		return "json_extract(" + column + ", " + mark + ")"
	}
	return "(" + d.at(column, mark) + ` #>> '{}') COLLATE "C"`
}

// jsonSort is what a value at a path sorts by.
func (d dialect) jsonSort(column, mark string) string {
	if d.name == onSQLite.name {
		return "json_extract(" + column + ", " + mark + ")"
	}
	return d.at(column, mark)
}

// jsonText is the text at one fixed key.
func (d dialect) jsonText(column, key string) string {
	if d.name == onSQLite.name {
		return "(" + column + " ->> '" + key + "')"
	}
	return "(CAST(" + column + " AS jsonb) ->> '" + key + `') COLLATE "C"`
}

// jsonTexts is a subquery of the texts in the list at one fixed key.
func (d dialect) jsonTexts(column, key string) string {
	if d.name == onSQLite.name {
		return "SELECT value AS e FROM json_each(" + column + ", '$." + key + "')"
	}
	return "SELECT e FROM jsonb_array_elements_text(COALESCE(CAST(" + column + " AS jsonb) -> '" + key + "', '[]')) AS t(e)"
}

// jsonElements is a subquery of the type and value of a list's elements, or of the
// value itself where it is no list.
func (d dialect) jsonElements(column, mark string) string {
	if d.name == onSQLite.name {
		return "SELECT type AS e_type, value AS e_value FROM json_each(" + column + ", " + mark + ") WHERE type <> 'object'"
	}
	x := d.at(column, mark)
	return `SELECT jsonb_typeof(e) AS e_type, (e #>> '{}') COLLATE "C" AS e_value FROM jsonb_array_elements(
		CASE jsonb_typeof(` + x + `) WHEN 'array' THEN ` + x + ` ELSE jsonb_build_array(` + x + `) END) AS t(e)`
}

func (d dialect) isText(kind string) string {
	if d.name == onSQLite.name {
		return kind + " = 'text'"
	}
	return kind + " = 'string'"
}

// jsonNumber is a value as a number, NULL where it is none.
func (d dialect) jsonNumber(kind, value string) string {
	test := kind + " = 'number'"
	if d.name == onSQLite.name {
		test = kind + " IN ('integer', 'real')"
	}
	return "(CASE WHEN " + test + " THEN CAST(" + value + " AS DOUBLE PRECISION) END)"
}

func (d dialect) isBool(kind, value string, want bool) string {
	word := "false"
	if want {
		word = "true"
	}
	if d.name == onSQLite.name {
		return kind + " = '" + word + "'"
	}
	return kind + " = 'boolean' AND " + value + " = '" + word + "'"
}

func (d dialect) isArray(kind, value, mark string) string {
	if d.name == onSQLite.name {
		return kind + " = 'array' AND " + value + " = json(" + mark + ")"
	}
	return "CASE WHEN " + kind + " = 'array' THEN CAST(" + value + " AS jsonb) = CAST(" + mark + " AS jsonb) END"
}
