// Command verdicts says what Flux makes of resources, with its own libraries: the status that it
// waits for where nobody told it better (kstatus), and the one by expressions of a Kustomization.
//
// It reads {"expressions": {"current": …, "inProgress": …, "failed": …}, "resources": […]} and
// prints a list of {"kstatus": …, "message": …, "expressions": …}, one for each resource.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type question struct {
	Expressions kustomize.HealthCheckExpressions `json:"expressions"`
	Resources   []json.RawMessage                `json:"resources"`
}

type verdict struct {
	Kstatus     string `json:"kstatus"`
	Message     string `json:"message"`
	Expressions string `json:"expressions"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var asked question
	decoder := json.NewDecoder(os.Stdin)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&asked); err != nil {
		return fmt.Errorf("reading the question: %w", err)
	}
	evaluator, err := cel.NewStatusEvaluator(&asked.Expressions)
	if err != nil {
		return err
	}
	verdicts := make([]verdict, 0, len(asked.Resources))
	for index, raw := range asked.Resources {
		given, err := judge(evaluator, raw)
		if err != nil {
			return fmt.Errorf("resource %d: %w", index, err)
		}
		verdicts = append(verdicts, given)
	}
	return json.NewEncoder(os.Stdout).Encode(verdicts)
}

func judge(evaluator *cel.StatusEvaluator, raw []byte) (verdict, error) {
	var resource unstructured.Unstructured
	if err := resource.UnmarshalJSON(raw); err != nil {
		return verdict{}, err
	}
	general, err := status.Compute(&resource)
	if err != nil {
		return verdict{}, fmt.Errorf("kstatus: %w", err)
	}
	told, err := evaluator.Evaluate(context.Background(), &resource)
	if err != nil {
		return verdict{}, fmt.Errorf("expressions: %w", err)
	}
	return verdict{
		Kstatus:     general.Status.String(),
		Message:     general.Message,
		Expressions: told.Status.String(),
	}, nil
}
