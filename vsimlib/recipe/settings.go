// SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
)

// sources are the files with the structs of the settings: their comments are what Settings says of each.
//
//go:embed recipe.go model.go
var sources embed.FS

// Setting explains one setting.
type Setting struct {
	Name     string            `json:"name"`     // section.name
	Type     string            `json:"type"`     // in words
	Defaults map[string]string `json:"defaults"` // by preset, as Set takes them
	Meaning  string            `json:"meaning"`
}

// Settings explains all settings, in the order of the structs.
func Settings() ([]Setting, error) {
	meanings, err := comments()
	if err != nil {
		return nil, fmt.Errorf("recipe: its own comments: %w", err)
	}
	var list []Setting
	for _, section := range structFields("", &Recipe{}) {
		structure := section.value.Type()
		for i, f := range structFields(section.name, section.value.Addr().Interface()) {
			list = append(list, Setting{Name: f.full(), Type: kindName(f.value.Interface()), Defaults: map[string]string{},
				Meaning: meanings[structure.Name()][structure.Field(i).Name]})
		}
	}
	for _, preset := range Presets() {
		r, _ := Preset(preset)
		for i, value := range r.Assignments() {
			list[i].Defaults[preset] = value.Value
		}
	}
	return list, nil
}

// Assignment is a setting with a value, as Set takes it.
type Assignment struct{ Name, Value string }

func (a Assignment) String() string { return a.Name + "=" + a.Value }

// Assignments lists all settings, in the order of the structs.
func (r Recipe) Assignments() []Assignment {
	var list []Assignment
	for _, f := range r.fields() {
		value := f.json()
		switch f.value.Kind() {
		case reflect.String:
			value = f.value.String()
		case reflect.Slice:
			value = strings.Trim(value, "[]")
		}
		list = append(list, Assignment{f.full(), value})
	}
	return list
}

// comments are those of the fields of the structs, by the names of both.
func comments() (map[string]map[string]string, error) {
	all := map[string]map[string]string{}
	for _, name := range []string{"recipe.go", "model.go"} {
		text, err := sources.ReadFile(name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if structure, ok := spec.Type.(*ast.StructType); ok {
				all[spec.Name.Name] = ofFields(structure)
			}
			return false
		})
	}
	return all, nil
}

// ofFields are the comments of a struct's fields: over the field, or behind it.
func ofFields(structure *ast.StructType) map[string]string {
	found := map[string]string{}
	for _, field := range structure.Fields.List {
		words := strings.Join(strings.Fields(field.Doc.Text()+" "+field.Comment.Text()), " ")
		for _, name := range field.Names {
			// "WeightTag multiplies …", "MaxASR is the number …": a reader of the settings knows it by another name.
			meaning := strings.TrimPrefix(words, name.Name+" ")
			if meaning != words {
				meaning = strings.TrimPrefix(meaning, "is ")
			}
			found[name.Name] = meaning
		}
	}
	return found
}
