import ts from 'typescript';

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  jsx: ts.JsxEmit.ReactJSX,
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};

const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });

/** What an entry's declarations promise: every export with its type, then what those lean on without exporting it. */
export function apiOf(entry: string, packageDirectory: string): string {
  const program = ts.createProgram([entry], options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${entry} exports nothing: run npm run build`);

  const resolved = (symbol: ts.Symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
  const isOwn = (node: ts.Node) => node.getSourceFile().fileName.startsWith(`${packageDirectory}dist/`);
  const exported = new Map(checker.getExportsOfModule(module).map((symbol) => [resolved(symbol), symbol.name]));
  const seen = new Set<ts.Symbol>(exported.keys());
  const leanedOn: ts.Symbol[] = [];

  function follow(node: ts.Node): void {
    if (ts.isIdentifier(node)) {
      const found = checker.getSymbolAtLocation(node);
      const symbol = found && resolved(found);
      if (symbol && !seen.has(symbol) && symbol.declarations?.some((each) => isOwn(each) && isTopLevel(each))) {
        seen.add(symbol);
        leanedOn.push(symbol);
      }
    }
    ts.forEachChild(node, follow);
  }

  const textOf = (symbol: ts.Symbol) => {
    const own = (symbol.declarations ?? []).filter(isOwn);
    for (const each of own) follow(each);
    return own.map(printed).join('\n') || `${symbol.name}: of another package`;
  };
  const named = [...exported].map(([symbol, name]) => {
    const text = textOf(symbol);
    return [name, name === symbol.name ? text : `// as ${name}\n${text}`] as const;
  });
  const others: (readonly [string, string])[] = [];
  // Grows while it is read.
  for (const symbol of leanedOn) others.push([symbol.name, textOf(symbol)]);
  const block = (rows: readonly (readonly [string, string])[]) =>
    rows.toSorted(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : 1)).map(([, text]) => text).join('\n\n');
  return `${block(named)}\n${others.length > 0 ? `\n// Not exported, leaned on by the above.\n\n${block(others)}\n` : ''}`;
}

// A module as a whole has no parent.
const isTopLevel = (node: ts.Node): boolean =>
  node.parent !== undefined && (ts.isSourceFile(node.parent) || (ts.isVariableDeclaration(node) && ts.isSourceFile(node.parent.parent.parent)));

function printed(node: ts.Declaration): string {
  const whole = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  return printer.printNode(ts.EmitHint.Unspecified, whole, whole.getSourceFile());
}
