// Written by Sage, which takes it out again with `sage connect opencode --remove`.
import { spawn } from "node:child_process"

const [HOOK, ...WORDS] = "__HOOK__"
const SPACE = "__SPACE__"
const PATIENCE_MS = { start: 1000, prompt: 1000, stop: 6000 }
const MAX_BYTES = 1000000
const MAX_ORIGINS = 5

// Return what the hook answered, null where it did not end by itself.
function call(event, payload) {
  return new Promise((resolve) => {
    let answer = ""
    try {
      const space = SPACE ? ["--space", SPACE] : []
      const child = spawn(HOOK, [...WORDS, event, "--client", "opencode", ...space], { stdio: ["pipe", "pipe", "ignore"] })
      const impatient = setTimeout(() => { child.kill(); resolve(null) }, PATIENCE_MS[event])
      const done = (text) => { clearTimeout(impatient); resolve(text) }
      child.on("error", () => done(null))
      child.on("close", (code) => done(code === 0 ? answer : null))
      child.stdin.on("error", () => {})
      child.stdout.on("data", (data) => { answer += data })
      child.stdin.end(JSON.stringify(payload))
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

export const Sage = async ({ client, directory }) => {
  const started = new Set()
  const sent = new Map()
  return {
    "chat.message": async (input, output) => {
      const session_id = input.sessionID
      const path = { id: session_id }
      const events = started.has(session_id) ? ["prompt"] : ["start", "prompt"]
      let began = {}
      if (events[0] === "start") {
        try {
          const { data: session } = await client.session.get({ path })
          if (session?.parentID) return
          const { data } = await client.session.messages({ path })
          const earlier = (data ?? []).filter(({ info }) => info.id !== output.message.id)
          began = await beginning(client, session ?? {}, earlier)
        } catch {}
      }
      started.add(session_id)
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
    event: async ({ event }) => {
      if (event.type !== "session.idle") return
      try {
        const session_id = event.properties.sessionID
        const { data: session } = await client.session.get({ path: { id: session_id } })
        if (session?.parentID) return
        const all = await client.session.messages({ path: { id: session_id } })
        if (!sent.has(session_id)) sent.set(session_id, new Set())
        const known = sent.get(session_id)
        const messages = (all.data ?? [])
          .filter((message) => !isCopy(session ?? {}, message))
          .map(({ info, parts }) => ({
            id: info.id,
            role: info.role,
            text: info.role === "user" ? unquoted(spoken(parts)) : spoken(parts),
            at: new Date(info.time.created).toISOString(),
            turn: info.parentID ?? info.id,
          }))
          .filter((message) => message.text && !known.has(message.id))
        // What was undone is gone once something else was written.
        const there = new Set((all.data ?? []).map(({ info }) => info.id))
        const undone = [...known].filter((id) => !there.has(id))
        const prompt = messages.find((message) => message.role === "user")
        if (prompt && undone.length) prompt.replaces = undone
        for (const piece of pieces(messages)) {
          // A hook that was killed, or came to the end of its time, says nothing: tell it again at the next end.
          if (!(await call("stop", { session_id, cwd: directory, messages: piece }))) break
          piece.forEach((message) => known.add(message.id))
        }
        if (prompt && known.has(prompt.id)) undone.forEach((id) => known.delete(id))
      } catch {}
    },
  }
}
