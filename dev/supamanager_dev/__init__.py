"""The product on one machine: a real control plane, PostgreSQL, operator and API, no containers."""
