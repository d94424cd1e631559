// Written by Sage, which takes it out again with `sage connect opencode --remove`.
import { spawn } from "node:child_process"
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const [HOOK, ...WORDS] = "__HOOK__"
const SPACE = "__SPACE__"
const PATIENCE_MS = { start: 1000, prompt: 1000, stop: 6000 }
const MAX_BYTES = 1000000
const MAX_ORIGINS = 5

// Return an open file that has no name any more, for its owner alone.
function fileWith(text) {
  const folder = mkdtempSync(join(tmpdir(), "sage-"))
  try {
    const path = join(folder, "event")
    writeFileSync(path, text, { mode: 0o600 })
    return openSync(path, "r")
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

// Return what the hook answered, null where it did not end by itself in time.
// All that the hook needs is handed over before this returns, and opencode may end while the hook of a stop works.
function call(event, payload) {
  return new Promise((resolve) => {
    let answer = ""
    try {
      const space = SPACE ? ["--space", SPACE] : []
      const detached = event === "stop"
      const input = fileWith(JSON.stringify(payload))
      try {
        const child = spawn(HOOK, [...WORDS, event, "--client", "opencode", ...space], { stdio: [input, "pipe", "ignore"], detached })
        const impatient = setTimeout(() => { if (!detached) child.kill(); resolve(null) }, PATIENCE_MS[event])
        const done = (text) => { clearTimeout(impatient); resolve(text) }
        child.on("error", () => done(null))
        child.on("close", (code) => done(code === 0 ? answer : null))
        child.stdout.on("data", (data) => { answer += data })
      } finally {
        closeSync(input)
      }
    } catch {
      resolve(null)
    }
  })
}

const spoken = (parts) =>
  parts.filter((part) => part.type === "text" && !part.synthetic).map((part) => part.text).join("\n\n")

// A hook reads no more than a few megabytes.
function pieces(messages) {
  const found = []
  let room = 0
  for (const message of messages) {
    const size = Buffer.byteLength(JSON.stringify(message))
    if (size > room) {
      found.push([])
      room = MAX_BYTES
    }
    found.at(-1).push(message)
    room -= size
  }
  return found
}

// `opencode run` puts a prompt between quotes.
const unquoted = (text) => text.replace(/^"([^]*)"$/, "$1")

// A fork gets copies of the messages of the other session, with ids of their own and the old times.
const isCopy = (session, { info }) => info.time.created < (session.time?.created ?? 0)

// Return how a session begins, and of a fork the session that it was forked from, where that is told.
async function beginning(client, session, earlier) {
  const copies = earlier.filter((message) => isCopy(session, message))
  if (!copies.length) return { source: earlier.length ? "resume" : "startup" }
  const told = /^([^]*) \(fork #(\d+)\)$/.exec(session.title ?? "")
  if (!told) return { source: "fork" }
  const title = told[2] === "1" ? told[1] : `${told[1]} (fork #${told[2] - 1})`
  const { created } = copies.at(-1).info.time
  const all = (await client.session.list()).data ?? []
  const alike = all.filter((one) => one.title === title && one.time.created <= created && !one.parentID)
  for (const one of alike.slice(0, MAX_ORIGINS)) {
    const { data } = await client.session.messages({ path: { id: one.id } })
    if (data?.some(({ info }) => info.time.created === created)) return { source: "fork", forked_from: one.id }
  }
  return { source: "fork" }
}

// Add to the messages of a session what an event reports of them.
function note(messages, type, { info, part, messageID, partID }) {
  const id = info?.id ?? part?.messageID ?? messageID
  if (type === "message.removed") {
    messages.delete(id)
    return
  }
  if (!messages.has(id)) messages.set(id, { parts: new Map() })
  const message = messages.get(id)
  if (type === "message.updated") message.info = info
  if (part?.type === "text") message.parts.set(part.id, part)
  if (type === "message.part.removed") message.parts.delete(partID)
}

export const Sage = async ({ client, directory }) => {
  // The messages of each session that was prompted, and the ids of those that a hook took. opencode
  // reports them: asked for at the end of a turn, they come after `opencode run` has ended.
  const sessions = new Map()
  const unfinished = new Set()

  async function tell(session_id, { messages, known }) {
    const untold = [...messages.values()]
      .filter(({ info }) => info && !known.has(info.id))
      .map(({ info, parts }) => ({ info, text: spoken([...parts.values()]) }))
      .map(({ info, text }) => ({
        id: info.id,
        role: info.role,
        text: info.role === "user" ? unquoted(text) : text,
        at: new Date(info.time.created).toISOString(),
        turn: info.parentID ?? info.id,
      }))
      .filter(({ text }) => text)
    // What was undone is gone once something else was written.
    const undone = [...known].filter((id) => !messages.has(id))
    const prompt = untold.find(({ role }) => role === "user")
    if (prompt && undone.length) prompt.replaces = undone
    for (const piece of pieces(untold)) {
      // A hook that was killed, or came to the end of its time, says nothing: tell it again at the next end.
      if (!(await call("stop", { session_id, cwd: directory, messages: piece }))) break
      for (const { id } of piece) {
        known.add(id)
        messages.get(id)?.parts.clear()
      }
    }
    if (prompt && known.has(prompt.id)) undone.forEach((id) => known.delete(id))
  }

  return {
    "chat.message": async (input, output) => {
      const session_id = input.sessionID
      const path = { id: session_id }
      const events = sessions.has(session_id) ? ["prompt"] : ["start", "prompt"]
      let began = {}
      if (events[0] === "start") {
        const messages = new Map()
        try {
          const { data: session } = await client.session.get({ path })
          if (session?.parentID) return
          const { data } = await client.session.messages({ path })
          const earlier = (data ?? []).filter(({ info }) => info.id !== output.message.id)
          for (const message of earlier.filter((one) => !isCopy(session ?? {}, one))) {
            note(messages, "message.updated", message)
            for (const part of message.parts) note(messages, "message.part.updated", { part })
          }
          began = await beginning(client, session ?? {}, earlier)
        } catch {}
        sessions.set(session_id, { messages, known: new Set() })
      }
      const prompt = unquoted(spoken(output.parts))
      for (const event of events) {
        try {
          const answer = await call(event, { session_id, cwd: directory, prompt, ...began })
          const text = answer && JSON.parse(answer).additionalContext
          if (text) {
            const id = `prt_sage${Date.now()}${event}`
            const messageID = output.message.id
            output.parts.push({ id, sessionID: session_id, messageID, type: "text", text, synthetic: true })
          }
        } catch {}
      }
    },
    event: async ({ event: { type, properties } }) => {
      try {
        const session_id = properties.sessionID ?? (properties.info ?? properties.part)?.sessionID
        const session = sessions.get(session_id)
        if (!session) return
        if (type.startsWith("message.")) note(session.messages, type, properties)
        if (type !== "session.idle") return
        const told = tell(session_id, session)
        unfinished.add(told)
        told.finally(() => unfinished.delete(told)).catch(() => {})
      } catch {}
    },
    // opencode waits for this before it ends: it may be all that keeps a container running.
    dispose: async () => { await Promise.allSettled(unfinished) },
  }
}
