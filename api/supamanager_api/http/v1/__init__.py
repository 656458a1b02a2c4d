"""The dialect of the official tools: `/v1/*`. Studio uses some of it as well."""
