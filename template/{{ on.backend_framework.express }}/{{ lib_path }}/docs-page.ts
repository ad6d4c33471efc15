// A page that shows the OpenAPI document. It loads nothing from elsewhere.
import { Reply } from "#lib/responses";

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>API</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
  summary { cursor: pointer; font-family: ui-monospace, monospace }
  pre { background: #f6f8fa; overflow: auto; padding: 1rem }
</style>
<h1></h1>
<main></main>
<script type="module">
  const element = (name, text = "") => Object.assign(document.createElement(name), { textContent: text });
  const { info, paths, components } = await (await fetch("/openapi.json")).json();
  const resolve = (value) => {
    if (Array.isArray(value)) return value.map(resolve);
    if (value === null || typeof value !== "object") return value;
    const schema = /^#\\/components\\/schemas\\/(.+)$/.exec(value.$ref ?? "")?.[1];
    if (schema !== undefined) return resolve(components.schemas[schema]);
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolve(inner)]));
  };
  document.querySelector("h1").textContent = info.title + " " + info.version;
  document.title = info.title;
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { parameters = [], requestBody, responses }] of Object.entries(operations)) {
      const shown = element("details");
      shown.append(element("summary", method.toUpperCase() + " " + path));
      for (const [title, part] of Object.entries({ parameters, requestBody, responses })) {
        if (part === undefined || part.length === 0) continue;
        shown.append(element("h3", title), element("pre", JSON.stringify(resolve(part), null, 2)));
      }
      document.querySelector("main").append(shown);
    }
  }
</script>
</html>
`;

export const docsPage = new Reply(200, PAGE, { "Content-Type": "text/html; charset=utf-8" });
