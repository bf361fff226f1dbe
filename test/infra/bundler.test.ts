import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bundle } from '../../infra/bundler.ts';
import { parseSettings, toJson } from '../../lambda/settings.ts';
import { LEAST } from './stage.ts';
import { configFile, ROOT, temporaryFolder } from './synthesis.ts';

it('a function is bundled without what no request needs, and with what proves a key in a file of its own', async () => {
  const folder = temporaryFolder();
  const config = configFile(JSON.parse(toJson(parseSettings(LEAST))));
  await bundle(join(ROOT, 'lambda/handler.ts'), folder, config);
  const texts = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  const having = (words: string) =>
    [...texts].filter(([, text]) => text.includes(words)).map(([name]) => name);
  expect(having('multipart/form-data')).toEqual([]);
  expect(having('generateDpopJwt')).toEqual([expect.stringMatching(/^dpop-/), 'index.mjs']);
  expect(having('https://acme.okta.com')).toEqual(['index.mjs']);
  // To sign needs libraries of its own, nearly as large as all the rest.
  expect(having('RSAPrivateKey')).toEqual([expect.stringMatching(/^dpop-/)]);
});
