import { describe, expect, it } from 'vitest';
import { scenario } from './scenario.ts';

describe('addresses', () => {
  it.each([
    ['a domain in Unicode', 'ada@münchen.de', 'ada@xn--mnchen-3ya.de'],
    ['a domain in capitals and punycode', 'Ada@XN--MNCHEN-3YA.de', 'ada@MÜNCHEN.de'],
    ['invisible characters at its ends', '\u200bada@acme.com\ufeff', 'ada@acme.com'],
    ['a soft hyphen and blanks at its end', 'ada@acme.com\u00ad \u00a0', '\u2060ada@acme.com'],
  ])('are one with %s', async (_, inOkta, inSecoda) => {
    const stand = await scenario();
    const ada = stand.okta.state.addUser({ email: inOkta });
    stand.secoda.state.addUser({ email: inSecoda });
    stand.okta.state.addGroup({ name: 'Data', members: [ada] });
    expect(await stand.report('apply')).toMatchObject({
      code: 0,
      summary: { unmatched: 0, members: { add: 1 } },
    });
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  });
});

describe('names that differ', () => {
  it.each([
    ['in case', 'data team'],
    ['in blanks', 'Data  Team'],
    ['in an invisible character', 'Data\u200b Team'],
    ['in a filler that shows as nothing', 'Data Team\u3164'],
  ])('%s alone are two groups, and told', async (_, other) => {
    const stand = await scenario();
    stand.okta.state.addGroup({ name: 'Data Team' });
    stand.secoda.state.addGroup({ name: other, description: '' });
    const { code, warnings } = await stand.report('apply');
    expect(code).toBe(0);
    expect(warnings).toMatchObject([{ kind: 'look-alike', group: 'Data Team' }]);
    expect(warnings[0]?.message).toContain(JSON.stringify(other));
    expect(stand.secoda.state.groups.size).toBe(2);
  });

  it('in case only for one night, since one is renamed, are nothing to tell', async () => {
    const stand = await scenario();
    const group = stand.okta.state.addGroup({ name: 'data team' });
    await stand.report('apply');
    group.name = 'Data Team';
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied', warnings: [] });
  });
});

describe('a pasted credential', () => {
  it.each([
    ['in quotes', (value: string) => `"${value}"`],
    ['in single quotes, with a line break', (value: string) => `'${value}'\n`],
    ['after a byte order mark', (value: string) => `\ufeff${value}`],
  ])('%s is taken as it was meant', async (_, pasted) => {
    const stand = await scenario({
      environment: (okta, secoda) => ({
        OKTA_API_TOKEN: pasted(okta.credentials.apiToken),
        SECODA_API_KEY: pasted(secoda.credentials.apiKey),
      }),
    });
    stand.okta.state.addGroup({ name: 'Data' });
    expect(await stand.report('plan')).toMatchObject({ code: 0 });
  });
});
