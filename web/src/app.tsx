// The page: the first screen, or a song with its timeline, wishes and stages.
import { Header } from "./parts/header";
import { Close } from "./parts/icons";
import { Start } from "./parts/start";
import { Timeline } from "./parts/timeline";
import { Transport } from "./parts/transport";
import { WishBar } from "./parts/wishes";
import { Panels } from "./panels/panel";
import { KEYS } from "./keys";
import { doc, helpOpen, problem, project, said, stage } from "./state/store";

export function App() {
  const complete = project.value?.parts.vocal && project.value.parts.backing;
  const hopeless = problem.value !== null && doc.value === null; // then other files can be chosen
  return (
    <>
      <Header />
      <Messages />
      {complete && !hopeless ? <Song /> : <Start />}
      {helpOpen.value && <Help />}
      <div class="hidden" role="status" aria-live="polite">
        {said.value}
      </div>
    </>
  );
}

function Song() {
  return (
    <main class="song-view">
      <Work />
      <Timeline />
      <Transport />
      <WishBar />
      <Panels />
    </main>
  );
}

const STAGE_WORDS: Readonly<Record<string, string>> = {
  read: "Reading both files",
  analyze: "Listening to both",
  decide: "Deciding",
  listen: "Rendering and measuring",
  render: "Exporting",
  example: "Preparing the example",
};

/** Progress by stage: a hairline and a word, never a spinner alone. */
function Work() {
  const now = stage.value;
  const text = now ? `${STAGE_WORDS[now.stage] ?? now.stage}…` : doc.value ? "" : "Opening…";
  return (
    <div
      class={`work ${text ? "on" : ""}`}
      role="progressbar"
      aria-label="Progress"
      aria-valuetext={text || "ready"}
      aria-valuenow={Math.round((now?.share ?? 1) * 100)}
    >
      <i style={{ transform: `scaleX(${now?.share ?? (text ? 0 : 1)})` }} />
      <span>{text}</span>
    </div>
  );
}

function Messages() {
  const found = problem.value;
  return (
    <div class="messages">
      {found && (
        <p class="problem" role="alert" data-code={found.code}>
          <span>{upper(found.message)}</span>
          <button
            class="icon"
            aria-label="Close this message"
            onClick={() => {
              problem.value = null;
            }}
          >
            <Close />
          </button>
        </p>
      )}
    </div>
  );
}

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function Help() {
  return (
    <aside class="help" aria-label="Keys">
      <button
        class="icon"
        aria-label="Close the list of keys"
        onClick={() => {
          helpOpen.value = false;
        }}
      >
        <Close />
      </button>
      <h2>Keys</h2>
      <dl>
        {KEYS.map(([keys, what]) => (
          <>
            <dt>{keys}</dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
    </aside>
  );
}
