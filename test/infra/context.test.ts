import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readContext } from '../../infra/context.ts';
import { writeConfig } from '../../infra/written-config.ts';
import { parseSettings } from '../../lambda/settings.ts';
import { LEAST } from './stage.ts';
import { configFile, synthesise, temporaryFolder } from './synthesis.ts';

describe('the synthesis', () => {
  it('ends with all problems at once, in words', async () => {
    const config = configFile({ ...LEAST, archive: { days: 0 }, notify: { emails: ['nobody'] } });
    const { code, stderr, folder } = await synthesise({ config, stackName: 'no_name' });
    expect(code).toBe(2);
    const lines = stderr.trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain('stackName');
    expect(stderr).toContain('archive.days');
    expect(stderr).toContain('notify.emails');
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(join(folder, 'manifest.json'))).toBe(false);
  });

  it('asks for the whole ARN of an existing secret', async () => {
    const okta = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:okta';
    const config = configFile({ ...LEAST, secrets: { okta } });
    const chosen = readContext({ config });
    await expect(chosen).rejects.toThrow('secrets.okta: expected the whole ARN');
  });

  it('takes no key that is nearly one of its own, which would deploy another configuration', async () => {
    const config = configFile(LEAST);
    await expect(readContext({ config, stackname: 'second' })).rejects.toThrow('did you mean stackName?');
    await expect(readContext({ confg: config })).rejects.toThrow('-c confg=…: did you mean config?');
    await expect(readContext({ config, '@aws-cdk/core:configure': true })).resolves.toBeDefined();
  });

  it('takes a name of up to 58 letters, so that the name of Start has room behind it', async () => {
    const config = configFile(LEAST);
    const named = (length: number) => readContext({ config, stackName: 'n'.repeat(length) });
    expect((await named(58)).stackName).toHaveLength(58);
    await expect(named(59)).rejects.toThrow('stackName: expected up to 58 letters');
    expect((await readContext({ config })).stackName).toBe('okta-secoda-sync');
  });

  it.each([
    ['stackName', ''],
    ['config', 7],
  ])('takes no %s that is %j', async (key, value) => {
    await expect(readContext({ config: configFile(LEAST), [key]: value })).rejects.toThrow(
      `${key}: expected a text, as in -c ${key}=…`,
    );
  });

  it('takes no schedule that is over, unless it is switched off', async () => {
    const over = { cron: '0 2 * * ? 2020' };
    await expect(readContext({ config: configFile({ ...LEAST, schedule: over }) })).rejects.toThrow(
      'schedule.cron: expected a time that is still to come',
    );
    const off = configFile({ ...LEAST, schedule: { ...over, enabled: false } });
    await expect(readContext({ config: off })).resolves.toBeDefined();
  });

  it('takes a mapping of a thousand groups as it is', async () => {
    const map = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`00g${n}`, `Group ${n}`]));
    const config = configFile({ ...LEAST, groups: { map } });
    const { stackName, settings } = await readContext({ config });
    const path = writeConfig(temporaryFolder(), stackName, settings);
    expect(parseSettings(JSON.parse(readFileSync(path, 'utf8')))).toEqual(settings);
    expect(settings.mapping.map).toHaveLength(1_000);
  });
});
