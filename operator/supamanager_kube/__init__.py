"""What the operator and the management API must agree on: the resource, its names, labels,
conditions and Secrets. Every module but `client` is pure."""
