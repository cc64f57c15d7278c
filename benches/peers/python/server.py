"""A missed call taken in with FastAPI, Twilio's helper and asyncpg: the signature is checked, the call, its feed entry
and its job are committed, TwiML is answered. Settings: PORT, DATABASE_URL, PUBLIC_URL, AUTH_TOKEN, POOL, DOCUMENTS (the
documents of a call)."""

import json
import os
from contextlib import asynccontextmanager

import asyncpg
import uvicorn
from fastapi import FastAPI, Request, Response
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import VoiceResponse

INSERT_CALL = """
    INSERT INTO peers.missed_calls (business_id, provider_call, caller_phone, dialled_number, rule, reply, trace)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (business_id, provider_call) DO NOTHING RETURNING id"""
INSERT_FEED = "INSERT INTO peers.feed_events (business_id, call_id, kind, data) VALUES ($1, $2, $3, $4)"
INSERT_JOB = "INSERT INTO peers.jobs (business_id, kind, subject, dedupe, payload) VALUES ($1, $2, $3, $4, $5)"

PUBLIC_URL = os.environ["PUBLIC_URL"]
validator = RequestValidator(os.environ["AUTH_TOKEN"])
with open(os.environ["DOCUMENTS"], encoding="utf-8") as file:
    parsed = json.load(file)
documents = {name: json.dumps(value, separators=(",", ":")) for name, value in parsed.items()}


@asynccontextmanager
async def lifespan(app: FastAPI):
    size = int(os.environ.get("POOL", "32"))
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=4, max_size=size) as pool:
        rows = await pool.fetch("SELECT number, business_id FROM peers.businesses")
        app.state.pool = pool
        app.state.owners = {row["number"]: row["business_id"] for row in rows}
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/healthz")
async def healthz():
    return "ok"


@app.post("/webhooks/twilio/voice")
async def voice(request: Request):
    call = dict(await request.form())
    signature = request.headers.get("x-twilio-signature", "")
    if not validator.validate(PUBLIC_URL + request.url.path, call, signature):
        return Response(status_code=403)
    business = app.state.owners.get(call["To"])
    if business is None:
        return Response(status_code=404)
    async with app.state.pool.acquire() as connection, connection.transaction():
        stored = await connection.fetchval(
            INSERT_CALL,
            business,
            call["CallSid"],
            call["From"],
            call["To"],
            documents["rule"],
            documents["reply"],
            documents["trace"],
        )
        if stored is not None:
            await connection.execute(INSERT_FEED, business, stored, "call_received", documents["feed"])
            await connection.execute(
                INSERT_JOB, business, "auto_text", call["From"], f"call_{stored}", documents["job"]
            )
    twiml = VoiceResponse()
    twiml.say(parsed["reply"]["words"]["text"], language="en-US")
    twiml.hangup()
    return Response(str(twiml), media_type="text/xml")


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
