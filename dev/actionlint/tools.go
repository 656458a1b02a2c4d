//go:build tools

// Package actionlint pins the linter of GitHub's workflows: its version and checksums live in this
// module's go.mod and go.sum.
package actionlint

import _ "github.com/rhysd/actionlint/cmd/actionlint"
