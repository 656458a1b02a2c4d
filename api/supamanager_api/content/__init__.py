"""What people keep about a project: SQL snippets, reports and log queries, in folders."""
