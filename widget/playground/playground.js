// Sets the options of this page's address on the widget's tag, as a shop writes them.
const chosen = new URLSearchParams(location.search);
const DATA = ["lang", "theme", "position", "launcher", "order"];

const script = document.createElement("script");
script.src = "/widget/v1.js";
script.async = true;
for (const name of DATA) if (chosen.get(name)) script.dataset[name] = chosen.get(name);
const accent = chosen.get("accent");
if (accent) document.documentElement.style.setProperty("--bonretour-accent", accent);
document.head.append(script);

for (const name of ["ready", "open", "close", "message", "unread", "mode"]) {
  document.addEventListener(`bonretour:${name}`, ({ detail }) => {
    const item = document.createElement("li");
    item.textContent = `bonretour:${name} ${JSON.stringify(detail)}`;
    document.getElementById("heard")?.append(item);
  });
}

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("options");
  for (const [name, value] of chosen) if (form.elements[name]) form.elements[name].value = value;
  form.addEventListener("change", () => {
    location.search = new URLSearchParams(new FormData(form)).toString();
  });
  const data = DATA.filter((name) => chosen.get(name) || name === "lang")
    .map((name) => ` data-${name}="${chosen.get(name) || "fr"}"`)
    .join("");
  const line = `<script src="${location.origin}/widget/v1.js"${data} async></` + "script>";
  document.getElementById("line").textContent = line;
});
