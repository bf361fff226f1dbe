/** Stateful stand-ins for an Okta org and a Secoda workspace over real HTTP, for tests, demos and other tools. */
export { type Company, companyConfig, foundCompany } from './company.ts';
export { type Header, reply, type Reply, type Served } from './exchange.ts';
export * from './faults.ts';
export { isJsonObject, type Json, type JsonObject } from './json.ts';
export { type OktaCredentials, type OktaEmulator, type OktaOptions, startOkta } from './okta.ts';
export type { NewOktaGroup, NewOktaUser, OktaApp, OktaGroup, OktaStatus, OktaUser } from './okta-model.ts';
export { OktaState } from './okta-state.ts';
export { type SecodaEmulator, type SecodaOptions, startSecoda } from './secoda.ts';
export { type SecodaGroup, SecodaState, type SecodaUser, type SecodaWrite } from './secoda-state.ts';
export { serve, type ServeOptions, type Serving } from './server.ts';
