// The page: draws the phone's screen, hands each key to it, and keeps the panel at its side.

import { KEYS, LABELS } from "./keypad.js";
import { measure } from "./septets.js";
import { Phone, recall, remember } from "./phone.js";
import { home, notice, over, ussd, waiting, writer } from "./screens.js";
import { LANGUAGES, speaker } from "./words.js";
import { showHops, showMeters } from "./panel.js";

const $ = (id) => document.getElementById(id);
const DEFAULT_NUMBER = "0711000111";
const POLL = 1000, TICK = 200, NOTICE = 1800;
const RUN_ON = new Set(["up", "down"]);

const phone = new Phone(decodeURIComponent(location.hash.slice(1)) || DEFAULT_NUMBER);
let language = LANGUAGES.includes(recall("language")) ? recall("language") : "en";
let screen = null;

// What every screen is given.
const say = (name, values) => speaker(language)(name, values);
const set = { phone, say, dialled: phone.serviceCode, go, dial, answer, hangUp, send, switchLanguage };

function go(next) {
  screen = next;
  $("screen").scrollTop = 0;
  if (next.brief) setTimeout(() => screen === next && go(home(set)), NOTICE);
  draw();
}

// Ask the service something, and show its answer; what comes after hanging up is no longer shown.
async function talk(question) {
  const shown = waiting(set);
  go(shown);
  try {
    await question();
  } catch {
    if (!phone.session || phone.session.state === "open") phone.session = null;
  }
  if (screen === shown) go(phone.session?.state === "open" ? ussd(set) : over(set));
}

function dial(code) {
  if (!phone.number) return;
  set.dialled = code;
  phone.session = null;
  talk(() => phone.dial(code));
}

function answer(input) {
  talk(() => phone.answer(input));
}

async function hangUp() {
  go(home(set));
  if (phone.session?.state === "open") await phone.hangUp().catch(() => {});
  draw();
}

async function send(text) {
  go(notice(set, "message_sent"));
  await phone.send(text).catch(() => go(notice(set, "lost")));
  draw();
}

function switchLanguage(to = language === "en" ? "sw" : "en") {
  language = to;
  remember("language", language);
  label();
  draw();
}

// Every fixed word of the page.
function label() {
  document.documentElement.lang = language;
  document.title = say("title");
  for (const place of document.querySelectorAll("[data-say]")) place.textContent = say(place.dataset.say);
  for (const place of document.querySelectorAll("[data-label]")) place.setAttribute("aria-label", say(place.dataset.label));
  for (const button of $("languages").children) button.setAttribute("aria-pressed", String(button.dataset.language === language));
  for (const [act, word] of Object.entries({ call: "call", end: "hang_up", up: "up", down: "down" }))
    document.querySelector(`[data-act=${act}]`).setAttribute("aria-label", say(word));
  for (const key of $("keys").children) {
    const name = { "*": say("star"), "#": say("hash") }[key.dataset.key] || key.dataset.key;
    key.setAttribute("aria-label", /[2-9]/.test(name) ? `${name} ${KEYS[name].slice(0, -1)}` : name);
  }
}

function draw() {
  const shape = screen.draw();
  $("phone").dataset.screen = screen.name;
  drawBar();
  $("clock").hidden = !shape.idle; // outside what is read aloud, or each minute would be
  fill($("content"), content(shape));
  drawEntry(shape);
  for (const side of ["left", "middle", "right"]) {
    const what = shape.softs[side] || "";
    $(`soft-${side}`).textContent = what;
    const spoken = say(`${side}_key`, { what: what || say("nothing") });
    document.querySelector(`[data-act=${side}]`).setAttribute("aria-label", spoken);
  }
  $("content").querySelector(".chosen")?.scrollIntoView({ block: "nearest" });
  drawPanel();
}

// A part of the page is touched only when it changes, so that it is read aloud once.
function fill(place, parts) {
  const key = JSON.stringify(parts.map((part) => [part.className, part.textContent]));
  if (place.dataset.shown === key) return;
  place.dataset.shown = key;
  place.replaceChildren(...parts);
}

function piece(kind, text) {
  const part = document.createElement("div");
  part.className = kind;
  part.textContent = text;
  return part;
}

function content(shape) {
  if (shape.idle) return shape.lines.filter(Boolean).map((line) => piece("line", line));
  const parts = shape.title ? [piece("head", shape.title)] : [];
  if (shape.number !== undefined) parts.push(piece("number", shape.number));
  for (const row of shape.rows || []) {
    const part = piece(row.chosen ? "row chosen" : "row", row.text);
    if (row.more) part.append(piece("more", row.more));
    parts.push(part);
  }
  if (shape.text) parts.push(piece("text", shape.text));
  if (shape.note) parts.push(piece("note", shape.note));
  return parts;
}

