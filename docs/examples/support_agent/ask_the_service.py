"""Asks the service of fastapi_app.py as two users, and as somebody who guesses a key; without a network.

.venv/bin/python docs/examples/support_agent/ask_the_service.py
"""

import json

from fastapi.testclient import TestClient
from fastapi_app import app

if __name__ == "__main__":
    client = TestClient(app)
    for key in ("alice-key", "bob-key", "a-guess"):
        answer = client.post("/chat", content="my lamp broke", headers={"Authorization": f"Bearer {key}"})
        print(key, answer.status_code)
        for event in map(json.loads, answer.text.splitlines() if answer.is_success else ()):
            if event["kind"] == "tool_end":
                print(" ", event["tool"], event["status"], event["code"])
