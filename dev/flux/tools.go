//go:build tools

// Package flux pins Flux's controllers: this module exists so that their version and checksums
// live in one go.mod and go.sum.
package flux

import (
	_ "github.com/fluxcd/kustomize-controller"
	_ "github.com/fluxcd/source-controller"
)
