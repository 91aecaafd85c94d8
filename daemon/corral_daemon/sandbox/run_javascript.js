// Inside the walls: run JavaScript that came on standard input; see run_python.py, whose answers these are.
'use strict';
const fs = require('node:fs');
const util = require('node:util');
const vm = require('node:vm');

const MOST_PRINTED = 64 << 10;
const given = JSON.parse(fs.readFileSync(0, 'utf8'));
const kept = [];
let room = MOST_PRINTED;
let cut = false;

function print(...words) {
  const text = util.format(...words) + '\n';
  if (room > 0) kept.push(text.slice(0, room));
  cut = cut || text.length > room;
  room = Math.max(0, room - text.length);
}

function printed() {
  return kept.join('') + (cut ? '\n… more was printed and not kept' : '');
}

const write = fs.writeSync.bind(fs);
const encode = JSON.stringify.bind(JSON);
const leave = process.reallyExit.bind(process);

function answer(said) {
  let text;
  try {
    text = encode({ ...said, console_output: printed() });
  } catch (error) {
    text = encode({ error: `the output is no JSON: ${error.message}`, traceback: '', console_output: printed() });
  }
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += write(1, bytes, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
  leave(0);
}

function fail(error) {
  const stack = error && error.stack ? String(error.stack) : '';
  const lines = stack.split('\n').filter((line) => line.includes('code:') || line.includes('code.js'));
  answer({ error: String(error).slice(0, 4000), traceback: lines.slice(0, 10).join('\n').slice(0, 8000) });
}

process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
for (const name of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir']) console[name] = print;
Object.assign(globalThis, {
  input_data: given.input_data,
  workspace_dir: given.workspace_dir,
  require,
  output: undefined,
});
process.once('beforeExit', () => {
  // Also what was put out by a callback counts: nothing is left to do now.
  Promise.resolve(vm.runInThisContext('typeof output === "undefined" ? null : output')).then(
    (output) => answer({ output: output === undefined ? null : output }),
    fail,
  );
});
const { stripTypeScriptTypes } = require('node:module');
const code = process.argv[2] === 'typescript' ? stripTypeScriptTypes(given.code) : given.code;
vm.runInThisContext(code, { filename: 'code', importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER });
