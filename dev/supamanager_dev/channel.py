"""Two clients of Realtime in one channel, in the words of its protocol (Phoenix, version 1.0.0)."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import aiohttp

from supamanager_dev.errors import DevError

_SECONDS: Final = 30.0
_EVENT: Final = "smoke"


class ChannelFailed(DevError):
    """Says what was waited for."""


def broadcast(url: str, *, key: str, topic: str, said: dict[str, Any]) -> dict[str, Any]:
    """What the second client hears when the first one says something.

    Raises:
        ChannelFailed
    """
    return asyncio.run(_broadcast(url, key, f"realtime:{topic}", said))


async def _broadcast(url: str, key: str, topic: str, said: dict[str, Any]) -> dict[str, Any]:
    parameters = {"apikey": key, "vsn": "1.0.0"}
    try:
        async with (
            asyncio.timeout(_SECONDS),
            aiohttp.ClientSession() as session,
            session.ws_connect(url, params=parameters) as speaker,
            session.ws_connect(url, params=parameters) as listener,
        ):
            for client in (speaker, listener):
                await _join(client, topic, key)
            await speaker.send_json(
                {
                    "topic": topic,
                    "event": "broadcast",
                    "payload": {"type": "broadcast", "event": _EVENT, "payload": said},
                    "ref": "2",
                    "join_ref": "1",
                }
            )
            while True:
                message = await listener.receive_json()
                if message["event"] == "broadcast" and message["payload"]["event"] == _EVENT:
                    heard: dict[str, Any] = message["payload"]["payload"]
                    return heard
    except TimeoutError as error:
        raise ChannelFailed(f"{topic}: nothing was heard in {_SECONDS:.0f} s") from error
    except aiohttp.WSServerHandshakeError as error:
        # Its text has the whole URL, and so the key.
        raise ChannelFailed(f"{topic}: the WebSocket is refused with {error.status}") from error
    except (aiohttp.ClientError, TypeError) as error:
        # TypeError: aiohttp's word for a connection that ends where a message is waited for.
        raise ChannelFailed(f"{topic}: {error}") from error


async def _join(client: aiohttp.ClientWebSocketResponse, topic: str, key: str) -> None:
    await client.send_json(
        {
            "topic": topic,
            "event": "phx_join",
            "payload": {
                "config": {
                    "broadcast": {"ack": False, "self": False},
                    "presence": {"key": ""},
                    "postgres_changes": [],
                    "private": False,
                },
                "access_token": key,
            },
            "ref": "1",
            "join_ref": "1",
        }
    )
    while True:
        message = await client.receive_json()
        if message["event"] == "phx_reply" and message["ref"] == "1":
            if message["payload"]["status"] != "ok":
                raise ChannelFailed(f"{topic}: it may not be joined: {message['payload']}")
            return
