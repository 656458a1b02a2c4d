"""The operator: makes every `SupabaseProject` real and reports its conditions."""
