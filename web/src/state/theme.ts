// Light or dark: dark unless the system or the person says otherwise.
import { themeChanged } from "../parts/canvas";

const KEY = "sitwell-theme";

export function startTheme(): void {
  const light = window.matchMedia("(prefers-color-scheme: light)");
  const apply = () => show(localStorage.getItem(KEY) ?? (light.matches ? "light" : "dark"));
  light.addEventListener("change", apply);
  apply();
}

export function toggleTheme(): void {
  const next = document.documentElement.dataset["theme"] === "light" ? "dark" : "light";
  localStorage.setItem(KEY, next);
  show(next);
}

function show(theme: string): void {
  document.documentElement.dataset["theme"] = theme;
  themeChanged();
}
