// The length of a text while it is being typed; the simulator counts what was sent by itself.

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡" +
  "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
const EXTENSION = new Set("\f^{}\\[~]|€");
const ROOM = { gsm7: [160, 153], ucs2: [70, 67] };

export function measure(text) {
  const signs = [...text];
  const alphabet = signs.every((sign) => BASIC.has(sign) || EXTENSION.has(sign)) ? "gsm7" : "ucs2";
  const widths = signs.map((sign) => (alphabet === "gsm7" ? (EXTENSION.has(sign) ? 2 : 1) : sign.length));
  const units = widths.reduce((sum, width) => sum + width, 0);
  const [alone, shared] = ROOM[alphabet];
  return { alphabet, units, room: alone, segments: units <= alone ? 1 : parts(widths, shared) };
}

function parts(widths, room) {
  let segments = 1, used = 0;
  for (const width of widths) {
    if (used + width > room) { segments += 1; used = 0; }
    used += width;
  }
  return segments;
}
