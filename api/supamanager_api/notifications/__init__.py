"""What people are told about their projects, and what they have seen of it."""
