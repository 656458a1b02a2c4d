"""Projects: what was asked for, written as resources, and what was seen of them."""
