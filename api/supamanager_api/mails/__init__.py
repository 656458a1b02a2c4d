"""Mails: an outbox in the database, and the SMTP server that it is emptied into."""
