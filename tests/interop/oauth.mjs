// Sign in by OAuth with the TypeScript SDK, list the tools, and print what came back as JSON.
//
//   node oauth.mjs NODE_MODULES sdk|client URL TOKEN
//
// The user is this script, too: it opens the page and sends its form.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, sdk, url, token] = process.argv.slice(2);
const { resolve } = createRequire(`${folder}/`);
const load = (name) => import(pathToFileURL(resolve(name)));
const former = sdk === "sdk"; // version 1
const names = former ? ["sdk/client/index.js", "sdk/client/streamableHttp.js"] : ["client", "client"];
const [main, http] = await Promise.all(names.map((name) => load(`@modelcontextprotocol/${name}`)));

const redirectUrl = "http://localhost:53682/callback";
const kept = {};
let landed;
const authProvider = {
  redirectUrl,
  clientMetadata: { client_name: `TypeScript ${sdk}`, redirect_uris: [redirectUrl] },
  state: () => "a state",
  clientInformation: () => kept.client,
  saveClientInformation: (client) => void (kept.client = client),
  tokens: () => kept.tokens,
  saveTokens: (tokens) => void (kept.tokens = tokens),
  codeVerifier: () => kept.verifier,
  saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
  async redirectToAuthorization(address) {
    const page = await fetch(address);
    const form = new URLSearchParams({ token, answer: "allow" });
    for (const [, name, value] of (await page.text()).matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g))
      form.set(name, value);
    const cookie = page.headers.getSetCookie()[0].split(";")[0];
    const answer = await fetch(new URL(page.url).origin + "/oauth/consent", {
      method: "POST",
      body: form,
      headers: { cookie },
      redirect: "manual",
    });
    landed = new URL(answer.headers.get("location")).searchParams;
  },
};

const connect = async () => {
  const transport = new http.StreamableHTTPClientTransport(new URL(url), { authProvider });
  const client = new main.Client({ name: "test", version: "1" }, { versionNegotiation: { mode: "auto" } });
  try {
    await client.connect(transport);
  } catch (error) {
    if (!landed || kept.tokens) throw error;
    await transport.finishAuth(former ? landed.get("code") : landed);
    return connect();
  }
  return client;
};
const client = await connect();
const { tools } = await client.listTools();
await client.close();
console.log(
  JSON.stringify({
    tools: tools.map((tool) => tool.name),
    state: landed.get("state"),
    iss: landed.get("iss"),
    scope: kept.tokens.scope,
    secret: kept.client.client_secret ?? null,
  }),
);
