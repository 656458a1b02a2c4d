"""The audit log: who changed what, as one chain of entries that only grows.

The database writes it by itself (`sql/migrations/0005_audit.sql`); here it is read and verified.
"""
