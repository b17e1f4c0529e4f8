// Starts the page: theme, keys, what the server can do, and the project in the address.
import { render } from "preact";
import { App } from "./app";
import { startKeys } from "./keys";
import { listPresets } from "./parts/preset-menu";
import { api } from "./state/api";
import { listProjects, open } from "./state/open";
import { refuse } from "./state/solve";
import { startTheme } from "./state/theme";
import { info, project } from "./state/store";
import "./style.css";

startTheme();
startKeys();
render(<App />, document.getElementById("app") as HTMLElement);

async function start(): Promise<void> {
  try {
    info.value = await api.info();
    if (location.hash) await open(decodeURIComponent(location.hash.slice(1)));
    else await listProjects();
    await listPresets();
  } catch (error) {
    refuse(error);
  }
}

window.addEventListener("hashchange", () => {
  const id = decodeURIComponent(location.hash.slice(1));
  if (id && id !== project.peek()?.id) void open(id);
});
void start();
