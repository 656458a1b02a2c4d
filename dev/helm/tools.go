//go:build tools

// Package helm pins Helm: this module exists so that its version and checksums live in one go.mod
// and go.sum. It is not that of the control plane, which would then be built with what Helm asks
// for.
package helm

import _ "helm.sh/helm/v4/cmd/helm"