function drawEntry({ entry, counter, tall }) {
  $("entry").hidden = !entry;
  if (!entry) return;
  $("entry").classList.toggle("tall", Boolean(tall));
  $("mode").textContent = `✎ ${entry.mode}`;
  $("counter").textContent = counter || (entry.text ? String(measure(entry.text).units) : "");
  const typed = $("typed");
  typed.textContent = entry.text;
  typed.classList.toggle("open", entry.isOpen());
  typed.scrollTop = typed.scrollHeight;
}

const now = () => new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

function drawBar() {
  $("operator").textContent = phone.reached ? phone.networks[phone.network] || "" : "- - -";
  $("clock").textContent = now();
  $("letter").hidden = !phone.unread;
  $("letter").textContent = `✉${phone.unread}`;
  const good = /^\+254[17]\d{8}$/.test(phone.canonical);
  $("number-hint").textContent = phone.canonical ? say(good ? "number_good" : "number_bad", { phone: phone.canonical }) : "";
  $("quick-dial").textContent = say("dial_code", { code: phone.serviceCode });
}

function drawPanel() {
  const running = phone.session?.state === "open";
  showMeters(phone, say);
  $("time").textContent = running ? $("elapsed-text").textContent : now();
  showHops(phone, say);
}

// Hand a key to the screen; a screen without a use for up and down scrolls.
function act(name, value) {
  const scrolled = RUN_ON.has(name) && !screen[name];
  if (scrolled) $("screen").scrollBy({ top: name === "up" ? -54 : 54 });
  else screen[name]?.(value);
  draw();
}

const KEYBOARD = { Enter: "left", Backspace: "rub", Escape: "end", ArrowUp: "up", ArrowDown: "down" };

function keyboard(event) {
  const inField = event.target.closest("input, select, textarea");
  const onButton = event.target.closest("button") && ["Enter", " "].includes(event.key);
  if (inField || onButton || event.ctrlKey || event.metaKey || event.altKey) return;
  if (KEYBOARD[event.key]) act(KEYBOARD[event.key]);
  else if ([...event.key].length === 1) act("type", event.key);
  else return;
  event.preventDefault();
}

function become(number) {
  phone.become(number.trim());
  history.replaceState(null, "", `#${encodeURIComponent(phone.number)}`);
  $("number").value = phone.number;
  go(home(set));
  refresh();
}

async function refresh() {
  const before = phone.session?.session;
  await phone.refresh();
  drawNetworks();
  const { session } = phone;
  if (screen.name === "ussd" && session?.state !== "open") return go(over(set));
  if (screen.name === "home" && session?.state === "open" && !before) return go(ussd(set));
  draw();
}

function drawNetworks() {
  if ($("network").children.length) return;
  $("network").append(...Object.entries(phone.networks).map(([code, name]) => new Option(name, code)));
}

function makeKeys() {
  const order = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
  $("keys").append(...order.map((key) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.key = key;
    const digit = document.createElement("b");
    digit.textContent = key;
    const letters = document.createElement("small");
    letters.textContent = LABELS[key] ?? KEYS[key].slice(0, -1);
    button.append(digit, letters);
    return button;
  }));
}

// Leave a field that was being filled, so that what stands in it counts. At the click and not at the press:
// a new number moves what stands below it, and the button would be gone from under the mouse.
function leaveField(event) {
  const field = document.activeElement;
  if (event.target.closest("button") && field?.matches("input, select")) field.blur();
}

function listen() {
  document.addEventListener("keydown", keyboard);
  // A button pressed with the mouse takes no focus, so that Enter on the keyboard still sends.
  document.addEventListener("mousedown", (event) => event.target.closest("button") && event.preventDefault());
  document.addEventListener("click", leaveField, { capture: true });
  $("phone").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.key) act("key", button.dataset.key);
    else if (button?.dataset.act) act(button.dataset.act);
  });
  $("languages").addEventListener("click", (event) => event.target.dataset.language && switchLanguage(event.target.dataset.language));
  $("number").addEventListener("change", (event) => become(event.target.value));
  $("number").addEventListener("keydown", (event) => event.key === "Enter" && event.target.blur());
  $("network").addEventListener("change", (event) => { phone.network = event.target.value; draw(); });
  $("quick-dial").addEventListener("click", () => dial(phone.serviceCode));
  $("quick-text").addEventListener("click", () => go(writer(set)));
  window.addEventListener("hashchange", () => become(decodeURIComponent(location.hash.slice(1)) || DEFAULT_NUMBER));
}

async function poll() {
  await refresh();
  setTimeout(poll, POLL);
}

makeKeys();
screen = home(set);
label();
listen();
become(phone.number);
setInterval(drawPanel, TICK);
setTimeout(poll, POLL);
