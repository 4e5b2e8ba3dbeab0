// What the phone's screen can be. A screen draws itself and says what each key does on it.
// `draw` gives {title, text | rows, entry, counter, softs: {left, middle, right}}; the other names are keys.

import { Entry } from "./keypad.js";
import { measure } from "./septets.js";

export function home(set) {
  const { phone, say, go } = set;
  const unread = () => phone.unread;
  const news = () => (unread() === 1 ? say("one_new") : say("many_new", { n: unread() }));
  return {
    name: "home",
    draw: () => ({
      idle: true,
      lines: [phone.canonical || say("no_number"), unread() ? `✉ ${news()}` : "", phone.reached ? "" : say("lost")],
      softs: { left: say("menu"), middle: unread() ? say("read") : say("dial"), right: say("inbox") },
    }),
    left: () => go(menu(set)),
    middle: () => go(unread() ? inbox(set) : dialler(set, phone.serviceCode)),
    right: () => go(inbox(set)),
    call: () => go(dialler(set, phone.serviceCode)),
    key: (key) => go(dialler(set, key)),
    type: (sign) => /[0-9*#+]/.test(sign) && go(dialler(set, sign)),
  };
}

export function dialler(set, begun) {
  const { say, go } = set;
  const entry = new Entry("123", begun);
  const back = () => (entry.rub(), entry.text || go(home(set)));
  const call = () => set.dial(entry.text);
  return {
    name: "dialler",
    draw: () => ({ number: entry.text, softs: { left: say("call"), right: say("clear") } }),
    left: call, call, right: back, rub: back,
    key: (key) => entry.press(key),
    type: (sign) => /[0-9*#+]/.test(sign) && entry.type(sign),
    end: () => go(home(set)),
  };
}

export function waiting(set) {
  const { say } = set;
  return { name: "waiting", draw: () => ({ text: say("waiting"), softs: { right: say("cancel") } }), right: set.hangUp, end: set.hangUp };
}

export function ussd(set) {
  const { phone, say } = set;
  const entry = new Entry();
  const clear = () => (entry.text ? entry.rub() : set.hangUp());
  const send = () => set.answer(entry.text);
  return {
    name: "ussd",
    draw: () => ({
      text: phone.session.screen,
      entry,
      softs: { left: say("send"), middle: entry.mode === "123" ? "abc" : "123", right: say(entry.text ? "clear" : "cancel") },
    }),
    left: send, call: send, right: clear, rub: () => entry.rub(), middle: () => entry.toggle(), end: set.hangUp,
    key: (key) => entry.press(key),
    type: (sign) => entry.type(sign),
  };
}

export function over(set) {
  const { phone, say, go } = set;
  const session = phone.session;
  const away = () => go(home(set));
  const words = () => {
    if (!session || session.status === "Failed" || !session.status) return say("problem");
    if (session.status === "Success") return session.screen;
    return say(session.error ? "timed_out" : "ended");
  };
  return {
    name: "over",
    draw: () => ({ text: words(), softs: { left: say("ok"), right: say("redial") } }),
    left: away, middle: away, end: away, rub: away, right: () => set.dial(set.dialled), call: () => set.dial(set.dialled),
  };
}

export function notice(set, name) {
  const { say } = set;
  const away = () => set.go(home(set));
  return { name: "notice", draw: () => ({ text: say(name), softs: { left: say("ok") } }), left: away, middle: away, end: away, brief: true };
}

// A list with one row chosen.
function list(set, { name, title, rows, choose, verb, back }) {
  const { say } = set;
  let at = 0;
  const count = () => rows().length;
  const move = (step) => { at = count() ? (at + step + count()) % count() : 0; };
  const chosen = () => count() && choose(rows()[Math.min(at, count() - 1)].value);
  return {
    name,
    draw: () => ({
      title: title(),
      rows: rows().map((row, place) => ({ ...row, chosen: place === Math.min(at, count() - 1) })),
      text: count() ? "" : say("empty"),
      softs: { left: count() ? say(verb) : "", right: say("back") },
    }),
    up: () => move(-1), down: () => move(1), left: chosen, middle: chosen, right: back, rub: back,
    end: () => set.go(home(set)),
    key: (key) => { if (rows()[key - 1]) { at = key - 1; chosen(); } },
    type: (sign) => { if (rows()[sign - 1]) { at = sign - 1; chosen(); } },
  };
}

export function menu(set) {
  const { phone, say, go } = set;
  const choices = () => [
    [phone.unread ? say("inbox_n", { n: phone.unread }) : say("inbox"), () => go(inbox(set))],
    [say("write"), () => go(writer(set))],
    [say("sent"), () => go(sent(set))],
    [say("dial_code", { code: phone.serviceCode }), () => set.dial(phone.serviceCode)],
    [say("language"), () => set.switchLanguage()],
  ];
  return list(set, {
    name: "menu", title: () => say("menu"), verb: "select", back: () => go(home(set)),
    rows: () => choices().map(([text, value], place) => ({ text: `${place + 1} ${text}`, value })),
    choose: (value) => value(),
  });
}

const clock = (at) => new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

export function inbox(set) {
  const { phone, say, go } = set;
  const row = (message) => ({
    text: `${phone.read.has(message.id) ? "  " : "● "}${message.from || "AFRICASTKNG"}  ${clock(message.at)}`,
    more: message.text, value: message,
  });
  return list(set, {
    name: "inbox", title: () => say("inbox"), verb: "open", back: () => go(home(set)),
    rows: () => phone.inbox.map(row).reverse(),
    choose: (message) => { phone.markRead(message.id); go(letter(set, message)); },
  });
}

export function sent(set) {
  const { phone, say, go } = set;
  const state = (text) => say(text.state === "waiting" ? "waiting_again" : text.state);
  return list(set, {
    name: "sent", title: () => say("sent"), verb: "open", back: () => go(menu(set)),
    rows: () => phone.sent.map((text) => ({ text: `→ ${text.to}  ${state(text)}`, more: text.text, value: text })).reverse(),
    choose: (text) => go(letter(set, text, state)),
  });
}

export function letter(set, message, state) {
  const { say, go } = set;
  const back = () => go(state ? sent(set) : inbox(set));
  const reply = () => go(writer(set));
  return {
    name: "letter",
    draw: () => ({
      title: state ? say("to", message) : say("from", { from: message.from || "AFRICASTKNG" }),
      text: message.text, note: `${state ? `${state(message)}. ` : ""}${say("units", message)}`,
      softs: { left: say("reply"), right: say("back") },
    }),
    left: reply, right: back, rub: back, end: () => go(home(set)),
  };
}

export function writer(set) {
  const { phone, say, go } = set;
  const entry = new Entry("Abc");
  const clear = () => (entry.text ? entry.rub() : go(menu(set)));
  const send = () => { if (entry.text) set.send(entry.text); };
  const counter = () => {
    const { units, room, segments } = measure(entry.text);
    const whole = segments === 1 ? room : segments * (room === 160 ? 153 : 67);
    return say("sms_counter", { left: whole - units, segments });
  };
  return {
    name: "writer",
    draw: () => ({
      title: say("to", { to: phone.shortcode }), entry, counter: counter(), tall: true,
      softs: { left: say("send"), middle: entry.mode === "123" ? "abc" : "123", right: say(entry.text ? "clear" : "back") },
    }),
    left: send, call: send, right: clear, rub: () => entry.rub(), middle: () => entry.toggle(),
    key: (key) => entry.press(key), type: (sign) => entry.type(sign), end: () => go(home(set)),
  };
}
