import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { App, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import * as z from 'zod';
import { addChecks, exceptBelow } from '../../infra/checks.ts';
import { readContext } from '../../infra/context.ts';
import { writeConfig } from '../../infra/written-config.ts';
import { parseSettings, toJson } from '../../lambda/settings.ts';
import { addStack, CDK_JSON, CONTEXT, EVENT_SOURCE, LEAST, MOST } from './stage.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Synthesis {
  readonly code: number | null;
  readonly stderr: string;
  readonly folder: string;
}

/** Runs the app as the CDK's command line does, without the bundling. */
function synthesise(context: Readonly<Record<string, unknown>>): Promise<Synthesis> {
  const folder = temporaryFolder();
  const env = {
    ...process.env,
    CDK_OUTDIR: folder,
    CDK_CONTEXT_JSON: JSON.stringify({ ...CONTEXT, ...context }),
    OKTA_ORG_URL: 'https://of-whoever-deploys.okta.com',
  };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['infra/app.ts'],
      { cwd: ROOT, env },
      (_error, _stdout, stderr) => resolve({ code: child.exitCode, stderr, folder }),
    );
  });
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'okta-secoda-synth-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function configFile(content: unknown): string {
  const path = join(temporaryFolder(), 'sync.config.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const report = z.looseObject({
  pluginReports: z.array(z.unknown()),
});

/** What the rules found fault with. Only those who found something report. */
function faults(folder: string): readonly unknown[] {
  return report.parse(JSON.parse(readFileSync(join(folder, 'validation-report.json'), 'utf8'))).pluginReports;
}

describe('the synthesis', () => {
  it('is clean by the rules of AWS Solutions and of the CDK itself, with everything switched on', async () => {
    const { code, stderr, folder } = await synthesise({ config: configFile(MOST), stackName: 'second' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(faults(folder)).toEqual([]);
    // What was checked is what is bundled, whatever the shell of whoever deploys says.
    const written = readFileSync(join(folder, 'second.config.json'), 'utf8');
    expect(written).toBe(`${toJson(parseSettings(MOST))}\n`);
    expect(existsSync(join(folder, 'second.template.json'))).toBe(true);
  });

  it('is as clean with less switched on, and with secrets that exist already', () => {
    const secret = (name: string) => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}-AbCdEf`;
    const app = new App({ context: CONTEXT, outdir: temporaryFolder() });
    const kinds = {
      least: LEAST,
      okta: { ...LEAST, events: { okta: { eventSource: EVENT_SOURCE } } },
      hr: { ...LEAST, events: { hr: true } },
      secrets: { ...LEAST, secrets: { okta: secret('okta'), secoda: secret('secoda') } },
      mixed: { ...LEAST, secrets: { okta: secret('okta') }, archive: { days: 90 } },
      often: { ...LEAST, schedule: { every: '10 minutes' } },
    };
    for (const [name, config] of Object.entries(kinds)) addStack(app, name, config);
    addChecks(app);
    app.synth();
    expect(faults(app.outdir)).toEqual([]);
  });

  it('finds fault with what breaks a rule and has no reason, down to its rights', () => {
    const app = new App({ context: CONTEXT, outdir: temporaryFolder() });
    const stack = new Stack(app, 'faulty');
    const bucket = new Bucket(stack, 'Open');
    const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    bucket.grantRead(role);
    exceptBelow(role, bucket, '/*', 'all of it is read');
    addChecks(app);
    expect(() => app.synth()).toThrow(/AwsSolutions-S10/);
    const found = JSON.stringify(faults(app.outdir));
    expect(found).toContain('[Action::s3:GetObject*]');
    expect(found).not.toContain('[Resource::<');
  });

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

  it('is strict: warnings of the default rules are errors', () => {
    expect(CDK_JSON.app).toBe('node infra/app.ts');
    expect(CDK_JSON.context['@aws-cdk/core:validateAgainstDefaultRules']).toBe(true);
  });
});
