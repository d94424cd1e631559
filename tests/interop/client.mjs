// Save, search and read with the TypeScript SDK; print what came back as JSON.
//
//   node client.mjs NODE_MODULES sdk|client URL
//   node client.mjs NODE_MODULES sdk|client COMMAND ARGUMENT...
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, sdk, ...server] = process.argv.slice(2);
const { resolve } = createRequire(`${folder}/`);
const load = (name) => import(pathToFileURL(resolve(name)));
const former = sdk === "sdk"; // version 1
const names = former
  ? ["sdk/client/index.js", "sdk/client/streamableHttp.js", "sdk/client/stdio.js"]
  : ["client", "client", "client/stdio"];
const [main, http, stdio] = await Promise.all(
  names.map((name) => load(`@modelcontextprotocol/${name}`)),
);

const [command, ...args] = server;
const transport = command.startsWith("http")
  ? new http.StreamableHTTPClientTransport(new URL(command))
  : new stdio.StdioClientTransport({ command, args, env: process.env, stderr: "ignore" });
const client = new main.Client({ name: "test", version: "1" }, { versionNegotiation: { mode: "auto" } });
await client.connect(transport);
const call = (name, args) => client.callTool({ name, arguments: args });
const { tools } = await client.listTools();
const session_id = `tea of ${sdk}`;
const saved = await call("save_conversation", {
  user_prompt: "我最喜欢乌龙茶",
  assistant_response: "记住了",
  session_id,
});
const found = await call("search_memory", { query: "乌龙茶", session_id, after: null });
const wrong = await call("search_memory", { query: "x", n: "five" });
const uri = `sage://memory/session/${encodeURIComponent(session_id)}`;
const { contents } = await client.readResource({ uri });
const prompt = await client.getPrompt({ name: "auto_context_injection", arguments: { query: "乌龙茶" } });
await client.close();
console.log(
  JSON.stringify({
    tools: tools.map((tool) => tool.name),
    saved: saved.structuredContent.saved,
    found: found.structuredContent.results.map((hit) => hit.content),
    wrong: wrong.content[0].text,
    kept: JSON.parse(contents[0].text).memories.map((memory) => memory.content),
    prompt: prompt.messages[0].content.text,
  }),
);
