package wire

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
)

// Patch is a partial update: fields to set and fields to remove, by name or dotted path.
type Patch struct {
	Set   map[string]any
	Unset []string
}

const maxPatch = 100 // the maximum number of fields of one patch

// Apply changes an object's standard fields, given as pointers by name, and its custom data. It
// copies the custom data first, so that a refused patch changes nothing.
func (p Patch) Apply(fields map[string]any, custom *map[string]any) error {
	if len(p.Set)+len(p.Unset) > maxPatch {
		return Invalid("a partial update changes at most %d fields", maxPatch)
	}
	changed := copied(*custom)
	for name, value := range p.Set {
		if err := p.setOne(fields, changed, name, value); err != nil {
			return err
		}
	}
	for _, name := range p.Unset {
		if _, both := p.Set[name]; both {
			return Invalid("%q is both set and unset", name)
		}
		if err := unsetOne(fields, changed, name); err != nil {
			return err
		}
	}
	*custom = changed
	return nil
}

func (p Patch) setOne(fields, custom map[string]any, name string, value any) error {
	name = strings.TrimPrefix(name, "custom.")
	if name == "custom" {
		whole, ok := value.(map[string]any)
		if !ok {
			return Invalid("custom must be an object")
		}
		maps.Copy(custom, whole)
		return nil
	}
	first, rest, nested := strings.Cut(name, ".")
	target, known := fields[first]
	switch {
	case known && nested:
		return setNested(target, first, rest, value)
	case known:
		return assign(target, name, value)
	case nested:
		return setPath(custom, strings.Split(name, "."), value)
	}
	custom[name] = value
	return nil
}

func unsetOne(fields, custom map[string]any, name string) error {
	name = strings.TrimPrefix(name, "custom.")
	first, rest, nested := strings.Cut(name, ".")
	target, known := fields[first]
	switch {
	case known && nested:
		if whole, ok := target.(*map[string]any); ok {
			*whole = copied(*whole)
			unsetPath(*whole, strings.Split(rest, "."))
			return nil
		}
		return Invalid("%q has no fields", first)
	case known:
		reflect.ValueOf(target).Elem().SetZero()
	default:
		unsetPath(custom, strings.Split(name, "."))
	}
	return nil
}

// setNested sets a field within a standard field that is an object.
func setNested(target any, name, rest string, value any) error {
	whole, ok := target.(*map[string]any)
	if !ok {
		return Invalid("%q has no fields", name)
	}
	*whole = copied(*whole)
	return setPath(*whole, strings.Split(rest, "."), value)
}

// assign sets a standard field to a value, which must have its type.
func assign(target any, name string, value any) error {
	text, err := json.Marshal(value)
	if err == nil {
		reflect.ValueOf(target).Elem().SetZero()
		err = json.Unmarshal(text, target)
	}
	if err != nil {
		return Invalid("%q must not be %s", name, text)
	}
	return nil
}

func setPath(object map[string]any, path []string, value any) error {
	for _, step := range path[:len(path)-1] {
		inner, ok := object[step].(map[string]any)
		if !ok && object[step] != nil {
			return Invalid("%q has no fields", step)
		}
		inner = copied(inner)
		object[step] = inner
		object = inner
	}
	object[path[len(path)-1]] = value
	return nil
}

func unsetPath(object map[string]any, path []string) {
	for _, step := range path[:len(path)-1] {
		inner, ok := object[step].(map[string]any)
		if !ok {
			return
		}
		inner = copied(inner)
		object[step] = inner
		object = inner
	}
	delete(object, path[len(path)-1])
}

func copied(m map[string]any) map[string]any {
	fresh := make(map[string]any, len(m)+1)
	maps.Copy(fresh, m)
	return fresh
}
