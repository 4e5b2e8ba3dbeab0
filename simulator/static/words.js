// What the phone itself says, in its own two languages. The service's language is chosen within the service.

const WORDS = {
  en: {
    title: "Handset for CP2 by phone",
    help: "Click the keys, or type: letters and digits go to the screen, Enter is the left soft key, Backspace clears, Esc hangs up, the arrows scroll.",
    phone: "Phone", screen: "Phone screen", this_phone: "This phone", number: "Number", network: "Network",
    number_good: "Calls as {phone}. Open another tab with another number for a second phone.",
    number_bad: "{phone} is not a Kenyan mobile number; it is used as it stands.",
    no_number: "Give the phone a number first.",
    session: "Session", elapsed: "Time", idle: "Idle", septets: "Screen", seconds_of: "{n} of {all} s",
    septets_of: "{n} of {all} septets", not_gsm: "{n} units, not GSM-7!",
    state_none: "none", state_open: "open", state_asking: "asking", Success: "ended by the service",
    Incomplete: "incomplete", Failed: "failed",
    hops: "Hops", no_hops: "What the network posts to the service, and what comes back, is listed here.",
    hop_text: "text", hop_reply: "reply", hop_length: "septets",
    dial: "Dial", dial_code: "Dial {code}", call: "Call", hang_up: "Hang up", send: "Send", cancel: "Cancel", clear: "Clear",
    ok: "OK", back: "Back", menu: "Menu", open: "Open", read: "Read", reply: "Reply", select: "Select", redial: "Redial",
    up: "Up", down: "Down", star: "star", hash: "hash",
    inbox: "Inbox", inbox_n: "Inbox ({n})", write: "Write message", sent: "Sent messages", language: "Lugha: Kiswahili",
    empty: "No messages", one_new: "1 new message", many_new: "{n} new messages",
    waiting: "Requesting...", ended: "Session ended", timed_out: "Session timed out",
    problem: "Connection problem or invalid MMI code.", lost: "No signal: the simulator does not answer.",
    to: "To {to}", from: "From {from}", units: "{units} septets, {segments} segment(s)",
    sms_counter: "{left} left, SMS {segments}", message_sent: "Message sent",
    sending: "sending", waiting_again: "not taken yet, will be sent again", delivered: "delivered", expired: "given up",
    left_key: "Left soft key: {what}", middle_key: "Middle key: {what}", right_key: "Right soft key: {what}", nothing: "nothing",
  },
  sw: {
    title: "Simu ya majaribio ya CP2",
    help: "Bofya vitufe, au andika: herufi na tarakimu huenda kwenye skrini, Enter ni kitufe cha kushoto, Backspace hufuta, Esc hukata, mishale husogeza.",
    phone: "Simu", screen: "Skrini ya simu", this_phone: "Simu hii", number: "Nambari", network: "Mtandao",
    number_good: "Inapiga kama {phone}. Fungua kichupo kingine chenye nambari nyingine kupata simu ya pili.",
    number_bad: "{phone} si nambari ya simu ya Kenya; inatumika ilivyo.",
    no_number: "Ipe simu nambari kwanza.",
    session: "Kipindi", elapsed: "Muda", idle: "Kimya", septets: "Skrini", seconds_of: "Sek {n} kati ya {all}",
    septets_of: "Septeti {n} kati ya {all}", not_gsm: "{n}, si GSM-7!",
    state_none: "hakuna", state_open: "kiko wazi", state_asking: "inauliza", Success: "huduma imemaliza",
    Incomplete: "hakikukamilika", Failed: "kimeshindwa",
    hops: "Hatua", no_hops: "Yanayotumwa na mtandao kwa huduma, na majibu yake, huorodheshwa hapa.",
    hop_text: "maandishi", hop_reply: "jibu", hop_length: "septeti",
    dial: "Piga", dial_code: "Piga {code}", call: "Piga", hang_up: "Kata", send: "Tuma", cancel: "Ghairi", clear: "Futa",
    ok: "Sawa", back: "Rudi", menu: "Menyu", open: "Fungua", read: "Soma", reply: "Jibu", select: "Chagua", redial: "Piga tena",
    up: "Juu", down: "Chini", star: "nyota", hash: "reli",
    inbox: "Kikasha", inbox_n: "Kikasha ({n})", write: "Andika ujumbe", sent: "Zilizotumwa", language: "Language: English",
    empty: "Hakuna ujumbe", one_new: "Ujumbe mpya 1", many_new: "Jumbe mpya {n}",
    waiting: "Inaomba...", ended: "Kipindi kimeisha", timed_out: "Muda wa kipindi umeisha",
    problem: "Tatizo la muunganisho au msimbo batili wa MMI.", lost: "Hakuna mtandao: kiigaji hakijibu.",
    to: "Kwa {to}", from: "Kutoka {from}", units: "Septeti {units}, sehemu {segments}",
    sms_counter: "zimebaki {left}, SMS {segments}", message_sent: "Ujumbe umetumwa",
    sending: "unatumwa", waiting_again: "haujapokelewa, utatumwa tena", delivered: "umefika", expired: "umeachwa",
    left_key: "Kitufe cha kushoto: {what}", middle_key: "Kitufe cha kati: {what}", right_key: "Kitufe cha kulia: {what}", nothing: "hakuna",
  },
};

export const LANGUAGES = Object.keys(WORDS);

export function speaker(language) {
  return (name, values = {}) =>
    (WORDS[language][name] ?? name).replace(/\{(\w+)\}/g, (blank, key) => values[key] ?? blank);
}
