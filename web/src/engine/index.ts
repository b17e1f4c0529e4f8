// The engine's public face.
export * from "./types";
export { createEngine } from "./engine";
export { sharedStems, stemOf } from "./files";
export { renderOffline } from "./offline";
export { getKnob, setKnob } from "./plan";
