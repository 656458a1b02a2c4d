"""HTTP: thin translations of the services. Dialects: GoTrue (`gotrue`) and `platform`."""
