// What HTML cannot do: single keys, copying, a menu that closes. Every page works without it.
const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector) => [...document.querySelectorAll(selector)];
document.documentElement.classList.add("js");

const say = (text) => {
  const line = $("#said");
  line.textContent = "";
  requestAnimationFrame(() => { line.textContent = text; });
};

const copy = async (button) => {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch { // without TLS, but on loopback, there is no clipboard: the text is shown, and selected
    const shown = document.createElement("code");
    shown.textContent = button.dataset.copy;
    button.replaceWith(shown);
    getSelection().selectAllChildren(shown);
    return;
  }
  const told = $("#said").dataset.copied, before = button.textContent;
  button.textContent = told;
  say(told);
  setTimeout(() => { button.textContent = before; }, 1600);
};

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]"), copier = event.target.closest("[data-copy]");
  if (opener) $("#" + opener.dataset.open).showModal();
  if (copier) copy(copier);
  for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  const chosen = event.target.files?.[0];
  if (chosen) { // the file is dated, and one that is too large is not sent in vain
    const { most, tooLarge } = event.target.dataset;
    event.target.form.elements.written_at.value = new Date(chosen.lastModified).toISOString();
    event.target.setCustomValidity(chosen.size > +most ? tooLarge : "");
    event.target.reportValidity();
  }
  if (event.target.id === "single-keys") localStorage.setItem("sage-keys", event.target.checked ? "on" : "off");
});
const keysAreOff = () => localStorage.getItem("sage-keys") === "off";
$("#single-keys").checked = !keysAreOff();

document.addEventListener("submit", (event) => {
  const button = $("[data-sending]", event.target);
  if (button) { button.textContent = button.dataset.sending; say(button.dataset.sending); }
});
document.addEventListener("formdata", (event) => { // clean addresses: no empty arguments
  if (event.target.method !== "get") return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});

// One stop for Tab in the calendar; arrows go by days and weeks.
const place = (day) => ["x", "y"].map((name) => +day.firstElementChild.getAttribute(name));
const roving = () => {
  for (const map of $$("[data-roving]")) {
    const days = [...map.querySelectorAll("a")];
    for (const day of days) day.setAttribute("tabindex", "-1");
    (map.querySelector("a.on") ?? days.at(-1))?.setAttribute("tabindex", "0");
  }
};
roving();
document.addEventListener("htmx:after:swap", roving);
document.addEventListener("keydown", (event) => {
  const day = event.target.closest?.("[data-roving] a"), [across, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
  if (!day || across === down) return;
  event.preventDefault();
  const [x, y] = place(day), order = (one) => { const [left, top] = place(one); return (left - x) * 100 + top - y; };
  const ahead = [...day.closest("svg").querySelectorAll("a")].filter((one) => {
    const [left, top] = place(one);
    return across ? top === y && Math.sign(left - x) === across : Math.sign(order(one)) === down;
  }).sort((a, b) => Math.abs(order(a)) - Math.abs(order(b)));
  if (!ahead.length) return;
  day.setAttribute("tabindex", "-1");
  ahead[0].setAttribute("tabindex", "0");
  ahead[0].focus();
});

// Single keys, unless they are off or somebody is typing.
let before = "", at = 0;
const messages = () => $$(".msg");
const here = () => document.activeElement.closest?.(".msg") ?? $(".msg.hit") ?? messages()[0];
const moved = (all, now, by) => all[Math.max(0, Math.min(all.length - 1, now + by))];
const step = (by) => {
  if ($(".msg")) {
    const now = document.activeElement.closest?.(".msg") ?? $(".msg.hit");
    moved(messages(), messages().indexOf(now), by).focus();
    return;
  }
  const all = $$("[data-why]"), now = all.findIndex((link) => link.hasAttribute("aria-current"));
  moved(all, now, by)?.click();
};
const keys = {
  "/": () => { const field = $("#q"); if (field) { field.focus(); field.select(); } else $("[data-key=s]")?.click(); },
  "?": () => $("#keys").showModal(),
  j: () => step(1),
  k: () => step(-1),
  o: () => $("[data-open-hit]")?.click(),
  e: () => $("[data-edit]", here())?.click(),
  u: () => $("[data-undo]")?.click(),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || keysAreOff()) return;
  if (event.target.closest("input, textarea, select, dialog")) return;
  const page = before === "g" && Date.now() - at < 900 && $(`[data-key="${CSS.escape(event.key)}"]`);
  before = event.key;
  at = Date.now();
  if (page) { page.click(); return; }
  const act = keys[event.key];
  const message = event.target.closest(".msg");
  if (event.key === "x" && message) $("[data-forget]", message)?.click(); // what has the focus alone
  if (event.key === "t" && message) $("[data-confirm]", message)?.click();
  if (act) { event.preventDefault(); act(); }
});
document.addEventListener("htmx:after:swap", () => { $("article.found.on")?.scrollIntoView({ block: "nearest" }); });
const strip = $(".connecting .list ol"); // on a phone the list is a line
if (strip) strip.scrollLeft = $("[aria-current]", strip).offsetLeft - strip.offsetLeft - 40;
