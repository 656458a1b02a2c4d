"""Accounts: sign-up, passwords, sessions and their tokens, profiles."""
