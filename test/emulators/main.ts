import { parseArgs } from 'node:util';
import { appId } from './company-directory.ts';
import { companyConfig, foundCompany } from './company.ts';
import { startOkta } from './okta.ts';
import { startSecoda } from './secoda.ts';

/** Git leaves it out. */
const CONFIG = 'emulated.config.json';
const usage = 'Usage: npm run emulators -- [--okta-port PORT] [--secoda-port PORT]';

/** What went wrong in a way that its reader can mend. */
class Complaint extends Error {}

function ports(args: string[]): { okta: number; secoda: number } {
  let values;
  try {
    const options = { 'okta-port': { type: 'string' }, 'secoda-port': { type: 'string' } } as const;
    ({ values } = parseArgs({ args, options }));
  } catch (error) {
    throw new Complaint(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
  return {
    okta: port('--okta-port', values['okta-port'] ?? '8091'),
    secoda: port('--secoda-port', values['secoda-port'] ?? '8092'),
  };
}

function port(flag: string, text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= 65_535) return number;
  throw new Complaint(`${flag} must be a port from 0 to 65535, not '${text}'\n${usage}`);
}

async function started<Emulator>(flag: string, number: number, start: Promise<Emulator>): Promise<Emulator> {
  try {
    return await start;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    if (error.code === 'EADDRINUSE')
      throw new Complaint(`Port ${number} is in use; choose another with ${flag}`);
    throw new Complaint(`Cannot listen on port ${number}: ${error.message}; choose another with ${flag}`);
  }
}

async function main(): Promise<void> {
  const chosen = ports(process.argv.slice(2));
  const okta = await started('--okta-port', chosen.okta, startOkta({ port: chosen.okta }));
  const secoda = await started('--secoda-port', chosen.secoda, startSecoda({ port: chosen.secoda })).catch(
    async (error: unknown) => {
      await okta.close();
      throw error;
    },
  );
  foundCompany(okta, secoda);
  const stop = (): void => {
    void Promise.all([okta.close(), secoda.close()]).then(() => process.exit(0));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  console.log(`# Okta and Secoda emulators, with a small company. Its Secoda app in Okta is ${appId}. Stop with Ctrl-C.
export OKTA_ORG_URL=${okta.url}
export OKTA_API_TOKEN=${okta.credentials.apiToken}
export SECODA_API_URL=${secoda.url}
export SECODA_API_KEY=${secoda.credentials.apiKey}
cat > ${CONFIG} <<'END'
${JSON.stringify(companyConfig(okta.url, secoda.url), null, 2)}
END
# Next, with all of this pasted into another terminal: npm run sync -- doctor --config ${CONFIG}`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Complaint)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
