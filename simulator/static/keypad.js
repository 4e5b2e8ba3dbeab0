// The twelve keys, and typing letters on them.

export const KEYS = {
  1: ".,?!'-@/:1", 2: "abc2", 3: "def3", 4: "ghi4", 5: "jkl5", 6: "mno6", 7: "pqrs7", 8: "tuv8", 9: "wxyz9",
  "*": "*+&()%=_", 0: " 0\n", "#": "#",
};
export const LABELS = { 1: ". , ?", "*": "+", 0: "␣", "#": "⇧" };
const MODES = ["123", "abc", "Abc", "ABC"];
const PAUSE = 1000;

// A line of text with a mode: in 123 a key is a digit, else repeated presses walk through its letters.
export class Entry {
  constructor(mode = "123", text = "") {
    this.text = text;
    this.mode = mode;
    this.key = "";
    this.presses = 0;
    this.at = 0;
  }

  press(key, now = Date.now()) {
    if (this.mode === "123") return this.type(key);
    if (key === "#") return this.shift();
    const again = key === this.key && now - this.at < PAUSE && this.text !== "";
    this.presses = again ? this.presses + 1 : 0;
    const signs = KEYS[key];
    const sign = signs[this.presses % signs.length];
    const kept = again ? this.text.slice(0, -1) : this.text;
    this.text = kept + (this.isUpper(kept) ? sign.toUpperCase() : sign);
    [this.key, this.at] = [key, now];
  }

  type(sign) {
    this.text += sign;
    this.key = "";
  }

  rub() {
    this.text = [...this.text].slice(0, -1).join("");
    this.key = "";
  }

  // Letters or digits.
  toggle() {
    this.mode = this.mode === "123" ? "abc" : "123";
    this.key = "";
  }

  // Small letters, a capital first, or capitals.
  shift() {
    this.mode = MODES[(MODES.indexOf(this.mode) % 3) + 1];
    this.key = "";
  }

  // The letter under the thumb is still open: it may yet change.
  isOpen(now = Date.now()) {
    return this.key !== "" && now - this.at < PAUSE;
  }

  isUpper(kept) {
    return this.mode === "ABC" || (this.mode === "Abc" && (kept === "" || /[.?!]\s*$/.test(kept)));
  }
}
