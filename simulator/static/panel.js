// The panel at the side of the phone: the session's clocks, the length of its screen, its hops.

const $ = (id) => document.getElementById(id);
const HURRY = 0.8; // of a clock: from here on it is shown as pressing

export function showMeters(phone, say) {
  const { session } = phone;
  const limits = session?.limits || { session: 180, idle: 30 };
  const { elapsed, idle } = phone.clocks();
  meter("elapsed", elapsed, limits.session, say("seconds_of", seconds(elapsed, limits.session)));
  meter("idle", idle, limits.idle, say("seconds_of", seconds(idle, limits.idle)));
  const n = session?.septets || 0;
  const foreign = session?.alphabet === "ucs2";
  meter("septets", n, 160, foreign ? say("not_gsm", { n }) : say("septets_of", { n, all: 160 }));
  for (const id of ["septets", "septets-text"]) $(id).classList.toggle("wrong", Boolean(session) && !session.fits);
  const state = phone.busy ? "state_asking" : !session ? "state_none" : session.state === "open" ? "state_open" : session.status;
  $("badge").textContent = say(state);
  $("badge").dataset.state = state;
}

const seconds = (n, all) => ({ n: Math.min(Math.floor(n), all), all });

function meter(id, value, most, text) {
  const bar = $(id);
  [bar.max, bar.value] = [most, Math.min(value, most)];
  bar.classList.toggle("hurry", id !== "septets" && value > HURRY * most);
  if ($(`${id}-text`).textContent !== text) $(`${id}-text`).textContent = text;
}

export function showHops(phone, say) {
  const hops = phone.session?.hops || [];
  const key = JSON.stringify([phone.session?.session, hops, say("hops")]);
  if ($("hops").dataset.shown === key) return;
  $("hops").dataset.shown = key;
  $("no-hops").hidden = hops.length > 0;
  $("hops-box").hidden = hops.length === 0;
  $("hops").replaceChildren(...hops.map(hopRow));
  $("hops-box").scrollTop = $("hops-box").scrollHeight;
}

function hopRow(hop, place) {
  const row = document.createElement("tr");
  if (hop.error) row.className = "wrong";
  const reply = hop.error || hop.reply.replaceAll("\n", " ↵ ");
  const cells = [place + 1, hop.text === "" ? "–" : hop.text, hop.twin ? `${reply} [×2: ${hop.twin}]` : reply, hop.septets, hop.ms];
  row.append(...cells.map((text) => {
    const cell = document.createElement("td");
    const line = document.createElement("div");
    line.textContent = text;
    cell.append(line);
    return cell;
  }));
  if (hop.septets > 160 || hop.alphabet !== "gsm7") row.cells[3].className = "wrong";
  row.cells[2].title = hop.reply;
  return row;
}
