"use strict";
// Plays both sounds at once and lets one be heard, so that a switch keeps the position; 10 ms of crossfade.
(() => {
  const listen = document.querySelector(".listen");
  if (!listen) return;
  const [before, after] = listen.querySelectorAll("audio");
  const deck = listen.querySelector(".deck");
  const play = deck.querySelector(".play");
  const position = deck.querySelector("input");
  const time = deck.querySelector("output");
  const sides = [...deck.querySelectorAll(".sides button")];
  const sounds = [before, after];
  const FADE_S = 0.01;
  const LATE_S = 0.02;
  let heard = 1;
  let gains = null;
  let context = null;

  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

  function connect() {
    if (gains) return;
    context = new AudioContext();
    gains = sounds.map((sound, side) => {
      const gain = context.createGain();
      gain.gain.value = side === heard ? 1 : 0;
      context.createMediaElementSource(sound).connect(gain).connect(context.destination);
      return gain;
    });
  }

  function align() {
    const other = sounds[1 - heard];
    if (Math.abs(other.currentTime - sounds[heard].currentTime) > LATE_S) other.currentTime = sounds[heard].currentTime;
  }

  function hear(side) {
    if (side !== heard) align();
    heard = side;
    sides.forEach((button, index) => button.setAttribute("aria-pressed", String(index === side)));
    if (!gains) return;
    gains.forEach((gain, index) => {
      gain.gain.cancelScheduledValues(context.currentTime);
      gain.gain.setValueAtTime(gain.gain.value, context.currentTime);
      gain.gain.linearRampToValueAtTime(index === side ? 1 : 0, context.currentTime + FADE_S);
    });
  }

  async function toggle() {
    connect();
    await context.resume();
    if (sounds[heard].paused) {
      align();
      await Promise.all(sounds.map((sound) => sound.play()));
    } else {
      sounds.forEach((sound) => sound.pause());
    }
    show();
  }

  function show() {
    const sound = sounds[heard];
    const seconds = sound.duration || Number(position.max);
    play.textContent = sound.paused ? "Play" : "Pause";
    position.value = String(sound.currentTime);
    position.setAttribute("aria-valuetext", `${clock(sound.currentTime)} of ${clock(seconds)}`);
    time.textContent = `${clock(sound.currentTime)} / ${clock(seconds)}`;
  }

  sounds.forEach((sound) => {
    sound.addEventListener("timeupdate", show);
    sound.addEventListener("ended", () => {
      sounds.forEach((each) => each.pause());
      show();
    });
    sound.removeAttribute("controls");
  });
  play.addEventListener("click", () => void toggle());
  sides.forEach((button, side) => button.addEventListener("click", () => hear(side)));
  position.addEventListener("input", () => {
    sounds.forEach((sound) => (sound.currentTime = Number(position.value)));
    show();
  });
  listen.querySelector(".plain").hidden = true;
  deck.hidden = false;
  hear(heard);
  show();
})();
