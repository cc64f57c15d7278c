// Signs requests as Twilio's own library expects them. Standard input: a list of {token, url, params} or
// {token, url, body}; standard output: the list of {url, signature}, and whether the library accepts each itself.
import { readFileSync } from "node:fs";
import webhooks from "twilio/lib/webhooks/webhooks.js";

const { getExpectedBodyHash, getExpectedTwilioSignature, validateRequest, validateRequestWithBody } = webhooks;

const signed = JSON.parse(readFileSync(0, "utf8")).map(({ token, url, params, body }) => {
  if (body === undefined) {
    const signature = getExpectedTwilioSignature(token, url, params);
    return { url, signature, accepted: validateRequest(token, signature, url, params) };
  }
  const hashed = `${url}${url.includes("?") ? "&" : "?"}bodySHA256=${getExpectedBodyHash(body)}`;
  const signature = getExpectedTwilioSignature(token, hashed, {});
  return { url: hashed, signature, accepted: validateRequestWithBody(token, signature, hashed, body) };
});
process.stdout.write(JSON.stringify(signed));
