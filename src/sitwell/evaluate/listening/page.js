"use strict";
// One page a song; all its sounds run together and one is heard, so that choosing another keeps the position.
(() => {
  const test = JSON.parse(document.getElementById("test").textContent);
  const find = (id) => document.getElementById(id);
  const [play, position, time, list, next, state] = ["play", "position", "time", "sounds", "next", "state"].map(find);
  const ratings = [];
  const LATE_S = 0.03;
  let listener = "";
  let pages = [];
  let at = -1;
  let rows = [];
  let heard = 0;
  let unsaved = false;

  // Numbers from a word: the same listener always gets the same order (xmur3 and mulberry32, public domain).
  function numbers(word) {
    let hash = 1779033703 ^ word.length;
    for (const letter of word) {
      hash = Math.imul(hash ^ letter.codePointAt(0), 3432918353);
      hash = (hash << 13) | (hash >>> 19);
    }
    return () => {
      hash = (hash + 0x6d2b79f5) | 0;
      let mixed = Math.imul(hash ^ (hash >>> 15), 1 | hash);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
  }

  function shuffled(items, random) {
    const order = [...items];
    for (let last = order.length - 1; last > 0; last -= 1) {
      const other = Math.floor(random() * (last + 1));
      [order[last], order[other]] = [order[other], order[last]];
    }
    return order;
  }

  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  const playing = () => rows.length > 0 && !rows[heard].audio.paused;

  function row(name, place) {
    const item = document.createElement("li");
    const choose = document.createElement("button");
    const slider = document.createElement("input");
    const shown = document.createElement("output");
    const ends = document.createElement("div");
    const audio = new Audio(`sounds/${name}.flac`);
    audio.preload = "auto";
    audio.loop = true;
    choose.type = "button";
    choose.textContent = `Sound ${place + 1}`;
    Object.assign(slider, { type: "range", min: "0", max: "100", step: "1", value: "50", className: "untouched" });
    slider.setAttribute("aria-label", `Rating of sound ${place + 1}, 0 bad to 100 excellent`);
    shown.textContent = "–";
    ends.className = "ends";
    ends.innerHTML = "<span>bad</span><span>excellent</span>";
    item.append(choose, slider, shown, ends);
    const made = { name, item, choose, slider, shown, audio, rated: false, listened: 0 };
    choose.addEventListener("click", () => hear(place, true));
    const rate = () => {
      made.rated = true;
      unsaved = true;
      slider.className = "";
      shown.textContent = slider.value;
      ready();
    };
    slider.addEventListener("input", rate);
    slider.addEventListener("change", rate);
    audio.addEventListener("timeupdate", () => {
      if (rows[heard] === made) show();
    });
    return made;
  }

  function hear(place, start) {
    const from = rows[heard].audio;
    heard = place;
    const to = rows[heard].audio;
    if (to !== from && Math.abs(to.currentTime - from.currentTime) > LATE_S) to.currentTime = from.currentTime;
    rows.forEach((each, index) => {
      each.audio.muted = index !== heard;
      each.item.className = index === heard ? "heard" : "";
      each.choose.setAttribute("aria-pressed", String(index === heard));
    });
    if (start) rows[heard].listened += 1;
    if (start && from.paused) toggle();
    ready();
  }

  function toggle() {
    if (playing()) {
      rows.forEach((each) => each.audio.pause());
    } else {
      rows[heard].listened = Math.max(rows[heard].listened, 1);
      const where = rows[heard].audio.currentTime;
      rows.forEach((each) => {
        if (Math.abs(each.audio.currentTime - where) > LATE_S) each.audio.currentTime = where;
        each.audio.play().catch((error) => {
          if (error.name !== "AbortError") state.textContent = `A sound cannot be played: ${error.message}`;
        });
      });
    }
    show();
    ready();
  }

  function show() {
    const audio = rows[heard].audio;
    if (Number.isFinite(audio.duration)) position.max = String(audio.duration);
    position.value = String(audio.currentTime);
    position.setAttribute("aria-valuetext", clock(audio.currentTime));
    time.textContent = clock(audio.currentTime);
    play.textContent = playing() ? "Pause" : "Play";
    play.setAttribute("aria-pressed", String(playing()));
  }

  function ready() {
    const left = rows.filter((each) => !each.rated || !each.listened).length;
    next.disabled = left > 0;
    state.textContent = left > 0 ? `${left} of ${rows.length} sounds still to hear and rate` : "All sounds are rated";
  }

  function keep() {
    rows.forEach((each, place) => {
      if (!each.rated) return;
      ratings.push([listener, test.seed, at + 1, place + 1, each.name, each.slider.value, each.listened]);
    });
    rows.forEach((each) => {
      each.audio.pause();
      each.audio.removeAttribute("src");
    });
    rows = [];
  }

  function turn() {
    if (rows.length) keep();
    at += 1;
    if (at >= pages.length) {
      find("rate").hidden = true;
      find("end").hidden = false;
      find("end").querySelector("h1").focus();
      return;
    }
    find("at").textContent = `${at + 1} of ${pages.length}`;
    next.textContent = at + 1 < pages.length ? "Next song" : "Finish";
    rows = pages[at].map(row);
    list.replaceChildren(...rows.map((each) => each.item));
    hear(0, false);
    show();
    find("rate").querySelector("h1").focus();
  }

  const quoted = (value) => (/[",\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));

  function csv() {
    const now = rows
      .map((each, place) => [listener, test.seed, at + 1, place + 1, each.name, each.slider.value, each.listened, each.rated])
      .filter((line) => line[7])
      .map((line) => line.slice(0, 7));
    const head = ["listener", "seed", "page", "place", "sound", "rating", "times_chosen"];
    return [head, ...ratings, ...now].map((line) => line.map(quoted).join(",")).join("\r\n") + "\r\n";
  }

  function save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
    link.download = `ratings-${listener.replace(/[^\p{L}\p{N}_-]+/gu, "_")}.csv`;
    document.body.append(link);
    link.click();
    link.remove();
    unsaved = false;
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  document.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    listener = find("listener").value.trim();
    if (!listener) return;
    const random = numbers(`${test.seed} ${listener}`);
    pages = shuffled(test.pages, random).map((sounds) => shuffled(sounds, random));
    find("begin").hidden = true;
    find("rate").hidden = false;
    turn();
  });
  play.addEventListener("click", toggle);
  next.addEventListener("click", turn);
  position.addEventListener("input", () => {
    rows.forEach((each) => {
      each.audio.currentTime = Number(position.value);
    });
    show();
  });
  document.querySelectorAll(".save").forEach((button) => button.addEventListener("click", save));
  document.addEventListener("keydown", (event) => {
    if (!rows.length || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && !event.target.closest("button")) {
      event.preventDefault();
      toggle();
    } else if (/^[1-9]$/.test(event.key) && Number(event.key) <= rows.length) {
      hear(Number(event.key) - 1, true);
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
})();
