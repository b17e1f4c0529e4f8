// The six stages: a list with what each does in one figure, and the one that is open.
import type { ComponentChildren } from "preact";
import { getKnob } from "../engine";
import type { MixPlan, SwitchKnob } from "../generated/plan";
import { KnobRow, SwitchRow } from "../parts/knob";
import { Back, Locked, Unlocked } from "../parts/icons";
import { reset, setLocked } from "../state/edit";
import { changed, doc, heard, locked, own, PANELS, panel, type PanelName, usual } from "../state/store";
import { EqualizerPanel } from "./equalizer";
import { CompressorGraph } from "./compressor";
import { LevelGraph } from "./level";
import { MasterGraph } from "./master";
import { ReverbGraph } from "./reverb";
import { knobsOf, STAGES, type StageInfo } from "./stages";
import { Why } from "./why";
import { summary } from "./summary";

export function Panels() {
  const move = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const next = PANELS[(PANELS.indexOf(panel.value) + by + PANELS.length) % PANELS.length] as PanelName;
    panel.value = next;
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div class="panels">
      <div class="tabs" role="tablist" aria-label="Stages" aria-orientation="vertical" onKeyDown={move}>
        {PANELS.map((name) => (
          <Tab key={name} name={name} />
        ))}
      </div>
      <section class="panel" role="tabpanel" id="panel" aria-labelledby={`tab-${panel.value}`} data-panel={panel.value}>
        <Panel name={panel.value} />
      </section>
    </div>
  );
}

function Tab({ name }: { name: PanelName }) {
  const open = panel.value === name;
  const now = doc.value;
  const yours = knobsOf(STAGES[name]).some(({ path }) => own.value.has(path));
  return (
    <button
      role="tab"
      id={`tab-${name}`}
      aria-selected={open}
      aria-controls="panel"
      tabIndex={open ? 0 : -1}
      class={open ? "open" : ""}
      onClick={() => {
        panel.value = name;
      }}
    >
      <b>
        {STAGES[name].title}
        {yours && (
          <i class="own" title="changed by you">
            {" "}
            · yours
          </i>
        )}
      </b>
      <span>{now ? summary(name, now.mine) : "–"}</span>
    </button>
  );
}

function Panel({ name }: { name: PanelName }) {
  const stage = STAGES[name];
  const now = doc.value;
  const knobs = knobsOf(stage);
  const paths = knobs.map(({ path }) => path);
  const allLocked = paths.every((path) => locked.value.has(path));
  return (
    <>
      <div class="head">
        <h2>{stage.title}</h2>
        <span class="plain">{stage.plain}</span>
        {now &&
          stage.switches.map((path, i) => {
            const knob = knobs.find((each) => each.path === path) as SwitchKnob;
            return (
              <SwitchRow
                key={path}
                knob={knob}
                name={i === 0 ? (stage.switches.length > 1 ? "Bands" : "On") : "Low cut"}
              />
            );
          })}
        <button
          class="icon lock"
          disabled={!now}
          aria-pressed={allLocked}
          aria-label={`Lock all of ${stage.title}`}
          title="lock all of it"
          onClick={() => setLocked(paths, !allLocked, stage.title)}
        >
          {allLocked ? <Locked /> : <Unlocked />}
        </button>
        <button
          class="icon"
          disabled={!paths.some((path) => changed.value.has(path))}
          aria-label={`${stage.title}: back to the suggestion`}
          title="all of it back to the suggestion"
          onClick={() => reset(paths, stage.title)}
        >
          <Back />
        </button>
      </div>
      {now && stage.switches.length > 0 && stage.switches.every((path) => getKnob(now.mine, path) === false) && (
        <p class="is-off">Off: the sound passes as it is. What you set here is heard once it is on.</p>
      )}
      {now ? <Body name={name} stage={stage} plan={now.mine} /> : <div class="waiting" aria-hidden="true" />}
    </>
  );
}

function Body({ name, stage, plan }: { name: PanelName; stage: StageInfo; plan: MixPlan }) {
  const numbers = knobsOf(stage).filter((knob) => knob.kind === "number");
  switch (name) {
    case "equalizer":
    case "backing":
      return (
        <EqualizerPanel key={name} name={name}>
          <Why stage={stage} plan={plan} />
        </EqualizerPanel>
      );
    case "level":
      return (
        <Two graph={<LevelGraph />} stage={stage} plan={plan}>
          {numbers.map((knob) => (
            <KnobRow
              key={knob.path}
              knob={knob}
              name={knob.path === "vocal.gain_db" ? "Gain" : "Offset"}
              interval={knob.path === "vocal.gain_db" ? gainInterval(plan) : null}
            />
          ))}
        </Two>
      );
    case "compressor":
      return (
        <Two graph={<CompressorGraph />} stage={stage} plan={plan}>
          {numbers.map((knob) => (
            <KnobRow key={knob.path} knob={knob} />
          ))}
        </Two>
      );
    case "reverb":
      return (
        <Two graph={<ReverbGraph />} stage={stage} plan={plan}>
          {numbers.map((knob) => (
            <KnobRow key={knob.path} knob={knob} />
          ))}
        </Two>
      );
    case "master":
      return (
        <Two graph={<MasterGraph />} stage={stage} plan={plan}>
          {numbers.map((knob) => (
            <KnobRow key={knob.path} knob={knob} />
          ))}
        </Two>
      );
  }
}

function Two({
  graph,
  stage,
  plan,
  children,
}: {
  graph: ComponentChildren;
  stage: StageInfo;
  plan: MixPlan;
  children: ComponentChildren;
}) {
  return (
    <div class="two">
      <div class="graph">
        {graph}
        <Why stage={stage} plan={plan} />
      </div>
      <div class="knobs">{children}</div>
    </div>
  );
}

/** The gains that bring the vocal to the ends of the interval in which engineers put it. */
function gainInterval(plan: MixPlan) {
  const [band, found] = [usual.value, heard.value];
  if (!band || found?.measured.vbr_lu == null) return null;
  const now = found.measured.vbr_lu + plan.vocal.gain_db - found.plan.vocal.gain_db;
  return { low: plan.vocal.gain_db + band.low - now, high: plan.vocal.gain_db + band.high - now };
}
