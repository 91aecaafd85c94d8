// `node node_pty_server.js PORT COMMAND…`: a terminal by node-pty and ws, in binary frames, one for each read.
"use strict";
const pty = require("node-pty");
const { WebSocketServer } = require("ws");

const [port, file, ...rest] = process.argv.slice(2);
const HIGH = 1 << 20;

new WebSocketServer({ host: "127.0.0.1", port: Number(port), perMessageDeflate: false }).on("connection", (socket) => {
  const terminal = pty.spawn(file, rest, { cols: 80, rows: 24, encoding: null });
  terminal.onData((data) => {
    socket.send(data, { binary: true }, () => socket.bufferedAmount < HIGH && terminal.resume());
    if (socket.bufferedAmount > HIGH) terminal.pause();
  });
  socket.on("message", (data) => terminal.write(data.toString("latin1")));
  socket.on("close", () => terminal.kill());
});
