import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { SyncStack } from '../../infra/stack.ts';
import { writeConfig } from '../../infra/written-config.ts';
import { parseSettings } from '../../lambda/settings.ts';

const cdkJson = z.looseObject({ app: z.string(), context: z.record(z.string(), z.unknown()) });

/** What the CDK's command line reads before it starts the app. */
export const CDK_JSON = cdkJson.parse(
  JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')),
);

/** The context of a real synthesis, without the bundling. */
export const CONTEXT = { ...CDK_JSON.context, 'aws:cdk:bundling-stacks': [] };

/** The least that a configuration has to say. */
export const LEAST = {
  okta: { orgUrl: 'https://acme.okta.com', groups: { all: true } },
  secoda: { region: 'us' },
};

export const EVENT_SOURCE = 'aws.partner/okta.com/acme/secoda-sync';

/** A configuration with everything switched on that adds to the stack. */
export const MOST = {
  ...LEAST,
  notify: { emails: ['data-platform@acme.com'] },
  events: { okta: { eventSource: EVENT_SOURCE }, hr: true },
};

/** The template that a configuration gives. Rules are for `synth.test.ts`: to load them takes longer than all the rest. */
export function templateOf(config: unknown, stackName = 'okta-secoda-sync'): Template {
  const outdir = mkdtempSync(join(tmpdir(), 'okta-secoda-synth-'));
  const app = new App({ context: CONTEXT, outdir, builtinCloudFormationValidation: false });
  const template = Template.fromStack(addStack(app, stackName, config));
  rmSync(app.outdir, { recursive: true });
  return template;
}

export function addStack(app: App, stackName: string, config: unknown): SyncStack {
  const settings = parseSettings(config);
  return new SyncStack(app, stackName, { settings, config: writeConfig(app.outdir, stackName, settings) });
}

const resource = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DependsOn: z.array(z.string()).default([]),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
});

export type Resource = z.infer<typeof resource>;

/** Outlives its stack and its replacement, but not the failure of the deployment that made it. */
export const STAYS = { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' };

/** All resources of a type, by their logical ids without the hash at the end. */
export function resourcesOf(template: Template, type: string): Readonly<Record<string, Resource>> {
  const found = z.record(z.string(), resource).parse(template.findResources(type));
  return Object.fromEntries(Object.entries(found).map(([id, each]) => [shortId(id), each]));
}

/** The properties of the one resource of a type whose logical id begins so. */
export function propertiesOf(
  template: Template,
  type: string,
  id: string,
): Readonly<Record<string, unknown>> {
  const found = resourcesOf(template, type)[id];
  if (found === undefined) throw new Error(`There is no ${type} ${id}`);
  return found.Properties;
}

/** A value in the form `Id`, `Id.Arn` or `Id.Arn/*` in place of CloudFormation's references. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const found = reference.safeParse(value);
  if (!found.success)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
  if ('Ref' in found.data) return shortId(found.data.Ref);
  if ('Fn::GetAtt' in found.data) {
    const [id, attribute] = found.data['Fn::GetAtt'];
    return `${shortId(id)}.${attribute}`;
  }
  const [separator, parts] = found.data['Fn::Join'];
  return parts.map((part) => String(plain(part))).join(separator);
}

const reference = z.union([
  z.strictObject({ Ref: z.string() }),
  z.strictObject({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) }),
  z.strictObject({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) }),
]);

function shortId(logicalId: string): string {
  return logicalId.startsWith('AWS::') ? logicalId : logicalId.replace(/[0-9A-F]{8}([0-9a-f]{32})?$/, '');
}
