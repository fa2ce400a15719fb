package transport

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// validationRules returns the specification's rules, with our own [inputs] instead of the rules
// about input values, whose errors contain neither the field nor a code.
func (in inputs) validationRules() *rules.Rules {
	r := rules.NewDefaultRules()
	for _, name := range []string{
		rules.ValuesOfCorrectTypeRule.Name, rules.ProvidedRequiredArgumentsRule.Name,
		rules.KnownArgumentNamesRule.Name, rules.VariablesInAllowedPositionRule.Name,
		rules.UniqueInputFieldNamesRule.Name,
	} {
		r.RemoveRule(name)
	}
	r.AddRule("Inputs", in.rule)
	if !in.suggest {
		replaceRule(r, rules.FieldsOnCorrectTypeRule, rules.FieldsOnCorrectTypeRuleWithoutSuggestions)
		replaceRule(r, rules.ScalarLeafsRule, rules.ScalarLeafsRuleWithoutSuggestions)
		replaceRule(r, rules.KnownTypeNamesRule, rules.KnownTypeNamesRuleWithoutSuggestions)
	}
	return r
}

func replaceRule(r *rules.Rules, loud, silent core.Rule) {
	r.RemoveRule(loud.Name)
	r.AddRule(silent.Name, silent.RuleFunc)
}

// rule checks every argument of fields and directives, and the defaults of
// variables. It reports the first mistake in each.
func (in inputs) rule(observers *core.Events, report core.AddErrFunc) {
	observers.OnField(func(w *core.Walker, f *ast.Field) {
		if f.Definition != nil {
			in.arguments(w, "", f.Definition.Arguments, f.Arguments, f.Position, report)
		}
	})
	observers.OnDirective(func(w *core.Walker, d *ast.Directive) {
		if d.Definition != nil {
			in.arguments(w, "@"+d.Name, d.Definition.Arguments, d.Arguments, d.Position, report)
		}
	})
	observers.OnVariable(func(_ *core.Walker, v *ast.VariableDefinition) {
		if v.DefaultValue != nil && in.schema.Types[v.Type.Name()] != nil {
			in.report(report, in.literal(v.Type, v.DefaultValue), "$"+v.Variable)
		}
	})
}

// arguments checks the arguments of a field, or of a directive with the given name.
func (in inputs) arguments(w *core.Walker, owner string, defs ast.ArgumentDefinitionList,
	args ast.ArgumentList, at *ast.Position, report core.AddErrFunc,
) {
	for _, a := range args {
		name := clip(a.Name, maxNameShown)
		def := defs.ForName(a.Name)
		if def == nil {
			unknown := &inputError{problem: "is not an argument here", at: a.Position}
			in.report(report, unknown, joinOwner(owner, name))
			continue
		}
		err := in.literal(def.Type, a.Value)
		if err == nil && w.CurrentOperation != nil {
			err = in.variableUse(w.CurrentOperation.VariableDefinitions, a.Value)
		}
		in.report(report, err, joinOwner(owner, name))
	}
	for _, def := range defs {
		if def.Type.NonNull && def.DefaultValue == nil && args.ForName(def.Name) == nil {
			in.report(report, in.isRequired(def.Type).from(at), joinOwner(owner, def.Name))
		}
	}
}

func joinOwner(owner, argument string) string {
	if owner == "" {
		return argument
	}
	return owner + "." + argument
}

// variableUse checks that the variables in a value are allowed in their places.
func (in inputs) variableUse(vars ast.VariableDefinitionList, v *ast.Value) *inputError {
	for i, child := range v.Children {
		if err := in.variableUse(vars, child.Value); err != nil {
			return err.in(partName(v, i))
		}
	}
	if v.Kind != ast.Variable || v.ExpectedType == nil {
		return nil
	}
	def := vars.ForName(v.Raw)
	if def == nil || def.Definition == nil || !def.Definition.IsInputType() || allowed(def, v) {
		return nil // or another rule refuses it
	}
	problem := "takes a " + v.ExpectedType.String() + ", but $" + clip(v.Raw, maxNameShown) + " is declared as another type"
	return (&inputError{problem: problem}).from(v.Position)
}

// partName returns the name of a part of a list or object value in a path.
func partName(v *ast.Value, i int) string {
	if v.Kind == ast.ListValue {
		return item(i)
	}
	return v.Children[i].Name
}

// allowed implements the specification's IsVariableUsageAllowed.
func allowed(def *ast.VariableDefinition, use *ast.Value) bool {
	want := *use.ExpectedType
	hasDefault := def.DefaultValue != nil && def.DefaultValue.Kind != ast.NullValue
	if hasDefault || use.ExpectedTypeHasDefault {
		want.NonNull = false
	}
	return def.Type.IsCompatible(&want)
}

// report reports the error of one argument or variable, if there is one.
func (in inputs) report(report core.AddErrFunc, err *inputError, whole string) {
	if err == nil {
		return
	}
	report(func(g *gqlerror.Error) { *g = *err.in(whole).present("") })
}

// present returns the error in the form that callers see, after an introduction. extensions.field
// contains only names of input fields.
func (e *inputError) present(introduction string) *gqlerror.Error {
	field := e.field
	if strings.HasPrefix(field, "@") || strings.HasPrefix(field, "$") {
		field = ""
	}
	problem := e.problem
	if !strings.HasSuffix(problem, "?") {
		problem += "."
	}
	return requestError(codeInvalidArguments, introduction+e.field+" "+problem, field, e.at)
}
