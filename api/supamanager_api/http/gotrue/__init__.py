"""The dialect of GoTrue: signing in to the dashboard."""
