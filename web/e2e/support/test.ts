import { test as base, expect, type BrowserContext } from '@playwright/test';
import { Inbox } from './inbox.ts';
import { ben } from './people.ts';
import { ParlorServer, type ServerOptions } from './server.ts';
import { Visitor } from './visitor.ts';

export { expect };

interface Fixtures {
  /** What the server of a test is started with. */
  serverOptions: ServerOptions;
  server: ParlorServer;
  /** Ada, signed in. */
  inbox: Inbox;
  /** Ben, who works with her, signed in in a browser of his own. */
  colleague: Inbox;
  /** Somebody new in the shop, in a browser of their own. */
  visitor: Visitor;
}

/** A page that throws or breaks its own security policy has failed, whatever it shows. */
function watch(context: BrowserContext): () => void {
  const broken: string[] = [];
  context.on('weberror', (error) => broken.push(String(error.error())));
  context.on('console', (message) => {
    if (message.type() === 'error' && message.text().includes('Content Security Policy')) broken.push(message.text());
  });
  return () => expect(broken).toEqual([]);
}

export const test = base.extend<Fixtures>({
  serverOptions: [{}, { option: true }],

  server: async ({ serverOptions }, provide) => {
    const server = await ParlorServer.start(serverOptions);
    await provide(server);
    await server.remove();
  },

  inbox: async ({ server, context, page }, provide) => {
    const check = watch(context);
    const inbox = new Inbox(page);
    await inbox.signIn(await server.link());
    await provide(inbox);
    check();
  },

  colleague: async ({ server, browser, contextOptions }, provide) => {
    const context = await browser.newContext(contextOptions);
    const check = watch(context);
    const colleague = new Inbox(await context.newPage());
    await colleague.signIn(await server.newLink(ben));
    await provide(colleague);
    check();
    await context.close();
  },

  visitor: async ({ server, browser, contextOptions }, provide) => {
    const context = await browser.newContext(contextOptions);
    const check = watch(context);
    const visitor = new Visitor(await context.newPage());
    await visitor.arrive(server.url);
    await provide(visitor);
    check();
    await context.close();
  },
});
