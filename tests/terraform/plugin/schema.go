package main

import (
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// As `terraform providers schema -json` prints it.
type providerSchema struct {
	Provider    schema            `json:"provider"`
	Resources   map[string]schema `json:"resource_schemas"`
	DataSources map[string]schema `json:"data_source_schemas"`
}

type schema struct {
	Version int64 `json:"version"`
	Block   block `json:"block"`
}

type block struct {
	Attributes map[string]attribute `json:"attributes"`
	Blocks     map[string]nested    `json:"block_types"`
}

type attribute struct {
	Type     json.RawMessage `json:"type"`
	Required bool            `json:"required"`
	Optional bool            `json:"optional"`
	Computed bool            `json:"computed"`
}

type nested struct {
	Mode     string `json:"nesting_mode"`
	MinItems int64  `json:"min_items"`
	Block    block  `json:"block"`
}

var modes = map[string]tfprotov5.SchemaNestedBlockNestingMode{
	"list":   tfprotov5.SchemaNestedBlockNestingModeList,
	"set":    tfprotov5.SchemaNestedBlockNestingModeSet,
	"map":    tfprotov5.SchemaNestedBlockNestingModeMap,
	"single": tfprotov5.SchemaNestedBlockNestingModeSingle,
}

func converted(schemas map[string]schema) (map[string]*tfprotov5.Schema, error) {
	made := map[string]*tfprotov5.Schema{}
	for name, one := range schemas {
		schema, err := one.converted()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		made[name] = schema
	}
	return made, nil
}

func (s schema) converted() (*tfprotov5.Schema, error) {
	made, err := s.Block.converted()
	return &tfprotov5.Schema{Version: s.Version, Block: made}, err
}

func (b block) converted() (*tfprotov5.SchemaBlock, error) {
	made := &tfprotov5.SchemaBlock{}
	for name, one := range b.Attributes {
		kind, err := tftypes.ParseJSONType(one.Type) //nolint:staticcheck // the notation of the JSON is the wire's
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		made.Attributes = append(made.Attributes, &tfprotov5.SchemaAttribute{
			Name: name, Type: kind, Required: one.Required, Optional: one.Optional, Computed: one.Computed,
		})
	}
	for name, one := range b.Blocks {
		inner, err := one.Block.converted()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		made.BlockTypes = append(made.BlockTypes, &tfprotov5.SchemaNestedBlock{
			TypeName: name, Nesting: modes[one.Mode], MinItems: one.MinItems, Block: inner,
		})
	}
	return made, nil
}

// wrong tells what is set though it is only to be read, which Terraform leaves to providers to find.
func (s schema) wrong(config *tfprotov5.DynamicValue) ([]*tfprotov5.Diagnostic, error) {
	made, err := s.converted()
	if err != nil {
		return nil, err
	}
	value, err := config.Unmarshal(made.ValueType())
	if err != nil {
		return nil, err
	}
	set := map[string]tftypes.Value{}
	if err := value.As(&set); err != nil {
		return nil, err
	}
	var found []*tfprotov5.Diagnostic
	for name, one := range s.Block.Attributes {
		if one.Computed && !one.Optional && !set[name].IsNull() {
			found = append(found, &tfprotov5.Diagnostic{
				Severity:  tfprotov5.DiagnosticSeverityError,
				Summary:   fmt.Sprintf("%s is only to be read", name),
				Attribute: tftypes.NewAttributePath().WithAttributeName(name),
			})
		}
	}
	return found, nil
}
