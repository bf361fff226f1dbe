import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import puppeteer, { type Browser } from 'puppeteer-core';

/** A browser, and a folder that is removed with it. */
export interface Chromium {
  readonly browser: Browser;
  /** Writes a page into the folder and gives its address. */
  readonly place: (html: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

/**
 * Starts the Chromium that npm brings, with its own libraries and letters: it needs nothing of the machine but Linux on x64, and looks
 * the same on each.
 */
export async function startChromium(): Promise<Chromium> {
  const folder = await mkdtemp(join(tmpdir(), 'chromium-'));
  // It unpacks itself to where temporary files are kept, and would take an older one that lies there.
  process.env['TMPDIR'] = folder;
  const { default: chromium, inflate } = await import('@sparticuz/chromium');
  chromium.setGraphicsMode = false;
  const executablePath = await chromium.executablePath();
  const packed = fileURLToPath(new URL('../bin/', import.meta.resolve('@sparticuz/chromium')));
  const libraries = await inflate(join(packed, 'al2023.tar.br'));
  const fonts = join(folder, 'fonts.conf');
  await writeFile(
    fonts,
    `<fontconfig><dir>${folder}/fonts</dir><cachedir>${folder}/cache</cachedir></fontconfig>`,
  );
  const browser = await puppeteer.launch({
    executablePath,
    headless: 'shell',
    // A slow machine is waited for.
    timeout: 0,
    protocolTimeout: 0,
    // As root, and in containers with little shared memory.
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    env: { HOME: folder, TMPDIR: folder, FONTCONFIG_FILE: fonts, LD_LIBRARY_PATH: join(libraries, 'lib') },
  });
  let pages = 0;
  return {
    browser,
    async place(html) {
      const file = join(folder, `${++pages}.html`);
      await writeFile(file, html);
      return `file://${file}`;
    },
    async close() {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
