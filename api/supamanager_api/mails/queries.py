"""Queries of the outbox."""

from __future__ import annotations

from uuid import UUID

from supamanager_api import sql
from supamanager_api.mails.model import CountRow, MailRow

ENQUEUE = sql.Exec[UUID, str, str, bytes]("EnqueueMail")
CLAIM = sql.One[MailRow, float]("ClaimMail")
SENT = sql.Exec[int, int]("FinishMail")
POSTPONE = sql.Exec[int, int, float, str]("PostponeMail")
GIVE_UP = sql.Exec[int, int, str]("GiveMailUp")
WAITING = sql.One[CountRow]("CountWaitingMails")
FORGET = sql.Exec[()]("DeleteOldMails")
