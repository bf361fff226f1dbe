import { hash } from 'node:crypto';
import { printable } from './escape.ts';

const STYLE = `
:root{color-scheme:light dark;--page:#fff;--box:#f6f8fa;--line:#d0d7de;--text:#1f2328;--dim:#57606a;--good:#116329;--warn:#7d4e00;--bad:#b3192a;--link:#0550ae}
@media (prefers-color-scheme:dark){:root{--page:#0d1117;--box:#161b22;--line:#30363d;--text:#e6edf3;--dim:#9da7b3;--good:#56d364;--warn:#e3b341;--bad:#ff8e88;--link:#79b8ff}}
@media print{:root{color-scheme:light;--page:#fff;--box:#fff;--line:#999;--text:#000;--dim:#444;--good:#116329;--warn:#7d4e00;--bad:#b3192a;--link:#000}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:70rem;padding:1rem;background:var(--page);color:var(--text);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.25;margin:.25rem 0 1rem;padding:.75rem 1rem;background:var(--box);border-left:.4rem solid}
h2{font-size:1.2rem;margin:2rem 0 .5rem}
p,ul,dl,dd{margin:0}
header>*+*,main table{margin-top:.6rem}
ul{padding-left:1.2rem}
a{color:var(--link)}
:focus-visible{outline:.2rem solid var(--link);outline-offset:.15rem}
.skip{position:absolute;left:-99rem}
.skip:focus{position:static}
small,.dim,caption{color:var(--dim);font-size:.875rem;font-weight:400}
.change{color:var(--link)}.good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}
code{display:block;margin:.25rem 0 1rem;padding:.6rem .8rem;border:1px solid var(--line);background:var(--box);font:.875rem/1.5 ui-monospace,monospace;user-select:all}
nav ul,.numbers{display:flex;flex-wrap:wrap;gap:.4rem 1rem;list-style:none;padding:0}
.numbers div{display:flex;flex-direction:column-reverse;min-width:5rem;padding:.4rem .7rem;border:1px solid var(--line);background:var(--box)}
.numbers dt{color:var(--dim);font-size:.875rem}
.numbers dd{font-size:1.3rem;font-weight:600}
.facts{display:grid;grid-template-columns:auto 1fr;gap:.15rem 1rem}
.facts dt{color:var(--dim)}
.search{margin:1.5rem 0 0}
label{display:block;font-weight:600}
input{width:100%;max-width:32rem;padding:.5rem;font:inherit;color:inherit;background:var(--page);border:1px solid var(--dim)}
table{width:100%;border-collapse:collapse;table-layout:fixed}
caption{text-align:left;padding-bottom:.3rem}
th,td{padding:.5rem .6rem .5rem 0;border-top:1px solid var(--line);text-align:left;vertical-align:top;font-weight:400}
thead th{font-weight:600}
tbody th{font-weight:600}
.listed th:first-child{width:36%}
.listed ul{display:flex;flex-wrap:wrap;gap:0 1.5rem;list-style:none;padding:0}
.counts{font-size:.875rem;overflow-wrap:normal}
@media (max-width:40rem){th,td{font-size:.875rem}.counts *{font-size:.75rem}.listed th:first-child{width:46%}}
[hidden]{display:none!important}
@media print{nav,.skip,.search{display:none}tr[hidden]{display:table-row!important}thead{display:table-header-group}code{border-color:#000}}
`;

/** Finds rows by all the words that are typed; what is in a row is read once. */
const SCRIPT = `
const box=document.querySelector('input'),told=document.querySelector('output');
const plain=text=>text.normalize().toLowerCase();
let rows;
const find=()=>{
rows??=[...document.querySelectorAll('.listed tbody tr')].map(row=>[row,plain(row.textContent)]);
const words=plain(box.value).split(/\\s+/).filter(Boolean);
let found=0;
for(const [row,text] of rows){const fits=words.every(word=>text.includes(word));if(row.hidden===fits)row.hidden=!fits;found+=fits}
told.textContent=words.length?found+' of '+rows.length+' rows':'';
};
box.addEventListener('input',find);
box.closest('[role=search]').hidden=!document.querySelector('.listed');
`;

const sourceOf = (text: string) => `'sha256-${hash('sha256', text, 'base64')}'`;
/** Nothing is loaded from anywhere, and nothing runs or styles but these two texts. */
const POLICY = `default-src 'none'; style-src ${sourceOf(STYLE)}; script-src ${sourceOf(SCRIPT)}; base-uri 'none'; form-action 'none'`;

/** The field that the script looks after; without it, it stays hidden. */
export const SEARCH = `<div class="search" role="search" hidden>
<label for="search">Search groups and people</label>
<input id="search" type="search" autocomplete="off" spellcheck="false"> <output for="search" class="dim"></output>
</div>`;

/** A part of the page, with a heading to jump to. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: string;
}

/** A page that needs nothing else. `top` and the sections are HTML already. */
export function htmlPage(title: string, top: string, sections: readonly Section[]): string {
  const links = sections.map((section) => `<a href="#${section.id}">${section.title}</a>`);
  const parts = sections.map(
    ({ id, title: heading, body }) =>
      `<section aria-labelledby="${id}">\n<h2 id="${id}">${heading}</h2>\n${body}\n</section>\n`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer">
<title>${safe(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#changes">Skip to the changes</a>
<header>
${top}
<nav aria-label="On this page">${list(links)}</nav>
</header>
<main>
${parts.join('')}</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

/** Rows of two cells, the first of which names what the second is about; the search finds them. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly [string, string])[],
): string {
  const body = rows.map(([first, second]) => `<tr><th scope="row">${first}</th><td>${second}</td></tr>`);
  return `<table class="listed"><caption>${caption}</caption>${heads(head)}<tbody>\n${body.join('\n')}\n</tbody></table>`;
}

/** The first row of a table. */
export function heads(words: readonly string[]): string {
  return `<thead><tr>${words.map((word) => `<th scope="col">${word}</th>`).join('')}</tr></thead>`;
}

/** Items as a list; nothing where there are none. */
export function list(items: readonly string[]): string {
  return items.length === 0 ? '' : `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`;
}

/** A name or an address, whose letters may run either way without moving what stands around them. */
export function name(text: string): string {
  return `<bdi>${safe(text)}</bdi>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Any text as what it is: no markup, and whatever is unsafe to show visible as an escape. */
export function safe(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
