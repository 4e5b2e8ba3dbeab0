// The way to the simulator, and what this phone knows: its number, its messages, its session.

async function ask(path, data) {
  const options = data && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(data) };
  const answer = await fetch(path, options || {});
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error);
  return body;
}

export class Phone {
  constructor(number) {
    this.inbox = [];
    this.sent = [];
    this.networks = {};
    this.network = "63902";
    this.shortcode = "22262";
    this.serviceCode = "*384*22262#";
    this.reached = true;
    this.turn = 0; // what was asked before a turn of the talk says nothing of the session after it
    this.become(number);
  }

  become(number) {
    this.number = number;
    this.canonical = "";
    this.session = null;
    this.turn += 1;
    this.read = new Set();
    [this.inbox, this.sent] = [[], []];
  }

  get unread() {
    return this.inbox.filter((message) => !this.read.has(message.id)).length;
  }

  markRead(id) {
    this.read.add(id);
    remember(`read ${this.canonical}`, [...this.read]);
  }

  // Take over what the network holds for this number.
  async refresh() {
    const { number, turn } = this;
    if (!number) return;
    try {
      const told = await ask(`/handset?phone=${encodeURIComponent(number)}`);
      if (number !== this.number) return;
      if (told.phone !== this.canonical) this.read = new Set(recall(`read ${told.phone}`) || []);
      [this.canonical, this.inbox, this.sent] = [told.phone, told.inbox, told.sent];
      [this.networks, this.shortcode, this.serviceCode] = [told.networks, told.shortcode, told.service_code];
      if (!this.busy && turn === this.turn) this.keep(told.session);
      this.reached = true;
    } catch {
      this.reached = false;
    }
  }

  keep(session) {
    this.session = session;
    this.heard = Date.now();
  }

  // The clocks of the session, running on between two answers of the simulator.
  clocks() {
    if (!this.session) return { elapsed: 0, idle: 0 };
    const since = this.session.state === "open" ? (Date.now() - this.heard) / 1000 : 0;
    return { elapsed: this.session.elapsed + since, idle: this.busy ? 0 : this.session.idle + since };
  }

  async talk(path, data) {
    const { number } = this;
    this.busy = true;
    this.turn += 1;
    try {
      const told = await ask(path, data);
      if (number === this.number) this.keep(told);
    } finally {
      this.busy = false;
      this.turn += 1;
    }
  }

  dial(code) {
    return this.talk("/dial", { phone: this.number, code, network: this.network });
  }

  answer(input) {
    return this.talk("/input", { session: this.session.session, input });
  }

  hangUp() {
    return this.talk("/hangup", { session: this.session.session });
  }

  async send(text) {
    await ask("/text", { from: this.number, to: this.shortcode, text, network: this.network });
    await this.refresh();
  }
}

export function remember(name, value) {
  try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* a private window keeps nothing */ }
}

export function recall(name) {
  try { return JSON.parse(localStorage.getItem(name)); } catch { return null; }
}
