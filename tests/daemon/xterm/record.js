// What xterm.js shows: reads clips ({data, cols, rows}) as JSON lines, writes them with `shown` added.
//
//   npm install --no-save @xterm/headless@6 @xterm/addon-unicode11@0.9
//   node record.js < clips.jsonl > new.jsonl && mv new.jsonl clips.jsonl
const { Terminal } = require("@xterm/headless");
const { Unicode11Addon } = require("@xterm/addon-unicode11");

const rgb = (value) => [value >> 16, (value >> 8) & 255, value & 255].join(";");
const colour = (isDefault, isRgb, value) => (isDefault ? "" : isRgb ? rgb(value) : String(value));

const FLAGS = { 1: "isBold", 2: "isDim", 3: "isItalic", 4: "isUnderline", 5: "isBlink", 7: "isInverse", 8: "isInvisible", 9: "isStrikethrough", 53: "isOverline" };

function look(cell) {
  const flags = Object.keys(FLAGS).filter((flag) => cell[FLAGS[flag]]());
  return [
    colour(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor()),
    colour(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor()),
    flags.join(","),
  ].join("/");
}

function row(line, cols) {
  const cells = Array.from({ length: cols }, (_, x) => line.getCell(x));
  return [
    cells.map((cell) => (cell.getWidth() ? cell.getChars() || " " : "")).join(""),
    cells.map(look).reduce((runs, style) => {
      if (runs.length && runs.at(-1)[0] === style) runs.at(-1)[1] += 1;
      else runs.push([style, 1]);
      return runs;
    }, []),
  ];
}

async function show({ data, cols, rows }) {
  const terminal = new Terminal({ cols, rows, scrollback: 0, allowProposedApi: true });
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = "11";
  let title = "";
  terminal.onTitleChange((changed) => (title = changed));
  await new Promise((resolve) => terminal.write(data, resolve));
  const buffer = terminal.buffer.active;
  const modes = terminal.modes;
  return {
    rows: Array.from({ length: rows }, (_, y) => row(buffer.getLine(buffer.baseY + y), cols)),
    cursor: [buffer.cursorX, buffer.cursorY],
    alternate: buffer.type === "alternate",
    title,
    modes: [modes.applicationCursorKeysMode, modes.applicationKeypadMode, modes.bracketedPasteMode, modes.sendFocusMode, modes.wraparoundMode, modes.originMode, modes.insertMode],
    mouse: modes.mouseTrackingMode,
  };
}

async function main() {
  for await (const line of require("readline").createInterface({ input: process.stdin })) {
    const clip = JSON.parse(line);
    console.log(JSON.stringify({ ...clip, shown: await show(clip) }));
  }
}

main();
