"""JSON that a reader of YAML understands alike: how the body of an apply is written.

YAML knows no surrogate pairs, as `json.dumps` writes characters beyond U+FFFF, and takes some
characters that JSON may hold as they are for line breaks, or refuses them.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

_UNPRINTABLE: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def write(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if not text.isascii() or "\x7f" in text:
        text = _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    # Half of a surrogate pair is for the server to refuse.
    return text.encode("utf-8", "surrogatepass")
