/** What <bonretour-withdraw> shows. */

import { h, type Child, type Part } from "../nodes";
import type { Field, Words } from "./desk";
import type { WithdrawElement } from "./element";

export function view(ui: WithdrawElement): Child {
  const { step, told } = ui;
  if (step === "closed" || !told) return null;
  const w = told.words;
  return (
    <section aria-labelledby="title" key={step}>
      {step === "form" ? form(ui, w) : step === "check" ? check(ui, w) : done(ui, w)}
    </section>
  );
}

function form(ui: WithdrawElement, w: Words): Part {
  return (
    <form
      novalidate
      onsubmit={(event: Event) => ui.check(event)}
      oninput={(event: Event) => ui.type(event)}
    >
      <p class="step">{w["step_one"]}</p>
      <h2 id="title" tabindex="-1">{w["title"]}</h2>
      <p class="soft">{w["intro"]} {w["no_reason"]}</p>
      {Object.keys(ui.mistakes).length > 0 && <p class="bad" role="alert">{w["to_correct"]}</p>}
      {field(ui, w, "name", "", "name")}
      {field(ui, w, "order_number", w["order_hint"])}
      {field(ui, w, "articles", w["articles_hint"])}
      {field(ui, w, "email", w["email_hint"], "email")}
      <div class="acts">
        <button class="main">{w["go_on"]}</button>
        <p class="soft">{w["nothing_sent"]}</p>
      </div>
      <p class="small">{w["privacy"]}</p>
    </form>
  );
}

function field(
  ui: WithdrawElement,
  w: Words,
  name: Field,
  hint = "",
  autocomplete: "name" | "email" | "off" = "off",
): Part {
  const wrong = ui.mistakes[name];
  const about = [hint && `${name}-hint`, wrong && `${name}-error`].filter(Boolean).join(" ");
  const isLong = name === "articles";
  const input = h(isLong ? "textarea" : "input", {
    id: name,
    name,
    maxlength: ui.told?.longest[name],
    value: ui.entered[name],
    "aria-describedby": about || null,
    "aria-invalid": wrong ? "true" : null,
    ...(isLong
      ? { rows: 2 }
      : { type: name === "email" ? "email" : "text", autocomplete, required: true }),
  });
  return (
    <div class="field">
      <label for={name}>{w[name]}</label>
      {hint && <p class="soft" id={name + "-hint"}>{hint}</p>}
      {input}
      {wrong && <p class="error" id={name + "-error"}>{wrong}</p>}
    </div>
  );
}

function check(ui: WithdrawElement, w: Words): Part[] {
  const { entered } = ui;
  const rows = [
    [w["name"], entered.name],
    [w["order_number"], entered.order_number],
    [w["label_articles"], entered.articles.trim() || w["whole_order"]],
    [w["email"], entered.email],
  ];
  return [
    <p class="step">{w["step_two"]}</p>,
    <h2 id="title" tabindex="-1">{w["check"]}</h2>,
    <p class="statement">{w["statement"]}</p>,
    <dl>{rows.map(([label, value]) => <div><dt>{label}</dt><dd><bdi>{value}</bdi></dd></div>)}</dl>,
    <p>{w["agree"]}</p>,
    <div>{ui.trouble && <p class="bad" role="alert">{ui.trouble}</p>}</div>,
    <div class="acts">
      <button type="button" class="main" aria-disabled={String(ui.busy)} onclick={() => ui.confirm()}>
        {w["confirm"]}
      </button>
      <button type="button" class="other" onclick={() => ui.change()}>{w["change"]}</button>
    </div>,
  ];
}

function done(ui: WithdrawElement, w: Words): Part[] {
  return [
    <h2 id="title" tabindex="-1">{w["done"]}</h2>,
    <p class="good">{ui.receipt?.text}</p>,
    <dl>
      {ui.receipt?.facts.map((fact) => (
        <div>
          <dt>{fact.label}</dt>
          <dd>{fact.lines.map((line) => [<bdi>{line}</bdi>, " "])}</dd>
        </div>
      ))}
    </dl>,
    <p>{w["keep"]}</p>,
  ];
}
