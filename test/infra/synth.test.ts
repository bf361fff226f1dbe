import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { App, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import * as z from 'zod';
import { addChecks, exceptBelow } from '../../infra/checks.ts';
import { parseSettings, toJson } from '../../lambda/settings.ts';
import { addStack, CDK_JSON, CONTEXT, EVENT_SOURCE, LEAST, MOST } from './stage.ts';
import { configFile, synthesise, temporaryFolder } from './synthesis.ts';

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

  it('is strict: warnings of the default rules are errors', () => {
    expect(CDK_JSON.app).toBe('node infra/app.ts');
    expect(CDK_JSON.context['@aws-cdk/core:validateAgainstDefaultRules']).toBe(true);
  });
});
