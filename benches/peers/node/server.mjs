// A missed call taken in with Fastify, Twilio's helper and pg: the signature is checked, the call, its feed entry and its
// job are committed, TwiML is answered. Settings: PORT, DATABASE_URL, PUBLIC_URL, AUTH_TOKEN, POOL, PROCESSES,
// DOCUMENTS (the documents of a call).
import cluster from 'node:cluster';
import { readFileSync } from 'node:fs';
import formbody from '@fastify/formbody';
import Fastify from 'fastify';
import pg from 'pg';
import twilio from 'twilio';

const { PORT, DATABASE_URL, PUBLIC_URL, AUTH_TOKEN, DOCUMENTS } = process.env;
const processes = Number(process.env.PROCESSES ?? 1);

const insertCall = `INSERT INTO peers.missed_calls (business_id, provider_call, caller_phone, dialled_number, rule, reply, trace)
  VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (business_id, provider_call) DO NOTHING RETURNING id`;
const insertFeed = 'INSERT INTO peers.feed_events (business_id, call_id, kind, data) VALUES ($1, $2, $3, $4)';
const insertJob = 'INSERT INTO peers.jobs (business_id, kind, subject, dedupe, payload) VALUES ($1, $2, $3, $4, $5)';

async function store(pool, business, call, documents) {
  const connection = await pool.connect();
  try {
    await connection.query('BEGIN');
    const stored = await connection.query({
      name: 'call',
      text: insertCall,
      values: [business, call.CallSid, call.From, call.To, documents.rule, documents.reply, documents.trace],
    });
    if (stored.rowCount === 1) {
      const id = stored.rows[0].id;
      await connection.query({ name: 'feed', text: insertFeed, values: [business, id, 'call_received', documents.feed] });
      await connection.query({
        name: 'job',
        text: insertJob,
        values: [business, 'auto_text', call.From, `call_${id}`, documents.job],
      });
    }
    await connection.query('COMMIT');
  } catch (error) {
    await connection.query('ROLLBACK');
    throw error;
  } finally {
    connection.release();
  }
}

function answer(words) {
  const twiml = new twilio.twiml.VoiceResponse();
  twiml.say({ language: 'en-US' }, words);
  twiml.hangup();
  return twiml.toString();
}

async function serve() {
  const parsed = JSON.parse(readFileSync(DOCUMENTS, 'utf8'));
  const documents = Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, JSON.stringify(value)]));
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: Number(process.env.POOL ?? 32) });
  const known = await pool.query('SELECT number, business_id FROM peers.businesses');
  const owners = new Map(known.rows.map((row) => [row.number, row.business_id]));
  const app = Fastify();
  await app.register(formbody);
  app.get('/healthz', async () => 'ok');
  app.post('/webhooks/twilio/voice', async (request, reply) => {
    const signature = request.headers['x-twilio-signature'] ?? '';
    if (!twilio.validateRequest(AUTH_TOKEN, signature, PUBLIC_URL + request.url, request.body)) {
      return reply.code(403).send();
    }
    const business = owners.get(request.body.To);
    if (business === undefined) return reply.code(404).send();
    await store(pool, business, request.body, documents);
    return reply.type('text/xml').send(answer(parsed.reply.words.text));
  });
  await app.listen({ host: '127.0.0.1', port: Number(PORT) });
}

if (cluster.isPrimary && processes > 1) {
  for (let n = 0; n < processes; n += 1) cluster.fork();
} else {
  await serve();
}
