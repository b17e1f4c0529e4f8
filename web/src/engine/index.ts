// The engine's public face.
export * from "./types";
export { getKnob, setKnob } from "./plan";
