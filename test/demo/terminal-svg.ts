/** Widths and heights in pixels of one character of a terminal, as drawn. */
const CHARACTER = { width: 7.8, height: 18 } as const;
const MARGIN = 16;
const BAR = 30;

/** What an escape sequence turns on (https://man7.org/linux/man-pages/man4/console_codes.4.html); 0, 22 and 39 turn off. */
const STYLES: Readonly<Record<string, string>> = {
  1: 'bold',
  2: 'dim',
  31: 'red',
  32: 'green',
  33: 'yellow',
  36: 'cyan',
};
const COLOURS: ReadonlySet<string> = new Set(['red', 'green', 'yellow', 'cyan']);

interface Piece {
  readonly text: string;
  readonly styles: readonly string[];
}

/**
 * Draws what a terminal showed: `lines` with their escape sequences for colour, below a bar with the command. The picture
 * follows the reader's choice of light or dark, and holds no script and no link.
 *
 * @param label what the picture shows, for those who do not see it
 */
export function terminalSvg(lines: readonly string[], { label }: { readonly label: string }): string {
  const rows = lines.map(pieces);
  const columns = Math.max(...rows.map((row) => row.reduce((sum, { text }) => sum + text.length, 0)));
  const width = Math.ceil(columns * CHARACTER.width + 2 * MARGIN);
  const height = BAR + rows.length * CHARACTER.height + MARGIN;
  const dots = [0, 1, 2].map((n) => `<circle class="dot" cx="${MARGIN + 4 + n * 16}" cy="16" r="5"/>`);
  const texts = rows.flatMap((row, index) => drawn(row, BAR + (index + 1) * CHARACTER.height - 5));
  return `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(label)}">
<style>
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #24292f; white-space: pre }
.page { fill: #f6f8fa; stroke: #d0d7de } .dot { fill: #d0d7de }
.bold { font-weight: 600 } .dim { fill: #57606a } .red { fill: #b3151f } .green { fill: #116329 } .yellow { fill: #7d4e00 } .cyan { fill: #0b5c75 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .page { fill: #161b22; stroke: #30363d } .dot { fill: #30363d }
  .dim { fill: #9da7b3 } .red { fill: #ff8680 } .green { fill: #5ac46a } .yellow { fill: #e3b341 } .cyan { fill: #5cc8e0 }
}
</style>
<rect class="page" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${[...dots, ...texts].join('\n')}
</svg>
`;
}

/** One element for each piece: at its column and as wide as its characters, so that whatever font is there keeps the columns. */
function drawn(row: readonly Piece[], y: number): string[] {
  let column = 0;
  return row.flatMap(({ text, styles }) => {
    const start = column + (text.length - text.trimStart().length);
    const shown = text.trim();
    column += text.length;
    if (shown === '') return [];
    const x = (MARGIN + start * CHARACTER.width).toFixed(1);
    const length = (shown.length * CHARACTER.width).toFixed(1);
    const style = styles.length === 0 ? '' : ` class="${styles.join(' ')}"`;
    return [`<text${style} x="${x}" y="${y}" textLength="${length}">${escaped(shown)}</text>`];
  });
}

function pieces(line: string): Piece[] {
  const found: Piece[] = [];
  let styles: readonly string[] = [];
  // A capture in the pattern puts each sequence between the texts that it stands between.
  for (const [index, part] of line.split(SEQUENCE).entries()) {
    if (index % 2 === 1) styles = after(styles, part);
    else if (part !== '') found.push({ text: part, styles });
  }
  return found;
}

const SEQUENCE = new RegExp(`${String.fromCharCode(27)}\\[(\\d+)m`);

function after(styles: readonly string[], code: string): readonly string[] {
  if (code === '0') return [];
  if (code === '22') return styles.filter((style) => COLOURS.has(style));
  if (code === '39') return styles.filter((style) => !COLOURS.has(style));
  const style = STYLES[code];
  if (style === undefined) throw new Error(`no picture is drawn of the escape sequence ${code}`);
  return [...styles, style];
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
