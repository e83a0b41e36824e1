/**
 * A Prettier plugin for JSON with comments, over jsonc-parser. GraphiQL would bring a whole JavaScript
 * parser and printer (550 kB) to indent variables and headers.
 */
import { applyEdits, format } from 'jsonc-parser';

const FORMAT = 'indented-json';

function indent(text) {
  return applyEdits(text, format(text, undefined, { insertSpaces: true, tabSize: 2 }));
}

export const parsers = {
  jsonc: {
    astFormat: FORMAT,
    parse: (text) => ({ text: indent(text) }),
    locStart: () => 0,
    locEnd: ({ text }) => text.length,
  },
};

export const printers = { [FORMAT]: { print: (path) => path.node.text } };
