// Keyboard first: j and k move, Enter opens, r and c act on what is selected.
(() => {
  "use strict";
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const selected = () => document.querySelector("[data-row].selected");
  const typing = (target) =>
    target.matches("input, textarea, select") || target.isContentEditable;

  // On a phone the pages' names are one row that scrolls.
  document.querySelector(".top nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  function select(row, scroll = true) {
    selected()?.classList.remove("selected");
    if (!row) return;
    row.classList.add("selected");
    row.focus({ preventScroll: true });
    if (scroll) row.scrollIntoView({ block: "nearest" });
  }

  function move(step) {
    const all = rows();
    const here = all.indexOf(selected());
    const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step;
    if (all[next]) select(all[next]);
  }

  function submit(form) {
    if (form) form.requestSubmit();
    return Boolean(form);
  }

  function correct() {
    const all = rows();
    const row = selected() ?? all.find((one) => one.querySelector("[data-unsure]")) ?? all[0];
    const details = row?.querySelector("details.understood");
    if (!details) return false;
    select(row);
    details.open = true;
    details.querySelector("[data-pick]")?.focus();
    return true;
  }

  function pick(digit) {
    const open = document.activeElement?.closest("details.understood[open]");
    const scope = open ?? selected()?.querySelector("details.understood[open]");
    const button = scope?.querySelector(`[data-pick="${digit}"]`);
    button?.click();
    return Boolean(button);
  }

  function toCanned() {
    const first = document.querySelector("[data-insert]");
    first?.focus();
    return Boolean(first);
  }

  // A canned answer goes where the cursor is; without script the server adds it.
  function insert(button) {
    const field = button.form.querySelector("textarea");
    const blank = field.value && !/\s$/.test(field.value.slice(0, field.selectionStart));
    field.setRangeText((blank ? " " : "") + button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function canned(digit) {
    const button = document.activeElement?.closest(".canned")?.querySelector(`[data-canned="${digit}"]`);
    if (button) insert(button);
    return Boolean(button);
  }

  const acts = {
    i: toCanned,
    j: () => move(1),
    k: () => move(-1),
    r: () =>
      submit(selected()?.querySelector("form[data-key=r]")) ||
      submit(document.querySelector("aside form[data-key=r]")),
    c: correct,
    a: () => document.querySelector("[data-answer]")?.focus(),
    u: () => document.querySelector("[data-up]")?.click(),
    "/": () => document.querySelector("[data-search]")?.focus(),
    "?": () => document.getElementById("help")?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.isComposing || event.altKey) return;
    if (target.matches("textarea") && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      submit(target.form);
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") {
      if (typing(target)) target.blur();
      else document.activeElement?.closest("details[open]")?.removeAttribute("open");
      return;
    }
    if (typing(target) || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && target.matches("[data-row]")) {
      target.querySelector("[data-open]")?.click();
      return;
    }
    const done = /^[1-9]$/.test(event.key) ? canned(event.key) || pick(event.key) : acts[event.key] && (acts[event.key](), true);
    if (done) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-help]")) acts["?"]();
    const button = event.target.closest("[data-insert]");
    if (button) {
      event.preventDefault();
      insert(button);
    }
  });

  // Others see who types; it also keeps the conversation from going back to the bot.
  document.addEventListener("input", (event) => {
    const doing = document.getElementById("doing");
    if (doing && event.target.matches("[data-answer]"))
      doing.value = event.target.value.trim() ? "answering" : "reading";
  });

  // A sound when one more waits: only if it is switched on, and after a first gesture,
  // as browsers want it. Made here; nothing is loaded.
  const bell = document.querySelector("[data-bell]");
  const KEPT = "bonretour:bell";
  let audio = null;
  function wake() {
    if (bell?.getAttribute("aria-pressed") === "true") audio ??= new AudioContext();
    audio?.resume();
  }
  function ring() {
    if (!bell || bell.getAttribute("aria-pressed") !== "true" || !audio) return;
    bell.dataset.rung = Number(bell.dataset.rung ?? 0) + 1;
    for (const [note, after] of [[660, 0], [880, 0.16]]) {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      const at = audio.currentTime + after;
      tone.frequency.value = note;
      volume.gain.setValueAtTime(0.0001, at);
      volume.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.35);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.4);
    }
  }
  if (bell) {
    bell.hidden = false;
    bell.setAttribute("aria-pressed", String(localStorage.getItem(KEPT) === "on"));
    bell.addEventListener("click", () => {
      const on = bell.getAttribute("aria-pressed") !== "true";
      bell.setAttribute("aria-pressed", String(on));
      localStorage.setItem(KEPT, on ? "on" : "off");
      wake();
    });
    for (const gesture of ["pointerdown", "keydown"]) document.addEventListener(gesture, wake);
  }

  // After a correction in the queue the next one is selected.
  document.addEventListener("htmx:afterSwap", (event) => {
    const done = event.target.closest?.("[data-row].done") ?? null;
    const place = rows().indexOf(done);
    const next = rows().slice(place + 1).find((row) => !row.classList.contains("done"));
    if (done && next) select(next);
  });

  // The badge of who waits is in the title too, for a tab in the background.
  const title = document.title;
  document.addEventListener("htmx:afterSettle", () => {
    const waits = document.getElementById("waits")?.textContent.trim();
    document.title = waits ? `(${waits}) ${title}` : title;
    if (waits === undefined) return;
    const before = Number(sessionStorage.getItem("bonretour:waits") ?? 0);
    if (Number(waits) > before) ring();
    sessionStorage.setItem("bonretour:waits", String(Number(waits)));
  });

  const target = document.getElementById(location.hash.slice(1) || "none");
  if (target && target.matches("[data-row]")) select(target, false);
})();
