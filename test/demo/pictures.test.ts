import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { drawPictures } from './pictures.ts';

it('shows in the pictures of the README what the command line prints', async () => {
  for (const [file, svg] of Object.entries(await drawPictures())) {
    const drawn = readFileSync(new URL(`../../docs/pictures/${file}`, import.meta.url), 'utf8');
    expect(drawn === svg, `docs/pictures/${file} is out of date: run npm run pictures`).toBe(true);
  }
});
