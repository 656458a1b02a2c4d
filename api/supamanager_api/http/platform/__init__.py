"""The dialect of Studio: `/platform/*`, and the bare paths of its 2024 generation."""
