// Serves one provider's schema to Terraform, from schema.json beside the program, and nothing else: enough to validate a configuration, and for
// `terraform test` with mock_provider. Nothing is ever planned or applied by it.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tfprotov5/tf5server"
)

// server answers what validation asks for; the embedded interface stands for all that is never asked.
type server struct {
	tfprotov5.ProviderServer
	schema providerSchema
}

func (s *server) GetProviderSchema(context.Context, *tfprotov5.GetProviderSchemaRequest) (*tfprotov5.GetProviderSchemaResponse, error) {
	provider, err := s.schema.Provider.converted()
	if err != nil {
		return nil, err
	}
	resources, err := converted(s.schema.Resources)
	if err != nil {
		return nil, err
	}
	sources, err := converted(s.schema.DataSources)
	return &tfprotov5.GetProviderSchemaResponse{Provider: provider, ResourceSchemas: resources, DataSourceSchemas: sources}, err
}

func (s *server) GetResourceIdentitySchemas(context.Context, *tfprotov5.GetResourceIdentitySchemasRequest) (*tfprotov5.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov5.GetResourceIdentitySchemasResponse{}, nil
}

func (s *server) PrepareProviderConfig(_ context.Context, asked *tfprotov5.PrepareProviderConfigRequest) (*tfprotov5.PrepareProviderConfigResponse, error) {
	return &tfprotov5.PrepareProviderConfigResponse{PreparedConfig: asked.Config}, nil
}

func (s *server) ConfigureProvider(context.Context, *tfprotov5.ConfigureProviderRequest) (*tfprotov5.ConfigureProviderResponse, error) {
	return &tfprotov5.ConfigureProviderResponse{}, nil
}

func (s *server) StopProvider(context.Context, *tfprotov5.StopProviderRequest) (*tfprotov5.StopProviderResponse, error) {
	return &tfprotov5.StopProviderResponse{}, nil
}

func (s *server) ValidateResourceTypeConfig(_ context.Context, asked *tfprotov5.ValidateResourceTypeConfigRequest) (*tfprotov5.ValidateResourceTypeConfigResponse, error) {
	wrong, err := s.schema.Resources[asked.TypeName].wrong(asked.Config)
	return &tfprotov5.ValidateResourceTypeConfigResponse{Diagnostics: wrong}, err
}

func (s *server) ValidateDataSourceConfig(_ context.Context, asked *tfprotov5.ValidateDataSourceConfigRequest) (*tfprotov5.ValidateDataSourceConfigResponse, error) {
	wrong, err := s.schema.DataSources[asked.TypeName].wrong(asked.Config)
	return &tfprotov5.ValidateDataSourceConfigResponse{Diagnostics: wrong}, err
}

func main() {
	program, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(filepath.Dir(program), "schema.json"))
	if err != nil {
		log.Fatal(err)
	}
	served := &server{}
	if err := json.Unmarshal(text, &served.schema); err != nil {
		log.Fatal(err)
	}
	name := strings.TrimPrefix(filepath.Base(program), "terraform-provider-")
	serve := func() tfprotov5.ProviderServer { return served }
	if err := tf5server.Serve("registry.terraform.io/hashicorp/"+name, serve); err != nil {
		log.Fatal(err)
	}
}
