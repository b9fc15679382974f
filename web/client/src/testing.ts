export { createTestClock, createTestRandom, type TestClock } from './testing/clock.js';
export { createTestServer, type SeedConversation, type TestServer, type TestServerOptions } from './testing/server.js';
export type { Principal } from './testing/workspace.js';
