//go:build tools

// Package kind pins kind: its version and checksums live in this module's go.mod and go.sum.
package kind

import _ "sigs.k8s.io/kind"
